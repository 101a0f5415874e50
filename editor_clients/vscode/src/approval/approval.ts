// The approval: before anything runs, the user sees all that would happen, and says yes to exactly that.

import * as vscode from "vscode";
import type { ExecuteCommandParams } from "vscode-languageclient";
import type { App } from "../app";
import type { Launches } from "../launching/launches";
import { columnOf } from "../plans/columns";
import { nameOf, partOf } from "../plans/runs";
import { notified } from "../plans/words";
import {
  ApprovalRequest,
  type ApprovalResult,
  LaunchCommand,
  type LaunchResult,
  PlansChangedNotification,
  type RequestMethod,
  type WaveArgument,
} from "../protocol";
import { Refusal } from "../server/server";
import { type ApprovalAnswer, type ApprovalView, isAnswer } from "../webviews/approval/messages";
import { Panel } from "../webviews/panel";
import { approvalView, panelTitle } from "./view";

/** Part of a plan that is to be launched. */
export interface Asked {
  readonly wave: number;
  readonly stream?: boolean;
}

/** The panel of an approval, or what stands for it in tests. */
export interface Page extends vscode.Disposable {
  readonly onDidSay: vscode.Event<unknown>;
  readonly onDidDispose: vscode.Event<void>;
  readonly isActive: boolean;
  title: string;
  show(view: ApprovalView): void;
  reveal(): void;
}

/** Milliseconds without another change, before what would happen is asked for again. */
const PAUSE = 300;

/** The launch as a request, since its refusal is shown on the page. */
const Launch: RequestMethod<ExecuteCommandParams, LaunchResult> = { method: "workspace/executeCommand" };

/** The approvals that are open: one a plan. */
export class Approvals implements vscode.Disposable {
  private readonly open = new Map<string, Approval>();

  constructor(
    private readonly app: App,
    private readonly launches: Launches,
    private readonly newPage: (title: string) => Page = (title) =>
      new Panel<ApprovalView, ApprovalAnswer>(app.context.extensionUri, { page: "approval", title }),
  ) {}

  /** Ask the user about a launch. The plan must be open. What cannot be launched is refused at once, with the reason. */
  async ask(uri: string, asked: Asked): Promise<void> {
    const key = vscode.Uri.parse(uri).toString();
    const open = this.open.get(key);
    if (open) return open.askFor(asked);
    const answer = await this.app.server.request(ApprovalRequest, paramsOf(uri, asked)).catch(refusalOf);
    if (answer instanceof Refusal) {
      void vscode.window.showErrorMessage(notified(answer.message));
      return;
    }
    // Somebody may have asked twice while the server was thinking.
    const meanwhile = this.open.get(key);
    if (meanwhile) return meanwhile.askFor(asked);
    const page = this.newPage(panelTitle(asked));
    const approval = new Approval(this.app, this.launches, page, uri, asked, answer);
    this.open.set(key, approval);
    page.onDidDispose(() => this.open.delete(key));
  }

  /** Bring a question that is open to the front. */
  reveal(uri: string): void {
    this.open.get(vscode.Uri.parse(uri).toString())?.reveal();
  }

  dispose(): void {
    for (const approval of [...this.open.values()]) approval.dispose();
  }
}

/** One question, until it is answered. It is asked anew whenever what would happen may be another thing. */
class Approval implements vscode.Disposable {
  private readonly key: string;
  private readonly disposables: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private isStarting = false;
  private isDisposed = false;
  private notice: string | undefined;
  /** Counts the questions to the server, so that only the answer to the last one is shown. */
  private asking = 0;

