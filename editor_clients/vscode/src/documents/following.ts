// Keeps the end of a growing transcript in view, as long as the user looks at its end: whoever has scrolled up reads on in peace.

import * as vscode from "vscode";
import { addressOf } from "./addresses";

/** Whether somebody who sees this line as the last one looks at the end of a text of so many lines. */
export function isAtEnd(lastVisible: number, lineCount: number): boolean {
  return lastVisible >= lineCount - 2; // the last line is empty: a text ends with a line end
}

export function following(): vscode.Disposable {
  const atEnd = new WeakSet<vscode.TextEditor>();
  const look = (editor: vscode.TextEditor) => {
    const last = editor.visibleRanges.at(-1)?.end.line ?? 0;
    if (isAtEnd(last, editor.document.lineCount)) atEnd.add(editor);
    else atEnd.delete(editor);
  };
  for (const editor of vscode.window.visibleTextEditors) look(editor);
  return vscode.Disposable.from(
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => look(textEditor)),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length === 0 || addressOf(document.uri)?.kind !== "transcript") return;
      const last = document.lineAt(document.lineCount - 1).range;
      for (const editor of vscode.window.visibleTextEditors) {
        if (editor.document === document && atEnd.has(editor)) editor.revealRange(last);
      }
    }),
  );
}
