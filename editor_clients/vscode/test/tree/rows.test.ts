import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunReport, TaskReport } from "../../src/protocol";
import { needing, type Row, rowsOf } from "../../src/tree/rows";
import { done, plan, planned, run, step, task, URI } from "../samples";

/** Rows as a person sees them: each with what is written behind it, indented below its parent. */
function drawn(rows: readonly Row[], indent = ""): string {
  return rows
    .map(
      (row) =>
        `${indent}${row.label}${row.description && ` [${row.description}]`}\n${drawn(row.children, `${indent}  `)}`,
    )
    .join("");
}

/** The row of a plan's run. */
function runRow(rows: readonly Row[]): Row {
  return one(rows[0]?.children.find((row) => row.id.startsWith(`${URI}#run`)));
}

function one(row: Row | undefined): Row {
  assert.ok(row);
  return row;
}

function find(rows: readonly Row[], id: string): Row {
  const all = (row: Row): Row[] => [row, ...row.children.flatMap(all)];
  return one(rows.flatMap(all).find((row) => row.id === id));
}

/** The row of the only task of a plan, which its run says this of. */
function taskRow(report: TaskReport, state: RunReport["state"] = "running"): Row {
  return find(rowsOf([plan([planned("hub")], { run: run(state, [report]) })]), `${URI}#task/hub`);
}

test("a plan shows its waves in order, and what is done in a folded group", () => {
  const rows = rowsOf([
    plan([done("data"), planned("menu", { wave: 2, minutes: 4 }), planned("hub"), planned("entry")]),
  ]);
  assert.equal(
    drawn(rows),
    `Wiki [2 waves · 3 tasks]
  Wave 1 [2 agents · 9 min]
    hub [Write hub · 9 min]
    entry [Write entry · 9 min]
  Wave 2 [1 agent · 4 min]
    menu [Write menu · 4 min]
  Done [1 task]
    data [Write data]
`,
  );
  assert.equal(find(rows, `${URI}#done`).expanded, false);
  assert.equal(find(rows, `${URI}#wave/1`).expanded, true);
});

test("tasks that wait for one another, and those left out, have groups of their own", () => {
  const { wave: _, ...tied } = planned("tied");
  const rows = rowsOf([plan([tied, { ...tied, id: "left", status: "skip" }])]);
  assert.deepEqual(
    rows[0]?.children.map((row) => row.label),
    ["In no wave", "Skipped"],
  );
});

test("what is wrong with a plan stands behind its name", () => {
  const [row] = rowsOf([plan([planned("hub")], { errors: 2, warnings: 1 })]);
  assert.equal(row?.description, "2 errors · 1 warning · 1 wave · 1 task");
  assert.equal(row?.icon?.color, "problemsErrorIcon.foreground");
});

test("a plan of another tool's says which", () => {
  const [row] = rowsOf([plan([planned("T001")], { format: "spec-kit", errors: 1 })]);
  assert.equal(row?.description, "spec-kit · 1 error · 1 wave · 1 task");
});

test("plans of several folders name them, and plans with one title their paths", () => {
  const other = plan([], {
    uri: "file:///home/ada/my%20shop/a/b.plan.md",
    folder: "file:///home/ada/my%20shop",
    path: "a/b.plan.md",
  });
  const [first, second] = rowsOf([plan([]), other]);
  assert.equal(first?.description, "site · wiki.plan.md");
  assert.equal(second?.description, "my shop · a/b.plan.md");
});

test("a plan without a title goes by its file", () => {
  assert.equal(rowsOf([plan([], { title: "", path: "plans/wiki.plan.md" })])[0]?.label, "plans/wiki.plan.md");
});

test("a task that runs says what its agent does", () => {
  const row = taskRow(task("hub", "running", { activity: "edit pages/hub.py", seconds: 70, usd: 0.2 }));
  assert.equal(row.description, "edit pages/hub.py");
  assert.equal(row.icon?.name, "loading~spin");
  assert.equal(row.spoken, "Task hub, Write hub, running, edit pages/hub.py");
});

for (const [state, of, description, icon] of [
  ["waiting", "running", "waits for its turn", "history"],
  ["preparing", "running", "preparing", "loading~spin"],
  ["verifying", "verifying", "verifying", "loading~spin"],
  ["finished", "running", "agent done · 1 min · $0.21", "pass"],
  ["landed", "landed", "landed · 1 min · $0.21", "pass-filled"],
  ["held", "held", "held · 1 min · $0.21", "debug-pause"],
  ["failed", "held", "failed · 1 min · $0.21", "error"],
  ["cancelled", "cancelled", "stopped · 1 min · $0.21", "circle-slash"],
  ["undone", "undone", "Write hub · 9 min", "circle-large-outline"],
] as const) {
  test(`a task that is ${state} says so`, () => {
    const row = taskRow(task("hub", state, { seconds: 71, usd: 0.21 }), of);
    assert.equal(row.description, description);
    assert.equal(row.icon?.name, icon);
  });
}

