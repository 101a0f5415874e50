import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look, Row } from "../../src/pictures/chart";
import { xml } from "../../src/pictures/markup";
import { PALETTES, THEMED } from "../../src/pictures/palettes";
import { LANDING, type Timeline, timeline, timelineChart, VERIFICATION } from "../../src/pictures/timeline";
import type { TaskState } from "../../src/protocol";
import { elements, readXml, textOf } from "../xml";
import { HOSTILE, planned, run, task } from "./examples";
import { assertApart, assertInside, rects, texts } from "./geometry";

const LOOK: Look = { width: 800, palette: PALETTES.light };

const STATES: TaskState[] = [
  ...(["waiting", "preparing", "running", "finished", "verifying", "landed"] as const),
  ...(["failed", "cancelled", "held", "discarded", "undone"] as const),
];

function shown(more: Partial<Timeline> = {}): Timeline {
  const tasks = [task("data", "running", { seconds: 50, activity: "edit data/wood.py" }), task("hub", "waiting")];
  return { run: run(tasks), age: 0, planned: [planned("data"), planned("hub")], begun: { data: 10 }, ...more };
}

function rowsOf(timeline: Timeline): Row[] {
  return timelineChart(timeline, 100).groups.flatMap((group) => group.rows);
}

test("a running task's bar grows with the clock, between reports too", () => {
  const [before] = rowsOf(shown());
  const [after] = rowsOf(shown({ age: 5 }));
  assert.deepEqual([before?.start, before?.length], [10, 50]);
  assert.deepEqual([after?.start, after?.length], [10, 55]);
  assert.equal(after?.note, "55s of 9 min");
  assert.equal(timelineChart(shown({ age: 5 }), 100).now, 65);
});

test("what waits stands where it should begin, and never before now", () => {
  const starts = (begun: Record<string, number>) => rowsOf(shown({ begun })).map((row) => row.start);
  assert.deepEqual(starts({ data: 10, hub: 550 }), [10, 550]);
  assert.deepEqual(starts({ data: 10, hub: 20 }), [10, 60]);
});

test("what was stopped before it began has no outline of what was planned", () => {
  const tasks = [task("data", "cancelled", { seconds: 50 }), task("hub", "cancelled")];
  const rows = rowsOf(shown({ run: run(tasks, { state: "cancelled" }) }));
  assert.deepEqual(
    rows.map((row) => row.planned),
    [540, undefined],
  );
});

test("a bar begins where the server says, else where this window saw it", () => {
  const ended = [task("data", "held", { seconds: 50, began: 4 }), task("hub", "held", { seconds: 20 })];
  const rows = rowsOf(shown({ run: run(ended, { state: "held", seconds: 90 }), begun: { data: 10, hub: 60 } }));
  assert.deepEqual(
    rows.slice(0, 2).map((row) => row.start),
    [4, 60],
  );
});

test("what has ended stands still", () => {
  const ended = run([task("data", "held", { seconds: 50 })], { state: "held", seconds: 70 });
  const still = timelineChart(shown({ run: ended, age: 500 }), 100);
  assert.deepEqual([still.now, still.end, still.groups[0]?.rows[0]?.length], [undefined, 70, 50]);
});

test("activity, tokens, cost and attempts stand below the bar", () => {
  const working = task("data", "running", { activity: "edit a.py", tokens: 41_250, usd: 0.21, attempt: 2 });
  assert.equal(rowsOf(shown({ run: run([working]) }))[0]?.detail, "edit a.py · attempt 2 · 41k tokens · $0.21");
  const failed = task("data", "failed", { message: "The agent gave up.", activity: "gone" });
  assert.equal(rowsOf(shown({ run: run([failed]) }))[0]?.detail, "The agent gave up.");
});

test("the axis reaches to the estimated end, and to the plan where nothing tells", () => {
  const tasks = [task("data", "running", { seconds: 50 })];
  assert.equal(timelineChart(shown({ run: run(tasks, { eta: 40 }) }), 9).end, 100 * 1.02);
  assert.equal(timelineChart(shown({ run: run(tasks) }), 9).end, 550 * 1.02);
});

