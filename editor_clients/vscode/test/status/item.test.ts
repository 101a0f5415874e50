import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Launches } from "../../src/launching/launches";
import { PlansRequest, RunStateNotification } from "../../src/protocol";
import { RunClock, StatusItem } from "../../src/status/item";
import { appWith, planReport, runReport, URI } from "../reports";
import { MarkdownString, Uri, user, window } from "../vscode";

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  window.activeTextEditor = { document: { uri: Uri.parse(URI) } };
});
afterEach(() => {
  mock.timers.reset();
  user.forget();
  window.activeTextEditor = undefined;
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A status item whose clock the test turns. */
async function showing(run?: ReturnType<typeof runReport>) {
  const { app, server } = await appWith(planReport(run ? { run } : {}));
  let now = 0;
  const launches = new Launches();
  const item = new StatusItem(app, launches, new RunClock(() => now));
  const [shown] = user.statusItems;
  return {
    ...{ item, launches, server, shown },
    pass: (seconds: number) => {
      now += seconds * 1000;
      mock.timers.tick(seconds * 1000);
    },
  };
}

test("seconds go on between reports while a run goes on", async () => {
  const { pass, server, shown } = await showing(runReport({ seconds: 12 }));
  assert.equal(shown?.text, "$(sync~spin) Wave 1 · 0/1 · 12s");
  pass(3);
  assert.equal(shown?.text, "$(sync~spin) Wave 1 · 0/1 · 15s");
  server.say(RunStateNotification, runReport({ seconds: 20 }));
  assert.equal(shown?.text, "$(sync~spin) Wave 1 · 0/1 · 20s");
});

test("nothing ticks while nothing runs", async (context) => {
  const timeouts = context.mock.method(globalThis, "setTimeout");
  await showing();
  assert.equal(timeouts.mock.callCount(), 0);
});

test("what needs the user has a colour, which goes with it", async () => {
  const { launches, shown } = await showing();
  launches.ask({ uri: URI, part: "Wave 1" });
  assert.equal(shown?.text, "$(question) Launch wave 1?");
  assert.equal(shown?.backgroundColor?.id, "statusBarItem.warningBackground");
  launches.answered(URI);
  assert.equal(shown?.text, "$(layers) 2 waves · 2 agents");
  assert.equal(shown?.backgroundColor, undefined);
});

test("a server that is started anew begins from nothing", async () => {
  const { server, shown } = await showing(runReport());
  server.say(RunStateNotification, runReport({ state: "failed" }));
  assert.equal(shown?.backgroundColor?.id, "statusBarItem.errorBackground");
  server.enter({ kind: "starting" });
  assert.equal(shown?.text, "$(sync~spin) Agent Server");
  assert.equal(shown?.backgroundColor, undefined);
  const steps = [{ way: "retry", title: "Retry", command: "agentServer.retry" }] as const;
  server.answer(PlansRequest, () => ({
    plans: [planReport({ run: runReport({ state: "failed", steps: [...steps] }) })],
  }));
  server.enter({ kind: "running", version: "0.1.0" });
  await settled();
  assert.equal(shown?.text, "$(error) Wave 1 · failed");
  assert.equal(shown?.backgroundColor, undefined);
});

test("the plan beside a panel is still the one that is meant", async () => {
  const { server, shown } = await showing(runReport());
  server.say(RunStateNotification, runReport({ state: "cancelled" }));
  window.visibleTextEditors = [window.activeTextEditor];
  window.activeTextEditor = undefined;
  server.say(RunStateNotification, runReport({ state: "landed" }));
  window.visibleTextEditors = [];
  assert.deepEqual([shown?.isShown, shown?.text], [true, "$(check) Wave 1 · landed"]);
});

test("a click on its way finds the command that it was made for", async () => {
  const { server, shown, pass } = await showing(runReport());
  const { command, text } = shown ?? {};
  pass(60);
  assert.notEqual(shown?.text, text);
  assert.equal(shown?.command, command);
  server.enter({ kind: "stopped" });
  assert.notEqual(shown?.command, command);
});

test("its tooltip runs no commands but ours", async () => {
  const { shown } = await showing();
  assert.ok(shown?.tooltip instanceof MarkdownString && typeof shown.tooltip.isTrusted === "object");
  assert.ok(shown.tooltip.isTrusted.enabledCommands.every((command) => command.startsWith("agent-server.")));
});

test("it is gone once it is disposed of", async () => {
  const { item, shown } = await showing();
  item.dispose();
  assert.equal(shown?.isShown, false);
});

test("a server that does not answer is told of over all else, and taken back", async () => {
  const { server, shown, pass } = await showing(runReport({ seconds: 12 }));
  const before = server.expected;
  pass(1);
  assert.equal(server.expected, before + 1, "a run goes on, and the server may hang all the same");
  server.fallSilent(true);
  assert.equal(shown?.text, "$(warning) Agent Server does not answer");
  assert.deepEqual(shown?.command, { title: "Agent Server", command: "agent-server.restartServer" });
  server.fallSilent(false);
  assert.equal(shown?.text, "$(sync~spin) Wave 1 · 0/1 · 13s");
});
