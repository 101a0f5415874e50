// The preview of VS Code's Markdown extension for plans: it shows any text as Markdown, but offers itself for its own language only.

import * as vscode from "vscode";

export function register(): vscode.Disposable {
  return vscode.commands.registerCommand("agent-server.openPreview", (uri?: vscode.Uri) => {
    const plan = uri ?? vscode.window.activeTextEditor?.document.uri;
    return plan && vscode.commands.executeCommand("markdown.showPreviewToSide", plan);
  });
}
