import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type * as vscode from "vscode";
import type { App } from "../../src/app";
import { Plans } from "../../src/plans/plans";
import {
  ChangeSetRequest,
  type ChangeSetResult,
  DropChangesCommand,
  type PlanReport,
  PlansRequest,
  RetryCommand,
  RunStateNotification,
  SubscribeRequest,
  VERSION,
} from "../../src/protocol";
import { register } from "../../src/review/review";
import { Layers } from "../../src/server/layers";
import { Refusal } from "../../src/server/server";
import { Memento } from "../memento";
import { ScriptedServer } from "../server";
import {
  commands,
  comments,
  Position,
  providers,
  TabInputText,
  TabInputTextDiff,
  Uri,
  user,
  window,
  workspace,
} from "../vscode";
import { aFile, aPlan, aRun, aTask, FOLDER, PLAN, RUN } from "./reports";

const CONTENT = { method: "workspace/textDocumentContent" };

let server: ScriptedServer;
let layers: Layers;
let workspaceState: Memento;
let open: () => vscode.Disposable;
let reload: () => void;
let end: () => void;
let plan: PlanReport;
let changes: ChangeSetResult;

beforeEach(async () => {
  user.forget();
  window.tabGroups.activeTabGroup.tabs = [];
  window.tabGroups.activeTabGroup.activeTab = undefined;
  workspace.textDocuments = [];
  server = new ScriptedServer();
  layers = new Layers();
  plan = aPlan({ run: aRun({ tasks: [aTask("wood", { canRetry: true }), aTask("wool", { state: "running" })] }) });
  changes = { run: RUN, files: [aFile(), aFile({ path: "data/index.py", kind: "created" })] };
  server.answer(SubscribeRequest, () => ({ version: VERSION, runs: [] }));
  server.answer(PlansRequest, () => ({ plans: [plan] }));
  server.answer(ChangeSetRequest, ({ task }) => (task === "wool" ? { run: RUN, files: [] } : changes));
  const plans = new Plans(server);
  const kept = new Map<string, unknown>();
  const globalState = {
    get: (key: string) => kept.get(key),
    update: async (key: string, it: unknown) => kept.set(key, it),
  };
  workspaceState = new Memento();
  const app = { server, plans, layers, context: { globalState, workspaceState } } as unknown as App;
  open = () => register(app);
  let feature = open();
  reload = () => {
    feature.dispose();
    comments.threads.length = 0;
    feature = open();
    server.say(RunStateNotification, plan.run ?? aRun());
  };
  end = () => {
    feature.dispose();
    plans.dispose();
  };
  server.enter({ kind: "running", version: "0.1.0" });
  await until(() => plans.areKnown);
});

afterEach(() => end());

/** Lets what was begun go on until the condition holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    assert.ok(turns < 1000, "it never came to that");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What VS Code was asked to open, last. */
function opened(command: string): unknown[] {
  const found = user.commands.filter(([name]) => name === command).at(-1);
  assert.ok(found, `${command} was not called`);
  return found.slice(1);
}

function asked(name: string): unknown[] {
  return server.asked.filter(([each]) => each === name).map(([, params]) => params);
}

test("a review shows each file beside what its agent began with", async () => {
  await commands.executeCommand("agent-server.review", { uri: PLAN });
  const [title, rows] = opened("vscode.changes") as [string, (Uri | undefined)[][]];
  assert.equal(title, "Review: wiki.plan.md");
  const [changed, created] = rows;
  assert.equal(changed?.[0]?.toString(), `${FOLDER}/data/wood.py`);
  assert.deepEqual(
    changed?.slice(1).map((side) => [side?.path, side?.query]),
    [
      ["/wood (proposed)/data/wood.py", aFile().base],
      ["/wood (proposed)/data/wood.py", aFile().proposed],
    ],
  );
  assert.equal(created?.[1], undefined);
});

test("the lens Show changes opens the review of its task, not a list", async () => {
  let sent = false;
  await layers.commands.get("agentServer.showChanges")?.({ uri: PLAN, task: "wood" }, async () => {
    sent = true;
  });
  assert.equal(opened("vscode.changes")[0], "Review: wood (wiki.plan.md)");
  assert.ok(!sent);
});

test("of a task that works, the user is told when there is something to review", async () => {
  await commands.executeCommand("agent-server.reviewTask", { uri: PLAN, task: "wool" });
  assert.match(user.messages[0]?.text ?? "", /wool is still at work/);
});

test("what was not declared is offered, in a review of its own", async () => {
  changes = { ...changes, undeclared: [aFile({ path: "README.md" })] };
  void commands.executeCommand("agent-server.review", { uri: PLAN });
  await until(() => user.messages.length === 1);
  assert.match(user.messages[0]?.text ?? "", /never lands/);
  user.messages[0]?.choose("Show Them");
  await until(() => user.commands.filter(([name]) => name === "vscode.changes").length === 2);
  assert.equal(opened("vscode.changes")[0], "Not declared, never landed: wiki.plan.md");
});

