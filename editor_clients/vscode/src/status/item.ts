// The item in the status bar: it shows `statusView` of this moment. Seconds go on between the server's reports, and nothing ticks
// while nothing runs.

import * as vscode from "vscode";
import type { App } from "../app";
import type { Launches } from "../launching/launches";
import { goesOn } from "../plans/standing";
import { type PlanReport, type RunReport, ServerStatusNotification } from "../protocol";
import { LINKED_COMMANDS, type StatusView, statusView } from "./view";

const NAME = "Agent Server";
const TICK = 1000;
/** Among other extensions' items on the left: behind what VS Code shows of the workspace. */
const PRIORITY = 10;

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("run", vscode.StatusBarAlignment.Left, PRIORITY);
  private readonly disposables: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private shown: string | undefined;
  /** Where a click leads. */
  private led: string | undefined;

  constructor(
    private readonly app: App,
    private readonly launches: Launches,
    private readonly clock = new RunClock(),
  ) {
    this.item.name = NAME;
    const show = () => this.show();
    this.disposables = [
      this.item,
      app.server.onDidChangeState((state) => {
        if (state.kind !== "running") this.clock.forget();
        this.show();
      }),
      app.server.onDidChangeSilence(show),
      app.server.listen(ServerStatusNotification, show),
      app.plans.onDidChangeRun((run) => this.clock.hear(run)),
      app.plans.onDidChange(show),
      launches.onDidChangeQuestions(show),
      vscode.window.onDidChangeActiveTextEditor(show),
      vscode.window.onDidChangeVisibleTextEditors(show),
    ];
    this.show();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const each of this.disposables) each.dispose();
  }

  private show(): void {
    clearTimeout(this.timer);
    const { server } = this.app;
    const plans = this.app.plans.all.map(spelled);
    for (const plan of plans) if (plan.run) this.clock.see(plan.run);
    const seen = seenEditors().map(({ document }) => document.uri.toString());
    const view = statusView({
      server: server.state,
      isSilent: server.isSilent,
      status: server.status,
      plans,
      active: plans.find((plan) => seen.includes(plan.uri)),
      questions: this.launches.questions,
      isRecent: (run) => this.clock.wentOn(run),
      secondsOf: (run) => this.clock.secondsOf(run),
    });
    this.put(view);
    if (!plans.some((plan) => goesOn(plan.run))) return;
    this.timer = setTimeout(() => this.show(), TICK);
    // A run says little while its agents think, and what hangs says nothing at all.
    server.expect();
  }

  /** VS Code is told only of what differs. */
  private put(view: StatusView | undefined): void {
    const spelling = JSON.stringify(view);
    if (spelling === this.shown) return;
    this.shown = spelling;
    if (!view) {
      this.item.hide();
      return;
    }
    const tooltip = new vscode.MarkdownString(view.tooltip);
    tooltip.isTrusted = { enabledCommands: LINKED_COMMANDS };
    this.item.text = view.text;
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: view.label, role: "button" };
    this.item.backgroundColor = view.severity && new vscode.ThemeColor(`statusBarItem.${view.severity}Background`);
    this.lead(view);
    this.item.show();
  }

  /** A command that is set anew is another one to VS Code, and a click that is on its way finds the old one gone. */
  private lead({ command, uri }: StatusView): void {
    const spelling = JSON.stringify([command, uri]);
    if (spelling === this.led) return;
    this.led = spelling;
    this.item.command = { title: NAME, command, ...(uri !== undefined && { arguments: [{ uri }] }) };
  }
}

/** For how long runs have been going on: what the server said last, and the time since then. */
export class RunClock {
  private readonly heard = new Map<string, { readonly seconds: number; readonly at: number }>();
  private readonly seen = new Set<string>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  hear(run: RunReport): void {
    this.heard.set(run.run, { seconds: run.seconds, at: this.now() });
    if (goesOn(run)) this.seen.add(run.run);
  }

  /** A run is there; it may be one that nothing was told of. */
  see(run: RunReport): void {
    if (this.heard.get(run.run)?.seconds !== run.seconds) this.hear(run);
  }

  wentOn(run: RunReport): boolean {
    return this.seen.has(run.run);
  }

  secondsOf(run: RunReport): number {
    const heard = this.heard.get(run.run);
    return goesOn(run) && heard ? heard.seconds + (this.now() - heard.at) / 1000 : run.seconds;
  }

  forget(): void {
    this.heard.clear();
    this.seen.clear();
  }
}

/** The editor that the user is in. Where that is no text, such as the panel of a run, the plan beside it is still meant. */
function seenEditors(): readonly vscode.TextEditor[] {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  return activeTextEditor ? [activeTextEditor] : visibleTextEditors;
}

/** With its URI as VS Code spells it. */
function spelled(plan: PlanReport): PlanReport {
  return { ...plan, uri: vscode.Uri.parse(plan.uri).toString() };
}
