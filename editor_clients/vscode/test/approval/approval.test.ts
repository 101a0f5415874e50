import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Approvals, type Page } from "../../src/approval/approval";
import { Launches } from "../../src/launching/launches";
import { ApprovalRequest, type ApprovalResult, PlansChangedNotification } from "../../src/protocol";
import { Refusal } from "../../src/server/server";
import type { ApprovalView } from "../../src/webviews/approval/messages";
import { approvalOf, appWith, planReport, URI } from "../reports";
import { EventEmitter, TabInputText, Uri, user, window, workspace } from "../vscode";

const LAUNCH = { method: "workspace/executeCommand" };

/** A page whose user is the test. */
class PageOfTest implements Page {
  readonly said = new EventEmitter<unknown>();
  readonly onDidSay = this.said.event;
  readonly disposed = new EventEmitter<void>();
  readonly onDidDispose = this.disposed.event;
  readonly views: ApprovalView[] = [];
  isOpen = true;
  isActive = true;
  reveals = 0;
  constructor(public title: string) {}
  get view(): ApprovalView | undefined {
    return this.views.at(-1);
  }
  show(view: ApprovalView): void {
    this.views.push(view);
  }
  reveal(): void {
    this.reveals += 1;
  }
  dispose(): void {
    this.isOpen = false;
    this.disposed.fire();
  }
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => {
  mock.timers.reset();
  window.tabGroups.activeTabGroup.tabs = [];
  user.forget();
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The page once it has asked again, after what happens. */
async function after(happens: () => void): Promise<void> {
  happens();
  mock.timers.tick(1000);
  await settled();
}

async function asking(answer: () => ApprovalResult = () => approvalOf()) {
  const { app, server } = await appWith(planReport());
  const pages: PageOfTest[] = [];
  const launches = new Launches();
  const approvals = new Approvals(app, launches, (title) => {
    const page = new PageOfTest(title);
    pages.push(page);
    return page;
  });
  let now = answer;
  server.answer(ApprovalRequest, () => now());
  await approvals.ask(URI, { wave: 1 });
  const [page] = pages;
  return {
    ...{ approvals, launches, pages, page, server },
    answerNow: (next: () => ApprovalResult) => {
      now = next;
    },
    say: async (said: unknown) => {
      page?.said.fire(said);
      await settled();
    },
    launched: () => server.asked.filter(([method]) => method === LAUNCH.method),
  };
}

const refuse = (words: string) => () => {
  throw new Refusal(words);
};

test("what would happen is shown before anything runs", async () => {
  const { page, launches, launched } = await asking();
  assert.equal(page?.title, "Launch wave 1");
  assert.equal(page?.view?.launch?.approved, "5f70bf18");
  assert.deepEqual(launches.questions, [{ uri: URI, part: "Wave 1" }]);
  assert.deepEqual(launched(), []);
});

test("what cannot be launched is refused at once, without a page", async () => {
  const { pages, launches } = await asking(refuse("The plan has errors."));
  assert.deepEqual(pages, []);
  assert.deepEqual(launches.questions, []);
  assert.deepEqual(
    user.messages.map(({ kind, text }) => [kind, text]),
    [["error", "The plan has errors."]],
  );
});

test("a yes launches exactly what was shown, once, and closes the page", async () => {
  const { page, launches, launched, say, server } = await asking();
  const begun: string[] = [];
  launches.onDidBegin((run) => begun.push(run));
  server.answer(LAUNCH, () => ({ run: "20261103T141502-9f3a1c" }));
  page?.said.fire({ kind: "run", approved: "5f70bf18" });
  assert.equal(page?.view?.launch?.isStarting, true);
  await say({ kind: "run", approved: "5f70bf18" });
  const argument = { uri: URI, wave: 1, approved: "5f70bf18" };
  assert.deepEqual(launched(), [[LAUNCH.method, { command: "agentServer.launch", arguments: [argument] }]]);
  assert.equal(page?.isOpen, false);
  assert.deepEqual(launches.questions, []);
  assert.deepEqual(begun, ["20261103T141502-9f3a1c"]);
});

test("not now launches nothing", async () => {
  const { page, launches, launched, say } = await asking();
  await say({ kind: "notNow" });
  assert.equal(page?.isOpen, false);
  assert.deepEqual(launches.questions, []);
  assert.deepEqual(launched(), []);
});

test("whoever has answered is back in the plan, unless they look at something else by then", async () => {
  window.tabGroups.open({ label: "wiki.plan.md", input: new TabInputText(Uri.parse(URI)) });
  const elsewhere = await asking();
  if (elsewhere.page) elsewhere.page.isActive = false;
  await elsewhere.say({ kind: "notNow" });
  assert.deepEqual(user.shown, []);
  const { say, server } = await asking();
  server.answer(LAUNCH, () => ({ run: "20261103T141502-9f3a1c" }));
  await say({ kind: "run", approved: "5f70bf18" });
  assert.deepEqual([user.shown, user.columns], [[URI], [1]]);
});

test("a plan that was closed stays so", async () => {
  const { say } = await asking();
  await say({ kind: "notNow" });
  assert.deepEqual(user.shown, []);
});

test("a yes to what is no longer on the page is none, and nothing else that is said is one", async () => {
  const { launched, say } = await asking();
  for (const said of [{ kind: "run", approved: "older" }, { kind: "run" }, "run", null, undefined]) await say(said);
  assert.deepEqual(launched(), []);
});

test("a plan that changes is shown anew, and that is said", async () => {
  const { page, answerNow, say, launched } = await asking();
  answerNow(() => approvalOf({ approved: "other" }));
  await after(() => workspace.type(Uri.parse(URI)));
  assert.equal(page?.view?.launch?.approved, "other");
  assert.match(page?.view?.notice ?? "", /^This has changed while you were looking at it\./);
  await say({ kind: "run", approved: "5f70bf18" });
  assert.deepEqual(launched(), []);
});

test("a change that changes nothing of it goes by unsaid", async () => {
  const { page, server } = await asking();
  await after(() => server.say(PlansChangedNotification, {}));
  assert.equal(page?.view?.notice, undefined);
  const asked = server.asked.length;
  await after(() => workspace.type(Uri.parse("file:///home/ada/site/other.plan.md")));
  assert.equal(server.asked.length, asked);
});

test("a plan that breaks takes the button away, and brings it back once it is mended", async () => {
  const { page, server, answerNow } = await asking();
  answerNow(refuse("The plan has errors."));
  await after(() => server.say(PlansChangedNotification, {}));
  assert.equal(page?.view && "launch" in page.view, false);
  assert.match(page?.view?.notice ?? "", /The plan has errors\.$/);
  answerNow(() => approvalOf());
  await after(() => server.say(PlansChangedNotification, {}));
  assert.equal(page?.view?.launch?.approved, "5f70bf18");
});

test("a yes that comes too late is shown with the reason, and what would happen now", async () => {
  const { page, server, answerNow, say } = await asking();
  server.answer(LAUNCH, refuse("The plan changed after it was approved."));
  answerNow(() => approvalOf({ approved: "other" }));
  await say({ kind: "run", approved: "5f70bf18" });
  assert.equal(page?.isOpen, true);
  assert.equal(page?.view?.notice, "The plan changed after it was approved.");
  assert.equal(page?.view?.launch?.approved, "other");
  assert.equal(page?.view?.launch?.isStarting, false);
  assert.deepEqual(user.messages, []);
});

test("there is one page a plan, which asks for what was asked for last", async () => {
  const { approvals, page, pages } = await asking();
  await approvals.ask(URI, { wave: 1, stream: true });
  assert.equal(pages.length, 1);
  assert.equal(page?.reveals, 1);
  assert.equal(page?.title, "Launch all open tasks");
  assert.equal(page?.view?.heading, "Launch all open tasks of Clay wiki?");
});