test("while its run goes on, that alone counts for a task", () => {
  const rows = rowsOf([plan([done("hub")], { run: run("running", [task("hub", "running")]) })]);
  assert.equal(find(rows, `${URI}#task/hub`).icon?.name, "loading~spin");
});

test("a task that was stopped before it began says so", () => {
  assert.equal(taskRow(task("hub", "cancelled"), "held").description, "not started");
});

test("once its run is over, the plan has the last word about a task", () => {
  const rows = rowsOf([plan([done("hub")], { run: run("landed", [task("hub", "landed")]) })]);
  assert.equal(find(rows, `${URI}#task/hub`).icon?.name, "check");
});

test("a task shows the files that it changed, and those that it should not have", () => {
  const files = [{ path: "pages/hub.py", kind: "created" } as const, { path: "menu.py", kind: "changed" } as const];
  const row = taskRow(task("hub", "held", { files, undeclared: ["README.md"] }), "held");
  assert.equal(drawn(row.children), "hub.py [pages]\nmenu.py\nREADME.md [not declared, will not land]\n");
  assert.deepEqual(
    row.children.map((each) => [each.path, each.change, each.context]),
    [
      ["pages/hub.py", "created", "file created drop"],
      ["menu.py", "changed", "file changed drop"],
      ["README.md", "undeclared", "file undeclared"],
    ],
  );
});

test("what was discarded or undone leaves no files to look at", () => {
  const files = [{ path: "pages/hub.py", kind: "created" as const }];
  const row = taskRow(task("hub", "discarded", { files, undeclared: ["README.md"] }), "discarded");
  assert.deepEqual(row.children, []);
  assert.equal(row.context, "task ready transcript brief");
});

test("a run that goes on tells how far it is, and can be stopped", () => {
  const report = run("running", [task("hub", "running")], {
    message: "0/1 agents done",
    usd: 0.42,
    warnings: ["80% is used"],
  });
  const row = runRow(rowsOf([plan([planned("hub")], { run: report })]));
  assert.equal(`${row.label} [${row.description}]`, "Wave 1 running [0/1 · 45 % · 2 min · $0.42]");
  assert.equal(row.context, "run stop");
  assert.deepEqual(
    row.children.map((each) => each.label),
    ["80% is used"],
  );
});

test("a run that waits for a decision offers the server's steps", () => {
  const held = run("held", [task("hub", "held", { canRetry: true })], {
    message: "Verification failed",
    verification: { command: "make check", passed: false, output: "pages/hub.py:3: error\n" },
    steps: [step("retry", { tasks: ["hub"] }), step("repair"), step("land-anyway"), step("discard")],
  });
  const rows = rowsOf([plan([planned("hub")], { run: held })]);
  const row = runRow(rows);
  assert.equal(row.label, "Wave 1 held");
  assert.equal(row.context, "run retry repair landAnyway discard");
  assert.equal(drawn(row.children), "make check [failed]\n");
  assert.deepEqual(row.children[0]?.detail().at(-1), { code: "pages/hub.py:3: error" });
  assert.equal(rows[0]?.context, "plan retry repair landAnyway discard");
  assert.equal(find(rows, `${URI}#task/hub`).context, "task held retry transcript brief");
});

test("a repair is a task of the run alone", () => {
  const report = run("running", [task("hub", "held"), task("repair", "running", { activity: "edit hub.py" })]);
  const row = runRow(rowsOf([plan([planned("hub")], { run: report })]));
  assert.equal(drawn(row.children), "repair [edit hub.py]\n");
});

test("a landing can be taken back, and a run of which nothing is left is not shown", () => {
  const landed = run("landed", [task("hub", "landed")], { steps: [step("undo")] });
  assert.equal(runRow(rowsOf([plan([done("hub")], { run: landed })])).context, "run undo");
  const undone = plan([planned("hub")], { run: run("undone", [task("hub", "undone")]) });
  assert.deepEqual(
    rowsOf([undone])[0]?.children.map((row) => row.label),
    ["Wave 1"],
  );
});

test("only a plan that can be launched offers it", () => {
  const tasks = [planned("hub"), planned("menu", { wave: 2 })];
  const context = (more: Parameters<typeof plan>[1]) => rowsOf([plan(tasks, more)])[0]?.context;
  assert.equal(context({}), "plan launch launchAll");
  assert.equal(context({ blocked: "Two tasks write one file." }), "plan");
  assert.equal(context({ run: run("running", []) }), "plan stop");
  assert.equal(context({ run: run("landing", []) }), "plan");
});

test("the badge counts runs that stopped by themselves", () => {
  const steps = [step("retry")];
  const of = (state: RunReport["state"]) => plan([], { run: run(state, [], { steps }) });
  assert.equal(needing([of("held"), of("failed"), of("cancelled"), of("running"), of("landed"), plan([])]), 2);
});

test("a plan's words stay on their line and hide nothing", () => {
  const rows = rowsOf([plan([planned("hub", { title: "Right\u202e\nleft" })])]);
  assert.equal(find(rows, `${URI}#task/hub`).description, "Right\\u{202e} left · 9 min");
});
