import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Launches } from "../../src/launching/launches";
import { tellEnds } from "../../src/notifications/ends";
import { RepairCommand, RunStateNotification } from "../../src/protocol";
import { appWith, planReport, runReport, URI } from "../reports";
import { user } from "../vscode";

const INFO = 3;
const ERROR = 1;
const HELD = runReport({
  state: "held",
  message: "It does not build.",
  steps: [{ way: "repair", title: "Repair", command: "agentServer.repair" }],
});

afterEach(() => user.forget());

/** Lets promises that are fulfilled go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function held() {
  const { app, server } = await appWith(planReport({ run: HELD }));
  const launches = new Launches();
  tellEnds(app, launches);
  return { app, server, launches, say: (type: 1 | 2 | 3, message: string) => app.layers.message?.({ type, message }) };
}

test("the server's message of an end is shown once, with buttons", async () => {
  const { say } = await held();
  assert.equal(say(ERROR, "It does not build."), true);
  assert.deepEqual(
    user.messages.map(({ kind, text, items }) => [kind, text, items]),
    [["warning", "Wave 1 of Clay wiki needs you: It does not build.", ["Repair", "Show Run"]]],
  );
});

test("every other message is left to be shown as it is", async () => {
  const { say } = await held();
  assert.equal(say(INFO, "Discarded: nothing of wave 1 lands any more."), false);
  assert.equal(say(2, "It does not build."), false);
  assert.deepEqual(user.messages, []);
});

test("what the user does not want to be told is told by nobody", async () => {
  const { say } = await held();
  user.settings.set("agentServer.notifications", "none");
  assert.equal(say(ERROR, "It does not build."), true);
  assert.deepEqual(user.messages, []);
});

test("a button takes its step, and the run that goes on is one of this window's", async () => {
  const { say, server, launches } = await held();
  const begun: string[] = [];
  launches.onDidBegin((run) => begun.push(run));
  server.answerCommand(RepairCommand, () => ({ run: HELD.run }));
  say(ERROR, "It does not build.");
  user.messages[0]?.choose("Repair");
  await settled();
  assert.deepEqual(server.asked.at(-1), ["agentServer.repair", { uri: URI }]);
  assert.deepEqual(begun, [HELD.run]);
});

test("a button that comes too late does nothing, and says so", async () => {
  const { say, server } = await held();
  say(ERROR, "It does not build.");
  server.say(RunStateNotification, { ...HELD, state: "landing" });
  user.messages[0]?.choose("Repair");
  await settled();
  assert.match(user.messages[1]?.text ?? "", /^Nothing was done: the run has gone on since/);
  assert.notEqual(server.asked.at(-1)?.[0], "agentServer.repair");
});

test("the run can be looked at", async () => {
  const { say } = await held();
  say(ERROR, "It does not build.");
  user.messages[0]?.choose("Show Run");
  await settled();
  assert.deepEqual(user.commands, [["agent-server.openRun", { uri: URI }]]);
});
