// Leaving out, file by file and hunk by hunk, of what a held task would land: commands, a lens and a hover on each hunk, and the
// context keys by which VS Code shows the buttons. It cannot be taken back, so it is asked about.

import * as vscode from "vscode";
import type { App } from "../app";
import { isSame, SCHEME } from "../documents/addresses";
import type { Documents } from "../documents/documents";
import { targetOf } from "../plans/target";
import { DropChangesCommand, type ProposedHunk } from "../protocol";
import { hunkAt, linesOf } from "./changes";
import { canLeaveOut, type Proposal, type Proposals } from "./proposals";
import type { Reviews } from "./reviews";

const DONT_ASK = "agentServer.leaveHunksOutWithoutAsking";
const FOR_GOOD = "This cannot be undone. Only another attempt of its agent would bring it back.";
const LEAVE_OUT = "Leave It Out";
const LEAVE_OUT_ALWAYS = "Leave It Out and Don't Ask Again";

/** What the lens and the hover of a hunk give to the command. */
interface NamedHunk {
  readonly document: string;
  readonly hunk: string;
}

export function leavingOut(app: App, proposals: Proposals, reviews: Reviews, documents: Documents): vscode.Disposable {
  const leaveOut = async ({ plan, task, file }: Proposal, hunk?: ProposedHunk): Promise<void> => {
    const what = { uri: plan.uri, task: task.id, path: file.path, ...(hunk ? { hunks: [hunk.id] } : {}) };
    const left = await app.server.execute(DropChangesCommand, what);
    if (!left) return;
    proposals.forget();
    documents.refresh(vscode.Uri.parse(file.proposed));
    if (!left.files.some(({ path }) => path === file.path)) await closeDiffsOf(vscode.Uri.parse(file.proposed));
    await reviews.outdate(plan.uri, file.path);
  };

  const leaveFileOut = async (argument: unknown): Promise<void> => {
    const proposal = await fileMeant(app, proposals, argument);
    if (!proposal) return nothingHere("Open a proposed file to leave it out.");
    const words = `Leave ${nameOf(proposal)} out of what the task “${proposal.task.id}” lands?`;
    if ((await ask(words, LEAVE_OUT)) === LEAVE_OUT) await leaveOut(proposal);
  };

  const leaveHunkOut = async (argument: unknown): Promise<void> => {
    const found = await hunkMeant(proposals, argument);
    if (!found) return nothingHere("Put the cursor on a proposed change to leave it out.");
    const { proposal, hunk } = found;
    if (!app.context.globalState.get<boolean>(DONT_ASK)) {
      const restore = select(proposal, hunk);
      const lines = linesOf(hunk, proposal.side);
      const words = `Leave the change in ${lines} of ${nameOf(proposal)} out of what the task “${proposal.task.id}” lands?`;
      const answer = await ask(words, LEAVE_OUT, LEAVE_OUT_ALWAYS);
      restore();
      if (!answer) return;
      if (answer === LEAVE_OUT_ALWAYS) await app.context.globalState.update(DONT_ASK, true);
    }
    await leaveOut(proposal, hunk);
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand("agent-server.dropFile", leaveFileOut),
    vscode.commands.registerCommand("agent-server.dropHunk", leaveHunkOut),
    vscode.languages.registerCodeLensProvider({ scheme: SCHEME }, new HunkLenses(proposals)),
    vscode.languages.registerHoverProvider({ scheme: SCHEME }, hunkHovers(proposals)),
  );
}

/** A lens above each hunk; VS Code shows lenses in diffs where `diffEditor.codeLens` is on. */
class HunkLenses implements vscode.CodeLensProvider {
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(private readonly proposals: Proposals) {
    this.onDidChangeCodeLenses = proposals.onDidChange;
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const proposal = await this.proposals.of(document.uri);
    if (proposal?.side !== "proposed" || !canLeaveOut(proposal)) return [];
    return (proposal.file.hunks ?? []).map(
      (hunk) =>
        new vscode.CodeLens(new vscode.Range(hunk.proposed.start, 0, hunk.proposed.start, 0), {
          title: `Leave out the change in ${linesOf(hunk, "proposed")}`,
          command: "agent-server.dropHunk",
          arguments: [{ document: document.uri.toString(), hunk: hunk.id } satisfies NamedHunk],
        }),
    );
  }
}

