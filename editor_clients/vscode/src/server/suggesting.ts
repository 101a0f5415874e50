// What is suggested and goes on behind it (a field's name, a folder, a package) asks for the next suggestions when it is taken, as
// VS Code's own languages have it.

import * as vscode from "vscode";

type Suggested = vscode.CompletionItem[] | vscode.CompletionList | null | undefined;

const GO_ON = new Set([
  vscode.CompletionItemKind.Field,
  vscode.CompletionItemKind.Property,
  vscode.CompletionItemKind.Folder,
]);
/** Fields and settings for which nothing can be suggested: an empty list would only be in the way. */
const FREE = new Set(["verify", "minutes", "agents"]);
const NEXT = { command: "editor.action.triggerSuggest", title: "Suggest" };

export function asksForMore(suggested: Suggested): Suggested {
  for (const item of Array.isArray(suggested) ? suggested : (suggested?.items ?? [])) {
    const goesOn = item.kind !== undefined && GO_ON.has(item.kind) && !FREE.has(item.label as string);
    if (goesOn) item.command ??= NEXT;
  }
  return suggested;
}
