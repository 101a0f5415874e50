import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlanReport, RunReport } from "../../src/protocol";
import type { ServerState } from "../../src/server/server";
import { type Moment, short, statusView } from "../../src/status/view";
import { planReport, runReport, taskReport, URI } from "../reports";

const OTHER = "file:///home/ada/site/other.plan.md";

function moment(plans: readonly PlanReport[], more: Partial<Moment> = {}): Moment {
  return {
    server: { kind: "running", version: "0.1.0" },
    isSilent: false,
    status: undefined,
    plans,
    active: plans[0],
    questions: [],
    isRecent: () => true,
    secondsOf: (run) => run.seconds,
    ...more,
  };
}

const ran = (more: Partial<RunReport>, plan: Partial<PlanReport> = {}) => planReport({ run: runReport(more), ...plan });
const textOf = (plan: PlanReport) => statusView(moment([plan]))?.text;

test("each state of a run has its words", () => {
  const tasks = [taskReport({ state: "finished" }), taskReport({ state: "held" }), taskReport(), taskReport()];
  const running = { seconds: 125, usd: 0.42, tasks };
  assert.equal(textOf(ran({ ...running, state: "preparing" })), "$(sync~spin) Wave 1 · preparing · 2m · $0.42");
  assert.equal(textOf(ran({ ...running, state: "running" })), "$(sync~spin) Wave 1 · 2/4 · 2m · $0.42");
  assert.equal(textOf(ran({ ...running, state: "verifying" })), "$(sync~spin) Wave 1 · verifying · 2m · $0.42");
  assert.equal(textOf(ran({ ...running, state: "landing" })), "$(sync~spin) Wave 1 · landing · 2m · $0.42");
  assert.equal(textOf(ran({ ...running, state: "landed" })), "$(check) Wave 1 · landed · $0.42");
  assert.equal(textOf(ran({ ...running, state: "cancelled" })), "$(circle-slash) Wave 1 · stopped · $0.42");
  assert.equal(textOf(ran({ state: "failed" })), "$(error) Wave 1 · failed");
  assert.equal(textOf(ran({ state: "held" })), "$(bell-dot) Wave 1 · needs you");
  assert.equal(textOf(ran({ stream: true })), "$(sync~spin) All tasks · 0/1 · 12s");
});

test("what nothing is left of is as if it had not run", () => {
  for (const state of ["discarded", "undone"] as const)
    assert.equal(textOf(ran({ state })), "$(layers) 2 waves · 2 agents");
});

test("the user's eye is called to what needs them, and only while it is new", () => {
  const steps = [{ way: "retry", title: "Retry", command: "agentServer.retry" }] as const;
  const severity = (state: RunReport["state"], more: Partial<Moment> = {}) =>
    statusView(moment([ran({ state, steps: [...steps] })], more))?.severity;
  assert.equal(severity("held"), "warning");
  assert.equal(severity("failed"), "error");
  assert.equal(severity("running"), undefined);
  assert.equal(severity("landed"), undefined);
  assert.equal(severity("held", { isRecent: () => false }), undefined);
});

test("a plan that does not run says what there is to run", () => {
  assert.equal(textOf(planReport()), "$(layers) 2 waves · 2 agents");
  assert.equal(textOf(planReport({ errors: 1 })), "$(warning) 2 waves · 2 agents");
  const done = planReport().tasks.map(({ wave, ...task }) => ({ ...task, status: "done" }));
  assert.equal(textOf(planReport({ waves: 0, tasks: done })), "$(check-all) all done");
});

test("with no plan in sight there is nothing to say, unless the server ails", () => {
  const away = { active: undefined };
  assert.equal(statusView(moment([planReport()], away)), undefined);
  const status = {
    health: "warning",
    message: "The index is damaged.",
    quiescent: true,
    spend: { tokens: 0 },
    running: 0,
  } as const;
  assert.equal(statusView(moment([planReport()], { ...away, status }))?.label, "Agent Server: The index is damaged.");
});

test("the active plan comes first, else the run that is the most urgent", () => {
  const steps = [{ way: "discard", title: "Discard", command: "agentServer.discard" }] as const;
  const active = ran({ run: "1" });
  const held = ran({ run: "2", state: "held", steps: [...steps], wave: 2 }, { uri: OTHER });
  const running = ran({ run: "3", wave: 3 }, { uri: "file:///home/ada/site/third.plan.md" });
  assert.equal(statusView(moment([active, held, running]))?.uri, URI);
  assert.equal(statusView(moment([planReport(), running, held]))?.uri, OTHER);
  assert.equal(statusView(moment([planReport(), running]))?.text, "$(sync~spin) Wave 3 · 0/1 · 12s");
});

