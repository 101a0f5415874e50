// The letters behind changed files in the Plans view. Their URIs are of a scheme of our own, so that Git's letters for the same files
// do not stand there: what an agent changed has not landed.

import * as vscode from "vscode";
import type { RowChange } from "./rows";

const SCHEME = "agent-server-change";

const DECORATIONS: Readonly<Record<RowChange, readonly [badge: string, tooltip: string, color: string]>> = {
  created: ["A", "New", "gitDecoration.addedResourceForeground"],
  changed: ["M", "Changed", "gitDecoration.modifiedResourceForeground"],
  deleted: ["D", "Deleted", "gitDecoration.deletedResourceForeground"],
  undeclared: ["!", "Not declared, will not land", "list.warningForeground"],
};

/** What stands for a changed file in the view: its name gives it its icon, and its query the letter. */
export function resourceOf(path: string, change: RowChange): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${path}`, query: change });
}

export class ChangeDecorations implements vscode.FileDecorationProvider {
  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== SCHEME || !(uri.query in DECORATIONS)) return undefined;
    const [badge, tooltip, color] = DECORATIONS[uri.query as RowChange];
    return new vscode.FileDecoration(badge, tooltip, new vscode.ThemeColor(color));
  }
}
