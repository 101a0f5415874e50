import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf, stateOf } from "../../src/plans/runs";
import { notified } from "../../src/plans/words";

test("notifications quote what is code, stay on one line, and make no links", () => {
  assert.equal(notified("1 of 2 tasks did not finish (`data`),\nso nothing landed."), NOTHING_LANDED);
  assert.equal(notified("[Install](command:evil) `a](b`"), "[Install] (command:evil) “a] (b”");
});

const NOTHING_LANDED = "1 of 2 tasks did not finish (“data”), so nothing landed.";

test("a run's message does not say its state once more", () => {
  assert.equal(messageOf({ message: "Landed 7 files" }), "7 files");
  assert.equal(messageOf({ message: "Landed" }), "");
  assert.equal(messageOf({ message: "Stopped. Nothing landed." }), "Nothing landed.");
  assert.equal(messageOf({ message: "Discarded: nothing of it lands" }), "Nothing of it lands");
  assert.equal(messageOf({ message: "Landing goes on" }), "Landing goes on");
});

test("users stop what the protocol calls cancelled", () => {
  assert.deepEqual(
    ["cancelled", "held"].map((state) => stateOf(state as "held")),
    ["stopped", "held"],
  );
});
