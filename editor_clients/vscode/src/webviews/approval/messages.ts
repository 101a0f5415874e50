// What the page of the approval is sent, and what it sends.

export interface ApprovalView {
  /** What is asked for, in words of ours around the plan's name. */
  readonly heading: string;
  /** What has happened while the page was open; left out where nothing has. */
  readonly notice?: string;
  /** What would run; left out where nothing can. */
  readonly launch?: LaunchView;
}

export interface LaunchView {
  /** Which approval this is: `run` gives it back, so that nothing is approved that was not on the screen. */
  readonly approved: string;
  readonly headline: string;
  readonly facts: readonly Fact[];
  readonly tasks: readonly TaskView[];
  /** Whether some task waits for another one, and whether some has a check of its own: else there is no such column. */
  readonly waits: boolean;
  readonly checks: boolean;
  readonly notes: readonly string[];
  /** What the button says. */
  readonly run: string;
  /** The yes is on its way. */
  readonly isStarting: boolean;
}

/** Something about the whole, with its name. */
export interface Fact {
  readonly name: string;
  readonly text: string;
  /** It is a command. */
  readonly isCode?: boolean;
  /** The user should not overlook it. */
  readonly isWarning?: boolean;
}

export interface TaskView {
  readonly id: string;
  readonly title: string;
  readonly writes: readonly string[];
  readonly model: string;
  readonly because: string;
  readonly agent: string;
  readonly minutes: string;
  readonly after: readonly string[];
  readonly verify?: string;
}

export type ApprovalAnswer = { readonly kind: "run"; readonly approved: string } | { readonly kind: "notNow" };

/** Whether it is an answer. It comes from a page of ours, which shows what strangers have written. */
export function isAnswer(value: unknown): value is ApprovalAnswer {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return value.kind === "notNow" || (value.kind === "run" && "approved" in value && typeof value.approved === "string");
}
