import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { register } from "../../src/launching/launching";
import { ApprovalRequest } from "../../src/protocol";
import { Refusal } from "../../src/server/server";
import { appWith, planReport, URI } from "../reports";
import { commands, Uri, user, workspace } from "../vscode";

afterEach(() => {
  workspace.isTrusted = true;
  workspace.textDocuments = [];
  user.forget();
});

async function launching(plan = planReport()) {
  const { app, server } = await appWith(plan);
  server.answer(ApprovalRequest, () => {
    throw new Refusal("The plan has errors.");
  });
  const feature = register(app);
  const lens = (more = {}) => app.layers.commands.get("agentServer.launch")?.({ uri: URI, ...more }, async () => null);
  return { app, feature, lens, asked: () => server.asked.filter(([method]) => method === ApprovalRequest.method) };
}

test("a lens asks about its wave, or about all open tasks", async () => {
  const { lens, asked } = await launching();
  await lens({ wave: 2 });
  await lens({ stream: true });
  assert.deepEqual(asked(), [
    [ApprovalRequest.method, { plan: URI, wave: 2 }],
    [ApprovalRequest.method, { plan: URI, wave: 1, stream: true }],
  ]);
});

test("the palette shows the plan, and asks about it", async () => {
  const { asked } = await launching();
  await commands.executeCommand("agent-server.launchAll", { uri: URI });
  assert.deepEqual(user.shown, [URI]);
  assert.deepEqual(asked(), [[ApprovalRequest.method, { plan: URI, wave: 1, stream: true }]]);
});

test("the plan is saved before it is asked about, and no other file is", async () => {
  const { lens, asked } = await launching();
  const saved: [string, number][] = [];
  const opened = (uri: string, isDirty: boolean) => ({
    uri: Uri.parse(uri),
    isDirty,
    isUntitled: false,
    save: async () => saved.push([uri, asked().length]),
  });
  workspace.textDocuments = [opened(URI, true), opened("file:///other.plan.md", true)];
  await lens();
  assert.deepEqual(saved, [[URI, 0]]);
  workspace.textDocuments = [opened(URI, false)];
  await lens();
  assert.equal(saved.length, 1);
});

test("a plan that is a folder is saved whole", async () => {
  const part = URI.replace("wiki.plan.md", "part.md");
  const { lens } = await launching(planReport({ tasks: planReport().tasks.map((task) => ({ ...task, uri: part })) }));
  const saved: string[] = [];
  workspace.textDocuments = [URI, part].map((uri) => ({
    ...{ uri: Uri.parse(uri), isDirty: true, isUntitled: false },
    save: async () => saved.push(uri),
  }));
  await lens();
  assert.deepEqual(saved, [URI, part]);
});

test("in a workspace without trust nothing is asked, and the user is led to where they can give it", async () => {
  const { lens, asked } = await launching();
  workspace.isTrusted = false;
  const pressed = lens();
  user.messages[0]?.choose("Manage Workspace Trust");
  await pressed;
  assert.deepEqual(asked(), []);
  assert.deepEqual(user.commands, [["workbench.trust.manage"]]);
});

test("a feature that is disposed of leaves nothing behind", async () => {
  const { app, feature } = await launching();
  feature.dispose();
  const { commands: layers, message, progress, question } = app.layers;
  assert.deepEqual([layers.size, message, progress, question], [0, undefined, undefined, undefined]);
});
