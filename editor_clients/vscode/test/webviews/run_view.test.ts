import assert from "node:assert/strict";
import { test } from "node:test";
import { element, type Markup, xml } from "../../src/pictures/markup";
import type { RunReport } from "../../src/protocol";
import type { Shown } from "../../src/webviews/run/messages";
import { type Choice, CONFLICTS, openingOf, PLANNED, RUN, view } from "../../src/webviews/run/view";
import { HOSTILE, hazards, planned, run, schedule, scheduled, task } from "../pictures/examples";
import { elements, readXml, textOf, type XmlElement } from "../xml";

const CHOICE: Choice = { tab: "timeline", chosen: {}, width: 800 };
const TASKS = [planned("data"), planned("hub"), planned("nav", { wave: 2 })];
const SCHEDULE = schedule([scheduled("data"), scheduled("hub")], [scheduled("nav", { waitsFor: ["hub"] })]);
const HAZARDS = hazards({
  contentions: [{ kind: "write-conflict", tasks: ["data", "hub"], paths: ["menu.py"], together: true }],
});

function shown(more: Partial<Shown> = {}): Shown {
  const uri = "file:///home/ada/clay-wiki.plan.md";
  const plan = {
    plan: uri,
    title: "Clay wiki",
    path: "clay-wiki.plan.md",
    tasks: TASKS,
    age: 0,
    begun: {},
    problem: "",
  };
  return { ...plan, schedule: SCHEDULE, hazards: HAZARDS, ...more };
}

function live(more: Partial<RunReport> = {}): RunReport {
  return run([task("data", "running", { seconds: 50, activity: "edit a.py" }), task("hub", "waiting")], more);
}

/** The page as text, read again. */
function drawn(value: Shown, choice: Choice = CHOICE, age = 0): XmlElement {
  return readXml(xml(element("main", {}, ...view(value, choice, age)) as Markup));
}

function labelled(page: XmlElement, attribute: string): [string, string][] {
  return [...elements(page)]
    .filter(({ attributes }) => attributes[attribute] !== undefined)
    .map((each) => [each.attributes[attribute] ?? "", textOf(each)]);
}

function lists(page: XmlElement): string[] {
  return labelled(page, "data-list").map(([name]) => name);
}

test("without a run, the plan is shown and can be launched", () => {
  const page = drawn(shown());
  assert.match(textOf(page), /Planned: 2 waves, 18 min, 1\.5 times faster than one by one\./);
  assert.deepEqual(lists(page), [PLANNED]);
  assert.deepEqual(labelled(page, "data-action"), [
    ["launch", "Launch wave 1"],
    ["openPlan", "Open the plan"],
  ]);
});

test("what cannot be launched says why", () => {
  const page = drawn(shown({ blocked: "Two tasks write menu.py." }));
  const button = [...elements(page)].find(({ attributes }) => attributes["data-action"] === "launch");
  assert.equal(button?.attributes["disabled"], "");
  assert.match(textOf(page), /Two tasks write menu\.py\./);
});

test("a run that goes on can be stopped; what comes next is below it", () => {
  const page = drawn(shown({ run: live({ eta: 90, tokens: 41_250, usd: 0.21 }) }), CHOICE, 5);
  assert.match(textOf(page), /1m 5s · about 1m 25s left · 41k tokens · \$0\.21/);
  assert.deepEqual(lists(page), [RUN, PLANNED]);
  const rows = labelled(page, "data-key").map(([key]) => key);
  assert.ok(rows.includes("nav") && rows.filter((key) => key === "data").length === 1);
  assert.deepEqual(labelled(page, "data-action")[0], ["stop", "Stop the run"]);
});

test("a run that needs a decision offers the server's steps, the likeliest first", () => {
  const held = live({
    state: "held",
    verification: { command: "make check", passed: false, output: "1 failed\n" },
    steps: [
      { way: "retry", title: "Retry `data`", command: "agentServer.retry", tasks: ["data"] },
      { way: "land-anyway", title: "Land anyway", command: "agentServer.land", unverified: true },
    ],
  });
  const page = drawn(shown({ run: held }));
  assert.deepEqual(labelled(page, "data-action"), [
    ["retry", "Retry data"],
    ["landAnyway", "Land anyway"],
    ["openPlan", "Open the plan"],
  ]);
  assert.match(textOf(page), /Verification failed: make check1 failed/);
});

