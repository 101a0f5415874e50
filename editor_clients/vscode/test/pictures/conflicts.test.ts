import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../../src/pictures/chart";
import { conflicts, linesOf, spokenOf } from "../../src/pictures/conflicts";
import { xml } from "../../src/pictures/markup";
import { PALETTES } from "../../src/pictures/palettes";
import type { HazardsResult, PlannedTask } from "../../src/protocol";
import { elements, readXml, textOf } from "../xml";
import { HOSTILE, hazards, planned } from "./examples";
import { assertApart, assertInside, texts } from "./geometry";

const LOOK: Look = { width: 700, palette: PALETTES.highContrast };

const TASKS = [planned("data"), planned("hub"), planned("entry", { wave: 2 }), planned("nav", { wave: 2 })];
const WIKI = hazards({
  contentions: [
    { kind: "write-conflict", tasks: ["entry", "nav"], paths: ["navigation.py"], together: false },
    { kind: "lock-conflict", tasks: ["data", "nav"], paths: ["db"], together: false },
    { kind: "write-conflict", tasks: ["data", "hub"], paths: ["style.css", "menu.py"], together: true },
  ],
  dependencies: [
    { kind: "output-dependency", task: "hub", on: "data", because: "it imports what `data` creates", path: "data.py" },
    { kind: "output-dependency", task: "nav", on: "data", because: "it imports what `data` creates", path: "data.py" },
    { kind: "needs", task: "nav", on: "hub", because: "`needs` says so" },
    { kind: "output-dependency", task: "entry", on: "hub", because: "it speaks of it", guessed: true },
  ],
});

test("collisions come first, then what waves keep apart, then what waits", () => {
  assert.deepEqual(
    linesOf(WIKI).map((line) => [line.kind, line.label, line.tasks]),
    [
      ["collision", "style.css and 1 more", ["data", "hub"]],
      ["apart", "navigation.py", ["entry", "nav"]],
      ["apart", "lock db", ["data", "nav"]],
      ["order", "data.py", ["hub", "nav"]],
      ["order", "needs hub", ["nav"]],
      ["order", "needs hub", ["entry"]],
    ],
  );
});

test("each line says in a sentence who and what it is about", () => {
  assert.deepEqual(
    linesOf(WIKI).map((line) => line.spoken),
    [
      "data and hub both write style.css and menu.py, and the plan puts them into one wave: they would collide.",
      "entry and nav both write navigation.py, so different waves run them.",
      "data and nav both want lock db, so different waves run them.",
      "hub and nav wait for data: it imports what `data` creates.",
      "nav waits for hub: `needs` says so.",
      "entry waits for hub: it speaks of it. This is a guess from the plan's words.",
    ],
  );
  assert.equal(spokenOf(linesOf(WIKI)), "1 collision, 2 conflicts and 3 dependencies");
  assert.equal(spokenOf([]), "No conflicts");
});

test("the marks of a line stand in the columns of its tasks, whose names stand above", () => {
  const svg = readXml(xml(conflicts(linesOf(WIKI), TASKS, { ...LOOK, choice: { list: "conflicts" } })));
  const columns = new Map<string, number>();
  for (const { name, attributes, children } of elements(svg)) {
    if (name !== "text" || attributes["text-anchor"] !== "middle") continue;
    columns.set(String(children), Number(attributes["x"]));
  }
  assert.deepEqual([...columns.keys()], ["data", "hub", "entry", "nav"]);
  const wanted = "order:output-dependency:data";
  const line = [...elements(svg)].find(({ attributes }) => attributes["data-key"]?.startsWith(wanted));
  assert.ok(line);
  const marks = [...elements(line)].flatMap(({ attributes }) => {
    const moved = /^translate\(([\d.]+) /.exec(attributes["transform"] ?? "")?.[1];
    return [moved ?? attributes["cx"]].filter((x) => x !== undefined).map(Number);
  });
  assert.deepEqual(marks, [columns.get("data"), columns.get("hub"), columns.get("nav")]);
});

test("the legend names the shapes that are there", () => {
  const words = textOf(readXml(xml(conflicts(linesOf(WIKI), TASKS, LOOK))));
  for (const each of ["would collide", "kept apart by waves", "waits for"]) assert.ok(words.includes(each), each);
  assert.doesNotMatch(textOf(readXml(xml(conflicts(linesOf(hazards()), TASKS, LOOK)))), /collide/);
});

test("no text overlaps, and none is cut off, wide or narrow", () => {
  for (const width of [280, 480, 1400]) {
    const svg = xml(conflicts(linesOf(WIKI), TASKS, { ...LOOK, width }));
    assertApart(texts(svg));
    assertInside(svg, texts(svg));
  }
});

/** So many tasks, each in conflict with its neighbour and waiting for the first. */
function many(number: number): [HazardsResult, PlannedTask[]] {
  const ids = Array.from({ length: number }, (_, place) => `task-${place}`);
  const contentions = ids.slice(1).map((id, place) => ({
    kind: "write-conflict",
    tasks: [ids[place] ?? "", id],
    paths: [`package/of/many/modules/file_${place}.py`],
    together: place === number - 2,
  }));
  const on = ids[0] ?? "";
  const dependencies = ids.slice(1).map((task) => ({ kind: "needs", task, on, because: "`needs` says so" }));
  const tasks = ids.map((id, place) => planned(id, { wave: Math.floor(place / 10) + 1 }));
  return [hazards({ contentions, dependencies }), tasks];
}

test("thirty tasks are all there", () => {
  const [found, tasks] = many(30);
  const words = textOf(readXml(xml(conflicts(linesOf(found), tasks, LOOK))));
  for (const { id } of tasks) assert.ok(words.includes(id), id);
});

test("of a thousand tasks those that would collide are there, and how many lines there are besides", () => {
  const [found, tasks] = many(1000);
  const svg = xml(conflicts(linesOf(found), tasks, LOOK));
  const { attributes } = readXml(svg);
  assert.ok(svg.length < 400_000, `${svg.length} characters`);
  assert.ok(Number(attributes["width"]) < 2000 && Number(attributes["height"]) < 5000);
  assert.match(svg, /task-999/);
  assert.match(svg, /and \d+ more lines/);
});

test("hostile words stay words", () => {
  for (const words of HOSTILE) {
    const ids = [words, `${words}2`];
    const contentions = [{ kind: "write-conflict", tasks: ids, paths: [words, words], together: true }];
    const dependencies = [{ kind: words, task: ids[0] ?? "", on: ids[1] ?? "", because: words, path: words }];
    const tasks = ids.map((id) => planned(id));
    const svg = xml(conflicts(linesOf({ contentions, dependencies }), tasks, LOOK));
    assert.ok(![...elements(readXml(svg))].some((element) => element.name === "script"));
  }
});

test("tasks that the plan no longer has are left out", () => {
  const svg = xml(conflicts(linesOf(WIKI), TASKS.slice(0, 2), LOOK));
  assert.match(svg, /style\.css/);
  assert.doesNotMatch(svg, /navigation\.py/);
});
