import assert from "node:assert/strict";
import { test } from "node:test";
import { inEditor, ownPlaces, SERVER_SETTINGS, serverSettings } from "../../src/server/settings";
import { ofTheServer, settings } from "../manifest";

test("every setting of the server's is one of VS Code's, and no other one is offered for it", () => {
  const offered = [...settings.keys()].filter(ofTheServer);
  assert.deepEqual(offered.sort(), SERVER_SETTINGS.map((name) => `agentServer.${inEditor(name)}`).sort());
});

test("what the user has left alone sets nothing", () => {
  for (const [name, { default: value }] of settings) {
    if (ofTheServer(name)) assert.ok(["null", "[]", "{}"].includes(JSON.stringify(value)), name);
  }
});

test("a workspace can set nothing that chooses what runs, nor quieten a rule that guards", () => {
  const open = [...settings].filter(([name, { scope }]) => ofTheServer(name) && scope !== "machine");
  assert.deepEqual(open.map(([name]) => name).sort(), [
    "agentServer.agents",
    "agentServer.briefTokens",
    "agentServer.minutes",
    "agentServer.plans",
    "agentServer.protected",
  ]);
  for (const name of ["path", "arguments", "package"]) {
    assert.equal(settings.get(`agentServer.server.${name}`)?.scope, "machine");
  }
});

test("settings are spelled as the server does, and taken back by null", () => {
  const given: Record<string, unknown> = { taskMinutes: 5, agents: 2, "server.path": "/x", gutter: true };
  const sent = serverSettings((name) => given[name]);
  assert.equal(sent["task_minutes"], 5);
  assert.equal(sent["agents"], 2);
  assert.equal(sent["verify"], null);
  assert.deepEqual(Object.keys(sent).sort(), [...SERVER_SETTINGS].sort());
});

test("the places that a user adds count anywhere below a folder, and whatever is no glob does not", () => {
  assert.deepEqual(ownPlaces({ "spec-kit": ["features/*/tasks.md", "**/todo.md"], kiro: ["/plans/*.md"] }), [
    "**/features/*/tasks.md",
    "**/todo.md",
    "**/plans/*.md",
  ]);
  for (const wrong of [undefined, null, "spec-kit", { kiro: 3 }, { kiro: [null, {}] }]) {
    assert.deepEqual(ownPlaces(wrong), []);
  }
});
