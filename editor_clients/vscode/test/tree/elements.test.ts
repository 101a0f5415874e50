import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanReport } from "../../src/protocol";
import { Elements } from "../../src/tree/elements";
import { rowsOf } from "../../src/tree/rows";
import { done, plan, planned, run, task, URI } from "../samples";

/** What is drawn anew when one list of plans follows another. */
function stale(...plans: readonly PlanReport[][]): "all" | string[] {
  const elements = new Elements();
  const answers = plans.map((each) => elements.update(rowsOf(each)));
  const last = answers.at(-1) ?? [];
  return last === "all" ? last : last.map((element) => element.id.slice(URI.length));
}

const running = (activity: string, more: Parameters<typeof run>[2] = {}) =>
  plan([planned("hub"), planned("entry")], {
    run: run("running", [task("hub", "running", { activity }), task("entry", "running")], more),
  });

test("what is the same is not drawn again", () => {
  assert.deepEqual(stale([running("read a.py")], [running("read a.py")]), []);
});

test("an agent's next step draws its own row alone", () => {
  assert.deepEqual(stale([running("read a.py")], [running("edit a.py")]), ["#task/hub"]);
});

test("a run that comes on draws its own row alone", () => {
  assert.deepEqual(stale([running("read a.py")], [running("read a.py", { percentage: 60 })]), ["#run"]);
});

test("an agent that has ended draws its row with its files, once", () => {
  const first = task("entry", "finished", { files: [{ path: "entry.py", kind: "created" }] });
  const ended = (files: string[]) => {
    const report = task("hub", "finished", { files: files.map((path) => ({ path, kind: "created" })) });
    return plan([planned("hub"), planned("entry")], { run: run("running", [report, first]) });
  };
  assert.deepEqual(stale([ended([])], [ended(["a.py", "b.py"])]), ["#task/hub"]);
});

test("a task that goes elsewhere draws its plan", () => {
  const tasks = [planned("hub"), planned("entry"), done("data")];
  assert.deepEqual(stale([plan(tasks)], [plan([planned("hub"), done("entry"), done("data")])]), [""]);
});

test("tasks that change places draw their plan, for a row can have one parent only", () => {
  const waves = (hub: number, entry: number) =>
    plan([planned("hub", { wave: hub }), planned("entry", { wave: entry })]);
  assert.deepEqual(stale([waves(1, 2)], [waves(2, 1)]), [""]);
});

test("another list of plans draws all", () => {
  assert.equal(stale([plan([])], [plan([]), plan([], { uri: `${URI}2` })]), "all");
});

test("elements stay the same objects, and know their parents", () => {
  const elements = new Elements();
  elements.update(rowsOf([running("read a.py")]));
  const before = elements.get(`${URI}#task/hub`);
  elements.update(rowsOf([running("edit a.py")]));
  assert.equal(elements.get(`${URI}#task/hub`), before);
  assert.equal(before?.row.description, "edit a.py");
  assert.equal(before?.parent?.id, `${URI}#wave/1`);
  assert.equal(before?.task, "hub");
  elements.update([]);
  assert.equal(elements.get(`${URI}#task/hub`), undefined);
});
