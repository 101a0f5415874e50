// Tells how runs end: what landed, and what needs the user, with what can be done about it.

import * as vscode from "vscode";
import type { MessageType } from "vscode-languageclient";
import type { App } from "../app";
import type { Launches } from "../launching/launches";
import { takeStep } from "../launching/steps";
import type { RunReport } from "../protocol";
import { type Button, endedRun, isWanted, type Notice, noticeOf } from "./notices";
import { wantedNotices } from "./setting";

/** The server tells no end of a run as a warning. */
const WARNING: MessageType = 2;

export function tellEnds(app: App, launches: Launches): vscode.Disposable {
  app.layers.message = ({ type, message }) => {
    const run = type === WARNING ? undefined : endedRun(message, runsOf(app));
    if (!run) return false;
    const notice = noticeOf(run, app.plans.get(run.plan));
    if (isWanted(notice, wantedNotices())) void tell(app, launches, run, notice);
    return true;
  };
  return new vscode.Disposable(() => {
    delete app.layers.message;
  });
}

function runsOf(app: App): RunReport[] {
  return app.plans.all.flatMap((plan) => plan.run ?? []);
}

async function tell(app: App, launches: Launches, run: RunReport, notice: Notice): Promise<void> {
  const titles = notice.buttons.map((button) => button.title);
  const show = notice.kind === "done" ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const title = await show(notice.text, ...titles);
  const button = notice.buttons.find((each) => each.title === title);
  if (button) await press(app, launches, run, button);
}

async function press(app: App, launches: Launches, run: RunReport, button: Button): Promise<void> {
  switch (button.does) {
    case "review":
      await vscode.commands.executeCommand("agent-server.review", { uri: run.plan });
      return;
    case "show":
      await vscode.commands.executeCommand("agent-server.openRun", { uri: run.plan });
      return;
    case "step":
      await takeStep(app, launches, run, button.step);
  }
}
