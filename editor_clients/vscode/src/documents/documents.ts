// The server's read-only documents in VS Code: briefs, transcripts, proposed files and what they were made from. The text always
// comes from the server. Where there is none the document says why, so that a tab of an earlier session is never just broken,
// and is read again as soon as that may have changed.

import * as vscode from "vscode";
import type { App } from "../app";
import { columnOf } from "../plans/columns";
import { goesOn, reportOf } from "../plans/standing";
import { taskTargetOf, type Wanted } from "../plans/target";
import { type RequestMethod, type RunReport, ShowBriefCommand, ShowTranscriptCommand } from "../protocol";
import { Refusal } from "../server/server";
import { addressOf, behind, isSame, SCHEME } from "./addresses";
import { following } from "./following";

/** LSP 3.18. Beside `agentServer/content` it has the server tell when there is more of what was read. */
const TextDocumentContentRequest: RequestMethod<{ uri: string }, { text: string }> = {
  method: "workspace/textDocumentContent",
};

const NOT_RUNNING = "This is shown as soon as Agent Server runs.\n";

export class Documents implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  /** Documents that say why they have no text. */
  private readonly empty = new Map<string, vscode.Uri>();
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly app: App) {
    app.layers.content = (uri) => this.provideTextDocumentContent(uri);
    app.layers.showDocument = (uri) => (uri.scheme === SCHEME ? this.show(uri) : undefined);
    this.disposables = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      app.server.onDidChangeState((state) => {
        if (state.kind === "running") this.readAgain(() => true);
      }),
      app.plans.onDidChange(() => {
        for (const uri of this.empty.values()) this.changed.fire(uri);
        this.empty.clear();
      }),
      app.plans.onDidChangeRun((run) => this.follow(run)),
    ];
  }

  /** The text of a document, or why there is none. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    if (this.app.server.state.kind !== "running") return NOT_RUNNING;
    try {
      return (await this.app.server.request(TextDocumentContentRequest, { uri: behind(uri) ?? uri.toString() })).text;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.empty.set(uri.toString(), uri);
      return `${error.message}\n`;
    }
  }

  /** Have VS Code read a document again, wherever and however it is shown. */
  refresh(uri: vscode.Uri): void {
    this.readAgain((each) => isSame(each, uri));
  }

  /** Show a document: where it is open already, else as a preview beside what else there is in the group. */
  async show(uri: vscode.Uri): Promise<void> {
    this.changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    const shown = columnOf(uri);
    await vscode.window.showTextDocument(document, { preview: true, ...(shown ? { viewColumn: shown } : {}) });
  }

  dispose(): void {
    delete this.app.layers.content;
    delete this.app.layers.showDocument;
    for (const each of this.disposables) each.dispose();
  }

  /** What was proposed stays in view while a run goes on. When it has stopped, or was decided on, there may be something else. */
  private follow(run: RunReport): void {
    if (goesOn(run)) return;
    this.readAgain((uri) => {
      const address = addressOf(uri);
      return address !== undefined && "run" in address && address.run === run.run;
    });
  }

  private readAgain(which: (uri: vscode.Uri) => boolean): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === SCHEME && which(uri)) this.changed.fire(uri);
    }
  }
}

/** The commands that show documents, and what keeps the end of a transcript in view. */
export function registerDocuments(app: App, documents: Documents): vscode.Disposable {
  const show = async (type: typeof ShowBriefCommand, argument: unknown, wanted: Wanted): Promise<void> => {
    const target = await taskTargetOf(app, argument, wanted);
    if (!target) return;
    await app.server.execute(type, { uri: target.plan.uri, task: target.task });
  };
  return vscode.Disposable.from(
    documents,
    following(),
    vscode.commands.registerCommand("agent-server.showBrief", (argument: unknown) =>
      show(ShowBriefCommand, argument, { task: (plan, task) => plan.tasks.some(({ id }) => id === task) }),
    ),
    vscode.commands.registerCommand("agent-server.showTranscript", (argument: unknown) =>
      show(ShowTranscriptCommand, argument, {
        task: (plan, task) => reportOf(plan.run, task) !== undefined,
        none: "No agent has run here yet, so there is no transcript.",
      }),
    ),
  );
}
