import assert from "node:assert/strict";
import { test } from "node:test";
import { Beginnings } from "../../src/run_panel/beginnings";
import { run, task } from "../pictures/examples";

const NOTHING: ReadonlyMap<string, readonly string[]> = new Map();

test("an agent's beginning is remembered after it has ended", () => {
  const beginnings = new Beginnings();
  beginnings.watch(run([task("data", "running", { seconds: 5 })], { seconds: 12 }));
  beginnings.watch(run([task("data", "running", { seconds: 8 })], { seconds: 16 }));
  const ended = run([task("data", "finished", { seconds: 9 })], { seconds: 40 });
  beginnings.watch(ended);
  assert.deepEqual(beginnings.of(ended, NOTHING), { data: 7 });
});

test("a second attempt begins anew", () => {
  const beginnings = new Beginnings();
  beginnings.watch(run([task("data", "running", { seconds: 5 })], { seconds: 5 }));
  const again = run([task("data", "running", { seconds: 2, attempt: 2 })], { seconds: 102 });
  beginnings.watch(again);
  assert.deepEqual(beginnings.of(again, NOTHING), { data: 100 });
});

test("another run has nothing of the one before", () => {
  const beginnings = new Beginnings();
  beginnings.watch(run([task("data", "running", { seconds: 5 })], { seconds: 50 }));
  const next = run([task("data", "landed", { seconds: 5 })], { run: "20261104T000000-000000" });
  assert.deepEqual(beginnings.of(next, NOTHING), { data: 0 });
});

test("what nobody has watched of a stream began after what it waits for", () => {
  const tasks = ["data", "hub", "nav"].map((id, place) => task(id, "landed", { seconds: 10 * (place + 1) }));
  const waits = new Map([
    ["hub", ["data"]],
    ["nav", ["hub", "data", "gone"]],
  ]);
  assert.deepEqual(new Beginnings().of(run(tasks, { stream: true }), waits), { data: 0, hub: 10, nav: 30 });
  assert.deepEqual(new Beginnings().of(run(tasks), waits), { data: 0, hub: 0, nav: 0 });
});

test("what has not begun of a stream should begin when what it waits for should be done", () => {
  const tasks = [
    task("data", "landed", { seconds: 10 }),
    task("hub", "running", { seconds: 5 }),
    task("nav", "waiting"),
  ];
  const waits = new Map([
    ["hub", ["data"]],
    ["nav", ["hub"]],
  ]);
  const planned = new Map([
    ["data", 600],
    ["hub", 60],
  ]);
  assert.deepEqual(new Beginnings().of(run(tasks, { stream: true }), waits, planned), { data: 0, hub: 10, nav: 70 });
});

test("tasks that wait for one another in a circle do not hang it", () => {
  const tasks = [task("a", "landed", { seconds: 1 }), task("b", "landed", { seconds: 1 })];
  const circle = new Map([
    ["a", ["b"]],
    ["b", ["a"]],
  ]);
  assert.deepEqual(Object.keys(new Beginnings().of(run(tasks, { stream: true }), circle)), ["a", "b"]);
});
