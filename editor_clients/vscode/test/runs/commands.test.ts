import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import * as vscode from "vscode";
import { CancelCommand, type PlanReport, RetryCommand } from "../../src/protocol";
import { register } from "../../src/runs/commands";
import type { Layers } from "../../src/server/layers";
import { appWith } from "../reports";
import { plan, planned, run, step, task, URI } from "../samples";
import type { ScriptedServer } from "../server";
import { Position, Selection, Uri, user, window } from "../vscode";

const OTHER = `${URI}.other`;
const HELD = plan([planned("hub", { line: 6 }), planned("entry", { line: 12 })], {
  run: run(
    "held",
    [task("hub", "held", { canRetry: true, canLand: true, comment: "Sort them." }), task("entry", "failed")],
    {
      steps: [
        step("retry", { tasks: ["entry"] }),
        step("land", { tasks: ["hub"] }),
        step("land-anyway"),
        step("discard"),
      ],
    },
  ),
});
const RUNNING = plan([planned("menu")], {
  ...{ uri: OTHER, path: "other.plan.md", title: "Other" },
  run: { ...run("running", [task("menu", "running")]), plan: OTHER },
});

let server: ScriptedServer;
let registration: vscode.Disposable;
let layers: Layers;

async function given(...plans: PlanReport[]): Promise<void> {
  const made = await appWith(...plans);
  ({ server } = made);
  server.asked.length = 0;
  ({ layers } = made.app);
  registration = register(made.app);
}

function looking(uri: string, line = 0): void {
  const at = new Position(line, 0);
  window.activeTextEditor = { document: { uri: Uri.parse(uri) }, selection: new Selection(at, at) };
}

/** The messages that the user was shown. */
function told(): string[] {
  return user.messages.map((message) => message.text);
}

beforeEach(() => {
  user.forget();
  window.activeTextEditor = undefined;
});
afterEach(() => registration.dispose());

for (const [command, argument, asked] of [
  ["stop", { uri: URI }, ["agentServer.cancel", { uri: URI }]],
  ["stopTask", { uri: URI, task: "hub" }, ["agentServer.cancel", { uri: URI, task: "hub" }]],
  ["retry", { uri: URI }, ["agentServer.retry", { uri: URI, tasks: ["entry"] }]],
  ["land", { uri: URI }, ["agentServer.land", { uri: URI, tasks: ["hub"] }]],
  ["landTask", { uri: URI, task: "hub" }, ["agentServer.land", { uri: URI, tasks: ["hub"] }]],
  ["landAnyway", { uri: URI }, ["agentServer.land", { uri: URI, unverified: true }]],
  ["repair", { uri: URI }, ["agentServer.repair", { uri: URI }]],
  ["discard", { uri: URI }, ["agentServer.discard", { uri: URI }]],
  ["undo", { uri: URI }, ["agentServer.undo", { uri: URI }]],
] as const) {
  test(`${command} has the server do it, about the row that it was called on`, async () => {
    await given(HELD, RUNNING);
    looking(OTHER);
    await vscode.commands.executeCommand(`agent-server.${command}`, argument);
    assert.deepEqual(server.asked, [asked]);
  });
}

test("a document's URI, as editors give it, means its plan", async () => {
  await given(HELD, RUNNING);
  await vscode.commands.executeCommand("agent-server.stop", vscode.Uri.parse(OTHER));
  assert.deepEqual(server.asked, [["agentServer.cancel", { uri: OTHER }]]);
});

test("without an argument the active plan is meant", async () => {
  await given(HELD, RUNNING);
  looking(URI);
  await vscode.commands.executeCommand("agent-server.discard");
  assert.deepEqual(server.asked, [["agentServer.discard", { uri: URI }]]);
});

test("without an active plan the only one for which it makes sense is meant", async () => {
  await given(HELD, RUNNING);
  await vscode.commands.executeCommand("agent-server.stop");
  assert.deepEqual(server.asked, [["agentServer.cancel", { uri: OTHER }]]);
});

