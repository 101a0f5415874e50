// A quiet badge on files that tasks of a run may change: whoever edits one meanwhile knows that an agent does, too.

import * as vscode from "vscode";
import type { App } from "../app";
import { nameOf } from "../plans/runs";
import { goesOn } from "../plans/standing";
import { visible } from "../plans/words";
import { type PlanReport, ScheduleRequest, type ScheduleResult } from "../protocol";
import { Throttle } from "../throttle";

const BADGE = "✎";
/** How often badges follow the runs, in milliseconds. */
const PAUSE = 500;

export function register(app: App): vscode.Disposable {
  const claims = new Claims(app);
  return vscode.Disposable.from(claims, vscode.window.registerFileDecorationProvider(claims));
}

/**
 * Which files are claimed by tasks of a run that goes on, by the files' URIs, each with a sentence that says so. Only files that
 * a plan names: a badge on all that a pattern matches would tell nobody anything.
 */
export function claimsOf(plan: PlanReport, schedule: ScheduleResult): Map<string, string> {
  const claims = new Map<string, string>();
  if (!goesOn(plan.run)) return claims;
  const states = new Map(plan.run?.tasks.map((task) => [task.id, task.state]));
  for (const task of schedule.waves.flatMap((wave) => wave.tasks)) {
    const state = states.get(task.id);
    if (state === undefined || state === "failed" || state === "cancelled" || state === "landed") continue;
    for (const path of task.writes.filter(isFile)) {
      const file = vscode.Uri.joinPath(vscode.Uri.parse(plan.folder), path).toString();
      claims.set(file, `The agent of ${visible(task.id)} (${nameOf(plan, plan.uri)}) may change this file`);
    }
  }
  return claims;
}

function isFile(path: string): boolean {
  return !/[*?[\]{}!]|\/$/.test(path);
}

class Claims implements vscode.FileDecorationProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri[]>();
  readonly onDidChangeFileDecorations = this.changed.event;
  private claims: ReadonlyMap<string, string> = new Map();
  /** What tasks may write, by their run: asked for once, since a run keeps to what was approved. */
  private readonly schedules = new Map<string, ScheduleResult | undefined>();
  private readonly throttle = new Throttle(PAUSE, () => this.update());
  private readonly listening: vscode.Disposable;

  constructor(private readonly app: App) {
    this.listening = app.plans.onDidChange(() => this.throttle.ask());
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const words = this.claims.get(uri.toString());
    return words === undefined ? undefined : new vscode.FileDecoration(BADGE, words);
  }

  dispose(): void {
    this.listening.dispose();
    this.throttle.dispose();
    this.changed.dispose();
  }

  private update(): void {
    const running = this.app.plans.all.filter((plan) => goesOn(plan.run));
    const runs = new Set(running.map((plan) => plan.run?.run));
    for (const run of [...this.schedules.keys()]) if (!runs.has(run)) this.schedules.delete(run);
    const claims = new Map<string, string>();
    for (const plan of running) {
      const schedule = this.scheduleOf(plan);
      for (const [file, words] of schedule ? claimsOf(plan, schedule) : []) claims.set(file, words);
    }
    const others = [...new Set([...claims.keys(), ...this.claims.keys()])].filter(
      (file) => claims.get(file) !== this.claims.get(file),
    );
    this.claims = claims;
    if (others.length) this.changed.fire(others.map((file) => vscode.Uri.parse(file)));
  }

  private scheduleOf(plan: PlanReport): ScheduleResult | undefined {
    const run = plan.run?.run ?? "";
    if (!this.schedules.has(run)) {
      this.schedules.set(run, undefined);
      this.app.server.request(ScheduleRequest, { plan: plan.uri }).then(
        (schedule) => {
          if (!schedule || !this.schedules.has(run)) return;
          this.schedules.set(run, schedule);
          this.update();
        },
        () => undefined, // No badge, then: the server has stopped, and says so itself.
      );
    }
    return this.schedules.get(run);
  }
}
