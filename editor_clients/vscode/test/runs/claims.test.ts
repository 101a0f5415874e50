import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RunStateNotification, ScheduleRequest, type ScheduleResult } from "../../src/protocol";
import { claimsOf, register } from "../../src/runs/claims";
import { appWith } from "../reports";
import { FOLDER, plan, planned, run, task } from "../samples";
import { Uri, user } from "../vscode";

function schedule(writes: Record<string, string[]>): ScheduleResult {
  const tasks = Object.entries(writes).map(([id, files]) => ({
    ...{ id, title: id, minutes: 9, model: "", tier: "default", because: "", writes: files, waitsFor: [] },
  }));
  return {
    ...{ waves: [{ number: 1, minutes: 9, tasks }], unscheduled: [], criticalPath: [] },
    ...{ sequentialMinutes: 9, parallelMinutes: 9, speedup: 1, agents: 1 },
  };
}

const WRITES = schedule({ hub: ["pages/hub.py", "static/**", "!static/a.css", "docs/"], menu: ["menu.py"] });
const TASKS = [planned("hub"), planned("menu")];

test("the files that a task names are claimed while its run goes on", () => {
  const claims = claimsOf(plan(TASKS, { run: run("running", [task("hub", "running")]) }), WRITES);
  assert.deepEqual([...claims], [[`${FOLDER}/pages/hub.py`, "The agent of hub (Wiki) may change this file"]]);
});

test("what has failed, or is over, claims nothing", () => {
  assert.equal(claimsOf(plan(TASKS, { run: run("running", [task("hub", "failed")]) }), WRITES).size, 0);
  assert.equal(claimsOf(plan(TASKS, { run: run("held", [task("hub", "held")]) }), WRITES).size, 0);
});

test("badges come and go with the run, and what tasks may write is asked for once", async () => {
  const { app, server } = await appWith(plan(TASKS));
  server.answer(ScheduleRequest, () => WRITES);
  server.asked.length = 0;
  user.forget();
  mock.timers.enable({ apis: ["setTimeout"] });
  const registration = register(app);
  const [provider] = user.decorations;
  assert.ok(provider);
  const told: string[][] = [];
  const next = () =>
    new Promise<void>(
      (resolve) =>
        void provider.onDidChangeFileDecorations?.((uris) => {
          told.push(uris.map((uri) => uri.toString()));
          resolve();
        }),
    );
  const hub = Uri.parse(`${FOLDER}/pages/hub.py`);
  const badged = next();
  server.say(RunStateNotification, run("running", [task("hub", "running")]));
  server.say(RunStateNotification, run("running", [task("hub", "running", { activity: "read a.py" })]));
  mock.timers.tick(500);
  await badged;
  assert.ok(provider.provideFileDecoration(hub));
  assert.equal(provider.provideFileDecoration(Uri.parse(`${FOLDER}/menu.py`)), undefined);
  assert.deepEqual(
    server.asked.map(([name]) => name),
    ["agentServer/schedule"],
  );
  server.say(RunStateNotification, run("landed", [task("hub", "landed")]));
  mock.timers.tick(500);
  assert.equal(provider.provideFileDecoration(hub), undefined);
  assert.deepEqual(told, [[hub.toString()], [hub.toString()]]);
  registration.dispose();
  mock.timers.reset();
});
