import assert from "node:assert/strict";
import { test } from "node:test";
import { endedRun, isWanted, noticeOf } from "../../src/notifications/notices";
import type { RunReport, RunStep } from "../../src/protocol";
import { planReport, runReport, taskReport } from "../reports";

const STEPS: readonly RunStep[] = [
  { way: "retry", title: "Retry `clay`", command: "agentServer.retry", tasks: ["clay"] },
  { way: "repair", title: "Repair", command: "agentServer.repair" },
  { way: "land-anyway", title: "Land anyway", command: "agentServer.land", unverified: true },
  { way: "discard", title: "Discard", command: "agentServer.discard" },
  { way: "undo", title: "Undo", command: "agentServer.undo" },
];

function landed(more: Partial<RunReport> = {}): RunReport {
  const files = ["a.py", "b.py", "a.py"].map((path) => ({ path, kind: "changed" }) as const);
  const verification = { command: "make check", passed: true, output: "" };
  const undo = STEPS.filter((step) => step.way === "undo");
  return runReport({ state: "landed", tasks: [taskReport({ files })], verification, steps: undo, ...more });
}

const held = (more: Partial<RunReport> = {}) =>
  runReport({ state: "held", message: "`make check` failed. Nothing landed.", steps: [...STEPS], ...more });

const titles = (run: RunReport) => noticeOf(run, planReport()).buttons.map((button) => button.title);

test("what landed is told with its files, and how to look at it and take it back", () => {
  assert.equal(noticeOf(landed(), planReport()).text, "Wave 1 of Clay wiki landed: 2 files, verified.");
  assert.deepEqual(titles(landed()), ["Review", "Undo"]);
});

test("it is said where nothing verified it, where it landed on a branch, and where there was nothing to do", () => {
  const { verification, ...unverified } = landed();
  assert.match(noticeOf(unverified, planReport()).text, /2 files, not verified\.$/);
  assert.match(
    noticeOf(landed({ branch: "wiki" }), planReport()).text,
    /landed on the branch wiki: 2 files, verified\.$/,
  );
  assert.match(noticeOf(landed({ tasks: [taskReport()] }), planReport()).text, /landed: nothing had to change\.$/);
});

test("what is held needs the user, who is offered the three likeliest ways on", () => {
  assert.equal(
    noticeOf(held(), planReport()).text,
    "Wave 1 of Clay wiki needs you: “make check” failed. Nothing landed.",
  );
  assert.deepEqual(titles(held()), ["Retry clay", "Repair", "Land anyway", "Show Run"]);
});

test("what failed says so, and a stream is called all tasks", () => {
  const failed = held({ state: "failed", message: "No room on the disk.", stream: true });
  assert.equal(noticeOf(failed, undefined).text, "All tasks of wiki.plan.md failed: No room on the disk.");
});

test("words of a plan make no link, stay on one line, and do not fill the screen", () => {
  const run = held({ message: `[x](command:evil)\n${"long ".repeat(200)}` });
  const { text } = noticeOf(run, planReport({ title: "[y](command:evil)\u202e" }));
  assert.doesNotMatch(text, /\]\(|\n|\u202e/);
  assert.ok(text.length <= 301);
});

test("a message is about the run that ended with these words, and about the newest of them", () => {
  const runs = [
    landed({ run: "1", message: "Landed 2 files" }),
    landed({ run: "3", message: "Landed 2 files" }),
    held({ run: "2" }),
  ];
  assert.equal(endedRun("Landed 2 files: wave 1 of `wiki.plan.md`.", runs)?.run, "3");
  assert.equal(endedRun("`make check` failed. Nothing landed.", runs)?.run, "2");
  assert.equal(endedRun("Landed 22 files: wave 1 of `wiki.plan.md`.", runs), undefined);
  assert.equal(endedRun("Landed 2 files of another plan.", runs), undefined);
  assert.equal(endedRun("The index is damaged.", runs), undefined);
});

test("the server breaks links in its messages, which makes them no other messages", () => {
  assert.equal(endedRun("[x] (y) failed", [held({ message: "[x](y) failed" })])?.state, "held");
});

test("a run that goes on has not ended, and one without words is not looked for", () => {
  assert.equal(endedRun("0/1 agents done", [runReport()]), undefined);
  assert.equal(endedRun(": anything", [held({ message: "" })]), undefined);
});

test("the setting says of what the user is told", () => {
  const [done, needsYou] = [noticeOf(landed(), undefined), noticeOf(held(), undefined)];
  assert.deepEqual([isWanted(done, "all"), isWanted(needsYou, "all")], [true, true]);
  assert.deepEqual([isWanted(done, "needsYou"), isWanted(needsYou, "needsYou")], [false, true]);
  assert.deepEqual([isWanted(done, "none"), isWanted(needsYou, "none")], [false, false]);
});
