// The server, spoken to by VS Code's language client. One client serves all folders of the window: the daemons behind it are one
// for each workspace, and shared with other editors.

import * as vscode from "vscode";
import {
  type ExecuteCommandSignature,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  ShowMessageRequest,
  State,
} from "vscode-languageclient/node";
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
import type { CommandArgument, Layers } from "./layers";
import { Refusal, type Server, type ServerState } from "./server";

/** How to start the server: a program, or why there is none. */
export type Start =
  | { readonly command: string; readonly arguments: readonly string[]; readonly environment?: NodeJS.ProcessEnv }
  | { readonly problem: "missing" | "outdated" | "broken"; readonly why: string };

/** What a server is started with, asked anew at each start. */
export interface Starting {
  find(): Promise<Start>;
  options(): Record<string, unknown>;
  /** The settings as the server spells them, from those of VS Code. */
  settings(values: unknown): unknown;
}

/** What the server reads beside plans: its settings in the workspace, which may be open and unsaved. */
const SELECTOR = [
  { language: "agent-plan", scheme: "file" },
  { scheme: "file", pattern: "**/{agent-server,pyproject}.toml" },
];

export class LanguageServer implements Server, vscode.Disposable {
  private readonly stateChanged = new vscode.EventEmitter<ServerState>();
  readonly onDidChangeState = this.stateChanged.event;
  private current: ServerState = { kind: "stopped" };
  private client: LanguageClient | undefined;
  private last: ServerStatusParams | undefined;
  private readonly handlers = new Map<string, Set<(params: unknown) => void>>();
  private turn: Promise<void> = Promise.resolve();

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

  /** One restart at a time: each waits for the one before. */
  restart(): Promise<void> {
    this.turn = this.turn.then(() => this.startAnew());
    return this.turn;
  }

  /** Ends the session; the daemon behind it, and what it runs, goes on. */
  async dispose(): Promise<void> {
    await this.turn;
    await this.stop();
    this.stateChanged.dispose();
  }

  private async startAnew(): Promise<void> {
    await this.stop();
    this.enter({ kind: "starting" });
    const start = await this.starting.find();
    if ("problem" in start) {
      this.enter({ kind: "failed", ...start });
      return;
    }
    this.log.info(`Starting ${[start.command, ...start.arguments].join(" ")}`);
    const client = this.clientFor(start);
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.client = undefined;
      await client.dispose().catch(() => undefined);
      const why = `The server did not start: ${wordsOf(error)}`;
      this.enter({ kind: "failed", problem: "broken", why });
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.last = undefined;
    if (client) {
      await client.dispose().catch((error) => this.log.warn(`The server did not end well: ${wordsOf(error)}`));
      this.enter({ kind: "stopped" });
    }
  }

  private clientFor(start: Extract<Start, { command: string }>): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: SELECTOR,
      initializationOptions: () => this.starting.options(),
      outputChannel: this.log,
      middleware: this.middleware(),
      progressOnInitialization: false,
      // Pulled diagnostics of closed plans too; a failure to start is told by our state, not by the library's toast.
      initializationFailedHandler: () => false,
    };
    const run = {
      command: start.command,
      args: [...start.arguments],
      options: { env: { ...process.env, ...start.environment } },
    };
    const client = new LanguageClient("agentServer", "Agent Server", run, options);
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = {
          ...capabilities.experimental,
          agentServer: { version: VERSION },
          agentServerDocuments: true,
        };
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
    client.onDidChangeState(({ newState }) => {
      if (client !== this.client) return;
      if (newState === State.Running) this.enter(this.runningState(client));
      else if (newState === State.Starting) this.enter({ kind: "starting" });
      else if (newState === State.Stopped) this.enter({ kind: "stopped" });
    });
    return client;
  }

  private runningState(client: LanguageClient): ServerState {
    return { kind: "running", version: client.initializeResult?.serverInfo?.version ?? "" };
  }

  private middleware(): Middleware {
    const { layers } = this;
    return {
      executeCommand: (name, args, next) => this.command(name, args, next),
      provideHover: async (document, position, token, next) => {
        const hover = (await next(document, position, token)) ?? undefined;
        return layers.hover ? layers.hover(document, position, hover) : hover;
      },
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
        configuration: async (params, token, next) => {
          const values = await next(params, token);
          return Array.isArray(values) ? values.map((each) => this.starting.settings(each)) : values;
        },
      },
    };
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
      void vscode.window.showErrorMessage(wordsOf(error));
      return undefined;
    }
  }

  private heard(method: string, params: unknown): void {
    for (const handler of this.handlers.get(method) ?? []) handler(params);
  }

  private enter(state: ServerState): void {
    this.current = state;
    this.stateChanged.fire(state);
  }
}

function isArgument(value: unknown): value is CommandArgument {
  return typeof value === "object" && value !== null && typeof (value as CommandArgument).uri === "string";
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
