// What the page of the approval shows, from what the server says would happen. Nothing is left out or cut off, and what the plan says
// is made visible to its last character.

import { counted, minutes, quoted, visible, visibleLines } from "../plans/words";
import type { ApprovalResult, ApprovalTask } from "../protocol";
import type { ApprovalView, Fact, LaunchView, TaskView } from "../webviews/approval/messages";

export interface Shown {
  /** What the plan is called. */
  readonly name: string;
  readonly asked: { readonly wave: number; readonly stream?: boolean };
  /** What would happen, or why nothing can. */
  readonly answer: ApprovalResult | { readonly refused: string };
  readonly notice?: string | undefined;
  readonly isStarting: boolean;
}

export function approvalView({ name, asked, answer, notice, isStarting }: Shown): ApprovalView {
  const told = "refused" in answer ? joinedLines(notice, answer.refused) : notice;
  return {
    heading: `${panelTitle(asked)} of ${name}?`,
    ...(told && { notice: quoted(told) }),
    ...(!("refused" in answer) && { launch: launchView(answer, isStarting) }),
  };
}

/** What the panel's tab says. */
export function panelTitle(asked: Shown["asked"]): string {
  return asked.stream ? "Launch all open tasks" : `Launch wave ${asked.wave}`;
}

function launchView(approval: ApprovalResult, isStarting: boolean): LaunchView {
  const { tasks } = approval;
  return {
    approved: approval.approved,
    headline: approval.headline,
    facts: factsOf(approval),
    tasks: tasks.map(taskView),
    waits: tasks.some((task) => task.after.length > 0),
    checks: tasks.some((task) => task.verify !== undefined),
    notes: approval.notes.map(visibleLines),
    run: `Run ${counted(tasks.length, "agent")}`,
    isStarting,
  };
}

function factsOf(approval: ApprovalResult): Fact[] {
  const { verify, estimate, budget } = approval;
  return [
    { name: "Time", text: timeOf(approval) },
    { name: "Cost", text: estimate ? visible(estimate) : "No estimate" },
    { name: "Budget", text: budget ? visible(budget) : "No limit" },
    verify
      ? { name: "Verified by", text: visibleLines(verify), isCode: true }
      : { name: "Verified by", text: "Nothing: the result lands unchecked", isWarning: true },
  ];
}

function timeOf({ minutes: together, tasks }: ApprovalResult): string {
  const alone = tasks.reduce((sum, task) => sum + task.minutes, 0);
  if (tasks.length === 1) return `About ${minutes(together)}`;
  return `About ${minutes(together)} in parallel, ${minutes(alone)} one by one`;
}

function taskView(task: ApprovalTask): TaskView {
  return {
    id: visible(task.id),
    title: quoted(visible(task.title)),
    writes: task.writes.map(visible),
    model: task.model ? visible(task.model) : "Its own model",
    // Why a tier was chosen says nothing where the agent has a model of its own.
    because: task.model && task.because ? `${visible(task.tier)}: ${visible(task.because)}` : "",
    agent: visible(task.agent),
    minutes: minutes(task.minutes),
    after: task.after.map(visible),
    ...(task.verify !== undefined && { verify: visibleLines(task.verify) }),
  };
}

function joinedLines(...lines: readonly (string | undefined)[]): string {
  return lines.filter(Boolean).join("\n");
}
