// A run as it goes: a bar for each task, from when its agent began to now or its end, over an outline of what was planned; then the
// verification and the landing.

import { messageOf, partOf, stateOf } from "../plans/runs";
import { goesOn } from "../plans/standing";
import { counted, joined, money, quoted } from "../plans/words";
import type { PlannedTask, RunReport, RunState, TaskReport, TaskState } from "../protocol";
import { elapsed, estimate, tokens } from "./amounts";
import { type Chart, chart, type Look, mostUrgent, type Row } from "./chart";
import type { Outcome } from "./marks";
import type { Markup } from "./markup";

export interface Timeline {
  readonly run: RunReport;
  /** How long ago the run stood so, in seconds: a run that goes on has gone on since. */
  readonly age: number;
  /** What the plan says of its tasks. */
  readonly planned: readonly PlannedTask[];
  /** When the tasks' agents began, or should, by id, in seconds from the run's beginning: where their reports do not tell. */
  readonly begun: Readonly<Record<string, number>>;
}

/** Rows that are not tasks. An id of a task has no colon. */
export const VERIFICATION = "run:verification";
export const LANDING = "run:landing";

/** The picture of a run, with at most so many tasks. */
export function timeline(shown: Timeline, look: Look, most: number): Markup {
  return chart(timelineChart(shown, most), look);
}

export function timelineChart(shown: Timeline, most: number): Chart {
  const { run } = shown;
  const now = elapsedSeconds(run, shown.age);
  const planned = new Map(shown.planned.map((task) => [task.id, task.minutes * 60]));
  const tasks = mostUrgent(run.tasks, most, (task) => URGENCY[outcomeOf(task.state)]);
  const rows = tasks.map((task) => taskRow(task, now, shown, planned.get(task.id)));
  const worked = Math.max(0, ...rows.map((row) => row.start + row.length));
  rows.push(...endRows(run, worked, now));
  const left = run.tasks.length - tasks.length;
  return {
    spoken: `${titleOf(run)}, ${stateOf(run.state)}. ${quoted(messageOf(run))}`.trim(),
    groups: [{ title: titleOf(run), note: counted(run.tasks.length, "agent"), rows }],
    end: axisEnd(run, shown.age, rows, worked),
    ...(goesOn(run) ? { now } : {}),
    hidden: left ? `and ${counted(left, "more task")}` : "",
  };
}

/** `Wave 1 of 2`, or `All tasks`. */
export function titleOf(run: RunReport): string {
  return !run.stream && run.waves > 1 ? `Wave ${run.wave} of ${run.waves}` : partOf(run);
}

/** For how long a run has been going on by now. */
export function elapsedSeconds(run: RunReport, age: number): number {
  return run.seconds + (goesOn(run) ? Math.max(0, age) : 0);
}

/** For how long an agent has been working by now, or did. */
export function workedSeconds(task: TaskReport, run: RunReport, age: number): number {
  return task.seconds + (task.state === "running" && goesOn(run) ? Math.max(0, age) : 0);
}

const OUTCOMES: Readonly<Record<TaskState | RunState, Outcome>> = {
  waiting: "waiting",
  preparing: "running",
  running: "running",
  finished: "passed",
  verifying: "running",
  landing: "running",
  landed: "passed",
  failed: "failed",
  cancelled: "stopped",
  held: "held",
  discarded: "stopped",
  undone: "stopped",
};

/** States that a later protocol adds are states of something that goes on. */
export function outcomeOf(state: TaskState | RunState): Outcome {
  return OUTCOMES[state] ?? "running";
}

/** What is shown of a run that has too many tasks. */
const URGENCY: Readonly<Record<Outcome, number>> = {
  failed: 5,
  running: 4,
  held: 3,
  stopped: 2,
  waiting: 1,
  passed: 0,
};

function isWorking(state: TaskState): boolean {
  return state === "preparing" || state === "running";
}

/** By the server's own clock, where it tells. */
function beganAt(task: TaskReport, shown: Timeline): number {
  return task.began ?? shown.begun[task.id] ?? 0;
}

function taskRow(task: TaskReport, now: number, shown: Timeline, planned: number | undefined): Row {
  const worked = workedSeconds(task, shown.run, shown.age);
  const start =
    task.state === "waiting"
      ? Math.max(now, shown.begun[task.id] ?? 0)
      : Math.max(0, Math.min(beganAt(task, shown), now - worked));
  const outcome = outcomeOf(task.state);
  const took = worked > 0 ? elapsed(worked) : "";
  const note = [took, planned === undefined ? "" : estimate(planned / 60)].filter(Boolean).join(" of ");
  const detail = detailOf(task);
  return {
    key: task.id,
    label: quoted(task.title || task.id),
    spoken: [task.title || task.id, detail, note].filter(Boolean).join(", "),
    start,
    length: worked,
    // What was stopped before it began took no time, and will take none.
    ...(planned === undefined || (outcome === "stopped" && worked === 0) ? {} : { planned }),
    outcome,
    note,
    detail,
  };
}

function detailOf(task: TaskReport): string {
  const attempt = (task.attempt ?? 1) > 1 ? `attempt ${task.attempt}` : "";
  const used = task.tokens ? tokens(task.tokens) : "";
  const cost = task.usd === undefined ? "" : money(task.usd);
  const words = (isWorking(task.state) ? task.activity : task.message) || stateOf(task.state);
  return joined(quoted(words), attempt, used, cost);
}

/** The run's last steps, as far as they have come. They are not timed one by one: they follow the agents. */
function endRows(run: RunReport, worked: number, now: number): Row[] {
  const length =
    run.state === "verifying" || run.state === "landing" || run.verification ? Math.max(0, now - worked) : 0;
  const rows: Row[] = [];
  if (run.verification) {
    const { command, passed } = run.verification;
    const outcome = passed === undefined ? "running" : passed ? "passed" : "failed";
    const note = passed === undefined ? "verifying" : outcome;
    const spoken = `Verification ${note}: ${command}`;
    rows.push({
      key: VERIFICATION,
      label: "Verification",
      spoken,
      start: worked,
      length,
      outcome,
      note,
      detail: command,
    });
  }
  const landing = landingWords(run);
  if (landing) {
    const outcome = outcomeOf(run.state);
    rows.push({
      key: LANDING,
      label: "Landing",
      spoken: `Landing: ${landing}`,
      start: now,
      length: 1,
      outcome,
      note: landing,
    });
  }
  return rows;
}

function landingWords(run: RunReport): string {
  if (run.state === "landed") return run.branch ? `on ${run.branch}` : "landed";
  return run.state === "landing" || run.state === "undone" ? run.state : "";
}

/** Up to when the agents should be done, by the server's estimate; without one, by what was planned. */
function axisEnd(run: RunReport, age: number, rows: readonly Row[], worked: number): number {
  const now = elapsedSeconds(run, age);
  if (!goesOn(run)) return Math.max(worked, now, 1);
  const left = run.eta === undefined ? undefined : now + Math.max(0, run.eta - age);
  const planned = Math.max(0, ...rows.map((row) => row.start + (row.planned ?? 0)));
  return Math.max(worked, now, left ?? planned, 1) * 1.02;
}
