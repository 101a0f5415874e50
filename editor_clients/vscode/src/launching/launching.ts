// Launching a wave, from the question to the end: the approval, the status item, the progress, and what the user is told.

import * as vscode from "vscode";
import type { App } from "../app";
import { Approvals, type Asked } from "../approval/approval";
import { tellEnds } from "../notifications/ends";
import { RunProgress } from "../notifications/progress";
import { askQuestions } from "../notifications/questions";
import { filesOf } from "../plans/plans";
import { targetOf } from "../plans/target";
import { LaunchCommand } from "../protocol";
import type { CommandArgument } from "../server/layers";
import { StatusItem } from "../status/item";
import { SHOW_QUESTION } from "../status/view";
import { Launches } from "./launches";

export function register(app: App): vscode.Disposable {
  const launches = new Launches();
  const approvals = new Approvals(app, launches);
  return vscode.Disposable.from(
    launches,
    approvals,
    new StatusItem(app, launches),
    new RunProgress(app, launches),
    tellEnds(app, launches),
    askQuestions(app),
    app.layers.before(LaunchCommand.command, (argument) => fromEditor(app, approvals, argument)),
    vscode.commands.registerCommand("agent-server.launch", (node: unknown) =>
      launch(app, approvals, node, { wave: 1 }),
    ),
    vscode.commands.registerCommand("agent-server.launchAll", (node: unknown) =>
      launch(app, approvals, node, { wave: 1, stream: true }),
    ),
    vscode.commands.registerCommand(SHOW_QUESTION, ({ uri }: { uri: string }) => approvals.reveal(uri)),
  );
}

/** From a lens or a code action: the plan is open. */
async function fromEditor(app: App, approvals: Approvals, { uri, wave, stream }: CommandArgument): Promise<void> {
  if (!(await isTrusted())) return;
  await save(app, uri);
  await approvals.ask(uri, { wave: typeof wave === "number" ? wave : 1, ...(stream === true && { stream }) });
}

/** From the palette or a menu. The server launches plans that are open, so it is shown first, in a tab that stays. */
async function launch(app: App, approvals: Approvals, node: unknown, asked: Asked): Promise<void> {
  if (!(await isTrusted())) return;
  const target = await targetOf(app, node);
  if (!target) return;
  const uri = vscode.Uri.parse(target.plan.uri);
  await vscode.window.showTextDocument(uri, { preview: false });
  await save(app, target.plan.uri);
  await approvals.ask(target.plan.uri, asked);
}

/** As VS Code saves before it debugs: what is launched is on the disk, and so are the ticks that follow. Unsaved, it runs as well. */
async function save(app: App, uri: string): Promise<void> {
  const plan = app.plans.get(uri);
  const files = new Set([uri, ...(plan ? filesOf(plan) : [])].map((each) => vscode.Uri.parse(each).toString()));
  const unsaved = vscode.workspace.textDocuments.filter(
    (each) => each.isDirty && !each.isUntitled && files.has(each.uri.toString()),
  );
  await Promise.all(unsaved.map((each) => each.save()));
}

/** Nothing runs in a workspace that the user does not trust; they can be led to where they say that they do. */
async function isTrusted(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = "Manage Workspace Trust";
  const words = "This workspace is not trusted, so nothing runs in it.";
  if ((await vscode.window.showWarningMessage(words, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return false;
}
