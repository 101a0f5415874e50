import assert from "node:assert/strict";
import { test } from "node:test";
import { isAtEnd } from "../../src/documents/following";

test("whoever sees the last line of words is at the end; whoever has scrolled up is not", () => {
  // Ten lines, and the empty one behind the last line end.
  assert.ok(isAtEnd(10, 11));
  assert.ok(isAtEnd(9, 11));
  assert.ok(!isAtEnd(8, 11));
  assert.ok(isAtEnd(0, 1));
});
