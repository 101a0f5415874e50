// Plans and runs for tests: one that is well, and whatever a test says of it.

import type { App } from "../src/app";
import { Plans } from "../src/plans/plans";
import {
  type ApprovalResult,
  type ApprovalTask,
  type PlanReport,
  PlansRequest,
  type RunReport,
  SubscribeRequest,
  type TaskReport,
  VERSION,
} from "../src/protocol";
import { Layers } from "../src/server/layers";
import type { Server } from "../src/server/server";
import { Memento } from "./memento";
import { ScriptedServer } from "./server";

export const URI = "file:///home/ada/site/wiki.plan.md";

export function planReport(more: Partial<PlanReport> = {}): PlanReport {
  return {
    uri: URI,
    folder: "file:///home/ada/site",
    path: "wiki.plan.md",
    title: "Clay wiki",
    waves: 2,
    speedup: 1.5,
    errors: 0,
    warnings: 0,
    tasks: [
      { id: "clay", title: "Write the clay article", line: 4, status: "todo", wave: 1, minutes: 9, tier: "default" },
      { id: "menu", title: "Put it on the menu", line: 9, status: "todo", wave: 2, minutes: 4, tier: "fast" },
    ],
    ...more,
  };
}

export function taskReport(more: Partial<TaskReport> = {}): TaskReport {
  return {
    ...{ id: "clay", title: "Write the clay article", state: "running", activity: "edit data/clay.py", message: "" },
    ...{ files: [], undeclared: [], tokens: 0, seconds: 1, model: "claude-sonnet-5-5", agent: "claude" },
    ...more,
  };
}

export function runReport(more: Partial<RunReport> = {}): RunReport {
  return {
    ...{ plan: URI, run: "20261103T141502-9f3a1c", wave: 1, waves: 2, state: "running", message: "0/1 agents done" },
    ...{ percentage: 20, isolation: "overlay", started: "2026-11-03T14:15:02+00:00", seconds: 12, tokens: 900 },
    tasks: [taskReport()],
    ...more,
  };
}

/** What features are given, over a scripted server that runs and knows these plans. */
export async function appWith(...plans: PlanReport[]): Promise<{ app: App; server: ScriptedServer }> {
  const server = new ScriptedServer();
  server.answer(SubscribeRequest, () => ({ version: VERSION, runs: [] }));
  server.answer(PlansRequest, () => ({ plans }));
  const store = new Plans(server);
  const known = new Promise<void>((resolve) => store.onDidChange(() => store.areKnown && resolve()));
  server.enter({ kind: "running", version: "0.1.0" });
  await known;
  const context = { workspaceState: new Memento() };
  const app = { server: server as Server, plans: store, layers: new Layers(), context };
  return { app: app as unknown as App, server };
}

export function approvedTask(more: Partial<ApprovalTask> = {}): ApprovalTask {
  return {
    ...{ id: "clay", title: "Write the clay article", agent: "claude", model: "claude-sonnet-5-5", tier: "default" },
    ...{ because: "it writes 2 files", writes: ["data/clay.py", "data/index.py"], after: [], minutes: 9 },
    ...more,
  };
}

export function approvalOf(more: Partial<ApprovalResult> = {}): ApprovalResult {
  return {
    ...{ plan: URI, wave: 1, approved: "5f70bf18", headline: "Wave 1 of wiki.plan.md: 1 agent." },
    ...{ tasks: [approvedTask()], minutes: 9, notes: ["What passes lands in your files, all of it or nothing."] },
    ...more,
  };
}