test("another plan than the active one is never meant without being chosen", async () => {
  await given(HELD, RUNNING);
  looking(OTHER);
  await vscode.commands.executeCommand("agent-server.discard");
  assert.deepEqual(user.picks, [["Wiki"]]);
  assert.deepEqual(server.asked, []);
  user.chooses = "Wiki";
  await vscode.commands.executeCommand("agent-server.discard");
  assert.deepEqual(server.asked, [["agentServer.discard", { uri: URI }]]);
});

test("where nothing can be done, that is said", async () => {
  await given(HELD);
  await vscode.commands.executeCommand("agent-server.undo");
  await vscode.commands.executeCommand("agent-server.stopTask");
  assert.deepEqual(told(), ["No landing can be undone.", "No agent works that can be stopped."]);
  assert.deepEqual(server.asked, []);
});

test("a plan that the server does not know is not taken for another one", async () => {
  await given(HELD);
  looking(URI);
  await vscode.commands.executeCommand("agent-server.discard", { uri: "file:///elsewhere.plan.md" });
  assert.deepEqual(told(), ["This plan is not known to the server, or not yet."]);
  assert.deepEqual(server.asked, []);
});

test("what had already ended is said not to have been stopped", async () => {
  await given(RUNNING);
  server.answerCommand(CancelCommand, () => ({ cancelled: false }));
  await vscode.commands.executeCommand("agent-server.stop");
  assert.deepEqual(told(), ["There was nothing left to stop. A landing always goes to its end."]);
});

test("the task at the cursor is meant, where it can be", async () => {
  await given(HELD);
  looking(URI, 8);
  user.enters = "";
  await vscode.commands.executeCommand("agent-server.retryTask");
  assert.deepEqual(server.asked, [["agentServer.retry", { uri: URI, task: "hub" }]]);
  looking(URI, 13);
  await vscode.commands.executeCommand("agent-server.retryTask");
  assert.deepEqual(user.picks, [["hub"]]);
});

test("a retry takes a comment along, and begins with the last one", async () => {
  await given(HELD);
  user.enters = " Keep them sorted. ";
  await vscode.commands.executeCommand("agent-server.retryTask", { uri: URI, task: "hub" });
  assert.deepEqual(user.inputs, ["Sort them."]);
  assert.deepEqual(server.asked, [["agentServer.retry", { uri: URI, task: "hub", comment: "Keep them sorted." }]]);
});

test("what was typed and not sent is there again, for that task of that run alone", async () => {
  await given(HELD);
  user.types = "Only the two";
  void vscode.commands.executeCommand("agent-server.retryTask", { uri: URI, task: "hub" });
  await new Promise((resolve) => setImmediate(resolve));
  user.types = undefined; // the window is reloaded
  await vscode.commands.executeCommand("agent-server.retryTask", { uri: URI, task: "hub" });
  user.enters = "Only the two headings.";
  await vscode.commands.executeCommand("agent-server.retryTask", { uri: URI, task: "hub" });
  user.enters = undefined;
  await vscode.commands.executeCommand("agent-server.retryTask", { uri: URI, task: "hub" });
  await vscode.commands.executeCommand("agent-server.retryTask", { uri: URI, task: "entry" });
  assert.deepEqual(user.inputs.slice(0, 4), ["Sort them.", "Only the two", "Only the two", "Sort them."]);
});

test("Escape gives a retry up", async () => {
  await given(HELD);
  await vscode.commands.executeCommand("agent-server.retryTask", { uri: URI, task: "hub" });
  assert.deepEqual(server.asked, []);
});

test("a lens that retries one task asks for a comment, one that retries several does not", async () => {
  await given(HELD);
  user.enters = "Again.";
  const layer = layers.commands.get(RetryCommand.command);
  let sent = 0;
  const send = async () => void sent++;
  await layer?.({ uri: URI, tasks: ["hub"] }, send);
  assert.deepEqual(server.asked, [["agentServer.retry", { uri: URI, task: "hub", comment: "Again." }]]);
  assert.equal(sent, 0);
  await layer?.({ uri: URI, tasks: ["hub", "entry"] }, send);
  assert.equal(sent, 1);
});
