import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import type { App } from "../../src/app";
import { Plans } from "../../src/plans/plans";
import {
  HazardsRequest,
  type PlanReport,
  PlansChangedNotification,
  PlansRequest,
  RunStateNotification,
  ScheduleRequest,
  SubscribeRequest,
  VERSION,
} from "../../src/protocol";
import { register } from "../../src/run_panel/run_panel";
import { Layers } from "../../src/server/layers";
import { READY } from "../../src/webviews/messages";
import type { Shown } from "../../src/webviews/run/messages";
import { hazards, planned, run, schedule, scheduled, task } from "../pictures/examples";
import { ScriptedServer } from "../server";
import { commands, TabInputText, Uri, user, WebviewPanel, window } from "../vscode";

const URI = "file:///home/ada/wiki.plan.md";

function report(more: Partial<PlanReport> = {}): PlanReport {
  const place = { uri: URI, folder: "file:///home/ada", path: "wiki.plan.md", title: "Clay wiki" };
  return { ...place, waves: 1, speedup: 1, errors: 0, warnings: 0, tasks: [planned("data")], ...more };
}

let ending: (() => void) | undefined;

afterEach(() => {
  ending?.();
  user.forget();
});

/** The feature with a server that knows one plan. */
async function registered(plans = [report()]): Promise<ScriptedServer> {
  const server = new ScriptedServer();
  server.answer(SubscribeRequest, () => ({ version: VERSION, runs: [] }));
  server.answer(PlansRequest, () => ({ plans: [...plans] }));
  server.answer(ScheduleRequest, () => schedule([scheduled("data")]));
  server.answer(HazardsRequest, () => hazards());
  const store = new Plans(server);
  const context = { extensionUri: Uri.file("/extension") };
  const app = { context, server, plans: store, layers: new Layers() } as unknown as App;
  const feature = register(app);
  ending = () => {
    feature.dispose();
    store.dispose();
  };
  server.enter({ kind: "running", version: "0.1.0" });
  await until(() => store.areKnown);
  return server;
}

