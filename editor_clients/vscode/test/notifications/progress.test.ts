import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Launches } from "../../src/launching/launches";
import { RunProgress } from "../../src/notifications/progress";
import { CancelCommand, RunStateNotification } from "../../src/protocol";
import { appWith, planReport, runReport, URI } from "../reports";
import { user } from "../vscode";

const RUN = runReport();

afterEach(() => user.forget());

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function watching() {
  const { app, server } = await appWith(planReport());
  const launches = new Launches();
  const progress = new RunProgress(app, launches);
  return {
    app,
    server,
    launches,
    progress,
    report: (more = {}) => server.say(RunStateNotification, { ...RUN, ...more }),
  };
}

test("a run that was begun here has a toast, with how far it is, until it has ended", async () => {
  const { launches, report } = await watching();
  launches.begin(RUN.run);
  assert.equal(user.progresses.length, 0);
  report();
  report({ percentage: 55, message: "1/1 agents done" });
  const [toast] = user.progresses;
  assert.equal(toast?.title, "Wave 1 of Clay wiki");
  assert.deepEqual(toast?.told, [
    { message: "0/1 agents done", increment: 20 },
    { message: "1/1 agents done", increment: 35 },
  ]);
  report({ state: "landed" });
  await settled();
  assert.equal(toast?.isOpen, false);
  report();
  assert.equal(user.progresses.length, 1);
});

test("a run that was begun elsewhere has none", async () => {
  const { report } = await watching();
  report();
  assert.deepEqual(user.progresses, []);
});

test("a run that was reported before it was known to be ours has one, too", async () => {
  const { launches, report } = await watching();
  report();
  launches.begin(RUN.run);
  assert.equal(user.progresses.length, 1);
});

test("who wants few notifications has none", async () => {
  const { launches, report } = await watching();
  user.settings.set("agentServer.notifications", "needsYou");
  launches.begin(RUN.run);
  report();
  assert.deepEqual(user.progresses, []);
});

test("Cancel stops the run, asks nothing, and says what is kept", async () => {
  const { launches, report, server } = await watching();
  server.answerCommand(CancelCommand, () => ({ cancelled: true }));
  launches.begin(RUN.run);
  report();
  user.progresses[0]?.cancel();
  await settled();
  assert.deepEqual(server.asked.at(-1), ["agentServer.cancel", { uri: URI }]);
  assert.equal(user.progresses[0]?.isOpen, false);
  assert.match(user.messages[0]?.text ?? "", /^Stopped\. What agents have finished is kept/);
});

test("a landing is not stopped, and that is said", async () => {
  const { launches, report, server } = await watching();
  launches.begin(RUN.run);
  report();
  report({ state: "landing" });
  user.progresses[0]?.cancel();
  await settled();
  assert.match(user.messages[0]?.text ?? "", /^It is landing/);
  assert.notEqual(server.asked.at(-1)?.[0], "agentServer.cancel");
});

test("a server that ends takes all toasts with it", async () => {
  const { launches, report, server } = await watching();
  launches.begin(RUN.run);
  report();
  server.enter({ kind: "stopped" });
  await settled();
  assert.equal(user.progresses[0]?.isOpen, false);
});

test("the server's own progress of a run is left out, but for its end, which frees the token", async () => {
  const { app, report } = await watching();
  report();
  const token = `${RUN.run}-1f`;
  const hears = (kind: "begin" | "report" | "end", of: string) => app.layers.progress?.(of, { kind, title: "" });
  assert.deepEqual([hears("begin", token), hears("report", token), hears("end", token)], [true, true, false]);
  assert.equal(hears("report", token), false);
  assert.deepEqual(
    [hears("begin", "indexing"), hears("report", "indexing"), hears("end", "indexing")],
    [false, false, false],
  );
});
