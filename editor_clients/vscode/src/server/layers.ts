// What features put between VS Code and the server. Each sets what it needs when it registers; the client asks when it is needed,
// so that nothing here depends on the client library, nor on whether a server runs.

import type * as vscode from "vscode";
import type {
  MessageActionItem,
  ProgressToken,
  ShowMessageParams,
  ShowMessageRequestParams,
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from "vscode-languageclient";
import type { Command } from "../protocol";

export type Progress = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

/** Carries out a command of the server's that VS Code was asked for, by a lens or a code action. `send` has the server do it. */
export type CommandLayer = (argument: CommandArgument, send: () => Promise<unknown>) => Promise<unknown>;

/** What every command of the server's takes; which more there is, the protocol says for each. */
export interface CommandArgument {
  readonly uri: string;
  readonly [name: string]: unknown;
}

export class Layers {
  /** By the command's name. A command without a layer is sent as it is. */
  readonly commands = new Map<Command, CommandLayer>();

  /** Puts a layer before a command, until what this returns is disposed of. */
  before(command: Command, layer: CommandLayer): vscode.Disposable {
    this.commands.set(command, layer);
    return { dispose: () => this.commands.delete(command) };
  }

  /** Changes what a hover shows. */
  hover?: (
    document: vscode.TextDocument,
    position: vscode.Position,
    hover: vscode.Hover | undefined,
  ) => Promise<vscode.Hover | undefined>;
  /** Asks the user what the server wants to know; undefined where they give no answer. */
  question?: (params: ShowMessageRequestParams) => Promise<MessageActionItem | undefined>;
  /** Shows what the server says; true where nobody else needs to. */
  message?: (params: ShowMessageParams) => boolean;
  /** Shows progress that the server reports; true where nobody else needs to. */
  progress?: (token: ProgressToken, value: Progress) => boolean;
  /** The text of a document of ours, which VS Code asks for anew whenever the server says that there is more. */
  content?: (uri: vscode.Uri) => Promise<string>;
  /** Shows a document of ours; undefined where VS Code shall show it itself. */
  showDocument?: (uri: vscode.Uri) => Promise<void> | undefined;
}
