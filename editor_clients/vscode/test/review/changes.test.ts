import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanReport, ProposedHunk, TaskReport } from "../../src/protocol";
import {
  comparisonOf,
  diffTitle,
  hunkAt,
  linesOf,
  reviewTitled,
  shownPath,
  standingOf,
  titleOf,
  whyNothing,
} from "../../src/review/changes";
import { aFile, aPlan, aRun, aTask } from "./reports";

const NOW = "file:///home/ada/site/data/wood.py";

function run(state: TaskReport["state"] = "held") {
  return aRun({ tasks: [aTask("wood", { state }), aTask("wool")] });
}

test("what is proposed stands beside what its agent began with", () => {
  const { base, proposed } = aFile();
  assert.deepEqual(comparisonOf(aFile(), standingOf(aFile(), run(), false), NOW), { before: base, after: proposed });
});

test("a new file has nothing on the left, a deleted one nothing on the right", () => {
  const { base, proposed } = aFile();
  assert.deepEqual(comparisonOf(aFile({ kind: "created" }), "proposed", NOW), { after: proposed });
  assert.deepEqual(comparisonOf(aFile({ kind: "deleted" }), "proposed", NOW), { before: base });
});

test("what has landed is compared with the file as it is now", () => {
  const standing = standingOf(aFile(), run("landed"), false);
  assert.deepEqual(comparisonOf(aFile(), standing, NOW), { before: aFile().base, after: NOW });
});

test("what was not declared has not landed with the others", () => {
  const standing = standingOf(aFile(), run("landed"), true);
  assert.equal(comparisonOf(aFile(), standing, NOW).after, aFile().proposed);
});

test("a file whose base was not kept has one side", () => {
  const { base: _, ...without } = aFile();
  assert.deepEqual(comparisonOf(without, "proposed", NOW), { after: without.proposed });
});

test("titles say what a diff is of", () => {
  assert.equal(diffTitle(aFile(), "proposed"), "wood.py — wood (proposed)");
  assert.equal(diffTitle(aFile(), "landed"), "wood.py — wood (landed)");
  assert.equal(shownPath(aFile(), "proposed"), "/wood (proposed)/data/wood.py");
});

test("a review is known by its title, with or without VS Code's number of files", () => {
  const plan = aPlan({ run: run() });
  const plans: PlanReport[] = [aPlan({ path: "other.plan.md" }), plan];
  const all = [
    { plan, undeclared: false },
    { plan, undeclared: true },
    { plan, task: "wool", undeclared: false },
    { plan, task: "wool", undeclared: true },
  ];
  for (const review of all) {
    assert.deepEqual(reviewTitled(titleOf(review), plans), review);
    assert.deepEqual(reviewTitled(`${titleOf(review)} (3 files)`, plans), review);
  }
  assert.equal(new Set(all.map(titleOf)).size, all.length);
  assert.equal(reviewTitled("wiki.plan.md", plans), undefined);
});

test("where there is nothing to review yet, the words say when there will be", () => {
  assert.match(whyNothing(undefined), /not run yet/);
  assert.match(whyNothing(run("running")), /still at work/);
  assert.match(whyNothing(run("running"), "wood"), /wood is still at work/);
  assert.match(whyNothing(run("waiting"), "wood"), /wood has not begun/);
  assert.equal(whyNothing(run("held"), "wood"), "wood changed no file.");
  assert.match(whyNothing(run("held"), "linen"), /linen was not part/);
});

const HUNKS: ProposedHunk[] = [
  { id: "one", base: { start: 0, end: 4 }, proposed: { start: 0, end: 6 } },
  { id: "gone", base: { start: 20, end: 22 }, proposed: { start: 22, end: 22 } },
];

test("a hunk is found by each of its lines, on both sides", () => {
  const at = (line: number, side: "base" | "proposed" = "proposed") => hunkAt(HUNKS, side, line)?.id;
  assert.deepEqual(
    [0, 5, 6, 21, 22, 23].map((line) => at(line)),
    ["one", "one", undefined, undefined, "gone", undefined],
  );
  assert.deepEqual(
    [3, 4, 20, 21, 22].map((line) => at(line, "base")),
    ["one", undefined, "gone", "gone", undefined],
  );
});

test("lines are told as people count them", () => {
  const [one, gone] = HUNKS;
  assert.ok(one && gone);
  assert.equal(linesOf(one, "proposed"), "lines 1–6");
  assert.equal(linesOf(gone, "proposed"), "what was taken away before line 23");
  assert.equal(linesOf({ ...one, proposed: { start: 4, end: 5 } }, "proposed"), "line 5");
});
