// A server for tests: it answers what it was told to, and says what tests have it say.

import * as vscode from "vscode";
import type { CommandName, NotificationMethod, RequestMethod } from "../src/protocol";
import { Refusal, type Server, type ServerState } from "../src/server/server";

export class ScriptedServer implements Server {
  private readonly changed = new vscode.EventEmitter<ServerState>();
  readonly onDidChangeState = this.changed.event;
  state: ServerState = { kind: "stopped" };
  status = undefined;
  private readonly silenceChanged = new vscode.EventEmitter<boolean>();
  readonly onDidChangeSilence = this.silenceChanged.event;
  isSilent = false;
  /** How often somebody wanted it to be looked after. */
  expected = 0;
  /** How it was started anew. */
  readonly restarts: ({ readonly endHung: boolean } | undefined)[] = [];
  /** What was asked for: a method or a command, with what it was given. */
  readonly asked: [string, unknown][] = [];
  private readonly answers = new Map<string, (params: never) => unknown>();
  private readonly handlers = new Map<string, Set<(params: never) => void>>();

  answer<P, R>(type: RequestMethod<P, R>, answer: (params: P) => R | Promise<R>): void {
    this.answers.set(type.method, answer as (params: never) => unknown);
  }

  answerCommand<A, R>(type: CommandName<A, R>, answer: (argument: A) => R | Promise<R>): void {
    this.answers.set(type.command, answer as (params: never) => unknown);
  }

  enter(state: ServerState): void {
    this.state = state;
    this.changed.fire(state);
  }

  say<P>(type: NotificationMethod<P>, params: P): void {
    for (const handler of this.handlers.get(type.method) ?? []) handler(params as never);
  }

  async request<P, R>(type: RequestMethod<P, R>, params: P): Promise<R> {
    return this.asking(type.method, params) as Promise<R>;
  }

  async execute<A, R>(type: CommandName<A, R>, argument: A): Promise<R | undefined> {
    return (await this.asking(type.command, argument).catch(() => undefined)) as R | undefined;
  }

  listen<P>(type: NotificationMethod<P>, handler: (params: P) => void): vscode.Disposable {
    const handlers = this.handlers.get(type.method) ?? new Set();
    this.handlers.set(type.method, handlers.add(handler as (params: never) => void));
    return new vscode.Disposable(() => handlers.delete(handler as (params: never) => void));
  }

  /** Have it leave unanswered what it is asked for, or answer again. */
  fallSilent(silent: boolean): void {
    this.isSilent = silent;
    this.silenceChanged.fire(silent);
  }

  expect(): void {
    this.expected++;
  }

  async restart(how?: { readonly endHung: boolean }): Promise<void> {
    this.restarts.push(how);
    this.enter({ kind: "running", version: "0.1.0" });
  }

  private async asking(name: string, params: unknown): Promise<unknown> {
    this.asked.push([name, params]);
    const answer = this.answers.get(name);
    if (!answer) throw new Refusal(`Nobody told the test's server what to answer to ${name}`);
    return answer(params as never);
  }
}
