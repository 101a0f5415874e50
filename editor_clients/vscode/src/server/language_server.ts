// The server, spoken to by VS Code's language client. One client serves all folders of the window: the daemons behind it are one
// for each workspace, and shared with other editors.

import * as vscode from "vscode";
import {
  type ApplyWorkspaceEditParams,
  type ApplyWorkspaceEditRequest,
  type ApplyWorkspaceEditResult,
  CancellationToken,
  CloseAction,
  DidChangeConfigurationNotification,
  type DocumentFilter,
  ErrorAction,
  type ErrorHandler,
  type ExecuteCommandSignature,
  LanguageClient,
  type LanguageClientOptions,
  MessageType,
  type Middleware,
  ResponseError,
  ShowMessageNotification,
  type ShowMessageParams,
  ShowMessageRequest,
  State,
} from "vscode-languageclient/node";
import { PLACES } from "../plans/places";
import { notified } from "../plans/words";
import {
  type Command,
  type CommandName,
  execute,
  type NotificationMethod,
  type RequestMethod,
  request,
  ServerStatusNotification,
  type ServerStatusParams,
  VERSION,
} from "../protocol";
import { Crashes } from "./crashes";
import { isRecentEnough, type Problem } from "./finding";
import type { CommandArgument, Layers } from "./layers";
import { doingFirst } from "./lenses";
import { appliedAndSaved } from "./saving";
import { Refusal, type Server, type ServerState } from "./server";
import { ownPlaces } from "./settings";
import { Silence } from "./silence";
import { asksForMore } from "./suggesting";

/** How to start the server: a program, or why there is none. */
export type Start = Program | Problem;

interface Program {
  readonly command: string;
  /** What it said of itself. */
  readonly version: string;
  readonly arguments: readonly string[];
  /** Where it is started. */
  readonly folder: string;
}

/** What a server is started with, asked anew at each start. */
export interface Starting {
  /** The program to start, which is none of the `old` ones. */
  find(old: ReadonlySet<string>): Promise<Start>;
  /** Ends the daemon of this window where it does not answer, and no other; returns what is in the way. */
  endHung(program: string): Promise<string | undefined>;
  /** What `initialize` says beside the protocol. */
  options(): Record<string, unknown>;
  /** The settings, as the server spells them. */
  values(): Record<string, unknown>;
}

/** A daemon joins editors of any version while it has work to do, and makes way for another version then. */
const BUSY =
  "An older Agent Server still runs agents here, and this extension cannot talk to it. Restart the server when they are done.";

/** What any server answers at once, by LSP: that it does not know this request. */
const ARE_YOU_THERE = "$/agentServer/areYouThere";

/** What the server reads beside plans: its settings in the workspace, which may be open and unsaved. */
const SETTINGS_FILES = "**/{agent-server,pyproject}.toml";

export class LanguageServer implements Server, vscode.Disposable {
  private readonly stateChanged = new vscode.EventEmitter<ServerState>();
  readonly onDidChangeState = this.stateChanged.event;
  private current: ServerState = { kind: "stopped" };
  private client: LanguageClient | undefined;
  private last: ServerStatusParams | undefined;
  private readonly handlers = new Map<string, Set<(params: unknown) => void>>();
  private turn: Promise<void> = Promise.resolve();
  private readonly crashes = new Crashes();
  private readonly silenceChanged = new vscode.EventEmitter<boolean>();
  readonly onDidChangeSilence = this.silenceChanged.event;
  private readonly silence = new Silence(
    () => void this.client?.sendRequest(ARE_YOU_THERE).catch(() => undefined),
    (silent) => this.silenceChanged.fire(silent),
  );

  constructor(
    private readonly starting: Starting,
    private readonly layers: Layers,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.listen(ServerStatusNotification, (status) => {
      this.last = status;
    });
  }

  get state(): ServerState {
    return this.current;
  }

  get status(): ServerStatusParams | undefined {
    return this.last;
  }

  get isSilent(): boolean {
    return this.silence.isSilent;
  }

  expect(): void {
    if (this.current.kind === "running") this.silence.expect();
  }

  async request<P, R>(type: RequestMethod<P, R>, params: P): Promise<R> {
    return this.refused(request(this.running(), type, params));
  }

  async execute<A, R>(type: CommandName<A, R>, argument: A): Promise<R | undefined> {
    return this.shown(async () => this.refused(execute(this.running(), type, argument)));
  }

