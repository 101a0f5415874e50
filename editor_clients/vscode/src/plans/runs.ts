// A run in words: which part of its plan it is, and how far.

import type { PlanReport, RunReport, RunState, TaskState } from "../protocol";
import { visible } from "./words";

const DONE: ReadonlySet<string> = new Set(["finished", "verifying", "landed", "held"]);

/** Which part of its plan a run is, or would be. */
export function partOf(run: { readonly wave: number; readonly stream?: boolean }): string {
  return run.stream ? "All tasks" : `Wave ${run.wave}`;
}

/** A state in a word. What the protocol calls cancelled, users have stopped. */
export function stateOf(state: RunState | TaskState): string {
  return state === "cancelled" ? "stopped" : state;
}

/** What a run says of itself, behind its state: "Landed 7 files" would say that twice. */
export function messageOf({ message }: Pick<RunReport, "message">): string {
  const rest = message.replace(/^(Landed|Discarded:|Undone:|Stopped\.)( |$)/, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

/** What a plan is called: by its title, or else by its file. */
export function nameOf(plan: Pick<PlanReport, "title" | "path"> | undefined, uri: string): string {
  return visible(plan?.title || plan?.path || decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1)));
}

/** How many agents have ended well. */
export function doneIn(run: RunReport): number {
  return run.tasks.filter((task) => DONE.has(task.state)).length;
}
