// What the panel of a plan's run and its page say to each other.

import type { HazardsResult, PlannedTask, RunReport, ScheduleResult } from "../../protocol";

/** All that the page shows. */
export interface Shown {
  /** The plan's URI, by which VS Code finds it again after the window is loaded anew. */
  readonly plan: string;
  readonly title: string;
  /** Relative to the workspace. */
  readonly path: string;
  readonly tasks: readonly PlannedTask[];
  /** Why the first wave cannot be launched. */
  readonly blocked?: string;
  readonly run?: RunReport;
  /** How long ago the run stood so, in seconds, when this was sent. */
  readonly age: number;
  /** When the tasks' agents began, by id, in seconds from the run's beginning. */
  readonly begun: Readonly<Record<string, number>>;
  readonly schedule?: ScheduleResult;
  readonly hazards?: HazardsResult;
  /** Why there is nothing to see, or why what is seen is old; empty where all is well. */
  readonly problem: string;
}

/** What a user can do on the page: the extension's commands of these names do it. */
export const ACTIONS = [
  "launch",
  "stop",
  "retry",
  "land",
  "landAnyway",
  "repair",
  "discard",
  "undo",
  "review",
  "openPlan",
  "stopTask",
  "retryTask",
  "landTask",
  "reviewTask",
  "showTranscript",
  "showBrief",
] as const;

export type Action = (typeof ACTIONS)[number];

/** The user wants something done, with a task or with the whole run. */
export interface Said {
  readonly action: Action;
  readonly task?: string;
}
