import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import * as vscode from "vscode";
import type { App } from "../../src/app";
import { register } from "../../src/server/mending";
import { appWith, planReport, runReport } from "../reports";
import type { ScriptedServer } from "../server";
import { user, workspace } from "../vscode";

let feature: vscode.Disposable | undefined;
afterEach(() => {
  feature?.dispose();
  user.forget();
});

/** A server that runs and knows a plan, whose agents may be at work. */
async function given({ works = false } = {}): Promise<ScriptedServer> {
  const { app, server } = await appWith(planReport(works ? { run: runReport() } : {}));
  const starting = { python: { onDidChange: () => new vscode.Disposable(() => undefined) }, source: "path" };
  feature = register({ ...app, starting, log: { show: () => undefined } } as unknown as App);
  return server;
}

const restart = () => vscode.commands.executeCommand("agent-server.restartServer");

test("a server that works is only left and joined again, whatever it does", async () => {
  const server = await given({ works: true });
  await restart();
  assert.deepEqual(server.restarts, [{ endHung: false }]);
  assert.equal(user.messages.length, 0);
});

test("one that hangs is ended, after a yes where agents work there", async () => {
  const server = await given();
  server.fallSilent(true);
  await restart();
  assert.deepEqual(server.restarts, [{ endHung: true }]);

  const busy = await given({ works: true });
  busy.fallSilent(true);
  for (const answer of [undefined, "Restart"]) {
    const asked = restart();
    const [question] = user.messages.splice(0);
    assert.ok(question?.options.modal);
    question.choose(answer);
    await asked;
    assert.deepEqual(busy.restarts, answer ? [{ endHung: true }] : []);
  }
});

test("one that could not be started may be kept from it by another that hangs", async () => {
  const server = await given();
  server.enter({ kind: "failed", problem: "broken", why: "The daemon does not answer." });
  await restart();
  assert.deepEqual(server.restarts, [{ endHung: true }]);
});

test("where plans lie counts at once, and ends no run", async () => {
  const server = await given({ works: true });
  workspace.set("agentServer.plans", { "spec-kit": ["features/**/tasks.md"] });
  assert.deepEqual(server.restarts, [undefined]);
  workspace.set("agentServer.agents", 3);
  assert.equal(server.restarts.length, 1, "the server takes other settings as it runs");

  const alone = await given({ works: true });
  user.settings.set("agentServer.server.arguments", ["lsp", "--standalone"]);
  workspace.set("agentServer.plans", {});
  assert.deepEqual(alone.restarts, []);
});
