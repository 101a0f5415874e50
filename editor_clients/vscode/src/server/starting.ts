// How the server is started: which program, with which settings.

import * as vscode from "vscode";
import type { Start, Starting } from "./language_server";

const SECTION = "agentServer";

export const starting: Starting = {
  async find(): Promise<Start> {
    const settings = vscode.workspace.getConfiguration(SECTION);
    return {
      command: settings.get<string | null>("server.path") ?? "agent-server",
      arguments: settings.get<string[]>("server.arguments") ?? ["lsp"],
    };
  },
  options() {
    const values = this.settings(vscode.workspace.getConfiguration(SECTION)) as Record<string, unknown>;
    return { ...values, trusted: vscode.workspace.isTrusted };
  },
  settings(values) {
    if (typeof values !== "object" || values === null) return values;
    return Object.fromEntries(Object.entries(values).filter(([name]) => name !== "server" && name !== "trace"));
  },
};
