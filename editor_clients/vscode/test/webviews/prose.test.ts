import assert from "node:assert/strict";
import { test } from "node:test";
import { pieces } from "../../src/webviews/prose";

const told = (sentence: string) => pieces(sentence).map(({ text, isCode }) => (isCode ? [text] : text));

test("what stands between backticks is code, and nothing else is", () => {
  assert.deepEqual(told("it mirrors `hub.py` and writes one file"), [
    "it mirrors ",
    ["hub.py"],
    " and writes one file",
  ]);
  assert.deepEqual(told("`a` and `b`"), [["a"], " and ", ["b"]]);
  assert.deepEqual(told("a ` alone"), ["a ` alone"]);
  assert.deepEqual(told(""), []);
});
