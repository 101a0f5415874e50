// Where tasks and runs stand, from what the plan and its last run say of them: the one answer for the tree, the gutter and the menus.

import type { PlannedTask, PlanReport, RunReport, RunWay, TaskReport } from "../protocol";

/** Where a task stands, as a user sees it. */
export type Standing =
  /** Open, and part of the next wave. */
  | "ready"
  /** Open, and part of a later wave. */
  | "later"
  /** Open, but in no wave: it is on a cycle, or behind one. */
  | "unscheduled"
  /** Done, as the plan says. */
  | "done"
  /** Left out, as the plan says. */
  | "skipped"
  /** Part of a run, and not begun. */
  | "queued"
  /** Its agent works, or its wave is being verified. */
  | "running"
  /** Its agent has ended well; others of its wave still work. */
  | "finished"
  | "landed"
  | "held"
  | "failed"
  | "cancelled";

const GOING_ON: ReadonlySet<string> = new Set(["preparing", "running", "verifying", "landing"]);
const CANCELLABLE: ReadonlySet<string> = new Set(["preparing", "running", "verifying"]);
const STOPPED: ReadonlySet<string> = new Set(["held", "failed", "cancelled"]);
const BEFORE_THE_END: ReadonlySet<string> = new Set(["waiting", "preparing", "running"]);

/** What a task's state in a run is for a user. What is final and left nothing is as if the task had never run. */
const STANDINGS: Readonly<Record<string, Standing>> = {
  waiting: "queued",
  preparing: "running",
  running: "running",
  verifying: "running",
  finished: "finished",
  landed: "landed",
  held: "held",
  failed: "failed",
  cancelled: "cancelled",
};

/** Whether a run changes by itself. */
export function goesOn(run: RunReport | undefined): boolean {
  return run !== undefined && GOING_ON.has(run.state);
}

/** Whether a run goes on and can still be stopped: a landing always goes to its end. */
export function canStop(run: RunReport | undefined): boolean {
  return run !== undefined && CANCELLABLE.has(run.state);
}

/** Whether a run can still be stopped, and with it the agent of this task. */
export function canStopTask(run: RunReport | undefined, task: string): boolean {
  return canStop(run) && BEFORE_THE_END.has(reportOf(run, task)?.state ?? "");
}

/** The ways in which a run can go on; none while it does. */
export function waysOf(run: RunReport | undefined): readonly RunWay[] {
  return (run?.steps ?? []).map((step) => step.way);
}

/** Whether a run has stopped without landing, and somebody can decide how it goes on. */
export function isUndecided(run: RunReport | undefined): boolean {
  return run !== undefined && STOPPED.has(run.state) && waysOf(run).some((way) => way !== "undo");
}

/** Whether a run needs the user: it stopped by itself. What they stopped themselves can wait. */
export function needsUser(run: RunReport | undefined): boolean {
  return isUndecided(run) && run?.state !== "cancelled";
}

/** Whether the next wave can be launched without giving up what an earlier run holds. */
export function canLaunch(plan: PlanReport): boolean {
  return plan.waves > 0 && plan.blocked === undefined && !goesOn(plan.run) && !isUndecided(plan.run);
}

/** What a run says of a task. It is asked once for each task of a plan, so the tasks of a report are looked through once. */
export function reportOf(run: RunReport | undefined, task: string): TaskReport | undefined {
  if (!run) return undefined;
  let reports = REPORTS.get(run);
  if (!reports) {
    reports = new Map(run.tasks.map((each) => [each.id, each]));
    REPORTS.set(run, reports);
  }
  return reports.get(task);
}

const REPORTS = new WeakMap<RunReport, ReadonlyMap<string, TaskReport>>();

/** Whether a task left anything to look at. What was discarded or undone is gone. */
export function hasChanges(report: TaskReport): boolean {
  return report.state in STANDINGS && (report.files.length > 0 || report.undeclared.length > 0);
}

/** Where a task stands. While its run goes on that counts alone; after that the plan has the last word. */
export function standingOf(task: PlannedTask, run: RunReport | undefined, report = reportOf(run, task.id)): Standing {
  const told = report && STANDINGS[report.state];
  if (told && goesOn(run)) return told;
  if (task.status === "done") return "done";
  if (task.status === "skip") return "skipped";
  if (told) return told;
  if (task.wave === undefined) return "unscheduled";
  return task.wave === 1 ? "ready" : "later";
}

/** Our own command, without its prefix, that takes a run on by a way. */
export const COMMAND_OF_WAY = {
  retry: "retry",
  land: "land",
  repair: "repair",
  "land-anyway": "landAnyway",
  discard: "discard",
  undo: "undo",
} as const satisfies Record<RunWay, string>;
