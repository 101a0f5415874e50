import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type * as vscode from "vscode";
import { register } from "../../src/gutter/gutter";
import { type PlanReport, RunStateNotification } from "../../src/protocol";
import { appWith } from "../reports";
import { plan, planned, run, task, URI } from "../samples";
import type { ScriptedServer } from "../server";
import { type Range, Uri, user, window, workspace } from "../vscode";

type Type = { options: { dark: { gutterIconPath: Uri } } };

/** An editor that tells which marks it was given, and on which lines. */
class Editor {
  readonly document = { uri: Uri.parse(URI), version: 1, validateRange: (range: Range) => range };
  readonly told: string[] = [];
  setDecorations({ options }: Type, ranges: { range: Range }[]): void {
    const mark = /(\w+)-dark\.svg$/.exec(options.dark.gutterIconPath.path)?.[1];
    this.told.push(`${mark}: ${ranges.map(({ range }) => range.start.line).join(" ")}`);
  }
  /** What it was told since it was last asked. */
  news(): string[] {
    return this.told.splice(0).sort();
  }
}

let registration: vscode.Disposable;
let server: ScriptedServer;
let editor: Editor;

async function opened(...plans: PlanReport[]): Promise<void> {
  const given = await appWith(...plans);
  server = given.server;
  editor = new Editor();
  window.visibleTextEditors = [editor];
  const context = { extensionUri: Uri.file("/extension") };
  registration = register({ ...given.app, context } as unknown as typeof given.app);
  mock.timers.tick(250);
}

const TASKS = [planned("hub", { line: 6 }), planned("entry", { line: 12 }), planned("menu", { line: 18 })];
const states = (...of: Parameters<typeof task>[1][]) =>
  run(
    "running",
    of.map((state, index) => task(TASKS[index]?.id ?? "", state)),
  );

beforeEach(() => {
  user.forget();
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => {
  registration.dispose();
  mock.timers.reset();
  window.visibleTextEditors = [];
});

test("a run that comes on sets only the marks that are others", async () => {
  await opened(plan(TASKS, { run: states("running", "running", "waiting") }));
  assert.deepEqual(editor.news(), ["queued: 18", "running: 6 12"]);
  server.say(RunStateNotification, states("running", "finished", "waiting"));
  mock.timers.tick(250);
  assert.deepEqual(editor.news(), ["finished: 12", "running: 6"]);
  server.say(RunStateNotification, states("running", "finished", "waiting"));
  mock.timers.tick(250);
  assert.deepEqual(editor.news(), []);
});

test("while the user types marks move with the text, and are set anew once it is quiet", async () => {
  await opened(plan(TASKS));
  assert.deepEqual(editor.news(), ["open: 6 12 18"]);
  editor.document.version++;
  workspace.type(editor.document.uri);
  server.say(RunStateNotification, states("running", "running", "running"));
  mock.timers.tick(400);
  workspace.type(editor.document.uri);
  mock.timers.tick(400);
  assert.deepEqual(editor.news(), []);
  mock.timers.tick(100);
  mock.timers.tick(250);
  assert.deepEqual(editor.news(), ["open: ", "running: 6 12 18"]);
});

test("in another text the same marks are set again, for an undone edit may have lost them", async () => {
  await opened(plan(TASKS));
  editor.news();
  editor.document.version++;
  workspace.type(editor.document.uri);
  mock.timers.tick(500);
  mock.timers.tick(250);
  assert.deepEqual(editor.news(), ["open: 6 12 18"]);
});

test("of a plan that is a folder each file has the marks of its own tasks", async () => {
  const uri = "file:///w/.planning/phases/01-first/01-02-PLAN.md";
  const elsewhere = { ...plan([planned("first", { line: 2 }), planned("entry", { line: 12, uri: URI })]), uri };
  await opened(elsewhere);
  assert.deepEqual(editor.news(), ["open: 12"]);
});

test("a setting takes the marks away", async () => {
  await opened(plan(TASKS));
  editor.news();
  workspace.set("agentServer.gutter", false);
  server.say(RunStateNotification, states("running", "running", "running"));
  mock.timers.tick(250);
  assert.deepEqual(editor.news(), []);
  workspace.set("agentServer.gutter", true);
  mock.timers.tick(250);
  assert.deepEqual(editor.news(), ["running: 6 12 18"]);
});
