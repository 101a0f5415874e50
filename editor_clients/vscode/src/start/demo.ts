// "Open the Demo": has the server make its small site in a temporary folder, and opens that in a window of its own, with the plan
// that people would write first.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { App } from "../app";
import { lastWords } from "../server/finding";
import { run } from "../server/programs";
import { type DemoFolder, demoIn } from "./demo_folder";

/** In milliseconds. */
const PATIENCE = 60_000;
/** Where the new window finds what it shall show first. */
const SHOWN_FIRST = "shownFirst";

export function register(app: App): vscode.Disposable {
  void showFirst(app.context);
  return vscode.commands.registerCommand("agent-server.openDemo", () => openDemo(app));
}

async function openDemo(app: App): Promise<void> {
  const { starting } = app;
  const found = await starting.find();
  if ("problem" in found) {
    await vscode.commands.executeCommand("agent-server.restartServer"); // tells what is missing, with what mends it
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "agent-server-demo-"));
  const given = ["demo", "--only-files", folder, "--format", "json"];
  const { status, output, errors } = await run(found.command, given, { folder: starting.folder, deadline: PATIENCE });
  const demo = status === 0 ? demoIn(output) : undefined;
  if (!demo) {
    app.log.error(`${errors}${output}`);
    const why = lastWords(errors) || "The server did not say where it is.";
    void vscode.window.showErrorMessage(`The demo could not be made. ${why}`);
    return;
  }
  await app.context.globalState.update(SHOWN_FIRST, demo);
  await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(demo.folder), { forceNewWindow: true });
}

/** Opens the plan in the window that was opened for the demo. */
async function showFirst(context: vscode.ExtensionContext): Promise<void> {
  const demo = context.globalState.get<DemoFolder>(SHOWN_FIRST);
  const isHere = vscode.workspace.workspaceFolders?.some((folder) => folder.uri.fsPath === demo?.folder);
  if (!demo || !isHere) return;
  await context.globalState.update(SHOWN_FIRST, undefined);
  await vscode.window.showTextDocument(vscode.Uri.file(demo.plan), { preview: false });
}