  listen<P>(type: NotificationMethod<P>, handler: (params: P) => void): vscode.Disposable {
    const handlers = this.handlers.get(type.method) ?? new Set();
    const each = handler as (params: unknown) => void;
    handlers.add(each);
    if (!this.handlers.has(type.method)) {
      this.handlers.set(type.method, handlers);
      this.client?.onNotification(type.method, (params) => this.heard(type.method, params));
    }
    return new vscode.Disposable(() => handlers.delete(each));
  }

  restart({ endHung } = { endHung: false }): Promise<void> {
    this.crashes.forget();
    return this.inTurn(endHung);
  }

  /** Ends the session; the daemon behind it, and what it runs, goes on. */
  async dispose(): Promise<void> {
    await this.turn;
    await this.stop();
    this.stateChanged.dispose();
    this.silenceChanged.dispose();
  }

  /** One start at a time: each waits for the one before. */
  private inTurn(endHung = false): Promise<void> {
    this.turn = this.turn.then(() => this.startAnew(endHung)).catch((error) => this.fail("broken", wordsOf(error)));
    return this.turn;
  }

  private async startAnew(endHung: boolean): Promise<void> {
    await this.stop();
    this.enter({ kind: "starting" });
    const old = new Set<string>();
    for (;;) {
      const start = await this.starting.find(old);
      if ("problem" in start) return this.fail(start.problem, start.why);
      const inTheWay = endHung ? await this.starting.endHung(start.command) : undefined;
      if (inTheWay) return this.fail("broken", inTheWay);
      if (await this.comesUp(start)) return;
      old.add(start.command);
    }
  }

