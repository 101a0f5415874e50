import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { grouped, MARKS, marksOf } from "../../src/gutter/marks";
import { done, plan, planned, run, task } from "../samples";

test("each task has a mark at its heading", () => {
  const { wave: _, ...tied } = planned("tied", { line: 30 });
  const tasks = [done("data"), planned("hub", { line: 12 }), planned("menu", { line: 20, wave: 2 }), tied];
  assert.deepEqual(
    marksOf(plan(tasks), []).map(({ line, mark, detail }) => [line, mark, detail.length]),
    [
      [6, "done", 0],
      [12, "open", 0],
      [20, "open", 0],
      [30, "blocked", 0],
    ],
  );
});

test("an open task with an error in its lines is blocked", () => {
  const tasks = [planned("hub", { line: 6 }), planned("entry", { line: 12 }), done("data")];
  const marks = marksOf(plan([...tasks.slice(0, 2), { ...done("data"), line: 20 }]), [14, 22]);
  assert.deepEqual(
    marks.map(({ mark }) => mark),
    ["open", "blocked", "done"],
  );
});

for (const [state, mark] of [
  ["waiting", "queued"],
  ["running", "running"],
  ["finished", "finished"],
  ["held", "held"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
  ["landed", "landed"],
] as const) {
  test(`a task that is ${state} has the mark ${mark}, errors or not`, () => {
    const report = task("hub", state, { activity: "edit hub.py" });
    const [placed] = marksOf(plan([planned("hub")], { run: run("running", [report]) }), [6]);
    assert.equal(placed?.mark, mark);
    assert.match(JSON.stringify(placed?.detail), /edit hub\.py/);
  });
}

test("only marks that are others have another key", () => {
  const tasks = [planned("hub"), planned("entry", { line: 9 })];
  const keys = (activity: string) => {
    const reports = [task("hub", "running", { activity }), task("entry", "waiting")];
    return grouped(marksOf(plan(tasks, { run: run("running", reports) }), []));
  };
  const [before, after] = [keys("read a.py"), keys("edit a.py")];
  assert.notEqual(before.get("running")?.key, after.get("running")?.key);
  assert.equal(before.get("queued")?.key, after.get("queued")?.key);
});

test("each mark has its picture, for light and dark themes", () => {
  const pictures = new Set<string>();
  for (const mark of MARKS) {
    for (const theme of ["light", "dark"]) {
      const path = `media/gutter/${mark}-${theme}.svg`;
      assert.ok(existsSync(path), path);
      pictures.add(readFileSync(path, "utf8"));
    }
  }
  assert.equal(pictures.size, 2 * MARKS.length);
});
