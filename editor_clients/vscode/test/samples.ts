// Reports of plans and runs as a server sends them, for tests that care for one field.

import type { PlannedTask, PlanReport, RunReport, RunStep, TaskReport } from "../src/protocol";

export const FOLDER = "file:///home/ada/site";
export const URI = `${FOLDER}/wiki.plan.md`;

export function planned(id: string, more: Partial<PlannedTask> = {}): PlannedTask {
  return { id, title: `Write ${id}`, line: 6, status: "todo", wave: 1, minutes: 9, tier: "default", ...more };
}

/** A task that the plan says is done: it is in no wave. */
export function done(id: string): PlannedTask {
  const { wave: _, ...task } = planned(id, { status: "done" });
  return task;
}

export function plan(tasks: readonly PlannedTask[], more: Partial<PlanReport> = {}): PlanReport {
  const waves = Math.max(0, ...tasks.map((task) => task.wave ?? 0));
  return {
    ...{ uri: URI, folder: FOLDER, path: "wiki.plan.md", title: "Wiki", waves, speedup: 1 },
    ...{ errors: 0, warnings: 0, tasks: [...tasks], ...more },
  };
}

export function task(id: string, state: TaskReport["state"], more: Partial<TaskReport> = {}): TaskReport {
  return {
    ...{ id, title: `Write ${id}`, state, activity: "", message: "", files: [], undeclared: [], tokens: 0 },
    ...{ seconds: 0, model: "claude-sonnet-5-5", agent: "claude", ...more },
  };
}

export function run(state: RunReport["state"], tasks: readonly TaskReport[], more: Partial<RunReport> = {}): RunReport {
  return {
    ...{ plan: URI, run: "20261103T141502-9f3a1c", wave: 1, waves: 1, state, message: "", percentage: 45 },
    ...{
      isolation: "overlay",
      started: "2026-11-03T14:15:02+00:00",
      seconds: 150,
      tokens: 0,
      tasks: [...tasks],
      ...more,
    },
  };
}

export function step(way: RunStep["way"], more: Partial<RunStep> = {}): RunStep {
  return { way, title: way, command: "agentServer.retry", ...more };
}
