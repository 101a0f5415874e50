// Takes a step about a run that has stopped, as the server has offered it.

import * as vscode from "vscode";
import type { App } from "../app";
import type { CommandName, PlanArgument, RunReport, RunStep } from "../protocol";
import type { Launches } from "./launches";

/** Any of the commands that steps name, with what a step gives it. */
type StepCommand = CommandName<PlanArgument & Pick<RunStep, "tasks" | "unverified">, { readonly run?: string | null }>;

/** The offer was made some time ago: it is good only for the run as it stood then. */
export async function takeStep(app: App, launches: Launches, run: RunReport, step: RunStep): Promise<void> {
  const now = app.plans.run(run.plan);
  if (now?.run !== run.run || now.state !== run.state) {
    void vscode.window.showWarningMessage("Nothing was done: the run has gone on since. Look at it, and choose again.");
    return;
  }
  const command: StepCommand = { command: step.command };
  const answer = await app.server.execute(command, {
    uri: run.plan,
    ...(step.tasks && { tasks: step.tasks }),
    ...(step.unverified !== undefined && { unverified: step.unverified }),
  });
  if (answer?.run && GOES_ON.has(step.way)) launches.begin(answer.run);
}

/** The steps after which the run goes on by itself. */
const GOES_ON: ReadonlySet<string> = new Set(["retry", "land", "repair"]);
