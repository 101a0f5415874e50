// The panel of a plan's run: its timeline and its conflicts, live. One panel for each plan. VS Code brings it back when the window is
// loaded anew.

import * as vscode from "vscode";
import type { App } from "../app";
import { columnOf } from "../plans/columns";
import { targetOf } from "../plans/target";
import { notified } from "../plans/words";
import {
  HazardsRequest,
  type HazardsResult,
  type PlannedTask,
  type RequestMethod,
  type RunReport,
  ScheduleRequest,
  type ScheduleResult,
} from "../protocol";
import { Panel } from "../webviews/panel";
import { ACTIONS, type Said, type Shown } from "../webviews/run/messages";
import { Beginnings } from "./beginnings";

/** The folder of the page, and what VS Code knows the panel by. */
const PAGE = "run";
const TYPE = `agentServer.${PAGE}`;

const NONE: readonly PlannedTask[] = [];

/** At most so often the page is told of a run, in milliseconds. */
const PAUSE = 250;

export function register(app: App): vscode.Disposable {
  return new RunPanels(app);
}

class RunPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly panels = new Map<string, RunPanel>();
  /** Watched from the beginning, so that a panel that is opened later knows when agents began. */
  private readonly watched = new Map<string, Watched>();
  private readonly disposables: readonly vscode.Disposable[];

  constructor(private readonly app: App) {
    this.disposables = [
      vscode.commands.registerCommand("agent-server.openRun", (argument: unknown) => this.open(argument)),
      vscode.window.registerWebviewPanelSerializer(TYPE, this),
      app.plans.onDidChangeRun((run) => this.watch(run)),
      app.plans.onDidChange(() => this.refresh()),
      app.server.onDidChangeState(() => this.refresh()),
    ];
  }

  /** VS Code has brought a panel back. `state` is what the page had it remember. */
  async deserializeWebviewPanel(restored: vscode.WebviewPanel, state: unknown): Promise<void> {
    const plan = (state as Partial<Shown> | undefined)?.plan;
    if (typeof plan !== "string" || this.panels.has(keyOf(plan))) restored.dispose();
    else this.make(plan, restored);
  }

  dispose(): void {
    for (const each of [...this.panels.values(), ...this.disposables]) each.dispose();
  }

  private async open(argument: unknown): Promise<void> {
    const target = await targetOf(this.app, argument);
    if (!target) return;
    const known = this.panels.get(keyOf(target.plan.uri));
    if (known) known.reveal();
    else this.make(target.plan.uri);
  }

  private make(plan: string, restored?: vscode.WebviewPanel): void {
    const key = keyOf(plan);
    const panel = new RunPanel(this.app, plan, () => this.watched.get(key), restored);
    this.panels.set(key, panel);
    panel.onDidDispose(() => this.panels.delete(key));
  }

  private watch(run: RunReport): void {
    const key = keyOf(run.plan);
    const beginnings = this.watched.get(key)?.beginnings ?? new Beginnings();
    beginnings.watch(run);
    this.watched.set(key, { beginnings, run, at: Date.now() });
  }

  private refresh(): void {
    for (const panel of this.panels.values()) panel.refresh();
  }
}

/** A run as it stands, and when that was heard, in milliseconds since the epoch. */
interface Heard {
  readonly run: RunReport;
  readonly at: number;
}

interface Watched extends Heard {
  readonly beginnings: Beginnings;
}

