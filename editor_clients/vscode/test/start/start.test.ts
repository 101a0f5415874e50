import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanReport } from "../../src/protocol";
import { demoIn } from "../../src/start/demo_folder";
import { Steps } from "../../src/start/steps";
import { fileNameOf, template, titleOf, verifying, wrongWith } from "../../src/start/template";

const none = () => false;

test("a name is enough for a plan's file", () => {
  assert.equal(fileNameOf("search"), "search.plan.md");
  assert.equal(fileNameOf(" user settings "), "user-settings.plan.md");
  assert.equal(fileNameOf("search.plan.md"), "search.plan.md");
  assert.equal(fileNameOf("search.md"), "search.plan.md");
});

test("a name that cannot be is refused, and a file is never written over", () => {
  assert.equal(wrongWith("search", none), undefined);
  assert.match(wrongWith("search", (file) => file === "search.plan.md") ?? "", /already/);
  for (const name of ["", "  ", ".plan.md", "../x", "a/b", "a\\b", "a:b", "a\nb", "x".repeat(200), ".hidden"]) {
    assert.ok(wrongWith(name, none), name);
  }
});

test("the title comes from the name, and means itself in the snippet", () => {
  assert.equal(titleOf("user-settings.plan.md"), "User settings");
  assert.match(template("a}$b\\", "make"), /# \$\{2:a\\\}\\\$b\\\\\}\n/);
});

test("a plan is verified as the project's files suggest", () => {
  assert.equal(
    verifying((file) => file === "go.mod"),
    "go test ./...",
  );
  assert.equal(verifying(none), "make test");
});

test("the demo's folder is read from the last line", () => {
  const line = JSON.stringify({ folder: "/tmp/d", plan: "/tmp/d/a.plan.md", firstTry: "/tmp/d/b.plan.md" });
  assert.deepEqual(demoIn(`Making it\n${line}\n`), { folder: "/tmp/d", plan: "/tmp/d/b.plan.md" });
  assert.deepEqual(demoIn('{"folder": "/tmp/d", "firstTry": "b.plan.md"}'), {
    folder: "/tmp/d",
    plan: "/tmp/d/b.plan.md",
  });
  for (const other of ["", "/tmp/d", "null", "[]", '{"folder": "d", "firstTry": "b"}']) {
    assert.equal(demoIn(other), undefined, other);
  }
});

test("a step is taken once: problems grow fewer, and something runs", () => {
  const plan = (more: Partial<PlanReport>) => ({ uri: "file:///a", errors: 0, warnings: 0, ...more }) as PlanReport;
  const steps = new Steps();
  assert.deepEqual(steps.look([plan({ warnings: 1 })]), []);
  assert.deepEqual(steps.look([plan({ warnings: 2, errors: 1 })]), []);
  assert.deepEqual(steps.look([plan({ warnings: 2 })]), ["hasMended"]);
  assert.deepEqual(steps.look([plan({ run: {} as NonNullable<PlanReport["run"]> })]), ["hasLaunched"]);
  assert.deepEqual(steps.look([plan({ run: {} as NonNullable<PlanReport["run"]> })]), []);
});
