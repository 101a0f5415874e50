// A run in words: which part of its plan it is, and how far.

import type { PlanReport, RunReport } from "../protocol";
import { visible } from "./words";

const DONE: ReadonlySet<string> = new Set(["finished", "verifying", "landed", "held"]);

/** Which part of its plan a run is, or would be. */
export function partOf(run: { readonly wave: number; readonly stream?: boolean }): string {
  return run.stream ? "All open tasks" : `Wave ${run.wave}`;
}

/** What a plan is called: by its title, or else by its file. */
export function nameOf(plan: Pick<PlanReport, "title" | "path"> | undefined, uri: string): string {
  return visible(plan?.title || plan?.path || decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1)));
}

/** How many agents have ended well. */
export function doneIn(run: RunReport): number {
  return run.tasks.filter((task) => DONE.has(task.state)).length;
}