class RunPanel implements vscode.Disposable {
  private readonly panel: Panel<Shown, Said>;
  readonly onDidDispose: vscode.Event<void>;
  private schedule: ScheduleResult | undefined;
  private hazards: HazardsResult | undefined;
  /** What the pictures were asked for: another list of tasks is another state of the plan. */
  private pictured: readonly PlannedTask[] | undefined;
  private heard: Heard | undefined;
  private told: readonly unknown[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly app: App,
    private readonly plan: string,
    private readonly watched: () => Watched | undefined,
    restored: vscode.WebviewPanel | undefined,
  ) {
    const options = { page: PAGE, title: this.title(), column: vscode.ViewColumn.Beside };
    this.panel = new Panel<Shown, Said>(app.context.extensionUri, { ...options, ...(restored ? { restored } : {}) });
    this.onDidDispose = this.panel.onDidDispose;
    this.panel.onDidDispose(() => clearTimeout(this.timer));
    this.panel.onDidSay((said) => this.carryOut(said));
    this.send();
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** Something of some plan is another: soon the page shows it. */
  refresh(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.send();
    }, PAUSE);
  }

  dispose(): void {
    this.panel.dispose();
  }

  private title(): string {
    const known = this.app.plans.get(this.plan);
    return `${known?.title || known?.path || vscode.Uri.parse(this.plan).path.split("/").at(-1)}: run`;
  }

  /** Tells the page, unless it knows: another plan's run is no news to it. */
  private send(): void {
    const shown = this.shown();
    const news = [shown.run, shown.tasks, shown.schedule, shown.hazards, shown.problem];
    if (news.every((each, place) => each === this.told[place])) return;
    this.told = news;
    this.panel.title = this.title();
    this.panel.show(shown);
    const tasks = this.app.plans.get(this.plan)?.tasks;
    if (tasks && tasks !== this.pictured) void this.picture(tasks);
  }

  private shown(): Shown {
    const { app, schedule, hazards } = this;
    const plan = app.plans.get(this.plan);
    const run = plan?.run ?? app.plans.run(this.plan);
    const watched = this.watched();
    const planned = new Map(plan?.tasks.map(({ id, minutes }) => [id, minutes * 60]));
    return {
      plan: this.plan,
      title: plan?.title ?? "",
      path: plan?.path ?? vscode.Uri.parse(this.plan).path,
      tasks: plan?.tasks ?? NONE,
      ...(plan?.blocked === undefined ? {} : { blocked: plan.blocked }),
      ...(run ? { run } : {}),
      age: run ? this.ageOf(run, watched) : 0,
      begun: run ? (watched?.beginnings ?? new Beginnings()).of(run, waitsOf(hazards), planned) : {},
      ...(schedule ? { schedule } : {}),
      ...(hazards ? { hazards } : {}),
      problem: this.problem(plan !== undefined),
    };
  }

  private ageOf(run: RunReport, watched: Watched | undefined): number {
    if (this.heard?.run !== run) this.heard = watched?.run === run ? watched : { run, at: Date.now() };
    return (Date.now() - this.heard.at) / 1000;
  }

  private problem(isKnown: boolean): string {
    const { state } = this.app.server;
    if (state.kind === "failed") return state.why;
    if (state.kind === "stopped") return "The server does not run.";
    if (state.kind === "starting" || !this.app.plans.areKnown) return "The server is starting…";
    return isKnown ? "" : "This plan is no longer there.";
  }

  /** Asks for the schedule and the conflicts; where the server has none now, those from before stay. */
  private async picture(tasks: readonly PlannedTask[]): Promise<void> {
    this.pictured = tasks;
    const [schedule, hazards] = await Promise.all([this.ask(ScheduleRequest), this.ask(HazardsRequest)]);
    if (this.pictured !== tasks) return;
    this.schedule = schedule ?? this.schedule;
    this.hazards = hazards ?? this.hazards;
    this.refresh();
  }

  private ask<R>(type: RequestMethod<{ plan: string }, R | null>): Promise<R | null> {
    return this.app.server.request(type, { plan: this.plan }).catch(() => null);
  }

  /** The page is ours, but what it repeats may come from a plan: a command of the list, and a task that is there. */
  private carryOut(said: Said): void {
    const action = ACTIONS.find((each) => each === said.action);
    const known = this.app.plans.get(this.plan);
    const tasks = [...(known?.tasks ?? []), ...(known?.run?.tasks ?? [])];
    if (!action || (said.task !== undefined && !tasks.some((task) => task.id === said.task))) return;
    const argument = { uri: this.plan, ...(said.task === undefined ? {} : { task: said.task }) };
    void this.execute(action, argument).catch((error: unknown) => {
      void vscode.window.showErrorMessage(notified(error instanceof Error ? error.message : String(error)));
    });
  }

  private async execute(action: Said["action"], argument: object): Promise<void> {
    // A launch opens the plan too, where the user is: that is here.
    if (action === "openPlan" || action === "launch") await this.showPlan();
    await vscode.commands.executeCommand(`agent-server.${action}`, argument);
  }

  /** Has the plan come to the front where it is open already, or else beside the panel, not on top of it. */
  private async showPlan(): Promise<void> {
    const uri = vscode.Uri.parse(this.plan);
    await vscode.window.showTextDocument(uri, { viewColumn: columnOf(uri) ?? vscode.ViewColumn.One });
  }
}

function waitsOf(hazards: HazardsResult | undefined): ReadonlyMap<string, readonly string[]> {
  const waits = new Map<string, string[]>();
  for (const { task, on } of hazards?.dependencies ?? []) waits.set(task, [...(waits.get(task) ?? []), on]);
  return waits;
}

function keyOf(uri: string): string {
  return vscode.Uri.parse(uri).toString();
}
