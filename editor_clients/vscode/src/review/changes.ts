// What a review shows, worked out from what the server tells: which file beside which, under which title, and the words for when
// there is nothing yet. Nothing here knows VS Code.

import { reportOf } from "../plans/standing";
import type { LineRange, PlanReport, ProposedFile, ProposedHunk, RunReport, TaskReport } from "../protocol";

/** The two sides of a file, as URIs. One is left out where there is no file on it. */
export interface Comparison {
  readonly before?: string;
  readonly after?: string;
}

/** What became of a file: what is not declared never lands. */
export type Standing = "proposed" | "landed" | "not declared";

export function standingOf(file: ProposedFile, run: RunReport, undeclared: boolean): Standing {
  if (undeclared) return "not declared";
  return reportOf(run, file.task)?.state === "landed" ? "landed" : "proposed";
}

/**
 * How a file is compared: what its agent began with, with what it proposes; once that has landed, with the file as it is now.
 * `now` is that file's URI.
 */
export function comparisonOf(file: ProposedFile, standing: Standing, now: string): Comparison {
  const before = file.kind === "created" ? undefined : file.base;
  const after = file.kind === "deleted" ? undefined : standing === "landed" ? now : file.proposed;
  return { ...(before ? { before } : {}), ...(after ? { after } : {}) };
}

/** The path under which VS Code shows what a task made. */
export function shownPath({ task, path }: ProposedFile, standing: Standing): string {
  return `/${task} (${standing})/${path}`;
}

/** The title of the diff of one file. */
export function diffTitle({ path, task }: ProposedFile, standing: Standing): string {
  return `${path.split("/").at(-1) ?? path} — ${task} (${standing})`;
}

/** What a review is of. Every review of an editor can be told by its title alone, also after VS Code was restarted. */
export interface Review {
  readonly plan: PlanReport;
  /** Left out for all tasks of the run. */
  readonly task?: string;
  /** True for what was changed outside write sets. */
  readonly undeclared: boolean;
}

export function titleOf({ plan, task, undeclared }: Review): string {
  const name = plan.path.split("/").at(-1) ?? plan.path;
  const what = undeclared ? "Not declared, never landed" : "Review";
  return task ? `${what}: ${task} (${name})` : `${what}: ${name}`;
}

/** The review that has this title, behind which VS Code tells how many files it has. */
export function reviewTitled(title: string, plans: readonly PlanReport[]): Review | undefined {
  return plans.flatMap(reviewsOf).find((review) => {
    const ours = titleOf(review);
    return title === ours || title.startsWith(`${ours} (`);
  });
}

function reviewsOf(plan: PlanReport): Review[] {
  const tasks = [undefined, ...(plan.run?.tasks.map(({ id }) => id) ?? [])];
  return tasks.flatMap((task) => [false, true].map((undeclared) => ({ plan, ...(task ? { task } : {}), undeclared })));
}

/** Why there is nothing to review, kindly. Ids are plain words, so that no title can pass for ours. */
export function whyNothing(run: RunReport | undefined, task?: string): string {
  if (!run) return "This plan has not run yet. Once agents have changed something, you can review it here.";
  if (task === undefined) {
    return run.tasks.some(({ state }) => AT_WORK.has(state))
      ? "The agents are still at work. You can review what they change as each of them is done."
      : "The agents changed no file.";
  }
  const state = reportOf(run, task)?.state;
  if (!state) return `${task} was not part of the last run.`;
  if (state === "waiting") return `${task} has not begun. You can review what it changes when it is done.`;
  return AT_WORK.has(state)
    ? `${task} is still at work. You can review what it changes when it is done.`
    : `${task} changed no file.`;
}

const AT_WORK: ReadonlySet<TaskReport["state"]> = new Set(["waiting", "preparing", "running"]);

/** The side of a diff on which somebody stands. */
export type Side = "base" | "proposed";

/** The hunk at a line of one side. A hunk without lines there (something is only taken away) is at the line behind it. */
export function hunkAt(hunks: readonly ProposedHunk[], side: Side, line: number): ProposedHunk | undefined {
  return (
    hunks.find((hunk) => holds(hunk[side], line)) ??
    hunks.find((hunk) => hunk[side].start === hunk[side].end && hunk[side].start === line)
  );
}

function holds({ start, end }: LineRange, line: number): boolean {
  return start <= line && line < end;
}

/** Which lines a hunk is, of one side, as people count them. It holds the unchanged lines around a change, too. */
export function linesOf(hunk: ProposedHunk, side: Side): string {
  const { start, end } = hunk[side];
  if (end - start > 1) return `lines ${start + 1}–${end}`;
  return start === end ? `what was taken away before line ${start + 1}` : `line ${end}`;
}