  constructor(
    private readonly app: App,
    private readonly launches: Launches,
    private readonly page: Page,
    private readonly uri: string,
    private asked: Asked,
    private answer: ApprovalResult | Refusal,
  ) {
    this.key = vscode.Uri.parse(uri).toString();
    this.disposables = [
      page.onDidSay((said) => void this.hear(said)),
      page.onDidDispose(() => this.end()),
      app.server.listen(PlansChangedNotification, () => this.askSoon()),
      app.server.onDidChangeState(() => this.askSoon()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.toString() === this.key) this.askSoon();
      }),
    ];
    this.show();
  }

  /** Asks about this part of the plan instead, and comes to the front. */
  async askFor(asked: Asked): Promise<void> {
    this.page.reveal();
    if (asked.wave === this.asked.wave && !asked.stream === !this.asked.stream) return;
    this.asked = asked;
    this.notice = undefined;
    this.page.title = panelTitle(asked);
    await this.askAgain();
  }

  reveal(): void {
    this.page.reveal();
  }

  dispose(): void {
    this.page.dispose();
  }

  private end(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
    for (const each of this.disposables) each.dispose();
    this.launches.answered(this.key);
  }

  private askSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.askAgain(CHANGED), PAUSE);
  }

  /** Shows what would happen now; `why` is said where that is another thing than before. */
  private async askAgain(why?: string): Promise<void> {
    this.asking += 1;
    const { asking } = this;
    const answer = await this.app.server.request(ApprovalRequest, paramsOf(this.uri, this.asked)).catch(refusalOf);
    if (this.isDisposed || this.isStarting || asking !== this.asking) return;
    if (why && !isSame(answer, this.answer)) this.notice = answer instanceof Refusal ? STUCK : why;
    this.answer = answer;
    this.show();
  }

  private show(): void {
    const { answer, asked, isStarting, key, notice } = this;
    const plan = this.app.plans.get(this.uri);
    this.launches.ask({ uri: key, part: partOf(asked) });
    this.page.show(
      approvalView({
        name: nameOf(plan, this.uri),
        asked,
        answer: answer instanceof Refusal ? { refused: answer.message } : answer,
        notice,
        isStarting,
      }),
    );
  }

  private async hear(said: unknown): Promise<void> {
    if (!isAnswer(said)) return;
    if (said.kind === "notNow") await this.leave();
    // A yes to what is no longer on the page is none.
    else if (!this.isStarting && !(this.answer instanceof Refusal) && said.approved === this.answer.approved)
      await this.launch(said.approved);
  }

  /** Closes the page. Who was looking at it comes back to the plan, and goes on with the keyboard there. */
  private async leave(): Promise<void> {
    const { isActive } = this.page;
    this.page.dispose();
    if (isActive) await showAgain(this.uri);
  }

  private async launch(approved: string): Promise<void> {
    this.isStarting = true;
    this.show();
    const argument: WaveArgument = { uri: this.uri, ...this.asked, approved };
    const params = { command: LaunchCommand.command, arguments: [argument] };
    const answer = await this.app.server.request(Launch, params).catch(refusalOf);
    this.isStarting = false;
    if (!(answer instanceof Refusal)) {
      if (answer.run !== null) this.launches.begin(answer.run);
      await this.leave();
    } else if (!this.isDisposed) {
      this.notice = answer.message;
      await this.askAgain();
    } else {
      void vscode.window.showErrorMessage(notified(answer.message));
    }
  }
}

/** Has the plan come to the front, where it is open. */
async function showAgain(plan: string): Promise<void> {
  const uri = vscode.Uri.parse(plan);
  const viewColumn = columnOf(uri);
  if (viewColumn !== undefined) await vscode.window.showTextDocument(uri, { viewColumn });
}

const CHANGED = "This has changed while you were looking at it. It is shown as it stands now.";
const STUCK = "This has changed, and cannot be launched as it stands now.";

function paramsOf(plan: string, { wave, stream }: Asked) {
  return { plan, wave, ...(stream && { stream }) };
}

function isSame(one: ApprovalResult | Refusal, other: ApprovalResult | Refusal): boolean {
  if (one instanceof Refusal || other instanceof Refusal) {
    return one instanceof Refusal && other instanceof Refusal && one.message === other.message;
  }
  return one.approved === other.approved;
}

function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(String(error));
}
