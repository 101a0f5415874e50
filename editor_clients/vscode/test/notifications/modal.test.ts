import assert from "node:assert/strict";
import { test } from "node:test";
import { modalOf } from "../../src/notifications/modal";

test("the first line is the question, the rest its consequences", () => {
  const { message, detail } = modalOf({ type: 2, message: "Discard wave 1?\n• 2 files are lost.\n• For good." });
  assert.equal(message, "Discard wave 1?");
  assert.equal(detail, "• 2 files are lost.\n• For good.");
});

test("a list of one is none", () => {
  assert.equal(modalOf({ type: 2, message: "Discard wave 1?\n• For good." }).detail, "For good.");
});

test("the button that changes nothing is where Escape leads", () => {
  const of = (...titles: string[]) =>
    modalOf({ type: 2, message: "?", actions: titles.map((title) => ({ title })) })
      .items.filter((item) => item.isCloseAffordance)
      .map((item) => item.title);
  assert.deepEqual(of("Discard", "Not now"), ["Not now"]);
  assert.deepEqual(of("Undo", "Cancel"), ["Cancel"]);
  assert.deepEqual(of("Notify everybody", "Cancelled ones too"), []);
});

test("what the user chooses is the server's own action, with all that it holds", () => {
  const action = { title: "Discard", data: 7 };
  assert.equal(modalOf({ type: 2, message: "?", actions: [action] }).items[0]?.action, action);
});
