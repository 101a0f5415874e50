// "New Plan": asks for a name, and opens a short plan with places to fill in. It writes over no file.

import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { fileNameOf, template, titleOf, verifying, wrongWith } from "./template";

export function register(): vscode.Disposable {
  return vscode.commands.registerCommand("agent-server.newPlan", newPlan);
}

async function newPlan(): Promise<void> {
  const folder = await chosenFolder();
  if (!folder) return;
  const at = (file: string) => vscode.Uri.joinPath(folder.uri, file);
  const typed = await vscode.window.showInputBox({
    title: "New Plan",
    prompt: "What is the plan for? A file NAME.plan.md is made.",
    placeHolder: "search",
    validateInput: (value) => wrongWith(value, (file) => existsSync(at(file).fsPath)),
  });
  if (typed === undefined) return;
  const uri = at(fileNameOf(typed));
  const made = new vscode.WorkspaceEdit();
  made.createFile(uri, { overwrite: false, ignoreIfExists: false });
  if (!(await vscode.workspace.applyEdit(made))) {
    void vscode.window.showErrorMessage(`${fileNameOf(typed)} could not be made.`);
    return;
  }
  const editor = await vscode.window.showTextDocument(uri);
  const verify = verifying((file) => existsSync(at(file).fsPath));
  await editor.insertSnippet(new vscode.SnippetString(template(titleOf(fileNameOf(typed)), verify)));
}

/** The workspace folder for the plan; asks where there are several, and for a folder to open where there is none. */
async function chosenFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length > 1) {
    return vscode.window.showWorkspaceFolderPick({ placeHolder: "Which folder is the plan for?" });
  }
  if (folders[0]) return folders[0];
  const open = "Open Folder…";
  const answer = await vscode.window.showInformationMessage("A plan belongs to a folder. Open one first.", open);
  if (answer === open) await vscode.commands.executeCommand("vscode.openFolder");
  return undefined;
}
