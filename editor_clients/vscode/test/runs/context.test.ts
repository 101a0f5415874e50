import assert from "node:assert/strict";
import { test } from "node:test";
import { contextOf } from "../../src/runs/context";
import { plan, planned, run, step, task } from "../samples";

test("without plans nothing can be done", () => {
  assert.deepEqual(contextOf([], undefined, true), {
    "agentServer.hasPlans": false,
    "agentServer.hasNoPlans": true,
    "agentServer.planPaths": [],
    "agentServer.can": "",
    "agentServer.activePlanCan": undefined,
  });
});

test("nobody says that there are no plans as long as some may be found", () => {
  assert.equal(contextOf([], undefined, false)["agentServer.hasNoPlans"], false);
  assert.equal(contextOf([plan([])], undefined, true)["agentServer.hasNoPlans"], false);
});

test("what can be done with some plan and with the active one is told apart", () => {
  const held = run("held", [task("hub", "held", { canRetry: true, canLand: true, undeclared: ["a"] })], {
    steps: [step("land"), step("land-anyway"), step("discard")],
  });
  const active = plan([planned("hub"), planned("menu", { wave: 2 })]);
  const keys = contextOf([plan([], { run: held }), active], active, true);
  assert.equal(keys["agentServer.activePlanCan"], "launch launchAll");
  assert.equal(
    keys["agentServer.can"],
    "discard land landAnyway landTask launch launchAll retryTask review transcript",
  );
});

test("a run can be stopped until it lands, and its agents until they end", () => {
  const can = (report: Parameters<typeof plan>[1]) => contextOf([plan([], report)], undefined, true)["agentServer.can"];
  assert.equal(can({ run: run("running", [task("hub", "running")]) }), "stop stopTask transcript");
  assert.equal(can({ run: run("verifying", [task("hub", "verifying")]) }), "stop transcript");
  assert.equal(can({ run: run("landing", [task("hub", "verifying")]) }), "transcript");
});

test("which files are plans the server tells, whatever they are called", () => {
  const tasks = plan([], { uri: "file:///home/ada/my%20shop/specs/001-cart/tasks.md" });
  assert.deepEqual(contextOf([tasks], undefined, true)["agentServer.planPaths"], [
    "/home/ada/my shop/specs/001-cart/tasks.md",
  ]);
  const folder = plan([planned("one"), planned("two", { uri: "file:///home/ada/shop/.planning/01-02-PLAN.md" })], {
    uri: "file:///home/ada/shop/.planning/01-01-PLAN.md",
  });
  assert.deepEqual(contextOf([folder], undefined, true)["agentServer.planPaths"], [
    "/home/ada/shop/.planning/01-01-PLAN.md",
    "/home/ada/shop/.planning/01-02-PLAN.md",
  ]);
});
