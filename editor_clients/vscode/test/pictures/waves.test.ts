import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../../src/pictures/chart";
import { xml } from "../../src/pictures/markup";
import { PALETTES } from "../../src/pictures/palettes";
import { waveChart, waves, without } from "../../src/pictures/waves";
import { elements, readXml, textOf } from "../xml";
import { HOSTILE, schedule, scheduled } from "./examples";
import { assertApart, assertInside, rects, texts } from "./geometry";

const LOOK: Look = { width: 480, palette: PALETTES.dark };

const WIKI = schedule(
  [scheduled("data", { minutes: 9.4 }), scheduled("hub", { tier: "fast", minutes: 3 }), scheduled("entry")],
  [scheduled("menu", { tier: "capable", minutes: 12, waitsFor: ["hub"] })],
);

test("a wave begins where the longest task of the one before ends", () => {
  const rows = waveChart(WIKI, 30).groups.flatMap((group) => group.rows);
  assert.deepEqual(
    rows.map((row) => [row.key, row.start, row.length]),
    [
      ["data", 0, 564],
      ["hub", 0, 180],
      ["entry", 0, 540],
      ["menu", 564, 720],
    ],
  );
});

test("bars are as long as their tasks, on one axis", () => {
  const [data, hub, , menu] = rects(xml(waves(WIKI, LOOK, 30)), "bar");
  assert.ok(data && hub && menu);
  assert.ok(Math.abs((data.right - data.left) / (hub.right - hub.left) - 9.4 / 3) < 0.05);
  assert.ok(Math.abs(menu.left - data.right) < 0.5);
});

test("tiers and the critical path are told in words too", () => {
  const words = textOf(readXml(xml(waves(WIKI, LOOK, 30))));
  for (const each of ["3 min · fast", "9.4 min · default", "12 min · capable", "critical path"]) {
    assert.ok(words.includes(each), each);
  }
});

test("nothing overlaps, and nothing is cut off, wide or narrow", () => {
  for (const width of [280, 480, 900, 1600]) {
    const svg = xml(waves(WIKI, { ...LOOK, width }, 30));
    assertApart([...texts(svg), ...rects(svg, "bar")]);
    assertInside(svg, [...texts(svg), ...rects(svg, "bar")]);
  }
});

const SVG_NAMES = new Set(["svg", "g", "rect", "path", "circle", "text", "title"]);

test("hostile words stay words", () => {
  for (const title of HOSTILE) {
    const svg = xml(waves(schedule([scheduled(title || "x", { title, tier: title, waitsFor: [title] })]), LOOK, 30));
    for (const { name } of elements(readXml(svg))) assert.ok(SVG_NAMES.has(name), name);
  }
});

test("a long title is cut, and shown whole where the pointer rests on it", () => {
  const svg = xml(waves(schedule([scheduled("x", { title: "W".repeat(500) })]), LOOK, 30));
  const titles = [...elements(readXml(svg))].filter((element) => element.name === "title");
  assert.equal(titles.map(textOf)[0], "W".repeat(500));
  assertInside(svg, texts(svg));
});

test("of a thousand tasks the critical ones are drawn, and how many there are besides", () => {
  const waveOf = (wave: number) => Array.from({ length: 100 }, (_, place) => scheduled(`t${wave}-${place}`));
  const many = schedule(...Array.from({ length: 10 }, (_, wave) => waveOf(wave)));
  const svg = xml(waves(many, LOOK, 30));
  assert.ok(svg.length < 40_000, `${svg.length} characters`);
  assert.equal(rects(svg, "bar").length, 30);
  assert.match(svg, /and 970 more tasks/);
  const keys = waveChart(many, 30).groups.flatMap((group) => group.rows.map((row) => row.key));
  for (const id of many.criticalPath) assert.ok(keys.includes(id), id);
});

test("rows that can be chosen are options of a list with one stop for the Tab key", () => {
  const svg = xml(waves(WIKI, { ...LOOK, choice: { list: "planned", chosen: "hub" } }, 30));
  const rows = [...elements(readXml(svg))].filter((element) => element.attributes["role"] === "option");
  assert.deepEqual(
    rows.map(({ attributes }) => [attributes["data-key"], attributes["aria-selected"], attributes["tabindex"]]),
    [
      ["data", "false", "-1"],
      ["hub", "true", "0"],
      ["entry", "false", "-1"],
      ["menu", "false", "-1"],
    ],
  );
});

test("a schedule without what runs has the waves that are left", () => {
  const numbers = without(WIKI, new Set(["data", "hub", "entry"])).waves.map((wave) => wave.number);
  assert.deepEqual(numbers, [2]);
  const minutes = without(WIKI, new Set(["data"])).waves.map((wave) => wave.minutes);
  assert.deepEqual(minutes, [9, 12]);
});
