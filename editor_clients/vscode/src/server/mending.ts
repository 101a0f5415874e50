// What a user meets of the server itself: why it does not run, with a button that mends it; and when it is started anew.

import { homedir } from "node:os";
import * as vscode from "vscode";
import type { App } from "../app";
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
    on("agent-server.restartServer", () => mending.restart()),
    on("agent-server.showLog", () => log.show()),
    server.onDidChangeState((state) => mending.entered(state)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const changes = ["path", "arguments"].some((name) => event.affectsConfiguration(`${SECTION}.server.${name}`));
      if (changes) mending.programChanged();
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
    else if (chosen?.does === "restart") await this.restart();
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

function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(SECTION);
}
