// How the server is started: which program, with which settings. Looks at VS Code and the disk for what `finding.ts` decides about.

import { access, constants, mkdir, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import * as vscode from "vscode";
import { Environments } from "./environments";
import {
  type Candidate,
  type Check,
  candidates,
  judged,
  lastWords,
  mayStart,
  problemWith,
  type Source,
  type Surroundings,
} from "./finding";
import type { Start, Starting } from "./language_server";
import { run } from "./programs";
import { PythonExtension } from "./python";
import { serverSettings } from "./settings";

/** The exit status that tells of a daemon which did not end; an older program has another one for what it does not know. */
const STAYED = 1;

export const SECTION = "agentServer";

/** A program says its version in some 30 ms; one that takes so long does not answer. In milliseconds. */
const PATIENCE = 10_000;

/** Some seconds go by until a daemon is known not to answer, and some more until it has ended. In milliseconds. */
const ENDING = 30_000;

export class ProgramStarting implements Starting, vscode.Disposable {
  readonly environments: Environments;
  /** Our own folder: programs are started there, where no workspace's files lie. */
  readonly folder: string;
  /** The server's sources, as they have come with the extension. */
  readonly archive: string;
  /** Who named the program that was found last. */
  source: Source | undefined;

  readonly python = new PythonExtension();

  constructor(
    context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.folder = context.globalStorageUri.fsPath;
    this.archive = context.asAbsolutePath("dist/agent-server.tar.xz");
    this.environments = new Environments(`${this.folder}/server`);
  }

  dispose(): void {
    this.python.dispose();
  }

  async find(old: ReadonlySet<string> = new Set()): Promise<Start> {
    const settings = vscode.workspace.getConfiguration(SECTION);
    const all = await this.surroundings(settings);
    const checks = new Map<string, Check>();
    this.source = undefined;
    await mkdir(this.folder, { recursive: true });
    for (const candidate of candidates(all)) {
      if (old.has(candidate.program) || !(await this.mayStart(candidate.program))) continue;
      const check = await this.check(candidate);
      checks.set(candidate.program, check);
      if (check.kind === "works") {
        this.source = candidate.source;
        const given = settings.get<string[]>("server.arguments") ?? ["lsp"];
        return { command: candidate.program, version: check.version, arguments: given, folder: this.folder };
      }
    }
    return problemWith(all, checks, old);
  }

  /** Whether a program may be started in this workspace; it is looked at where it really lies, too. */
  async mayStart(program: string): Promise<boolean> {
    const { trusted, folders } = here();
    if (trusted) return mayStart(program, { trusted, folders });
    const real = await Promise.all([program, ...folders].map((path) => realpath(path).catch(() => path)));
    const where = { trusted, folders: [...folders, ...real.slice(1)] };
    return [program, real[0] ?? program].every((path) => mayStart(path, where));
  }

  async endHung(program: string): Promise<string | undefined> {
    const [workspace = this.folder] = here().folders;
    const given = ["stop", "--hung", workspace];
    const { status, output, errors } = await run(program, given, { folder: this.folder, deadline: ENDING });
    if (output) this.log.info(output.trim());
    if (errors) this.log.warn(errors.trim());
    return status === STAYED ? lastWords(errors).replace(/^agent-server: /, "") : undefined;
  }

  options(): Record<string, unknown> {
    return { ...this.values(), trusted: vscode.workspace.isTrusted };
  }

  values(): Record<string, unknown> {
    const settings = vscode.workspace.getConfiguration(SECTION);
    return serverSettings((name) => settings.get(name));
  }

  private async surroundings(settings: vscode.WorkspaceConfiguration): Promise<Surroundings> {
    const where = here();
    const chosen = settings.get<string | null>("server.path") || null;
    return {
      platform: process.platform,
      environment: process.env,
      home: homedir(),
      chosen,
      ...where,
      pythons: where.trusted && !chosen ? await this.python.environments() : [],
      installed: await this.environments.all(),
    };
  }

  private async check({ program, source }: Candidate): Promise<Check> {
    if (!(await isProgram(program))) return { kind: "absent" };
    const { status, output, errors } = await run(program, ["--version"], { folder: this.folder, deadline: PATIENCE });
    const check = judged(status, output, errors);
    const words = check.kind === "works" ? check.version : check.kind === "fails" ? check.why : "";
    this.log.info(`${program} (${source}): ${words}`);
    return check;
  }
}

export async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function here(): Pick<Surroundings, "trusted" | "folders"> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return { trusted: vscode.workspace.isTrusted, folders: folders.map((folder) => folder.uri.fsPath) };
}