  /** Starts a program; false where what it speaks is too old, and another one may do. */
  private async comesUp(program: Program): Promise<boolean> {
    this.log.info(`Starting ${[program.command, ...program.arguments].join(" ")}`);
    const client = this.clientFor(program);
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.client = undefined;
      await client.dispose().catch(() => undefined);
      this.fail("broken", `The server did not start: ${wordsOf(error)}`);
      return true;
    }
    if (isCurrent(client)) return true;
    const version = client.initializeResult?.serverInfo?.version;
    await this.stop();
    if (version === program.version) return false;
    this.fail("broken", BUSY);
    return true;
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.last = undefined;
    if (client)
      await client.dispose().catch((error) => this.log.warn(`The server did not end well: ${wordsOf(error)}`));
    this.silence.heard();
  }

  /** The server has ended by itself. It is started again a few times; the library is left no say, since it starts what it knows. */
  private ended(client: LanguageClient): void {
    if (client !== this.client || this.current.kind !== "running") return;
    this.client = undefined;
    this.last = undefined;
    this.silence.heard();
    if (this.crashes.again(Date.now())) void this.inTurn();
    else this.fail("broken", this.crashes.words);
  }

  private fail(problem: Problem["problem"], why: string): void {
    this.log.error(why);
    this.enter({ kind: "failed", problem, why });
  }

  private clientFor(program: Program): LanguageClient {
    const errors: ErrorHandler = {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        this.ended(client);
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    };
    const options: LanguageClientOptions = {
      documentSelector: selector(this.starting.values()["plans"]),
      initializationOptions: () => this.starting.options(),
      outputChannel: this.log,
      middleware: this.middleware(),
      progressOnInitialization: false,
      errorHandler: errors,
      // A failure to start is told by our state.
      initializationFailedHandler: () => false,
    };
    const run = { command: program.command, args: [...program.arguments], options: { cwd: program.folder } };
    const client = new QuietClient("agentServer", "Agent Server", run, options);
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = {
          ...capabilities.experimental,
          agentServer: { version: VERSION },
          agentServerDocuments: true,
        };
        // Declared in package.json, for themes to style; without it the server would call what is done deprecated.
        capabilities.textDocument?.semanticTokens?.tokenModifiers.push("done");
      },
      initialize: () => undefined,
      getState: () => ({ kind: "static" }),
      clear: () => undefined,
    });
    for (const method of this.handlers.keys()) client.onNotification(method, (params) => this.heard(method, params));
    client.onRequest(ShowMessageRequest.type, async (params) => {
      if (this.layers.question) return (await this.layers.question(params)) ?? null;
      return (await vscode.window.showInformationMessage(params.message, ...(params.actions ?? []))) ?? null;
    });
    client.onNotification(ShowMessageNotification.type, (params) => {
      if (!this.layers.message?.(params)) showMessage(params);
    });
    client.onDidChangeState(({ newState }) => {
      if (client !== this.client || newState !== State.Running || !isCurrent(client)) return;
      this.enter({ kind: "running", version: client.initializeResult?.serverInfo?.version ?? "" });
    });
    return client;
  }

  private middleware(): Middleware {
    const { layers } = this;
    return {
      sendRequest: (type, params, token, next) => this.silence.watch(next(type, params, token)),
      executeCommand: (name, args, next) => this.command(name, args, next),
      provideHover: async (document, position, token, next) => {
        const hover = (await next(document, position, token)) ?? undefined;
        return layers.hover ? layers.hover(document, position, hover) : hover;
      },
      provideCodeLenses: async (document, token, next) => doingFirst((await next(document, token)) ?? []),
      provideCompletionItem: async (document, position, context, token, next) =>
        asksForMore(await next(document, position, context, token)),
      provideTextDocumentContent: (uri, token, next) => layers.content?.(uri) ?? next(uri, token),
      handleWorkDoneProgress: (token, params, next) => {
        if (!layers.progress?.(token, params)) next(token, params);
      },
      window: {
        showDocument: async (params, token, next) => {
          const shown = layers.showDocument?.(vscode.Uri.parse(params.uri));
          if (!shown) return next(params, token);
          await shown;
          return { success: true };
        },
      },
      workspace: {
        handleApplyEdit: (params, next) => this.apply(params, next),
        // The server asks for one section, and for no folder: its settings hold for all of them.
        configuration: (params) => params.items.map(() => this.starting.values()),
        // The library would send the settings as VS Code spells them.
        didChangeConfiguration: async () => {
          const settings = { agentServer: this.starting.values() };
          await this.client?.sendNotification(DidChangeConfigurationNotification.type, { settings });
        },
      },
    };
  }

  /** The server edits a plan by itself. The library sees to its version. */
  private apply(
    params: ApplyWorkspaceEditParams,
    next: ApplyWorkspaceEditRequest.HandlerSignature,
  ): Promise<ApplyWorkspaceEditResult> {
    const apply = async () => {
      const answer = await next(params, CancellationToken.None);
      if (answer instanceof ResponseError) throw answer;
      return answer;
    };
    return appliedAndSaved(params.edit, apply, (why) => this.log.warn(why));
  }

  /** A lens or a code action asks for a command. */
  private command(name: string, args: unknown[], next: ExecuteCommandSignature): unknown {
    const argument = args[0];
    const send = () => this.shown(() => this.refused(Promise.resolve(next(name, args))));
    const layer = this.layers.commands.get(name as Command);
    return layer && isArgument(argument) ? layer(argument, send) : send();
  }

  private running(): LanguageClient {
    if (this.client && this.current.kind === "running") return this.client;
    throw new Refusal("The server does not run. Restart it, and see its log.");
  }

  private async refused<R>(answer: Promise<R>): Promise<R> {
    try {
      return await answer;
    } catch (error) {
      throw error instanceof Refusal ? error : new Refusal(wordsOf(error), { cause: error });
    }
  }

  private async shown<R>(work: () => Promise<R>): Promise<R | undefined> {
    try {
      return await work();
    } catch (error) {
      void vscode.window.showErrorMessage(notified(wordsOf(error)));
      return undefined;
    }
  }

  private heard(method: string, params: unknown): void {
    this.silence.heard();
    for (const handler of this.handlers.get(method) ?? []) handler(params);
  }

  private enter(state: ServerState): void {
    this.current = state;
    this.stateChanged.fire(state);
  }
}

/** Tells the log what the library would tell in toasts: what the user needs to know of the server, its state says. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

/** Whether the server speaks all of our protocol that this extension was made for. */
function isCurrent(client: LanguageClient): boolean {
  return isRecentEnough(client.initializeResult?.capabilities.experimental?.agentServer?.version, VERSION);
}

/** The documents that the server is told of. `own` are the places of plans that the user's settings add. */
function selector(own: unknown): DocumentFilter[] {
  const patterns = [...PLACES, ...ownPlaces(own), SETTINGS_FILES];
  return [{ language: "agent-plan", scheme: "file" }, ...patterns.map((pattern) => ({ scheme: "file", pattern }))];
}

function showMessage({ type, message }: ShowMessageParams): void {
  const words = notified(message);
  if (type === MessageType.Error) void vscode.window.showErrorMessage(words);
  else if (type === MessageType.Warning) void vscode.window.showWarningMessage(words);
  else void vscode.window.showInformationMessage(words);
}

function isArgument(value: unknown): value is CommandArgument {
  return typeof value === "object" && value !== null && typeof (value as CommandArgument).uri === "string";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
