// What tasks propose, kept while it is good: editors ask for it with every move of the cursor.

import * as vscode from "vscode";
import type { App } from "../app";
import { addressOf } from "../documents/addresses";
import { goesOn, reportOf } from "../plans/standing";
import {
  ChangeSetRequest,
  type ChangeSetResult,
  type PlanReport,
  type ProposedFile,
  type RunReport,
  type TaskReport,
} from "../protocol";
import type { Side } from "./changes";

/** One file of a change set, as a document shows it. */
export interface Proposal {
  readonly plan: PlanReport;
  readonly task: TaskReport;
  readonly file: ProposedFile;
  readonly side: Side;
}

/** Whether the file, or a part of it, can be left out of what its task would land. Nothing is decided in an untrusted workspace. */
export function canLeaveOut({ task }: Proposal): boolean {
  return task.state === "held" && vscode.workspace.isTrusted;
}

export class Proposals implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly known = new Map<string, Promise<ChangeSetResult>>();
  private readonly going = new Set<string>();
  private readonly listening: vscode.Disposable;

  constructor(private readonly app: App) {
    this.listening = vscode.Disposable.from(
      app.plans.onDidChangeRun((run) => this.follow(run)),
      app.server.onDidChangeState(() => this.forget()),
    );
  }

  /** What a task, or the whole run, would change. Rejects with a `Refusal`. */
  changeSet(run: RunReport, task?: string): Promise<ChangeSetResult> {
    const params = { plan: run.plan, run: run.run, ...(task === undefined ? {} : { task }) };
    const key = JSON.stringify(params);
    const known = this.known.get(key);
    if (known) return known;
    const asked = this.app.server.request(ChangeSetRequest, params);
    this.known.set(key, asked);
    asked.catch(() => this.known.delete(key));
    return asked;
  }

  /** What a document of a held task shows, if it can land. */
  async of(uri: vscode.Uri): Promise<Proposal | undefined> {
    const address = addressOf(uri);
    if (address?.kind !== "proposed" && address?.kind !== "base") return undefined;
    const plan = this.app.plans.all.find(({ run }) => run?.run === address.run);
    const task = plan?.run && reportOf(plan.run, address.task);
    if (!plan?.run || !task) return undefined;
    const found = await this.changeSet(plan.run, task.id).catch(() => undefined);
    const file = found?.files.find(({ path }) => path === address.path);
    return file && { plan, task, file, side: address.kind };
  }

  /** Ask anew for everything: something was left out, or a run went on. */
  forget(): void {
    this.known.clear();
    this.changed.fire();
  }

  /** While a run goes on, what it proposes changes with every task that is done; nobody decides on it before it has stopped. */
  private follow(run: RunReport): void {
    const went = this.going.has(run.plan);
    if (goesOn(run)) this.going.add(run.plan);
    else this.going.delete(run.plan);
    if (went && goesOn(run)) this.known.clear();
    else this.forget();
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }
}
