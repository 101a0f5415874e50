// What a user decides about runs: each command finds out which plan or task is meant, and has the server do it. What the server
// refuses, or wants to be sure of, it says itself.

import * as vscode from "vscode";
import type { App } from "../app";
import { canStop, canStopTask, reportOf, waysOf } from "../plans/standing";
import { type TaskTarget, targetOf, taskTargetOf, type Wanted } from "../plans/target";
import {
  CancelCommand,
  DiscardCommand,
  LandCommand,
  type PlanReport,
  RepairCommand,
  RetryCommand,
  type RunWay,
  UndoCommand,
} from "../protocol";
import type { CommandArgument } from "../server/layers";
import { askComment } from "./comments";

export function register(app: App): vscode.Disposable {
  const commands: Record<string, (app: App, argument: unknown) => Promise<unknown>> = {
    "agent-server.stop": stop,
    "agent-server.stopTask": stopTask,
    "agent-server.retry": retry,
    "agent-server.retryTask": retryTask,
    "agent-server.land": land,
    "agent-server.landTask": landTask,
    "agent-server.landAnyway": landAnyway,
    "agent-server.repair": repair,
    "agent-server.discard": discard,
    "agent-server.undo": undo,
    "agent-server.openPlan": openPlan,
  };
  return vscode.Disposable.from(
    app.layers.before(RetryCommand.command, (argument, send) => {
      const task = onlyTask(argument);
      const plan = app.plans.get(argument.uri);
      return plan && task !== undefined ? retryWithComment(app, { plan, task }) : send();
    }),
    ...Object.entries(commands).map(([name, work]) =>
      vscode.commands.registerCommand(name, (argument: unknown) => work(app, argument)),
    ),
  );
}

async function stop(app: App, argument: unknown): Promise<void> {
  const wanted = { plan: (plan: PlanReport) => canStop(plan.run), none: "Nothing runs that can be stopped." };
  const target = await targetOf(app, argument, wanted);
  if (target) await cancel(app, { uri: target.plan.uri });
}

async function stopTask(app: App, argument: unknown): Promise<void> {
  const wanted = {
    task: (plan: PlanReport, task: string) => canStopTask(plan.run, task),
    none: "No agent works that can be stopped.",
  };
  const target = await taskTargetOf(app, argument, wanted);
  if (target) await cancel(app, { uri: target.plan.uri, task: target.task });
}

async function cancel(app: App, argument: { uri: string; task?: string }): Promise<void> {
  const answer = await app.server.execute(CancelCommand, argument);
  if (answer && !answer.cancelled) {
    void vscode.window.showInformationMessage("There was nothing left to stop. A landing always goes to its end.");
  }
}

async function retry(app: App, argument: unknown): Promise<void> {
  const target = await targetOf(app, argument, taking("retry", "No run can be tried again."));
  if (target) await app.server.execute(RetryCommand, { uri: target.plan.uri, ...tasksOf(target.plan, "retry") });
}

async function retryTask(app: App, argument: unknown): Promise<void> {
  const wanted = {
    task: (plan: PlanReport, task: string) => reportOf(plan.run, task)?.canRetry === true,
    none: "No task can be tried again.",
  };
  const target = await taskTargetOf(app, argument, wanted);
  if (target) await retryWithComment(app, target);
}

async function retryWithComment(app: App, target: TaskTarget): Promise<void> {
  const comment = await askComment(app, target);
  if (comment === undefined) return;
  const { plan, task } = target;
  await app.server.execute(RetryCommand, { uri: plan.uri, task, ...(comment ? { comment } : {}) });
}

async function land(app: App, argument: unknown): Promise<void> {
  const target = await targetOf(app, argument, taking("land", "Nothing is held that could land."));
  if (target) await app.server.execute(LandCommand, { uri: target.plan.uri, ...tasksOf(target.plan, "land") });
}

async function landTask(app: App, argument: unknown): Promise<void> {
  const wanted = {
    task: (plan: PlanReport, task: string) => reportOf(plan.run, task)?.canLand === true,
    none: "No task can land alone.",
  };
  const target = await taskTargetOf(app, argument, wanted);
  if (target) await app.server.execute(LandCommand, { uri: target.plan.uri, tasks: [target.task] });
}

async function landAnyway(app: App, argument: unknown): Promise<void> {
  const target = await targetOf(app, argument, taking("land-anyway", "Nothing is held that failed to verify."));
  if (target) await app.server.execute(LandCommand, { uri: target.plan.uri, unverified: true });
}

async function repair(app: App, argument: unknown): Promise<void> {
  const target = await targetOf(app, argument, taking("repair", "Nothing is held that could be repaired."));
  if (target) await app.server.execute(RepairCommand, { uri: target.plan.uri });
}

async function discard(app: App, argument: unknown): Promise<void> {
  const target = await targetOf(app, argument, taking("discard", "Nothing is held that could be discarded."));
  if (target) await app.server.execute(DiscardCommand, { uri: target.plan.uri });
}

async function undo(app: App, argument: unknown): Promise<void> {
  const target = await targetOf(app, argument, taking("undo", "No landing can be undone."));
  if (target) await app.server.execute(UndoCommand, { uri: target.plan.uri });
}

/** Shows the plan, and in it the task's heading. */
async function openPlan(app: App, argument: unknown): Promise<void> {
  const target = await targetOf(app, argument);
  if (!target) return;
  const task = target.plan.tasks.find((each) => each.id === target.task);
  const file = vscode.Uri.parse(task?.uri ?? target.plan.uri);
  const editor = await vscode.window.showTextDocument(file, { preview: true });
  if (task === undefined) return;
  const heading = editor.document.validatePosition(new vscode.Position(task.line, 0));
  editor.selection = new vscode.Selection(heading, heading);
  editor.revealRange(new vscode.Range(heading, heading), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Plans whose run can go on in this way. */
function taking(way: RunWay, none: string): Wanted {
  return { plan: (plan) => waysOf(plan.run).includes(way), none };
}

/** The tasks that the server names for a step; without them, it means all. */
function tasksOf(plan: PlanReport, way: RunWay): { tasks?: string[] } {
  const tasks = plan.run?.steps?.find((step) => step.way === way)?.tasks;
  return tasks ? { tasks } : {};
}

/** The task that a lens' or an action's argument is about, where that is one alone. */
function onlyTask({ task, tasks }: CommandArgument): string | undefined {
  if (typeof task === "string") return task;
  return Array.isArray(tasks) && tasks.length === 1 && typeof tasks[0] === "string" ? tasks[0] : undefined;
}
