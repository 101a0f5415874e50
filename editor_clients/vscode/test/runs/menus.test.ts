import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanReport, RunStep } from "../../src/protocol";
import { contextOf } from "../../src/runs/context";
import { type Row, rowsOf } from "../../src/tree/rows";
import { manifest } from "../manifest";
import { plan, planned, run, step, task } from "../samples";

const WAYS: readonly RunStep["way"][] = ["retry", "land", "repair", "land-anyway", "discard", "undo"];
const FILES = [{ path: "hub.py", kind: "created" as const }];
const TASKS = [planned("hub"), planned("menu", { wave: 2 }), planned("entry")];

/** Plans of which, taken together, everything can be said. */
const PLANS: readonly PlanReport[] = [
  plan(TASKS),
  plan(TASKS, { run: run("running", [task("hub", "running"), task("entry", "failed")]) }),
  plan(TASKS, {
    run: run(
      "held",
      [
        task("hub", "held", { files: FILES, canRetry: true, canLand: true }),
        task("entry", "cancelled", { canRetry: true }),
      ],
      { steps: WAYS.map((way) => step(way)) },
    ),
  }),
];

function wordsOf(row: Row): string[] {
  return [...row.context.split(" "), ...row.children.flatMap(wordsOf)];
}

test("what menus ask of rows and of plans is something that can be said of them", () => {
  const ofRows = new Set(PLANS.flatMap((each) => rowsOf([each])).flatMap(wordsOf));
  const keys = PLANS.map((each) => contextOf([each], each, true));
  const ofPlans = new Set(keys.flatMap((each) => String(each["agentServer.activePlanCan"]).split(" ")));
  const asked = JSON.stringify(manifest.contributes.menus).matchAll(/(viewItem|agentServer\.\w+) =~ \/(.*?)\//g);
  let number = 0;
  for (const [whole, key, pattern = ""] of asked) {
    for (const [word] of pattern.replaceAll("\\\\b", " ").matchAll(/\w+/g)) {
      assert.ok((key === "viewItem" ? ofRows : ofPlans).has(word), whole);
      number++;
    }
  }
  assert.ok(number > 50);
});
