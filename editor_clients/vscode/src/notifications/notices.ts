// Which runs' ends the user is told of, and in which words.
//
// The server says who is to be told, by `window/showMessage`: the client that launched a run, or all where that has gone. It is told
// once. Here its message is only given buttons, so nothing is told twice, and what is not known to be a run's end is shown as it came.

import { nameOf, partOf } from "../plans/runs";
import { counted, notified, unlinked, visible } from "../plans/words";
import type { PlanReport, RunReport, RunStep } from "../protocol";

/** The setting `agentServer.notifications`. */
export type Wanted = "all" | "needsYou" | "none";

export type Button =
  | { readonly title: string; readonly does: "step"; readonly step: RunStep }
  | { readonly title: string; readonly does: "review" | "show" };

export interface Notice {
  readonly kind: "done" | "needsYou";
  readonly text: string;
  readonly buttons: readonly Button[];
}

const MOST_STEPS = 3;
/** Characters of a message: VS Code cuts it off at a thousand, and a toast is no place to read. */
const MOST_SHOWN = 300;

/** The run whose end a message of the server's tells: the newest of those that have stopped with these words. */
export function endedRun(message: string, runs: Iterable<RunReport>): RunReport | undefined {
  let found: RunReport | undefined;
  for (const run of runs) {
    if (!STOPPED.has(run.state) || !isAbout(message, unlinked(run.message))) continue;
    if (!found || found.run < run.run) found = run;
  }
  return found;
}

const STOPPED: ReadonlySet<string> = new Set(["landed", "held", "failed"]);

/** The server tells how a run ended as the run does, and of one that landed which part of which plan it is. */
function isAbout(message: string, words: string): boolean {
  return words !== "" && (message === words || message.startsWith(`${words}: `));
}

export function noticeOf(run: RunReport, plan: PlanReport | undefined): Notice {
  const what = `${partOf(run)} of ${nameOf(plan, run.plan)}`;
  if (run.state === "landed") {
    return { kind: "done", text: notified(`${what} landed${landedHow(run)}`), buttons: afterLanding(run) };
  }
  const steps = (run.steps ?? []).filter((step) => step.way !== "undo");
  const text = `${what} ${run.state === "failed" ? "failed" : "needs you"}: ${run.message}`;
  return {
    kind: "needsYou",
    text: cut(notified(text)),
    buttons: [...steps.slice(0, MOST_STEPS).map(asButton), { title: "Show Run", does: "show" }],
  };
}

/** Whether the user wants to be told, by the setting. */
export function isWanted(notice: Notice, wanted: Wanted): boolean {
  return wanted === "all" || (wanted === "needsYou" && notice.kind === "needsYou");
}

function landedHow(run: RunReport): string {
  const files = new Set(run.tasks.flatMap((task) => task.files.map((file) => file.path))).size;
  const where = run.branch ? ` on the branch ${visible(run.branch)}` : "";
  if (!files) return `${where}: nothing had to change.`;
  const verified = run.verification?.passed ? "verified" : "not verified";
  return `${where}: ${counted(files, "file")}, ${verified}.`;
}

function afterLanding(run: RunReport): Button[] {
  const undo = run.steps?.find((step) => step.way === "undo");
  return [{ title: "Review", does: "review" }, ...(undo ? [asButton(undo)] : [])];
}

function asButton(step: RunStep): Button {
  return { title: visible(step.title).replaceAll("`", ""), does: "step", step };
}

function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN).trimEnd()}…` : text;
}
