// What stands in the margin of a plan: one mark a task, at its heading. Pure: a plan goes in, and marks come out.

import { reportOf, type Standing, standingOf } from "../plans/standing";
import type { PlanReport } from "../protocol";
import { type Detail, reportDetail } from "../tree/rows";

/** What a mark looks like. Each has a picture of its own, told apart by its shape. */
export const MARKS = [
  "open",
  "queued",
  "running",
  "finished",
  "landed",
  "held",
  "failed",
  "cancelled",
  "done",
  "skipped",
  "blocked",
] as const;

export type Mark = (typeof MARKS)[number];

export interface PlacedMark {
  readonly mark: Mark;
  /** The line of the task's heading. */
  readonly line: number;
  /** What is said of it on the heading; empty where the plan says it all. */
  readonly detail: readonly Detail[];
}

/**
 * The marks of a plan in one document, which holds these of its tasks. `errors` are the lines of that on which there are
 * errors: an open task with one of them cannot run.
 */
export function marksOf(plan: PlanReport, errors: readonly number[], held = plan.tasks): PlacedMark[] {
  const tasks = [...held].sort((one, other) => one.line - other.line);
  return tasks.map((task, index) => {
    const report = reportOf(plan.run, task.id);
    const standing = standingOf(task, plan.run, report);
    const end = tasks[index + 1]?.line ?? Number.POSITIVE_INFINITY;
    const hasError = errors.some((line) => task.line <= line && line < end);
    const mark = markOf(standing, hasError);
    const isTold = report !== undefined && mark === standing && mark !== "done" && mark !== "skipped";
    return { mark, line: task.line, detail: isTold ? reportDetail(standing, report) : [] };
  });
}

function markOf(standing: Standing, hasError: boolean): Mark {
  if (standing === "unscheduled") return "blocked";
  if (standing === "ready" || standing === "later") return hasError ? "blocked" : "open";
  return standing;
}

/** The marks by what they look like, each with a text that is the same only where they are drawn the same. */
export function grouped(marks: readonly PlacedMark[]): Map<Mark, { marks: PlacedMark[]; key: string }> {
  const groups = new Map<Mark, PlacedMark[]>();
  for (const each of marks) {
    const group = groups.get(each.mark);
    if (group) group.push(each);
    else groups.set(each.mark, [each]);
  }
  return new Map([...groups].map(([mark, each]) => [mark, { marks: each, key: JSON.stringify(each) }]));
}