/** Lets what is under way go on until something holds. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, "it never came to that");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function opened(): Promise<WebviewPanel> {
  await commands.executeCommand("agent-server.openRun", { uri: URI });
  const panel = user.panels.at(-1);
  assert.ok(panel);
  return panel;
}

function last(panel: WebviewPanel): Shown | undefined {
  return panel.sent.at(-1) as Shown | undefined;
}

test("a panel shows the plan, then its pictures, then its run as it goes", async () => {
  const server = await registered();
  const panel = await opened();
  assert.equal(panel.title, "Clay wiki: run");
  await until(() => last(panel)?.schedule !== undefined && last(panel)?.hazards !== undefined);
  const running = task("data", "running", { seconds: 5 });
  server.say(RunStateNotification, run([running], { seconds: 12 }));
  await until(() => last(panel)?.run !== undefined);
  assert.deepEqual(last(panel)?.begun, { data: 7 });
});

test("a page that is shown later knows how old what it shows is", async () => {
  const server = await registered();
  mock.timers.enable({ apis: ["Date"] });
  try {
    server.say(RunStateNotification, run([task("data", "running", { seconds: 5 })], { seconds: 12 }));
    mock.timers.tick(7000);
    assert.equal(last(await opened())?.age, 7);
  } finally {
    mock.timers.reset();
  }
});

test("there is one panel for each plan", async () => {
  await registered();
  const panel = await opened();
  await opened();
  assert.equal(user.panels.length, 1);
  assert.equal(panel.reveals, 1);
  panel.dispose();
  await opened();
  assert.equal(user.panels.length, 2);
});

test("a page that is made anew is sent all of it again", async () => {
  await registered();
  const panel = await opened();
  await until(() => last(panel)?.schedule !== undefined);
  const before = last(panel);
  panel.sent.length = 0;
  panel.say(READY);
  assert.deepEqual(last(panel), before);
});

test("the pictures are asked for again when the plan has changed, and only then", async () => {
  const plans = [report()];
  const server = await registered(plans);
  const panel = await opened();
  await until(() => last(panel)?.schedule !== undefined);
  const times = () => server.asked.filter(([method]) => method === ScheduleRequest.method).length;
  server.say(RunStateNotification, run([task("data", "running")]));
  await until(() => last(panel)?.run !== undefined);
  assert.equal(times(), 1);
  plans[0] = report({ tasks: [planned("data"), planned("hub")] });
  server.say(PlansChangedNotification, {});
  await until(() => last(panel)?.tasks.length === 2);
  await until(() => times() === 2);
});

test("another plan's run is no news", async () => {
  const server = await registered();
  const panel = await opened();
  await until(() => last(panel)?.schedule !== undefined);
  const sent = panel.sent.length;
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    server.say(RunStateNotification, run([task("data", "running")], { plan: "file:///home/ada/other.plan.md" }));
    mock.timers.tick(1000);
    assert.equal(panel.sent.length, sent);
    server.say(RunStateNotification, run([task("data", "running")]));
    mock.timers.tick(1000);
    assert.equal(panel.sent.length, sent + 1);
  } finally {
    mock.timers.reset();
  }
});

test("what the page asks for is done by the extension's commands", async () => {
  await registered();
  const panel = await opened();
  user.commands.length = 0;
  panel.say({ action: "launch" });
  await until(() => user.commands.length === 1);
  panel.say({ action: "showTranscript", task: "data" });
  await until(() => user.commands.length === 2);
  assert.deepEqual(user.commands, [
    ["agent-server.launch", { uri: URI }],
    ["agent-server.showTranscript", { uri: URI, task: "data" }],
  ]);
});

test("the plan is shown where it is open, or else beside the panel", async () => {
  await registered();
  const panel = await opened();
  panel.say({ action: "openPlan", task: "data" });
  await until(() => user.commands.length === 2);
  const tab = { label: "wiki.plan.md", input: new TabInputText(Uri.parse(URI)) };
  window.tabGroups.all.push({ viewColumn: 3, tabs: [tab], activeTab: tab });
  panel.say({ action: "openPlan" });
  await until(() => user.commands.length === 3);
  window.tabGroups.all.length = 1;
  assert.deepEqual(user.shown, [URI, URI]);
  assert.deepEqual(user.columns, [1, 3]);
  assert.deepEqual(user.commands.at(-1), ["agent-server.openPlan", { uri: URI }]);
});

test("other commands, and tasks that are not there, are not", async () => {
  await registered();
  const panel = await opened();
  user.commands.length = 0;
  for (const said of [{ action: "installServer" }, { action: "openPlan", task: "gone" }, { action: "constructor" }]) {
    panel.say(said);
  }
  assert.deepEqual(user.commands, []);
});

test("after the window is loaded anew, a panel goes on with its plan", async () => {
  await registered();
  const restored = new WebviewPanel("agentServer.run", "");
  await user.serializers.get("agentServer.run")?.deserializeWebviewPanel(restored, { plan: URI, tab: "conflicts" });
  assert.equal(restored.title, "Clay wiki: run");
  assert.match(restored.webview.html, /dist\/webviews\/run\/main\.js/);
  await until(() => last(restored)?.schedule !== undefined);
  await commands.executeCommand("agent-server.openRun", { uri: URI });
  assert.deepEqual([user.panels.length, restored.reveals], [0, 1]);
});

test("a panel of nobody knows what is closed", async () => {
  await registered();
  const restored = new WebviewPanel("agentServer.run", "");
  let isClosed = false;
  restored.onDidDispose(() => {
    isClosed = true;
  });
  await user.serializers.get("agentServer.run")?.deserializeWebviewPanel(restored, undefined);
  assert.ok(isClosed);
});

test("a server that has gone is told of, and what was seen stays", async () => {
  const server = await registered();
  const panel = await opened();
  await until(() => last(panel)?.schedule !== undefined);
  server.enter({ kind: "stopped" });
  await until(() => last(panel)?.problem === "The server does not run.");
  assert.ok(last(panel)?.schedule);
});