test("one file opens in a diff", async () => {
  await commands.executeCommand("agent-server.openChange", { uri: PLAN, task: "wood", path: "data/wood.py" });
  const [before, after, title] = opened("vscode.diff") as [Uri, Uri, string];
  assert.deepEqual([before.query, after.query], [aFile().base, aFile().proposed]);
  assert.equal(title, "wood.py — wood (proposed)");
});

const HUNK = { document: aFile().proposed, hunk: "one" };

test("a hunk is left out after a yes, and without asking once the user said so", async () => {
  server.answerCommand(DropChangesCommand, () => changes);
  const hunk = { uri: PLAN, task: "wood", path: "data/wood.py", hunks: ["one"] };
  for (const [answer, times] of [
    [undefined, 0],
    ["Leave It Out and Don't Ask Again", 1],
  ] as const) {
    const leaving = commands.executeCommand("agent-server.dropHunk", HUNK);
    await until(() => user.messages.length === 1);
    assert.equal(user.messages[0]?.text, "Leave the change in lines 1–6 of wood.py out of what the task “wood” lands?");
    assert.ok(user.messages[0]?.options.modal);
    user.messages.pop()?.choose(answer);
    await leaving;
    assert.deepEqual(asked("agentServer.dropChanges"), Array(times).fill(hunk));
  }
  await commands.executeCommand("agent-server.dropHunk", HUNK);
  assert.deepEqual(asked("agentServer.dropChanges"), [hunk, hunk]);
  assert.equal(user.messages.length, 0);
});

test("a file that is left out is asked about each time, and is no longer shown", async () => {
  server.answerCommand(DropChangesCommand, () => {
    changes = { ...changes, files: changes.files.slice(1) };
    return changes;
  });
  const proposed = Uri.parse(aFile().proposed);
  window.tabGroups.open({ label: "diff", input: new TabInputTextDiff(Uri.parse(aFile().base ?? ""), proposed) });
  window.tabGroups.open({ label: "Review: wood (wiki.plan.md) (2 files)" });
  const leaving = commands.executeCommand("agent-server.dropFile", { uri: PLAN, task: "wood", path: "data/wood.py" });
  await until(() => user.messages.length === 1);
  user.messages[0]?.choose("Leave It Out");
  await leaving;
  assert.deepEqual(asked("agentServer.dropChanges"), [{ uri: PLAN, task: "wood", path: "data/wood.py" }]);
  assert.deepEqual(window.tabGroups.activeTabGroup.tabs, []); // both are closed, and the review was opened anew:
  const [title, rows] = opened("vscode.changes") as [string, unknown[]];
  assert.deepEqual([title, rows.length], ["Review: wood (wiki.plan.md)", 1]);
});

test("a review that is not in front is opened anew when it comes there", async () => {
  const review = { label: "Review: wiki.plan.md (1 file)" };
  window.tabGroups.open(review);
  window.tabGroups.open({ label: "a.py", input: new TabInputText(Uri.parse("file:///a.py")) });
  server.say(RunStateNotification, aRun({ state: "running" }));
  server.say(RunStateNotification, aRun({ state: "held" }));
  assert.ok(!user.commands.some(([name]) => name === "vscode.changes"));
  window.tabGroups.activeTabGroup.activeTab = review;
  await window.tabGroups.close([]);
  await until(() => user.commands.some(([name]) => name === "vscode.changes"));
});

test("lenses and hovers stand at the hunks of what can still be left out", async () => {
  const document = { uri: Uri.parse(aFile().proposed) };
  const lenses = async () => (await providers.lenses?.provideCodeLenses(document))?.length;
  const hover = async (line: number) => providers.hovers?.provideHover(document, new Position(line, 0));
  assert.equal(await lenses(), 1);
  assert.match((await hover(5))?.contents[0]?.value ?? "", /Leave out the change in lines 1–6/);
  assert.equal(await hover(6), undefined);
  server.say(RunStateNotification, aRun({ state: "landed", tasks: [aTask("wood", { state: "landed" })] }));
  assert.equal(await lenses(), 0);
  assert.equal(await hover(5), undefined);
});

test("in a workspace that is not trusted nothing is offered", async () => {
  workspace.isTrusted = false;
  try {
    const document = { uri: Uri.parse(aFile().proposed) };
    assert.deepEqual(await providers.lenses?.provideCodeLenses(document), []);
    await commands.executeCommand("agent-server.dropHunk", HUNK);
    assert.deepEqual(asked("agentServer.dropChanges"), []);
  } finally {
    workspace.isTrusted = true;
  }
});

test("buttons are there for what can be done with what is in front", async () => {
  const key = (name: string) =>
    user.commands.filter(([command, each]) => command === "setContext" && each === `agentServer.${name}`).at(-1)?.[2];
  window.activeTextEditor = { document: { uri: Uri.parse(aFile().proposed) } };
  window.tabGroups.open({ label: "Review: wood (wiki.plan.md) (2 files)" });
  await until(() => key("canDropHunk") === true);
  assert.deepEqual([key("canDropFile"), key("canRetryReview"), key("canLandReview")], [true, true, undefined]);
  window.activeTextEditor = undefined;
  window.tabGroups.open({ label: "a.py", input: new TabInputText(Uri.parse("file:///a.py")) });
  await until(() => key("canDropHunk") === false);
  assert.deepEqual([key("canDropFile"), key("canRetryReview")], [false, false]);
});

