// In which group of editors a document is open: a plan or a transcript comes to the front there, and not on top of what is read beside it.

import * as vscode from "vscode";

/** The group in which a document has a tab; undefined where it has none. */
export function columnOf(uri: vscode.Uri): vscode.ViewColumn | undefined {
  const wanted = uri.toString();
  const group = vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === wanted),
  );
  return group?.viewColumn;
}