test("what was planned is an outline behind the bar, or a notch in it", () => {
  const planPath = (worked: number) => {
    const tasks = [task("data", "running", { seconds: worked })];
    const svg = xml(timeline(shown({ run: run(tasks, { seconds: 2000 }), begun: {} }), LOOK, 9));
    const path = [...elements(readXml(svg))].find(({ attributes }) => attributes["class"] === "planned");
    return { d: path?.attributes["d"] ?? "", bar: rects(svg, "bar")[0] };
  };
  const early = planPath(100);
  assert.ok(early.bar && early.d.startsWith(`M${Math.round(early.bar.right * 10) / 10} `));
  const late = planPath(1000);
  const notch = Number(/^M([\d.]+) [\d.]+V[\d.]+$/.exec(late.d)?.[1]);
  assert.ok(late.bar && notch > late.bar.left && notch < late.bar.right);
});

test("verification and landing follow the agents", () => {
  const verification = { command: "make check", passed: true, output: "" };
  const landed = run([task("data", "landed", { seconds: 50 })], { state: "landed", verification, branch: "wave-1" });
  const rows = rowsOf(shown({ run: landed }));
  assert.deepEqual(
    rows.map((row) => [row.key, row.outcome, row.note]),
    [
      ["data", "passed", "50s of 9 min"],
      [VERIFICATION, "passed", "passed"],
      [LANDING, "passed", "on wave-1"],
    ],
  );
  const failing = run([], { state: "held", verification: { ...verification, passed: false } });
  assert.deepEqual(
    rowsOf(shown({ run: failing })).map((row) => [row.key, row.outcome]),
    [[VERIFICATION, "failed"]],
  );
});

test("every state has a word beside its mark, so that none is told by colour alone", () => {
  const svg = xml(timeline(shown({ run: run(STATES.map((state) => task(state, state))) }), LOOK, 100));
  const words = textOf(readXml(svg));
  for (const state of STATES) assert.ok(words.includes(state), state);
});

test("a state that a later server invents is drawn", () => {
  const strange = task("data", "dreaming" as TaskState);
  assert.match(xml(timeline(shown({ run: run([strange]) }), LOOK, 100)), /dreaming/);
});

test("nothing overlaps, and nothing is cut off, wide or narrow", () => {
  const message = "Words. ".repeat(30);
  for (const width of [280, 480, 800, 1600]) {
    const tasks = STATES.map((state) => task(state, state, { seconds: 40, tokens: 999, message }));
    const svg = xml(timeline(shown({ run: run(tasks, { eta: 20 }) }), { ...LOOK, width }, 100));
    assertApart([...texts(svg), ...rects(svg, "bar")]);
    assertInside(svg, [...texts(svg), ...rects(svg, "bar")]);
  }
});

test("hostile words stay words, in every palette", () => {
  for (const palette of [...Object.values(PALETTES), THEMED]) {
    for (const words of HOSTILE) {
      const hostile = task(words, "running", { title: words, activity: words, message: words });
      const verification = { command: words, output: words };
      const whole = run([hostile], { message: words, verification, branch: words, state: "landed" });
      const svg = xml(timeline(shown({ run: whole }), { width: 480, palette, choice: { list: words } }, 100));
      assert.ok(![...elements(readXml(svg))].some((element) => element.name === "script"));
    }
  }
});

test("of a thousand tasks those that matter are drawn", () => {
  const tasks = Array.from({ length: 1000 }, (_, place) => task(`t${place}`, place === 900 ? "failed" : "landed"));
  const svg = xml(timeline(shown({ run: run(tasks) }), LOOK, 300));
  assert.ok(svg.length < 400_000, `${svg.length} characters`);
  assert.match(svg, /and 700 more tasks/);
  assert.match(svg, /t900/);
});