test("after a run has landed, all that is open can be launched", () => {
  const page = drawn(shown({ run: live({ state: "landed" }) }));
  assert.match(textOf(page), /What is left to run/);
  assert.deepEqual(labelled(page, "data-action")[0], ["launch", "Launch the next wave"]);
});

test("a task that is chosen tells more, and what can be done with it", () => {
  const files = [{ path: "a.py", kind: "created" as const }];
  const failed = task("data", "failed", { files, undeclared: ["b.py"], message: "It gave up.", canRetry: true });
  const page = drawn(shown({ run: run([failed], { state: "held" }) }), { ...CHOICE, chosen: { [RUN]: "data" } });
  const aside = [...elements(page)].find(({ name }) => name === "aside");
  assert.ok(aside);
  for (const words of ["It gave up.", "A a.py", "b.py"]) assert.ok(textOf(aside).includes(words), words);
  assert.deepEqual(
    labelled(aside, "data-action").map(([action]) => action),
    ["showTranscript", "reviewTask", "openPlan", "retryTask"],
  );
});

test("the conflicts have a tab of their own, whose lines tell more when they are chosen", () => {
  const [line] = labelled(drawn(shown(), { ...CHOICE, tab: "conflicts" }), "data-key").filter(([key]) =>
    key.startsWith("collision:"),
  );
  assert.ok(line);
  const page = drawn(shown(), { ...CHOICE, tab: "conflicts", chosen: { [CONFLICTS]: line[0] } });
  assert.match(textOf(page), /Conflicts \(1 collision\)/);
  assert.match(
    textOf(page),
    /data and hub both write menu\.py, and the plan puts them into one wave: they would collide\./,
  );
  assert.deepEqual(openingOf(shown(), CONFLICTS, line[0]), { action: "openPlan", task: "data" });
});

test("Enter opens a transcript where there is one, else the place in the plan", () => {
  const value = shown({ run: live() });
  assert.deepEqual(openingOf(value, RUN, "data"), { action: "showTranscript", task: "data" });
  assert.deepEqual(openingOf(value, RUN, "hub"), { action: "openPlan", task: "hub" });
  assert.deepEqual(openingOf(value, PLANNED, "nav"), { action: "openPlan", task: "nav" });
  assert.equal(openingOf(value, RUN, "run:verification"), undefined);
});

test("nothing is there yet, or not all: the page says so", () => {
  const nothing: Shown = { ...shown({ problem: "The server is starting…", tasks: [] }) };
  const { schedule: _, hazards: __, ...empty } = nothing;
  assert.match(textOf(drawn(empty)), /The server is starting…/);
  assert.match(textOf(drawn(empty, { ...CHOICE, tab: "conflicts" })), /not known yet/);
  assert.match(textOf(drawn(shown({ hazards: hazards() }), { ...CHOICE, tab: "conflicts" })), /can all run at once/);
  const done = shown({ hazards: hazards(), tasks: [] });
  assert.match(textOf(drawn(done, { ...CHOICE, tab: "conflicts" })), /No task is left to run/);
});

test("hostile words stay words, wherever they stand", () => {
  for (const words of HOSTILE) {
    const hostile = task(words, "held", { title: words, message: words, comment: words, undeclared: [words] });
    const verification = { command: words, passed: false, output: words };
    const report = run([hostile], { state: "held", message: words, warnings: [words], verification });
    const value = shown({ title: words, path: words, blocked: words, problem: words, run: report });
    for (const tab of ["timeline", "conflicts"] as const) {
      const page = drawn(value, { tab, chosen: { [RUN]: words }, width: 300 });
      assert.ok(![...elements(page)].some(({ name }) => name === "script" || name === "b"));
    }
  }
});

test("no attribute is one that a strict policy forbids, or that would run something", () => {
  const page = drawn(shown({ run: live() }), { ...CHOICE, chosen: { [RUN]: "data" } });
  for (const { attributes } of elements(page)) {
    for (const name of Object.keys(attributes)) assert.doesNotMatch(name, /^(style|on.*|href|src|xlink:href)$/);
  }
});
