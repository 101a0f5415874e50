// Where the extension begins: it makes the server and the store of plans, and hands both to each feature.

import * as vscode from "vscode";
import type { App, Feature } from "./app";
import { register as gutter } from "./gutter/gutter";
import { register as wavePicture } from "./hover/wave_picture";
import { register as launching } from "./launching/launching";
import { Plans } from "./plans/plans";
import * as preview from "./plans/preview";
import * as review from "./review/review";
import { register as runPanel } from "./run_panel/run_panel";
import { register as fileClaims } from "./runs/claims";
import { register as runCommands } from "./runs/commands";
import { register as contextKeys } from "./runs/context";
import { LanguageServer } from "./server/language_server";
import { Layers } from "./server/layers";
import * as mending from "./server/mending";
import { PythonExtension } from "./server/python";
import { ProgramStarting } from "./server/starting";
import * as demo from "./start/demo";
import * as newPlan from "./start/new_plan";
import * as walkthrough from "./start/walkthrough";
import { register as plansView } from "./tree/view";

/** One file a feature; they know nothing of one another. */
const FEATURES: readonly Feature[] = [
  launching,
  plansView,
  runCommands,
  contextKeys,
  fileClaims,
  gutter,
  newPlan.register,
  preview.register,
  walkthrough.register,
  wavePicture,
  runPanel,
  review.register,
];

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Agent Server", { log: true });
  const layers = new Layers();
  const python = new PythonExtension();
  const starting = new ProgramStarting(context, python, log);
  const server = new LanguageServer(starting, layers, log);
  const plans = new Plans(server);
  const app: App = { context, log, server, plans, layers };
  context.subscriptions.push(log, plans, python, ...FEATURES.map((register) => register(app)));
  context.subscriptions.push(mending.register(app, starting, python), demo.register(app, starting));
  running = server;
  void server.restart();
}

let running: LanguageServer | undefined;

/** VS Code waits for what this returns, for five seconds. */
export async function deactivate(): Promise<void> {
  await running?.dispose();
}
