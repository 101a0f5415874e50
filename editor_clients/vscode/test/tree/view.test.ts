import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type * as vscode from "vscode";
import { type PlanReport, RunStateNotification } from "../../src/protocol";
import type { Element } from "../../src/tree/elements";
import { tooltipOf } from "../../src/tree/tooltip";
import { messageOf, register } from "../../src/tree/view";
import { appWith } from "../reports";
import { plan, planned, run, step, task, URI } from "../samples";
import type { ScriptedServer } from "../server";
import {
  commands,
  type MarkdownString,
  type ThemeIcon,
  type TreeItem,
  type TreeView,
  Uri,
  user,
  window,
} from "../vscode";

let registration: vscode.Disposable;
let server: ScriptedServer;

async function opened(...plans: PlanReport[]): Promise<TreeView> {
  const given = await appWith(...plans);
  server = given.server;
  registration = register(given.app);
  const [view] = user.trees;
  assert.ok(view);
  return view;
}

const working = (activity: string) => run("running", [task("hub", "running", { activity })]);
const element = (given: unknown) => given as Element;

beforeEach(() => {
  user.forget();
  window.activeTextEditor = undefined;
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => {
  registration.dispose();
  mock.timers.reset();
});

test("a view that is seen draws anew what has changed, a few times a second", async () => {
  const view = await opened(plan([planned("hub")], { run: working("read a.py") }));
  view.show(true);
  view.drawnAnew.length = 0;
  for (const name of ["a", "b", "c"]) server.say(RunStateNotification, working(`edit ${name}.py`));
  assert.deepEqual(view.drawnAnew, []);
  mock.timers.tick(250);
  assert.deepEqual(
    view.drawnAnew.map((all) => (all as Element[]).map((each) => each.id)),
    [[`${URI}#task/hub`]],
  );
  mock.timers.tick(1000);
  assert.equal(view.drawnAnew.length, 1);
});

test("a view that nobody sees draws nothing until it is seen, and still has its badge", async () => {
  const view = await opened(plan([planned("hub")]));
  server.say(RunStateNotification, run("held", [task("hub", "held")], { steps: [step("discard")] }));
  mock.timers.tick(250);
  assert.deepEqual(view.drawnAnew, []);
  assert.deepEqual(view.badge, { value: 1, tooltip: "1 run waiting for your decision" });
  view.show(true);
  assert.deepEqual(view.drawnAnew, [undefined]);
});

test("a plan whose run begins is unfolded, once, and takes no focus", async () => {
  const view = await opened(plan([planned("hub")]), plan([], { uri: `${URI}2` }));
  view.show(true);
  assert.deepEqual(view.revealed, []);
  for (const name of ["a", "b"]) {
    server.say(RunStateNotification, working(`edit ${name}.py`));
    mock.timers.tick(250);
  }
  assert.deepEqual(
    view.revealed.map((each) => element(each).id),
    [URI],
  );
});

test("rows open their plan or their diff, and carry what commands need", async () => {
  const files = [{ path: "pages/hub.py", kind: "changed" as const }];
  const view = await opened(plan([planned("hub")], { run: run("held", [task("hub", "held", { files })]) }));
  view.show(true);
  const { provider } = view;
  const [top] = provider.getChildren();
  const [wave] = provider.getChildren(top);
  const [hub] = provider.getChildren(wave);
  const [file] = provider.getChildren(hub);
  type Drawn = TreeItem & { id: string; command?: vscode.Command; iconPath: ThemeIcon; resourceUri?: Uri };
  const [drawnHub, drawnFile, drawnWave] = [hub, file, wave].map((each) => provider.getTreeItem(each) as Drawn);
  assert.equal(drawnHub?.command?.command, "agent-server.openPlan");
  assert.deepEqual(drawnHub?.command?.arguments, [hub]);
  assert.equal(element(hub).task, "hub");
  assert.equal(drawnFile?.command?.command, "agent-server.openChange");
  assert.equal(element(file).path, "pages/hub.py");
  assert.equal(drawnFile?.resourceUri?.toString(), "agent-server-change:/pages/hub.py?changed");
  assert.equal(drawnFile?.iconPath.id, "file");
  assert.equal(drawnWave?.command, undefined);
  assert.equal(provider.getParent(file), hub);
});

test("showing plans reveals the one that the user looks at", async () => {
  const view = await opened(plan([planned("hub")]), plan([], { uri: `${URI}2` }));
  view.show(true);
  window.activeTextEditor = { document: { uri: Uri.parse(URI) } };
  await commands.executeCommand("agent-server.showPlans");
  assert.deepEqual(
    view.revealed.map((each) => element(each).id),
    [URI],
  );
});

test("until plans are known, a line says what goes on", () => {
  assert.equal(messageOf({ kind: "starting" }, false, false), "Starting the server…");
  assert.equal(messageOf({ kind: "running", version: "" }, false, false), "Reading the plans…");
  assert.equal(messageOf({ kind: "running", version: "" }, true, true), "Looking for plans…");
  assert.equal(messageOf({ kind: "running", version: "" }, true, false), "");
  assert.equal(messageOf({ kind: "stopped" }, false, false), "");
});

test("a plan's words make no Markdown of a tooltip", () => {
  const tooltip = tooltipOf([{ heading: "**[run](command:x)**" }, { text: "<b> https://a.b" }, { code: "``` x" }]);
  assert.equal(
    (tooltip as unknown as MarkdownString).value,
    "**\\*\\*\\[run\\]\\(command\\:x\\)\\*\\***\n\n\\<b\\> https\\:\\/\\/a\\.b\n\n\n````text\n``` x\n````\n",
  );
});
