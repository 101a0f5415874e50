// What menus and the palette can know of plans and runs: context keys, set when they change.

import * as vscode from "vscode";
import type { App } from "../app";
import { filesOf } from "../plans/plans";
import { canLaunch, canStop, canStopTask, hasChanges, waysOf } from "../plans/standing";
import type { PlanReport } from "../protocol";
import { Throttle } from "../throttle";

const PAUSE = 100;

export function register(app: App): vscode.Disposable {
  const set = new Map<string, string>();
  const show = () => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    for (const [key, value] of Object.entries(contextOf(app.plans.all, uri && app.plans.get(uri), areAllKnown(app)))) {
      const spelled = JSON.stringify(value) ?? "";
      if (set.get(key) === spelled) continue;
      set.set(key, spelled);
      void vscode.commands.executeCommand("setContext", key, value);
    }
  };
  const throttle = new Throttle(PAUSE, show);
  show();
  return vscode.Disposable.from(
    throttle,
    app.plans.onDidChange(() => throttle.ask()),
    vscode.window.onDidChangeActiveTextEditor(() => throttle.now()),
  );
}

/** Whether there can be no more plans than are known: only then "there are none" is said. */
function areAllKnown({ plans }: App): boolean {
  return plans.areKnown && !plans.mayGrow;
}

/**
 * The keys and their values. `agentServer.can` and `agentServer.activePlanCan` are words, to be looked for by `=~ /\bstop\b/`:
 * what can be done with some plan, and with the one in the active editor. `agentServer.planPaths` tells whether a file is a plan,
 * by `resourcePath in …`: only the server knows. They are paths, since a window on a remote host has other URIs than we have.
 */
export function contextOf(
  plans: readonly PlanReport[],
  active: PlanReport | undefined,
  areKnown: boolean,
): Record<string, unknown> {
  return {
    "agentServer.hasPlans": plans.length > 0,
    "agentServer.hasNoPlans": areKnown && plans.length === 0,
    "agentServer.planPaths": [...new Set(plans.flatMap(filesOf))].map((uri) => vscode.Uri.parse(uri).fsPath),
    "agentServer.can": [...new Set(plans.flatMap(doable))].sort().join(" "),
    "agentServer.activePlanCan": active ? doable(active).join(" ") : undefined,
  };
}

function doable(plan: PlanReport): string[] {
  const { run } = plan;
  const tasks = run?.tasks ?? [];
  return [
    canLaunch(plan) ? "launch" : "",
    canLaunch(plan) && plan.waves > 1 ? "launchAll" : "",
    canStop(run) ? "stop" : "",
    tasks.some((task) => canStopTask(run, task.id)) ? "stopTask" : "",
    tasks.some((task) => task.canRetry) ? "retryTask" : "",
    tasks.some((task) => task.canLand) ? "landTask" : "",
    tasks.some(hasChanges) ? "review" : "",
    run ? "transcript" : "",
    ...waysOf(run).map((way) => (way === "land-anyway" ? "landAnyway" : way)),
  ].filter(Boolean);
}
