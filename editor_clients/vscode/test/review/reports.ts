// Reports of a small site, as the server makes them.

import type { PlanReport, ProposedFile, RunReport, TaskReport } from "../../src/protocol";

export const FOLDER = "file:///home/ada/site";
export const PLAN = `${FOLDER}/wiki.plan.md`;
export const RUN = "20261103T141502-9f3a1c";

export function aTask(id: string, more: Partial<TaskReport> = {}): TaskReport {
  return {
    ...{ id, title: `Write about ${id}`, state: "held", activity: "", message: "", files: [], undeclared: [] },
    ...{ tokens: 0, seconds: 1, model: "small", agent: "replay" },
    ...more,
  };
}

export function aRun(more: Partial<RunReport> = {}): RunReport {
  return {
    ...{ plan: PLAN, run: RUN, wave: 1, waves: 1, state: "held", message: "", percentage: 100, isolation: "overlay" },
    ...{ started: "2026-11-03T14:15:02+00:00", seconds: 1, tokens: 0, tasks: [aTask("wood")] },
    ...more,
  };
}

export function aPlan(more: Partial<PlanReport> = {}): PlanReport {
  return {
    ...{ uri: PLAN, folder: FOLDER, path: "wiki.plan.md", title: "Wiki", waves: 1, speedup: 1, errors: 0, warnings: 0 },
    ...{ tasks: [] },
    ...more,
  };
}

export function aFile(more: Partial<ProposedFile> = {}): ProposedFile {
  const uri = (side: string) => `agent-server:/${side}/${RUN}/wood/data/wood.py?root=%2Fhome%2Fada%2Fsite`;
  return {
    ...{ path: "data/wood.py", kind: "changed", task: "wood", proposed: uri("proposed"), base: uri("base") },
    hunks: [{ id: "one", base: { start: 0, end: 4 }, proposed: { start: 0, end: 6 } }],
    ...more,
  };
}