/** A link on the lines of each hunk. All its words are ours. */
function hunkHovers(proposals: Proposals): vscode.HoverProvider {
  return {
    async provideHover(document, position) {
      const proposal = await proposals.of(document.uri);
      const hunk = proposal && hunkAt(proposal.file.hunks ?? [], proposal.side, position.line);
      if (!proposal || !hunk || !canLeaveOut(proposal)) return undefined;
      const named: NamedHunk = { document: document.uri.toString(), hunk: hunk.id };
      const link = `command:agent-server.dropHunk?${encodeURIComponent(JSON.stringify([named]))}`;
      const words = new vscode.MarkdownString(
        `[$(discard) Leave out the change in ${linesOf(hunk, proposal.side)}](${link})`,
        true,
      );
      words.isTrusted = { enabledCommands: ["agent-server.dropHunk"] };
      return new vscode.Hover(words);
    },
  };
}

/** The file that a button of an editor, a node of the tree, or nothing but the editor in front means. */
async function fileMeant(app: App, proposals: Proposals, argument: unknown): Promise<Proposal | undefined> {
  const uri = argument instanceof vscode.Uri && argument.scheme === SCHEME ? argument : undefined;
  if (!uri && argument !== undefined && !(argument instanceof vscode.Uri)) {
    const target = await targetOf(app, argument);
    const run = target?.plan.run;
    const task = run?.tasks.find(({ id }) => id === target?.task);
    const found = run && task && (await proposals.changeSet(run, task.id).catch(() => undefined));
    const file = found?.files.find(({ path }) => path === target?.path);
    return target && task && file && allowed({ plan: target.plan, task, file, side: "proposed" });
  }
  const meant = uri ?? vscode.window.activeTextEditor?.document.uri;
  return allowed(meant && (await proposals.of(meant)));
}

async function hunkMeant(
  proposals: Proposals,
  argument: unknown,
): Promise<{ proposal: Proposal; hunk: ProposedHunk } | undefined> {
  const named = argument as NamedHunk | undefined;
  const editor = vscode.window.activeTextEditor;
  const uri = typeof named?.document === "string" ? vscode.Uri.parse(named.document) : editor?.document.uri;
  const proposal = allowed(uri && (await proposals.of(uri)));
  const hunks = proposal?.file.hunks ?? [];
  const hunk =
    typeof named?.hunk === "string"
      ? hunks.find(({ id }) => id === named.hunk)
      : proposal && editor && hunkAt(hunks, proposal.side, editor.selection.active.line);
  return proposal && hunk && { proposal, hunk };
}

function allowed(proposal: Proposal | undefined): Proposal | undefined {
  return proposal && canLeaveOut(proposal) ? proposal : undefined;
}

function ask(words: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(words, { modal: true, detail: FOR_GOOD }, ...buttons);
}

function nothingHere(words: string): void {
  void vscode.window.showInformationMessage(words);
}

function nameOf({ file }: Proposal): string {
  return file.path.split("/").at(-1) ?? file.path;
}

/**
 * Shows how far a hunk goes, in the editor behind the question: changes that are near one another share one. What it returns
 * selects again what the user had.
 */
function select({ file, side }: Proposal, hunk: ProposedHunk): () => void {
  const { start, end } = hunk[side];
  const uri = vscode.Uri.parse((side === "base" ? file.base : undefined) ?? file.proposed);
  const editors = vscode.window.visibleTextEditors.filter(({ document }) => isSame(document.uri, uri));
  const before = editors.map(({ selection }) => selection);
  for (const editor of editors) editor.selection = new vscode.Selection(start, 0, end, 0);
  return () => {
    for (const [index, editor] of editors.entries()) editor.selection = before[index] ?? editor.selection;
  };
}

async function closeDiffsOf(proposed: vscode.Uri): Promise<void> {
  const stale = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputTextDiff && isSame(input.modified, proposed));
  if (stale.length) await vscode.window.tabGroups.close(stale);
}
