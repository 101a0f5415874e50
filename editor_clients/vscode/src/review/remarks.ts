// Remarks at lines of what a task proposes, written as comments in the diff, and sent to its agent together for another attempt. Until
// then they are kept with the workspace, for a window is reloaded without a question.

import * as vscode from "vscode";
import type { App } from "../app";
import { addressOf, SCHEME } from "../documents/addresses";
import { RetryCommand } from "../protocol";
import type { Proposals } from "./proposals";
import { commentOf, type Remark } from "./remark_words";

const CONTROLLER = "agent-server.remarks";
const TRY_AGAIN = "Retry with These Remarks";
const KEPT = "agentServer.remarks";

/** A remark that was not sent, as it is kept. */
interface Kept {
  /** The document that it was written at. */
  readonly uri: string;
  readonly line: number;
  readonly words: string;
}

/** A remark that waits to be sent. It knows its thread, for the button that takes it away. */
class Note implements vscode.Comment {
  readonly mode = vscode.CommentMode.Preview;
  readonly author = { name: "You" };
  readonly contextValue = "remark";
  readonly body: vscode.MarkdownString;

  constructor(
    readonly words: string,
    readonly thread: vscode.CommentThread,
  ) {
    this.body = new vscode.MarkdownString(words);
  }
}

export function registerRemarks(app: App, proposals: Proposals): vscode.Disposable {
  const controller = vscode.comments.createCommentController(CONTROLLER, "Remarks for Agents");
  controller.options = {
    prompt: "Remark for the agent",
    placeHolder: "What should it do differently here?",
  };
  const ranges: vscode.CommentingRangeProvider = {
    async provideCommentingRanges(document) {
      const proposal = await proposals.of(document.uri);
      if (proposal?.side !== "proposed" || !proposal.task.canRetry || !vscode.workspace.isTrusted) return [];
      return [new vscode.Range(0, 0, Math.max(0, document.lineCount - 1), 0)];
    },
  };
  controller.commentingRangeProvider = ranges;
  const remarks = new Remarks(app, proposals, controller);
  const on = vscode.commands.registerCommand;
  return vscode.Disposable.from(
    controller,
    app.plans.onDidChange(() => remarks.restore()),
    proposals.onDidChange(() => {
      controller.commentingRangeProvider = ranges; // VS Code asks again
    }),
    on("agent-server.addRemark", (reply: vscode.CommentReply) => remarks.add(reply)),
    on("agent-server.deleteRemark", (note: Note) => remarks.remove(note)),
    on("agent-server.sendRemarks", (argument: unknown) => remarks.send(argument)),
  );
}

class Remarks {
  private readonly threads = new Set<vscode.CommentThread>();
  /** What was kept, of runs that are not known yet. */
  private waiting: readonly Kept[];

  constructor(
    private readonly app: App,
    private readonly proposals: Proposals,
    private readonly controller: vscode.CommentController,
  ) {
    this.waiting = app.context.workspaceState.get<Kept[]>(KEPT) ?? [];
  }

  add({ thread, text }: vscode.CommentReply): void {
    if (!text.trim()) return;
    this.note(thread, text);
    this.changed();
  }

  remove(note: Note): void {
    const { thread } = note;
    thread.comments = thread.comments.filter((each) => each !== note);
    if (!thread.comments.length) this.drop(thread);
    this.changed();
  }

  async send(argument: unknown): Promise<void> {
    const uri = documentMeant(argument) ?? [...this.threads][0]?.uri;
    const proposal = uri && (await this.proposals.of(uri));
    if (!proposal) {
      void vscode.window.showInformationMessage("What you remarked on is gone: another run has begun since.");
      return;
    }
    const { plan, task } = proposal;
    const mine = [...this.threads].filter((thread) => isOf(thread.uri, plan.run?.run, task.id));
    const remarks = mine.flatMap(remarksOf);
    if (remarks.length === 0) {
      void vscode.window.showInformationMessage(`There is no remark for ${task.id} yet. Write one at a line first.`);
      return;
    }
    const comment = commentOf(remarks);
    const words = `Have ${task.id} try again?`;
    const detail = `It begins anew, and is told:\n\n${comment}`;
    if ((await vscode.window.showInformationMessage(words, { modal: true, detail }, TRY_AGAIN)) !== TRY_AGAIN) return;
    if (!(await this.app.server.execute(RetryCommand, { uri: plan.uri, task: task.id, comment }))) return;
    for (const thread of mine) this.drop(thread);
    this.changed();
  }

  /** Shows what was kept as soon as its run is known, and gives it up where it is known that there is no such run. */
  restore(): void {
    const { plans } = this.app;
    if (!this.waiting.length || !plans.areKnown) return;
    const runs = new Set(plans.all.map(({ run }) => run?.run));
    const isKnown = ({ uri }: Kept) => runs.has(runOf(vscode.Uri.parse(uri)));
    const found = this.waiting.filter(isKnown);
    const missing = plans.mayGrow ? this.waiting.filter((each) => !isKnown(each)) : [];
    if (missing.length === this.waiting.length) return;
    this.waiting = missing;
    for (const { uri, line, words } of found) this.note(this.threadAt(vscode.Uri.parse(uri), line), words);
    this.changed();
  }

  private threadAt(uri: vscode.Uri, line: number): vscode.CommentThread {
    const known = [...this.threads].find(
      ({ uri: other, range }) => other.toString() === uri.toString() && range.end.line === line,
    );
    return known ?? this.controller.createCommentThread(uri, new vscode.Range(line, 0, line, 0), []);
  }

  private note(thread: vscode.CommentThread, text: string): void {
    thread.comments = [...thread.comments, new Note(text, thread)];
    thread.label = "Not sent yet";
    thread.contextValue = "remarks";
    this.threads.add(thread);
  }

  private drop(thread: vscode.CommentThread): void {
    this.threads.delete(thread);
    thread.dispose();
  }

  private changed(): void {
    void vscode.commands.executeCommand("setContext", "agentServer.hasRemarks", this.threads.size > 0);
    const kept = [...[...this.threads].flatMap(keptOf), ...this.waiting];
    void this.app.context.workspaceState.update(KEPT, kept);
  }
}

function remarksOf(thread: vscode.CommentThread): Remark[] {
  const address = addressOf(thread.uri);
  if (address?.kind !== "proposed") return [];
  const line = thread.range.end.line;
  return thread.comments.flatMap((each) =>
    each instanceof Note ? [{ path: address.path, line, words: each.words }] : [],
  );
}

function keptOf(thread: vscode.CommentThread): Kept[] {
  const line = thread.range.end.line;
  return thread.comments.flatMap((each) =>
    each instanceof Note ? [{ uri: thread.uri.toString(), line, words: each.words }] : [],
  );
}

function runOf(uri: vscode.Uri): string | undefined {
  const address = addressOf(uri);
  return address?.kind === "proposed" ? address.run : undefined;
}

function isOf(uri: vscode.Uri, run: string | undefined, task: string): boolean {
  const address = addressOf(uri);
  return address?.kind === "proposed" && address.run === run && address.task === task;
}

/** The document whose remarks are meant: that of a thread, of the button's editor, or the one in front. */
function documentMeant(argument: unknown): vscode.Uri | undefined {
  const thread = (argument as Partial<vscode.CommentReply> | undefined)?.thread;
  const uri = thread?.uri ?? (argument instanceof vscode.Uri ? argument : undefined);
  if (uri?.scheme === SCHEME) return uri;
  return vscode.window.activeTextEditor?.document.uri.scheme === SCHEME
    ? vscode.window.activeTextEditor.document.uri
    : undefined;
}
