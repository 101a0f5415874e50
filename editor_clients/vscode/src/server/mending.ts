// What a user meets of the server itself: why it does not run, with a button that mends it; and when it is started anew.

import { homedir } from "node:os";
import * as vscode from "vscode";
import type { App } from "../app";
import { goesOn } from "../plans/standing";
import { Installation } from "./installation";
import { offersFor } from "./offers";
import type { ServerState } from "./server";
import { SECTION } from "./starting";

export function register(app: App): vscode.Disposable {
  const { server, starting, log } = app;
  const mending = new Mending(app);
  const on = vscode.commands.registerCommand;
  return vscode.Disposable.from(
    on("agent-server.installServer", () => mending.install()),
    on("agent-server.restartServer", () => mending.restartForUser()),
    on("agent-server.showLog", () => log.show()),
    server.onDidChangeState((state) => mending.entered(state)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const changes = ["path", "arguments"].some((name) => event.affectsConfiguration(`${SECTION}.server.${name}`));
      if (changes) mending.programChanged();
      else if (event.affectsConfiguration(`${SECTION}.plans`)) mending.placesChanged();
    }),
    // Programs of the workspace may be started now, and the server may run agents.
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      if (server.state.kind === "failed") void server.restart();
    }),
    starting.python.onDidChange(() => {
      if (starting.source === "python" || server.state.kind === "failed") void server.restart();
    }),
  );
}

class Mending {
  private readonly installation: Installation;
  private installing = false;
  /** What was told last, so that it is not told again while nothing is better. */
  private told = "";

  constructor(private readonly app: App) {
    this.installation = new Installation(app.starting, app.log);
  }

  async install(): Promise<void> {
    if (this.installing) return;
    this.installing = true;
    try {
      if (!(await this.installation.install())) return;
      await this.chooseInstalled();
    } finally {
      this.installing = false;
    }
    await this.restart();
    const { state } = this.app.server;
    if (state.kind !== "running") return;
    const words = `Agent Server ${state.version} is installed, and runs.`;
    if ((await vscode.window.showInformationMessage(words, OPEN_DEMO)) === OPEN_DEMO) {
      await vscode.commands.executeCommand("agent-server.openDemo");
    }
  }

  /** The settings name another program. */
  programChanged(): void {
    if (!this.installing) void this.restart();
  }

  /** Other files are plans now. Which documents the server is told of, those that are open included, is settled at its start. */
  placesChanged(): void {
    const given = settings().get<string[]>("server.arguments") ?? [];
    // A server of this window's own would end the run with it.
    if (given.includes("--standalone") && this.app.plans.all.some(({ run }) => goesOn(run))) return;
    void this.app.server.restart();
  }

  /** The user wants it. A server that hangs is ended for that, and with it the agents that work there: so they are asked. */
  async restartForUser(): Promise<void> {
    const { server, plans } = this.app;
    const hangs = server.isSilent || server.state.kind !== "running";
    if (server.isSilent && plans.all.some(({ run }) => goesOn(run))) {
      const chosen = await vscode.window.showWarningMessage(WORKS, { modal: true, detail: WORKS_DETAIL }, RESTART);
      if (chosen !== RESTART) return;
    }
    this.told = "";
    await server.restart({ endHung: hangs });
  }

  /** Starts the server, and says so again where it cannot. */
  restart(): Promise<void> {
    this.told = "";
    return this.app.server.restart();
  }

  entered(state: ServerState): void {
    const name = state.kind === "failed" ? state.problem : state.kind;
    void vscode.commands.executeCommand("setContext", "agentServer.state", name);
    if (state.kind === "running") this.told = "";
    else if (state.kind === "failed" && state.why !== this.told) void this.tell(state);
  }

  private async tell(state: Extract<ServerState, { kind: "failed" }>): Promise<void> {
    this.told = state.why;
    const offers = offersFor(state.problem, this.app.starting.source !== undefined, process.platform);
    const chosen = await vscode.window.showErrorMessage(state.why, ...offers);
    // A message stays until it is answered, and the server may have come up meanwhile.
    if (this.app.server.state.kind === "running" && chosen?.does !== "log") return;
    if (chosen?.does === "install") await this.install();
    else if (chosen?.does === "choose") await this.choose();
    else if (chosen?.does === "restart") await this.restartForUser();
    else if (chosen?.does === "log") this.app.log.show();
  }

  private async choose(): Promise<void> {
    const [program] =
      (await vscode.window.showOpenDialog({
        title: "The agent-server program",
        openLabel: "Use This Program",
        defaultUri: vscode.Uri.file(homedir()),
      })) ?? [];
    if (!program) return;
    this.told = "";
    // The change of the setting starts it.
    await settings().update("server.path", program.fsPath, vscode.ConfigurationTarget.Global);
  }

  /** Has the program that was just installed found: a setting or a program that is found sooner would stand in its way. */
  private async chooseInstalled(): Promise<void> {
    const [environment] = await this.app.starting.environments.all();
    const wins = await this.app.starting.find();
    if (!environment || ("command" in wins && wins.command.startsWith(environment))) return;
    await settings().update("server.path", `${environment}/bin/agent-server`, vscode.ConfigurationTarget.Global);
  }
}

const OPEN_DEMO = "Open the Demo";

const RESTART = "Restart";
const WORKS = "Agents are at work. Restart the server all the same?";
const WORKS_DETAIL =
  "The server does not answer, so it is ended, and its agents with it. What they have finished is kept; the rest you can retry.";

function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(SECTION);
}