test("of other plans, what ended before the window was open is not shown", () => {
  const steps = [{ way: "discard", title: "Discard", command: "agentServer.discard" }] as const;
  const old = ran({ state: "held", steps: [...steps] }, { uri: OTHER });
  assert.equal(
    statusView(moment([planReport(), old], { isRecent: () => false }))?.text,
    "$(layers) 2 waves · 2 agents",
  );
});

test("a launch waits for a yes", () => {
  const view = statusView(moment([ran({})], { questions: [{ uri: URI, part: "Wave 1" }] }));
  assert.equal(view?.text, "$(question) Launch wave 1?");
  assert.equal(view?.severity, "warning");
  assert.equal(view?.command, "agent-server.showQuestion");
});

test("a server that does not run says why, and what mends it", () => {
  const of = (server: ServerState) => {
    const view = statusView(moment([planReport()], { server }));
    return [view?.text, view?.command, view?.severity];
  };
  const failed = (problem: "missing" | "outdated" | "broken") => of({ kind: "failed", problem, why: "Because." });
  assert.deepEqual(of({ kind: "starting" }), ["$(sync~spin) Agent Server", "agent-server.showLog", undefined]);
  assert.deepEqual(of({ kind: "stopped" }), [
    "$(debug-disconnect) Agent Server",
    "agent-server.restartServer",
    undefined,
  ]);
  assert.deepEqual(failed("missing"), ["$(error) Agent Server is missing", "agent-server.installServer", "error"]);
  assert.deepEqual(failed("outdated"), ["$(error) Agent Server is too old", "agent-server.installServer", "warning"]);
  assert.deepEqual(failed("broken"), ["$(error) Agent Server did not start", "agent-server.showLog", "error"]);
});

test("the tooltip has a line for each task, and what warns", () => {
  const run = runReport({
    warnings: ["80% of the budget of 2 USD is used"],
    tasks: [taskReport({ state: "landed", activity: "" }), taskReport({ title: "", id: "menu" })],
  });
  const lines = statusView(moment([planReport({ run })]))?.tooltip.split("  \n") ?? [];
  assert.deepEqual(lines.slice(0, 5), [
    "**Clay wiki**",
    "0\\/1 agents done",
    "✓ Write the clay article: landed",
    "◑ menu: edit data\\/clay\\.py",
    "⚠ 80\\% of the budget of 2 USD is used",
  ]);
});

test("of many tasks the tooltip shows those of which there is something to say", () => {
  const waiting = Array.from({ length: 20 }, (_, at) =>
    taskReport({ id: `${at}`, title: `Task ${at}`, state: "waiting" }),
  );
  const run = runReport({ tasks: [...waiting, taskReport({ title: "Last", activity: "", state: "failed" })] });
  const lines = statusView(moment([planReport({ run })]))?.tooltip.split("  \n") ?? [];
  assert.equal(lines[2], "✗ Last: failed");
  assert.equal(lines.at(-2), "… and 9 more tasks");
});

test("nothing in a tooltip that comes from a plan is a link, an image, HTML or a new line", () => {
  const evil = "[run](command:evil) ![x](https://e.example/x.png) <b>**x**\n\nhttps://e.example a@e.example `c` \u202e";
  const run = runReport({ message: evil, tasks: [taskReport({ title: evil, activity: evil })], warnings: [evil] });
  const tooltip = statusView(moment([planReport({ title: evil, run })]))?.tooltip ?? "";
  const [links] = tooltip.split("  \n").slice(-1);
  const told = tooltip.replace(links ?? "", "");
  assert.doesNotMatch(told.replace(/\\[^\w\s]/g, ""), /[[\]()<>!`@]|https:/);
  assert.match(links ?? "", /^\[Timeline and conflicts\]\(command:agent-server\.openRun\?[\w%.-]+\)/);
});

test("screen readers are told without icons", () => {
  assert.equal(statusView(moment([ran({})]))?.label, "Wave 1 of Clay wiki, 0/1, 12s");
});

test("time is short", () => {
  assert.deepEqual([-1, 0, 59.9, 60, 3599, 3600, 3900].map(short), ["0s", "0s", "59s", "1m", "59m", "1h 0m", "1h 5m"]);
});
