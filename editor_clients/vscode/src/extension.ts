// Where the extension begins: it makes the server and the store of plans, and hands both to each feature.

import * as vscode from "vscode";
import type { App, Feature } from "./app";
import { register as launching } from "./launching/launching";
import { Plans } from "./plans/plans";
import { LanguageServer } from "./server/language_server";
import { Layers } from "./server/layers";
import { starting } from "./server/starting";

/** One file a feature; they know nothing of one another. */
const FEATURES: readonly Feature[] = [launching];

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Agent Server", { log: true });
  const layers = new Layers();
  const server = new LanguageServer(starting, layers, log);
  const plans = new Plans(server);
  const app: App = { context, log, server, plans, layers };
  context.subscriptions.push(log, plans, ...FEATURES.map((register) => register(app)));
  running = server;
  void server.restart();
}

let running: LanguageServer | undefined;

/** VS Code waits for what this returns, for five seconds. */
export async function deactivate(): Promise<void> {
  await running?.dispose();
}
