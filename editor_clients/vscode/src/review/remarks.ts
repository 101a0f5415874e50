// Remarks at lines of what a task proposes, written as comments in the diff, and sent to its agent together for another attempt.

import * as vscode from "vscode";
import type { App } from "../app";
import { addressOf, SCHEME } from "../documents/addresses";
import { RetryCommand } from "../protocol";
import type { Proposals } from "./proposals";
import { commentOf, type Remark } from "./remark_words";

const CONTROLLER = "agent-server.remarks";
const TRY_AGAIN = "Retry with These Remarks";

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
  const threads = new Set<vscode.CommentThread>();
  const changed = () => void vscode.commands.executeCommand("setContext", "agentServer.hasRemarks", threads.size > 0);

  const add = ({ thread, text }: vscode.CommentReply): void => {
    if (!text.trim()) return;
    thread.comments = [...thread.comments, new Note(text, thread)];
    thread.label = "Not sent yet";
    thread.contextValue = "remarks";
    threads.add(thread);
    changed();
  };

  const remove = (note: Note): void => {
    const { thread } = note;
    thread.comments = thread.comments.filter((each) => each !== note);
    if (thread.comments.length) return;
    threads.delete(thread);
    thread.dispose();
    changed();
  };

  const send = async (argument: unknown): Promise<void> => {
    const uri = documentMeant(argument) ?? [...threads][0]?.uri;
    const proposal = uri && (await proposals.of(uri));
    if (!proposal) {
      void vscode.window.showInformationMessage("What you remarked on is gone: another run has begun since.");
      return;
    }
    const { plan, task } = proposal;
    const mine = [...threads].filter((thread) => isOf(thread.uri, plan.run?.run, task.id));
    const remarks = mine.flatMap(remarksOf);
    if (remarks.length === 0) {
      void vscode.window.showInformationMessage(`There is no remark for ${task.id} yet. Write one at a line first.`);
      return;
    }
    const comment = commentOf(remarks);
    const words = `Have ${task.id} try again?`;
    const detail = `It begins anew, and is told:\n\n${comment}`;
    if ((await vscode.window.showInformationMessage(words, { modal: true, detail }, TRY_AGAIN)) !== TRY_AGAIN) return;
    if (!(await app.server.execute(RetryCommand, { uri: plan.uri, task: task.id, comment }))) return;
    for (const thread of mine) {
      threads.delete(thread);
      thread.dispose();
    }
    changed();
  };

  return vscode.Disposable.from(
    controller,
    proposals.onDidChange(() => {
      controller.commentingRangeProvider = ranges; // VS Code asks again
    }),
    vscode.commands.registerCommand("agent-server.addRemark", add),
    vscode.commands.registerCommand("agent-server.deleteRemark", remove),
    vscode.commands.registerCommand("agent-server.sendRemarks", send),
  );
}

function remarksOf(thread: vscode.CommentThread): Remark[] {
  const address = addressOf(thread.uri);
  if (address?.kind !== "proposed") return [];
  const line = thread.range.end.line;
  return thread.comments.flatMap((each) =>
    each instanceof Note ? [{ path: address.path, line, words: each.words }] : [],
  );
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
