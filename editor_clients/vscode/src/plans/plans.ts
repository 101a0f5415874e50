// All plans of the workspace and how their runs stand, kept current: what the tree, the status bar and the gutter show.

import * as vscode from "vscode";
import {
  type PlannedTask,
  type PlanReport,
  PlansChangedNotification,
  PlansRequest,
  type RunReport,
  RunStateNotification,
  SubscribeRequest,
} from "../protocol";
import type { Server } from "../server/server";

/** Pieces of time for which changes are gathered before plans are asked for again, in milliseconds. */
const PAUSE = 100;

export class Plans implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Something of some plan is another now. */
  readonly onDidChange = this.changed.event;
  private readonly runChanged = new vscode.EventEmitter<RunReport>();
  /** A run stands differently; fired beside `onDidChange`, for whoever wants to know which. */
  readonly onDidChangeRun = this.runChanged.event;

  private readonly reports = new Map<string, PlanReport>();
  /** The keys of plans that are folders, by those of their files. */
  private readonly files = new Map<string, string>();
  private readonly runs = new Map<string, RunReport>();
  private readonly disposables: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private askAgain = false;
  private known = false;
  private listing = false;

  constructor(private readonly server: Server) {
    this.disposables = [
      this.changed,
      this.runChanged,
      server.listen(RunStateNotification, (run) => this.take(run)),
      server.listen(PlansChangedNotification, () => this.askSoon()),
      server.onDidChangeState((state) => {
        if (state.kind === "running") void this.subscribe();
        else if (state.kind !== "starting") this.forget();
      }),
    ];
  }

  /** Whether the plans are known yet; false while the server starts. */
  get areKnown(): boolean {
    return this.known;
  }

  /** Whether a workspace is still being listed, so that there may be more plans. */
  get mayGrow(): boolean {
    return this.listing;
  }

  /** All plans, in the server's order. */
  get all(): readonly PlanReport[] {
    return [...this.reports.values()].map((plan) => this.withRun(plan));
  }

  /** The plan of this URI, however that is spelled: that of a plan that is a folder may be any of its files. */
  get(uri: vscode.Uri | string): PlanReport | undefined {
    const plan = this.report(uri);
    return plan && this.withRun(plan);
  }

  /** How the last run of a plan stands. */
  run(uri: vscode.Uri | string): RunReport | undefined {
    const plan = this.report(uri);
    return this.runs.get(keyOf(plan?.uri ?? uri)) ?? plan?.run;
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const each of this.disposables) each.dispose();
  }

  private report(uri: vscode.Uri | string): PlanReport | undefined {
    const key = keyOf(uri);
    return this.reports.get(key) ?? this.reports.get(this.files.get(key) ?? "");
  }

  private withRun(plan: PlanReport): PlanReport {
    const run = this.run(plan.uri);
    return run ? { ...plan, run } : plan;
  }

  private async subscribe(): Promise<void> {
    // What another server told last is no news any more: what ran there may have ended with it.
    this.runs.clear();
    const wanted = { runs: true, status: true, plans: true };
    const answer = await this.server.request(SubscribeRequest, wanted).catch(() => undefined);
    for (const run of answer?.runs ?? []) this.take(run);
    await this.ask();
  }

  /** Ids of runs sort by the time at which they began, so an older run never takes the place of a newer one. */
  private take(run: RunReport): void {
    const key = keyOf(run.plan);
    const known = this.runs.get(key);
    if (known && known.run > run.run) return;
    this.runs.set(key, run);
    this.runChanged.fire(run);
    this.changed.fire();
  }

  private askSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.ask();
    }, PAUSE);
  }

  private async ask(): Promise<void> {
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    try {
      const { plans, listing } = await this.server.request(PlansRequest, {});
      this.listing = listing === true;
      this.reports.clear();
      this.files.clear();
      for (const plan of plans) {
        this.reports.set(keyOf(plan.uri), plan);
        for (const { uri } of plan.tasks) if (uri !== undefined) this.files.set(keyOf(uri), keyOf(plan.uri));
        const known = this.runs.get(keyOf(plan.uri));
        // What a notification told last is newer than an answer that was on its way, except of runs that others decided on.
        if (plan.run && (!known || known.run < plan.run.run)) this.runs.set(keyOf(plan.uri), plan.run);
      }
      this.known = true;
      this.changed.fire();
    } catch {
      // The server has stopped meanwhile, or is one that does not know the request: its state says so.
    } finally {
      this.asking = false;
    }
    if (this.askAgain) {
      this.askAgain = false;
      this.askSoon();
    }
  }

  private forget(): void {
    this.reports.clear();
    this.files.clear();
    this.runs.clear();
    this.known = false;
    this.listing = false;
    this.changed.fire();
  }
}

/** The tasks of a plan that stand in this document: of a plan that is a folder, each file has some. */
export function tasksIn(plan: PlanReport, uri: vscode.Uri | string): PlannedTask[] {
  const key = keyOf(uri);
  return plan.tasks.filter((task) => keyOf(task.uri ?? plan.uri) === key);
}

/** A plan's file, or those of a plan that is a folder. They may be named more than once. */
export function filesOf(plan: PlanReport): string[] {
  return [plan.uri, ...plan.tasks.flatMap(({ uri }) => uri ?? [])];
}

/** URIs are spelled in several ways (`%3A`, `:`); VS Code's own spelling is the one to compare. */
function keyOf(uri: vscode.Uri | string): string {
  return (typeof uri === "string" ? vscode.Uri.parse(uri) : uri).toString();
}
