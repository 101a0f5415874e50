import assert from "node:assert/strict";
import { test } from "node:test";
import { contextOf, standOf } from "../../src/runs/context";
import { done, plan, planned, run, step, task } from "../samples";

test("without plans nothing can be done", () => {
  assert.deepEqual(contextOf([], undefined), {
    "agentServer.hasPlans": false,
    "agentServer.can": "",
    "agentServer.activePlan": undefined,
    "agentServer.activePlanCan": undefined,
  });
});

test("what can be done with some plan and with the active one is told apart", () => {
  const held = run("held", [task("hub", "held", { canRetry: true, canLand: true, undeclared: ["a"] })], {
    steps: [step("land"), step("land-anyway"), step("discard")],
  });
  const active = plan([planned("hub"), planned("menu", { wave: 2 })]);
  const keys = contextOf([plan([], { run: held }), active], active);
  assert.equal(keys["agentServer.activePlan"], "idle");
  assert.equal(keys["agentServer.activePlanCan"], "launch launchAll");
  assert.equal(
    keys["agentServer.can"],
    "discard land landAnyway landTask launch launchAll retryTask review transcript",
  );
});

test("a run can be stopped until it lands, and its agents until they end", () => {
  const can = (report: Parameters<typeof plan>[1]) => contextOf([plan([], report)], undefined)["agentServer.can"];
  assert.equal(can({ run: run("running", [task("hub", "running")]) }), "stop stopTask transcript");
  assert.equal(can({ run: run("verifying", [task("hub", "verifying")]) }), "stop transcript");
  assert.equal(can({ run: run("landing", [task("hub", "verifying")]) }), "transcript");
});

test("a plan stands in one word", () => {
  assert.equal(standOf(plan([planned("hub")])), "idle");
  assert.equal(standOf(plan([done("hub")])), "done");
  assert.equal(standOf(plan([planned("hub")], { blocked: "Two tasks write one file." })), "blocked");
  assert.equal(standOf(plan([planned("hub")], { run: run("verifying", []) })), "running");
  assert.equal(standOf(plan([planned("hub")], { run: run("cancelled", [], { steps: [step("retry")] }) })), "held");
});
