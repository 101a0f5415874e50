import assert from "node:assert/strict";
import { test } from "node:test";
import { approvalView, panelTitle } from "../../src/approval/view";
import { approvalOf, approvedTask } from "../reports";

const ASKED = { wave: 1 };

const viewOf = (more = {}) =>
  approvalView({ name: "Clay wiki", asked: ASKED, answer: approvalOf(more), isStarting: false });

test("it says what is asked for, and the button how many agents it starts", () => {
  const tasks = [approvedTask(), approvedTask({ id: "menu" })];
  assert.equal(viewOf({ tasks }).heading, "Launch wave 1 of Clay wiki?");
  assert.equal(viewOf({ tasks }).launch?.run, "Run 2 agents");
  assert.equal(viewOf().launch?.run, "Run 1 agent");
  assert.equal(panelTitle({ wave: 1, stream: true }), "Launch all open tasks");
});

test("time, cost, budget and verification are always there, also where there is none", () => {
  const facts = (more = {}) => viewOf(more).launch?.facts.map(({ name, text }) => [name, text]);
  const tasks = [approvedTask({ minutes: 9 }), approvedTask({ minutes: 22 })];
  const all = { tasks, minutes: 22, verify: "make check", estimate: "0.21 USD", budget: "2 USD" };
  assert.deepEqual(facts(all), [
    ["Time", "About 22 min in parallel, 31 min one by one"],
    ["Cost", "0.21 USD"],
    ["Budget", "2 USD"],
    ["Verified by", "make check"],
  ]);
  assert.deepEqual(facts(), [
    ["Time", "About 9 min"],
    ["Cost", "No estimate"],
    ["Budget", "No limit"],
    ["Verified by", "Nothing: the result lands unchecked"],
  ]);
});

test("what nothing verifies stands out, and what the server says without code is quoted", () => {
  const warnings = (more = {}) =>
    viewOf(more)
      .launch?.facts.filter((fact) => fact.isWarning)
      .map(({ name }) => name);
  assert.deepEqual(warnings(), ["Verified by"]);
  assert.deepEqual(warnings({ verify: "make check" }), []);
  const answer = { refused: "`a.py` is written twice." };
  assert.equal(approvalView({ name: "", asked: ASKED, answer, isStarting: false }).notice, "“a.py” is written twice.");
});

test("a task says its files, its model and why, its agent and its time", () => {
  assert.deepEqual(viewOf().launch?.tasks, [
    {
      ...{ id: "clay", title: "Write the clay article", writes: ["data/clay.py", "data/index.py"] },
      ...{
        model: "claude-sonnet-5-5",
        because: "default: it writes 2 files",
        agent: "claude",
        minutes: "9 min",
        after: [],
      },
    },
  ]);
  const [own] = viewOf({ tasks: [{ ...approvedTask(), model: undefined }] }).launch?.tasks ?? [];
  assert.deepEqual([own?.model, own?.because], ["Its own model", ""]);
});

test("columns that would be empty are left out", () => {
  const of = (more = {}) => {
    const launch = viewOf({ tasks: [approvedTask(more)] }).launch;
    return [launch?.waits, launch?.checks];
  };
  assert.deepEqual(of(), [false, false]);
  assert.deepEqual(of({ after: ["menu"] }), [true, false]);
  assert.deepEqual(of({ verify: "make clay" }), [false, true]);
});

test("nothing is cut off, and what cannot be seen is spelled out", () => {
  const command = `make ${"x".repeat(3000)}\n  --all\u202e`;
  const writes = Array.from({ length: 200 }, (_, at) => `data/${at}.py`);
  const launch = viewOf({
    verify: command,
    tasks: [approvedTask({ writes, verify: command, title: "a\nb\u200b" })],
  }).launch;
  const shown = `make ${"x".repeat(3000)}\n  --all\\u{202e}`;
  assert.equal(launch?.facts.find((fact) => fact.isCode)?.text, shown);
  assert.equal(launch?.tasks[0]?.verify, shown);
  assert.equal(launch?.tasks[0]?.writes.length, 200);
  assert.equal(launch?.tasks[0]?.title, "a b\\u{200b}");
});

test("what can no longer be launched says why, and has no button", () => {
  const view = approvalView({
    name: "Clay wiki",
    asked: ASKED,
    answer: { refused: "A run goes on." },
    isStarting: false,
  });
  assert.deepEqual(view, { heading: "Launch wave 1 of Clay wiki?", notice: "A run goes on." });
});
