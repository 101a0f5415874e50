// The progress of runs. Of a run that was begun in this window there is a toast with Cancel, as VS Code shows what a user waits for:
// once hidden it stays hidden. Of all others the status item says enough.
//
// The toast follows the reports of the run and not the server's work-done progress, which says less and ends with the connection.
// That progress is what VS Code would show a second time, so it is left out.

import * as vscode from "vscode";
import type { ProgressToken } from "vscode-languageclient";
import type { App } from "../app";
import type { Launches } from "../launching/launches";
import { nameOf, partOf } from "../plans/runs";
import { canStop, goesOn } from "../plans/standing";
import { notified } from "../plans/words";
import { CancelCommand, type RunReport } from "../protocol";
import type { Progress } from "../server/layers";
import { wantedNotices } from "./setting";

export class RunProgress implements vscode.Disposable {
  private readonly toasts = new Map<string, Toast>();
  /** Tokens of the server's own progress of runs, from its begin to its end. */
  private readonly tokens = new Set<ProgressToken>();
  private readonly disposables: vscode.Disposable[];

  constructor(
    private readonly app: App,
    launches: Launches,
  ) {
    app.layers.progress = (token, value) => this.leavesOut(token, value);
    this.disposables = [
      launches.onDidBegin((run) => this.begin(run)),
      app.plans.onDidChangeRun((run) => this.toasts.get(run.run)?.report(run)),
      app.server.onDidChangeState((state) => {
        if (state.kind !== "running") this.endAll();
      }),
    ];
  }

  dispose(): void {
    delete this.app.layers.progress;
    this.endAll();
    for (const each of this.disposables) each.dispose();
  }

  private begin(id: string): void {
    if (this.toasts.has(id) || wantedNotices() !== "all") return;
    const toast = new Toast(this.app, () => this.toasts.delete(id));
    this.toasts.set(id, toast);
    const run = this.app.plans.all.find((plan) => plan.run?.run === id)?.run;
    if (run) toast.report(run);
  }

  private endAll(): void {
    for (const toast of [...this.toasts.values()]) toast.end();
    this.tokens.clear();
  }

  /** The end is never left out: with it the client library lets go of the token. */
  private leavesOut(token: ProgressToken, { kind }: Progress): boolean {
    if (kind === "begin" && this.isOfRun(token)) this.tokens.add(token);
    if (kind === "end") this.tokens.delete(token);
    return this.tokens.has(token);
  }

  /** The token is the run's id; behind it stands more where the run goes on once again. */
  private isOfRun(token: ProgressToken): boolean {
    return this.app.plans.all.some((plan) => plan.run && `${token}`.startsWith(plan.run.run));
  }
}

/** One run's toast. It appears with the first report and goes with the run's end, or the server's. */
class Toast {
  private progress: vscode.Progress<{ message: string; increment: number }> | undefined;
  private last: RunReport | undefined;
  private percentage = 0;
  private hasEnded = false;
  private close: () => void = () => undefined;

  constructor(
    private readonly app: App,
    private readonly ended: () => void,
  ) {}

  report(run: RunReport): void {
    if (this.hasEnded) return;
    const isFirst = this.last === undefined;
    this.last = run;
    if (!goesOn(run)) this.end();
    else if (isFirst) this.show(run);
    else this.tell();
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.close();
    this.ended();
  }

  private show(run: RunReport): void {
    const plan = this.app.plans.get(run.plan);
    const title = notified(`${partOf(run)} of ${nameOf(plan, run.plan)}`);
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, (progress, token) => {
      this.progress = progress;
      token.onCancellationRequested(() => void this.cancel(run));
      this.tell();
      return new Promise<void>((resolve) => {
        this.close = resolve;
        if (this.hasEnded) resolve();
      });
    });
  }

  private tell(): void {
    if (!this.progress || !this.last) return;
    const increment = Math.max(0, this.last.percentage - this.percentage);
    this.percentage += increment;
    this.progress.report({ message: notified(this.last.message), increment });
  }

  /** Asks nothing, since nothing is lost by it; says what is kept. VS Code has closed the toast by then. */
  private async cancel({ run, plan }: RunReport): Promise<void> {
    this.end();
    const now = this.app.plans.run(plan);
    if (now?.run !== run || !goesOn(now)) return;
    if (!canStop(now)) {
      void vscode.window.showInformationMessage("It is landing, and goes to its end. You can undo it then.");
      return;
    }
    const answer = await this.app.server.execute(CancelCommand, { uri: plan });
    if (answer?.cancelled) void vscode.window.showInformationMessage(KEPT);
  }
}

const KEPT = "Stopped. What agents have finished is kept.";
