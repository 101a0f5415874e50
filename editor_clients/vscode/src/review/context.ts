// Tells VS Code what can be done about what is in front: by these context keys it shows buttons, menus and keys.

import * as vscode from "vscode";
import type { App } from "../app";
import { reportOf, waysOf } from "../plans/standing";
import type { Review } from "./changes";
import { canLeaveOut, type Proposals } from "./proposals";
import type { Reviews } from "./reviews";

export function reviewContext(app: App, proposals: Proposals, reviews: Reviews): vscode.Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if ((known.get(key) ?? false) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand("setContext", `agentServer.${key}`, value);
  };

  const look = async (): Promise<void> => {
    const review = vscode.workspace.isTrusted ? reviews.active : undefined;
    set("canLandReview", review !== undefined && canLand(review));
    set("canRetryReview", review !== undefined && canRetry(review));
    const editor = vscode.window.activeTextEditor;
    const proposal = editor && (await proposals.of(editor.document.uri));
    if (editor !== vscode.window.activeTextEditor) return; // somebody looks elsewhere by now, and is looked after
    const can = proposal !== undefined && canLeaveOut(proposal);
    set("canDropFile", can);
    set("canDropHunk", can && (proposal.file.hunks?.length ?? 0) > 0);
  };

  const again = () => void look();
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(again),
    vscode.window.tabGroups.onDidChangeTabs(again),
    vscode.window.tabGroups.onDidChangeTabGroups(again),
    app.plans.onDidChange(again),
    proposals.onDidChange(again),
  );
}

function canLand({ plan: { run }, task, undeclared }: Review): boolean {
  if (undeclared || !run) return false;
  return task === undefined ? waysOf(run).includes("land") : (reportOf(run, task)?.canLand ?? false);
}

function canRetry({ plan: { run }, task }: Review): boolean {
  return run?.tasks.some(({ id, canRetry }) => canRetry && (task === undefined || id === task)) ?? false;
}
