// Which plan and which task a command is about: what it was given, or else where the user is, or else what they choose.

import * as vscode from "vscode";
import type { App } from "../app";
import type { PlannedTask, PlanReport } from "../protocol";
import { tasksIn } from "./plans";
import { stateOf } from "./runs";
import { joined, visible } from "./words";

export interface PlanTarget {
  readonly plan: PlanReport;
  readonly task?: string;
  /** A file, relative to the plan's workspace. */
  readonly path?: string;
}

export interface TaskTarget extends PlanTarget {
  readonly task: string;
}

/** Which targets are meant where a command was given none, and what the user is told where there are none. */
export interface Wanted {
  readonly plan?: (plan: PlanReport) => boolean;
  readonly task?: (plan: PlanReport, task: string) => boolean;
  readonly none?: string;
}

/**
 * The plan that a command is about. `argument` is what VS Code gave to it: a row of the Plans view, what a lens gives
 * (`{ uri, task }`), a document's URI, or nothing. Undefined where the user chose none, or was told why there is none.
 */
export async function targetOf(app: App, argument?: unknown, wanted: Wanted = {}): Promise<PlanTarget | undefined> {
  const named = namedBy(argument);
  const given = named && app.plans.get(named.uri);
  if (given) return targetIn(given, named);
  if (named && !(argument instanceof vscode.Uri)) {
    void vscode.window.showInformationMessage("This plan is not known to the server, or not yet.");
    return undefined;
  }
  const editor = vscode.window.activeTextEditor;
  const active = editor && app.plans.get(editor.document.uri);
  const isMeant = wanted.plan ?? (() => true);
  if (active && isMeant(active)) return { plan: active };
  const candidates = app.plans.all.filter(isMeant);
  const [first] = candidates;
  if (!first) {
    void vscode.window.showInformationMessage(wanted.none ?? noPlans(app));
    return undefined;
  }
  // An only plan is meant for certain, unless the user looks at another one.
  const plan = candidates.length === 1 && !active ? first : await pickPlan(candidates);
  return plan && { plan };
}

/** The task that a command is about, found in the same way. In a plan, it is the one that the cursor is in. */
export async function taskTargetOf(app: App, argument: unknown, wanted: Wanted): Promise<TaskTarget | undefined> {
  const isMeant = wanted.task ?? (() => true);
  const plan = wanted.plan ?? ((each) => idsOf(each).some((task) => isMeant(each, task)));
  const target = await targetOf(app, argument, { ...wanted, plan });
  if (!target) return undefined;
  if (target.task !== undefined) return { ...target, task: target.task };
  const cursor = taskAtCursor(target.plan);
  if (cursor !== undefined && isMeant(target.plan, cursor)) return { ...target, task: cursor };
  const candidates = idsOf(target.plan).filter((task) => isMeant(target.plan, task));
  if (!candidates.length) {
    void vscode.window.showInformationMessage(wanted.none ?? "There is no such task in this plan.");
    return undefined;
  }
  const task = await pickTask(target.plan, candidates);
  return task === undefined ? undefined : { ...target, task };
}

/** The task whose lines hold this one; undefined above the first. */
export function taskAt(tasks: readonly PlannedTask[], line: number): PlannedTask | undefined {
  return tasks.filter((task) => task.line <= line).sort((one, other) => other.line - one.line)[0];
}

/** What VS Code's argument names; undefined where that is no plan, task or file. */
function namedBy(argument: unknown): { uri: string; task?: string; path?: string } | undefined {
  if (typeof argument !== "object" || argument === null) return undefined;
  if (argument instanceof vscode.Uri) return { uri: argument.toString() };
  const { uri, task, path } = argument as { uri?: unknown; task?: unknown; path?: unknown };
  if (typeof uri !== "string") return undefined;
  return {
    uri,
    ...(typeof task === "string" ? { task } : {}),
    ...(typeof path === "string" ? { path } : {}),
  };
}

function targetIn(plan: PlanReport, named: { task?: string; path?: string }): PlanTarget {
  const { task, path } = named;
  return { plan, ...(task === undefined ? {} : { task }), ...(path === undefined ? {} : { path }) };
}

function taskAtCursor(plan: PlanReport): string | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor && taskAt(tasksIn(plan, editor.document.uri), editor.selection.active.line)?.id;
}

/** The tasks of a plan, and those that only its run has. */
function idsOf(plan: PlanReport): string[] {
  return [...new Set([...plan.tasks, ...(plan.run?.tasks ?? [])].map((task) => task.id))];
}

function noPlans(app: App): string {
  return app.plans.areKnown
    ? "There is no plan here yet. Make one with “New Plan”."
    : "The plans are not known yet: the server is starting, or does not run.";
}

async function pickPlan(plans: readonly PlanReport[]): Promise<PlanReport | undefined> {
  const items = plans.map((plan) => ({
    label: visible(plan.title || plan.path),
    description: visible(plan.path),
    plan,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Which plan?", matchOnDescription: true }))?.plan;
}

async function pickTask(plan: PlanReport, tasks: readonly string[]): Promise<string | undefined> {
  const all = new Map([...(plan.run?.tasks ?? []), ...plan.tasks].map((task) => [task.id, task.title]));
  const states = new Map((plan.run?.tasks ?? []).map((task) => [task.id, stateOf(task.state)]));
  const items = tasks.map((task) => ({
    label: visible(task),
    description: joined(visible(all.get(task) ?? ""), states.get(task)),
    task,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Which task?", matchOnDescription: true }))?.task;
}
