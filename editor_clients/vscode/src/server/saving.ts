// Edits that the server makes by itself, such as ticking tasks off: a plan that had no unsaved changes is saved after one. Else the
// disk and other editors would go on calling tasks open that have landed. What the user has not saved yet is theirs to save.

import * as vscode from "vscode";
import type { WorkspaceEdit } from "vscode-languageclient";

/** Carries an edit out by `apply`, and saves what it has changed and nobody else. Returns what `apply` does. */
export async function appliedAndSaved<R extends { readonly applied: boolean }>(
  edit: WorkspaceEdit,
  apply: () => Promise<R>,
  failed: (why: string) => void,
): Promise<R> {
  const edited = urisOf(edit);
  const unsaved = new Set(documentsOf(edited).filter((document) => document.isDirty));
  const answer = await apply();
  if (!answer.applied) return answer;
  const ours = documentsOf(edited).filter((document) => !unsaved.has(document) && !document.isUntitled);
  // Waited for, since another edit may follow the answer: it would find the document unsaved.
  await Promise.all(
    ours.map(async (document) => {
      const isSaved = await document.save().then(undefined, () => false);
      if (!isSaved) failed(`${document.uri.fsPath} could not be saved.`);
    }),
  );
  return answer;
}

function documentsOf(uris: ReadonlySet<string>): vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter((document) => uris.has(document.uri.toString()));
}

/** The documents whose text an edit changes, as VS Code spells their URIs. */
function urisOf({ changes = {}, documentChanges = [] }: WorkspaceEdit): Set<string> {
  const versioned = documentChanges.flatMap((change) => ("textDocument" in change ? [change.textDocument.uri] : []));
  return new Set([...Object.keys(changes), ...versioned].map((uri) => vscode.Uri.parse(uri).toString()));
}
