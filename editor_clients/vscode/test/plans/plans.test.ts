import assert from "node:assert/strict";
import { test } from "node:test";
import { Plans, tasksIn } from "../../src/plans/plans";
import {
  type PlanReport,
  PlansChangedNotification,
  PlansRequest,
  type RunReport,
  RunStateNotification,
  SubscribeRequest,
  VERSION,
} from "../../src/protocol";
import { planned } from "../samples";
import { ScriptedServer } from "../server";

const URI = "file:///home/ada/my%20site/wiki.plan.md";

function report(more: Partial<PlanReport> = {}): PlanReport {
  const folder = "file:///home/ada/my%20site";
  return {
    ...{
      uri: URI,
      folder,
      path: "wiki.plan.md",
      title: "Wiki",
      waves: 1,
      speedup: 1,
      errors: 0,
      warnings: 0,
      tasks: [],
    },
    ...more,
  };
}

function run(id: string, more: Partial<RunReport> = {}): RunReport {
  return {
    ...{ plan: URI, run: id, wave: 1, waves: 1, state: "running", message: "", percentage: 0, isolation: "overlay" },
    ...{ started: "2026-11-03T14:15:02+00:00", seconds: 1, tokens: 0, tasks: [] },
    ...more,
  };
}

async function running(plans: PlanReport[], runs: RunReport[] = []): Promise<[ScriptedServer, Plans]> {
  const server = new ScriptedServer();
  server.answer(SubscribeRequest, () => ({ version: VERSION, runs }));
  server.answer(PlansRequest, () => ({ plans }));
  const store = new Plans(server);
  await changed(
    store,
    () => server.enter({ kind: "running", version: "0.1.0" }),
    () => store.areKnown,
  );
  return [server, store];
}

/** Does something, and waits until the store has changed so that the condition holds. */
function changed(store: Plans, act: () => void, holds: () => boolean = () => true): Promise<void> {
  return new Promise((resolve) => {
    const listening = store.onDidChange(() => {
      if (!holds()) return;
      listening.dispose();
      resolve();
    });
    act();
  });
}

test("plans and runs are there once the server runs", async () => {
  const [, store] = await running([report()], [run("1")]);
  assert.equal(store.all[0]?.run?.run, "1");
  assert.equal(store.get("file:///home/ada/my site/wiki.plan.md")?.title, "Wiki");
  store.dispose();
});

test("a run that goes on is current at once", async () => {
  const [server, store] = await running([report()], [run("1")]);
  await changed(store, () => server.say(RunStateNotification, run("1", { state: "verifying" })));
  assert.equal(store.all[0]?.run?.state, "verifying");
  store.dispose();
});

test("an older run never takes the place of a newer one", async () => {
  const [server, store] = await running([report({ run: run("1") })], [run("2")]);
  server.say(RunStateNotification, run("1", { state: "failed" }));
  assert.equal(store.run(URI)?.run, "2");
  store.dispose();
});

test("changed plans are asked for again", async () => {
  const plans = [report()];
  const [server, store] = await running(plans);
  plans.push(report({ uri: "file:///home/ada/other.plan.md", title: "Other" }));
  await changed(
    store,
    () => server.say(PlansChangedNotification, {}),
    () => store.all.length === 2,
  );
  assert.equal(store.all[1]?.title, "Other");
  store.dispose();
});

test("what a server told that has died is not held against the next one", async () => {
  const plans = [report()];
  const [server, store] = await running(plans);
  server.say(RunStateNotification, run("1"));
  server.enter({ kind: "starting" });
  plans[0] = report({ run: run("1", { state: "held" }) });
  await changed(
    store,
    () => server.enter({ kind: "running", version: "0.1.0" }),
    () => store.run(URI)?.state === "held",
  );
  store.dispose();
});

test("a plan that is a folder is that of each of its files", async () => {
  const second = "file:///w/.planning/phases/01-first/01-02-PLAN.md";
  const folder = report({ tasks: [planned("01-01"), planned("01-02", { uri: second })] });
  const [server, store] = await running([folder]);
  assert.equal(store.get(second)?.uri, URI);
  server.say(RunStateNotification, run("1"));
  assert.equal(store.run(second)?.run, store.run(URI)?.run);
  assert.deepEqual(
    tasksIn(folder, second).map((task) => task.id),
    ["01-02"],
  );
  store.dispose();
});

test("a server that has stopped leaves nothing behind", async () => {
  const [server, store] = await running([report()], [run("1")]);
  await changed(store, () => server.enter({ kind: "stopped" }));
  assert.deepEqual(store.all, []);
  assert.equal(store.areKnown, false);
  store.dispose();
});
