// The setting that says of what the user is told.

import * as vscode from "vscode";
import type { Wanted } from "./notices";

export function wantedNotices(): Wanted {
  return vscode.workspace.getConfiguration("agentServer").get<Wanted>("notifications") ?? "all";
}