/** A remark, as VS Code hands it over when its button is pressed. */
function remark(line: number, words: string) {
  const thread = { uri: Uri.parse(aFile().proposed), range: { end: { line } }, comments: [], dispose: () => {} };
  void commands.executeCommand("agent-server.addRemark", { thread, text: words });
}

test("remarks are sent together, after a yes that shows them", async () => {
  server.answerCommand(RetryCommand, () => ({ run: RUN }));
  remark(9, "Shorter.");
  remark(2, "Why?");
  const sending = commands.executeCommand("agent-server.sendRemarks", Uri.parse(aFile().proposed));
  await until(() => user.messages.length === 1);
  const comment = "data/wood.py:3: Why?\ndata/wood.py:10: Shorter.";
  assert.ok(user.messages[0]?.options.detail?.includes(comment));
  user.messages[0]?.choose("Retry with These Remarks");
  await sending;
  assert.deepEqual(asked("agentServer.retry"), [{ uri: PLAN, task: "wood", comment }]);
  const has = user.commands.filter(([name, key]) => name === "setContext" && key === "agentServer.hasRemarks");
  assert.equal(has.at(-1)?.[2], false);
});

test("remarks that could not be sent are kept", async () => {
  remark(2, "Why?");
  const sending = commands.executeCommand("agent-server.sendRemarks", Uri.parse(aFile().proposed));
  await until(() => user.messages.length === 1);
  user.messages[0]?.choose("Retry with These Remarks");
  await sending;
  const has = user.commands.filter(([name, key]) => name === "setContext" && key === "agentServer.hasRemarks");
  assert.equal(has.at(-1)?.[2], true);
});

test("remarks that were not sent are there again after the window was reloaded", async () => {
  remark(2, "Why?");
  remark(2, "And how?");
  remark(9, "Shorter.");
  reload();
  const shown = comments.threads.map(({ uri, range, comments: all, label }) => ({
    ...{ uri: uri.toString(), line: range.end.line, label },
    words: all.map((each) => (each as { words: string }).words),
  }));
  const there = { uri: Uri.parse(aFile().proposed).toString(), label: "Not sent yet" };
  assert.deepEqual(shown, [
    { ...there, line: 2, words: ["Why?", "And how?"] },
    { ...there, line: 9, words: ["Shorter."] },
  ]);

  server.answerCommand(RetryCommand, () => ({ run: RUN }));
  const sending = commands.executeCommand("agent-server.sendRemarks", Uri.parse(aFile().proposed));
  await until(() => user.messages.length === 1);
  user.messages[0]?.choose("Retry with These Remarks");
  await sending;
  reload();
  assert.deepEqual(comments.threads, [], "they were sent");
});

test("remarks on a run that another one has followed are given up", async () => {
  remark(2, "Why?");
  plan = aPlan({ run: aRun({ run: `${RUN}-later` }) });
  reload();
  assert.deepEqual(comments.threads, []);
  plan = aPlan({ run: aRun() });
  reload();
  assert.deepEqual(comments.threads, [], "not even then");
});

test("a document's text comes from the server, under whichever path it is shown", async () => {
  server.answer(CONTENT, ({ uri }: { uri: string }) => ({ text: uri }));
  const text = (uri: Uri) => providers.content.get("agent-server")?.provideTextDocumentContent(uri);
  const shown = Uri.from({ scheme: "agent-server", path: "/wood (proposed)/data/wood.py", query: aFile().proposed });
  assert.equal(await text(shown), aFile().proposed);
  const plain = Uri.parse(aFile().proposed);
  assert.equal(await text(plain), plain.toString());
});

test("a document without text says why, and is read again when that may have changed", async () => {
  const provider = providers.content.get("agent-server");
  const uri = Uri.parse(aFile().proposed);
  workspace.textDocuments = [{ uri }];
  server.answer(CONTENT, () => {
    throw new Refusal("`wood.py` is no text, so there is nothing to show of it.");
  });
  assert.match((await provider?.provideTextDocumentContent(uri)) ?? "", /is no text/);
  const read: string[] = [];
  provider?.onDidChange((each) => read.push(each.toString()));
  server.enter({ kind: "stopped" });
  assert.match((await provider?.provideTextDocumentContent(uri)) ?? "", /as soon as Agent Server runs/);
  read.length = 0;
  server.enter({ kind: "running", version: "0.1.0" });
  await until(() => read.includes(uri.toString()));
});

test("files that are open are read again when a run has stopped, not while it goes on", async () => {
  const uri = Uri.parse(aFile().proposed);
  workspace.textDocuments = [{ uri }, { uri: Uri.parse("file:///a.py") }];
  const read: string[] = [];
  providers.content.get("agent-server")?.onDidChange((each) => read.push(each.toString()));
  server.say(RunStateNotification, aRun({ state: "running" }));
  assert.deepEqual(read, []);
  server.say(RunStateNotification, aRun({ state: "held" }));
  assert.deepEqual(read, [uri.toString()]);
});
