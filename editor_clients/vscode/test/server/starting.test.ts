import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type * as vscode from "vscode";
import { ProgramStarting } from "../../src/server/starting";
import { Uri, user, workspace } from "../vscode";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "starting-")));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  user.forget();
  Object.assign(workspace, { isTrusted: true, workspaceFolders: undefined });
});

function starting(): ProgramStarting {
  const context = {
    globalStorageUri: Uri.file(join(folder, "storage")),
    asAbsolutePath: (path: string) => join(folder, path),
  };
  const log = { info: () => undefined, warn: () => undefined };
  return new ProgramStarting(context as unknown as vscode.ExtensionContext, log as unknown as vscode.LogOutputChannel);
}

/** A program in a workspace, whose folder is opened by another name. */
function programOfWorkspace(): string {
  const program = join(folder, "site", "agent-server");
  mkdirSync(join(folder, "site"));
  writeFileSync(program, `#!/bin/sh\ntouch ${folder}/ran\necho agent-server 1.2\n`);
  chmodSync(program, 0o755);
  symlinkSync(join(folder, "site"), join(folder, "link"));
  workspace.workspaceFolders = [{ uri: Uri.file(join(folder, "link")) }];
  return program;
}

test("the server is started in the extension's own folder, not among files of a workspace", async () => {
  const program = programOfWorkspace();
  user.settings.set("agentServer.server.path", program);
  const found = await starting().find();
  assert.deepEqual(found, { command: program, version: "1.2", arguments: ["lsp"], folder: join(folder, "storage") });
});

test("without trust no program of the workspace is started, by whichever name it goes", async () => {
  const program = programOfWorkspace();
  symlinkSync(program, join(folder, "outside"));
  workspace.isTrusted = false;
  for (const name of [program, join(folder, "link", "agent-server"), join(folder, "outside")]) {
    user.settings.set("agentServer.server.path", name);
    assert.deepEqual(await starting().find(), {
      problem: "missing",
      why: `${name} lies in this workspace, which you do not trust.`,
    });
  }
  assert.throws(() => realpathSync(join(folder, "ran")));
});

/** A program that ends with this status, and writes down what it is given. */
function programThatSays(status: number, words: string): string {
  const program = join(folder, `says-${status}`);
  writeFileSync(program, `#!/bin/sh\necho "$@" >> ${folder}/given\necho '${words}' >&2\nexit ${status}\n`);
  chmodSync(program, 0o755);
  mkdirSync(join(folder, "storage"), { recursive: true });
  return program;
}

test("a daemon that hangs is ended by the program itself, which says what is in the way", async () => {
  workspace.workspaceFolders = [{ uri: Uri.file("/home/ada/site") }];
  assert.equal(await starting().endHung(programThatSays(0, "")), undefined);
  assert.equal(readFileSync(join(folder, "given"), "utf8"), "stop --hung /home/ada/site\n");
  const stays = programThatSays(1, "agent-server: Process 7 does not end.");
  assert.equal(await starting().endHung(stays), "Process 7 does not end.");
  const old = programThatSays(2, "agent-server: error: unrecognized arguments: --hung");
  assert.equal(await starting().endHung(old), undefined);
});
