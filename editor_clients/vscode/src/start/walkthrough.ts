// The walkthrough: opens it, and marks the steps that show in the server, in plans and in runs.

import * as vscode from "vscode";
import type { App } from "../app";
import { Steps, type Taken } from "./steps";

export function register(app: App): vscode.Disposable {
  const steps = new Steps();
  const marked = new Set<Taken>();
  const mark = (found: readonly Taken[], value = true) =>
    Promise.all(found.map((step) => vscode.commands.executeCommand("setContext", `agentServer.${step}`, value)));
  const note = (found: readonly Taken[]) => {
    for (const step of found) marked.add(step);
    void mark(found);
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand("agent-server.getStarted", async () => {
      // VS Code ticks a step when its condition becomes true while it looks, which it does from now on at the latest.
      await mark([...marked], false);
      const id = `${app.context.extension.id}#getStarted`;
      await vscode.commands.executeCommand("workbench.action.openWalkthrough", id, false);
      await mark([...marked]);
    }),
    app.server.onDidChangeState(({ kind }) => {
      if (kind === "running") note(["hasServer"]);
    }),
    app.plans.onDidChange(() => note(steps.look(app.plans.all))),
  );
}
