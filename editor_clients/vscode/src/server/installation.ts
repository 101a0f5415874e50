// Installs the server into an environment of this extension's, with progress that can be cancelled, and says what went wrong.

import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { expanded, lastWords, onPath } from "./finding";
import {
  BARE_PYTHON,
  isPackage,
  type Maker,
  NO_PYTHON,
  PROBE,
  PYTHONS,
  type Step,
  steps,
  type Wanted,
} from "./installing";
import { run } from "./programs";
import { isProgram, type ProgramStarting, SECTION } from "./starting";

/** In milliseconds: for a slow connection, and for a Python that says its version. */
const DEADLINE = 15 * 60_000;
const PATIENCE = 10_000;

/** The user has thought better of it. */
class Cancelled extends Error {}

export class Installation {
  constructor(
    private readonly starting: ProgramStarting,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Returns whether it is installed. What failed has been shown then. */
  async install(): Promise<boolean> {
    try {
      await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: "Agent Server", cancellable: true },
        (progress, token) => this.make(progress, token),
      );
      return true;
    } catch (error) {
      if (!(error instanceof Cancelled)) await this.showFailure(error);
      return false;
    }
  }

  private async make(progress: vscode.Progress<{ message: string }>, token: vscode.CancellationToken): Promise<void> {
    const wanted = this.wanted();
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    await mkdir(this.starting.folder, { recursive: true });
    const maker = await this.maker();
    await this.starting.environments.make(async (folder) => {
      for (const step of steps(maker, folder, wanted)) {
        progress.report({ message: step.says });
        await this.carryOut(step, stop.signal);
      }
    });
  }

  /** The server that has come with the extension, unless the user names another one. */
  private wanted(): Wanted {
    const settings = vscode.workspace.getConfiguration(SECTION);
    const named = expanded(settings.get<string | null>("server.package") ?? "", homedir());
    if (named === "") return { archive: this.starting.archive };
    if (!isPackage(named)) throw new Error(`The setting for the package, ${named}, names none.`);
    return { named };
  }

  private async carryOut(step: Step, stop: AbortSignal): Promise<void> {
    this.log.info([step.program, ...step.arguments].join(" "));
    const heard = (text: string) => this.log.info(text.trimEnd());
    const how = { folder: this.starting.folder, deadline: DEADLINE, stop, heard };
    const { status, output, errors } = await run(step.program, step.arguments, how);
    if (stop.aborted) throw new Cancelled();
    if (status !== 0) throw new Error(lastWords(errors) || lastWords(output) || "It took too long.");
  }

  private async maker(): Promise<Maker> {
    const [uv] = await this.programs(["uv"]);
    if (uv) return { kind: "uv", program: uv };
    let bare = false;
    for (const program of await this.programs(PYTHONS)) {
      const { status, output } = await run(program, PROBE, { folder: this.starting.folder, deadline: PATIENCE });
      if (status === 0 && output.trim() === "good") return { kind: "python", program };
      bare ||= status === 0;
    }
    throw new Error(bare ? BARE_PYTHON : NO_PYTHON);
  }

  /** The programs of these names, in this order, where the user has them; without trust none that lies in the workspace. */
  private async programs(names: readonly string[]): Promise<string[]> {
    const folders = [...onPath(process.env), join(homedir(), ".local", "bin"), join(homedir(), ".cargo", "bin")];
    const found: string[] = [];
    for (const program of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
      const isThere = !found.includes(program) && (await isProgram(program));
      if (isThere && (await this.starting.mayStart(program))) found.push(program);
    }
    return found;
  }

  private async showFailure(error: unknown): Promise<void> {
    const why = error instanceof Error ? error.message : String(error);
    this.log.error(`Installing failed: ${why}`);
    const answer = await vscode.window.showErrorMessage(
      `Agent Server was not installed. ${why}`,
      "Try Again",
      "Show Log",
    );
    if (answer === "Show Log") this.log.show();
    if (answer === "Try Again") await vscode.commands.executeCommand("agent-server.installServer");
  }
}
