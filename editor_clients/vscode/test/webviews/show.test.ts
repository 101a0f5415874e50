/// <reference lib="dom" />
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Content, element } from "../../src/pictures/markup";
import { show } from "../../src/webviews/show";
import { type TestElement, testPage } from "../dom";

function shown(main: TestElement, ...contents: Content[]): TestElement[] {
  show(main as unknown as Element, contents);
  return main.children;
}

const row = (key: string, words = key): Content => element("g", { "data-key": key }, words);

test("words become text, whatever they look like", () => {
  const main = testPage();
  const [p] = shown(main, element("p", {}, "<b>bold</b> & all"));
  assert.deepEqual([p?.children.length, p?.textContent], [0, "<b>bold</b> & all"]);
});

test("what is in a picture is of SVG, and what is beside it of HTML", () => {
  const main = testPage();
  const [svg, p] = shown(main, element("svg", { xmlns: "x" }, element("title", {})), element("p"));
  const names = [svg, svg?.children[0], p].map((each) => each?.namespaceURI.split("/").at(-1));
  assert.deepEqual(names, ["svg", "svg", "xhtml"]);
});

test("elements stay the same while what they say changes", () => {
  const main = testPage();
  const [before] = shown(main, element("p", { class: "state", role: "status" }, "running"));
  const [after] = shown(main, element("p", { class: "ended" }, "landed"));
  assert.equal(before, after);
  assert.deepEqual(after?.getAttributeNames(), ["class"]);
  assert.deepEqual([after?.getAttribute("class"), after?.textContent], ["ended", "landed"]);
});

test("rows stay the same wherever they go, so the focus stays on them", () => {
  const main = testPage();
  const [a, b, c] = shown(main, row("a"), row("b"), row("c"));
  assert.deepEqual(shown(main, row("c"), row("a", "more"), row("b")), [c, a, b]);
  assert.deepEqual(shown(main, row("b")), [b]);
  assert.equal(a?.textContent, "more");
  const [d, again] = shown(main, row("d"), row("b"));
  assert.equal(again, b);
  assert.notEqual(d, a);
});

test("another kind of element takes the place of what was there", () => {
  const main = testPage();
  shown(main, element("p", {}, "words"), "text");
  assert.deepEqual(
    shown(main, element("div", {}, element("p")), "text").map((each) => each.localName),
    ["div"],
  );
  assert.equal(main.textContent, "text");
});
