// What every feature of the extension is given. A feature is a file that exports `register(app)`, and says in `app.layers` what
// it wants to put between VS Code and the server.

import type * as vscode from "vscode";
import type { Plans } from "./plans/plans";
import type { Layers } from "./server/layers";
import type { Server } from "./server/server";
import type { ProgramStarting } from "./server/starting";

export interface App {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  /** Which program the server is, and where this extension installs one. */
  readonly starting: ProgramStarting;
  readonly server: Server;
  readonly plans: Plans;
  readonly layers: Layers;
}

/** Makes a feature work until what it returns is disposed of. Called once, before the server starts. */
export type Feature = (app: App) => vscode.Disposable;
