// Where the extension begins: it makes the server and the store of plans, and hands both to each feature.

import * as vscode from "vscode";
import type { App, Feature } from "./app";
import { register as gutter } from "./gutter/gutter";
import { register as wavePicture } from "./hover/wave_picture";
import { register as launching } from "./launching/launching";
import { Plans } from "./plans/plans";
import { register as preview } from "./plans/preview";
import { register as review } from "./review/review";
import { register as runPanel } from "./run_panel/run_panel";
import { register as fileClaims } from "./runs/claims";
import { register as runCommands } from "./runs/commands";
import { register as contextKeys } from "./runs/context";
import { LanguageServer } from "./server/language_server";
import { Layers } from "./server/layers";
import { register as mending } from "./server/mending";
import { ProgramStarting } from "./server/starting";
import { register as demo } from "./start/demo";
import { register as newPlan } from "./start/new_plan";
import { register as walkthrough } from "./start/walkthrough";
import { register as plansView } from "./tree/view";

/** One file a feature; they know nothing of one another. */
const FEATURES: readonly Feature[] = [
  mending,
  launching,
  plansView,
  runCommands,
  contextKeys,
  fileClaims,
  gutter,
  wavePicture,
  runPanel,
  review,
  preview,
  newPlan,
  demo,
  walkthrough,
];

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Agent Server", { log: true });
  const layers = new Layers();
  const starting = new ProgramStarting(context, log);
  const server = new LanguageServer(starting, layers, log);
  const plans = new Plans(server);
  const app: App = { context, log, starting, server, plans, layers };
  context.subscriptions.push(log, plans, starting, ...FEATURES.map((register) => register(app)));
  running = server;
  void server.restart();
}

let running: LanguageServer | undefined;

/** VS Code waits for what this returns, for five seconds. */
export async function deactivate(): Promise<void> {
  await running?.dispose();
}
