import assert from "node:assert/strict";
import { test } from "node:test";
import { commentOf } from "../../src/review/remark_words";

test("remarks become one comment, by file and line, as people count lines", () => {
  const comment = commentOf([
    { path: "pages/hub.py", line: 0, words: "Say why." },
    { path: "data/wood.py", line: 10, words: " Two lines\r\nof words \n" },
    { path: "data/wood.py", line: 9, words: "Shorter." },
  ]);
  assert.equal(comment, "data/wood.py:10: Shorter.\ndata/wood.py:11: Two lines\n  of words\npages/hub.py:1: Say why.");
});
