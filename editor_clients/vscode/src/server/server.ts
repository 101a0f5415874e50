// The server as features see it: its state, requests, commands and notifications, across restarts.

import type * as vscode from "vscode";
import type { CommandName, NotificationMethod, RequestMethod, ServerStatusParams } from "../protocol";

export type ServerState =
  | { readonly kind: "stopped" }
  | { readonly kind: "starting" }
  /** `version` is that of the `agent-server` package. */
  | { readonly kind: "running"; readonly version: string }
  /** No program was found, it is too old, or it did not come up. `why` is for the user, and says what to do. */
  | { readonly kind: "failed"; readonly problem: "missing" | "outdated" | "broken"; readonly why: string };

/** The server refused a request. The message is for the user. */
export class Refusal extends Error {}

export interface Server {
  readonly state: ServerState;
  readonly onDidChangeState: vscode.Event<ServerState>;
  /** What the server last said of itself; undefined before it did. */
  readonly status: ServerStatusParams | undefined;
  /** Whether the server has left unanswered for a while what it was asked for: it hangs, or is very busy. */
  readonly isSilent: boolean;
  readonly onDidChangeSilence: vscode.Event<boolean>;
  /** Look whether the server still answers, though nothing is asked of it. May be called as often as you like. */
  expect(): void;
  /** Send a request. Rejects with a `Refusal` where the server refuses it, or does not run. */
  request<P, R>(type: RequestMethod<P, R>, params: P): Promise<R>;
  /**
   * Have the server carry out a command. What it refuses is shown to the user, once, and gives undefined: so nobody needs
   * to catch it.
   */
  execute<A, R>(type: CommandName<A, R>, argument: A): Promise<R | undefined>;
  /** Call `handler` for each notification, of this and of all later servers. */
  listen<P>(type: NotificationMethod<P>, handler: (params: P) => void): vscode.Disposable;
  /**
   * Start the server where it does not run, else start it anew. `endHung` ends a daemon that does not answer, and what it runs:
   * for the user alone to decide.
   */
  restart(how?: { readonly endHung: boolean }): Promise<void>;
}
