import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkspaceEdit } from "vscode-languageclient";
import { appliedAndSaved } from "../../src/server/saving";
import { Document, workspace } from "../vscode";

const PLAN = "file:///home/ada/site/wiki.plan.md";
/** As the server spells it, which is not as VS Code does. */
const edit: WorkspaceEdit = {
  documentChanges: [{ textDocument: { uri: "file:///home/ada/site/wiki%2Eplan.md", version: 3 }, edits: [] }],
};
const failures: string[] = [];

async function edited(opened: Document[], change: WorkspaceEdit, apply: () => boolean): Promise<boolean> {
  workspace.textDocuments = opened;
  failures.length = 0;
  const { applied } = await appliedAndSaved(
    change,
    async () => ({ applied: apply() }),
    (why) => failures.push(why),
  );
  return applied;
}

test("a plan without unsaved changes is saved after an edit of the server's", async () => {
  const plan = new Document(PLAN);
  const other = new Document("file:///home/ada/site/notes.md");
  const change = () => {
    plan.isDirty = true;
    other.isDirty = true; // the user types meanwhile
    return true;
  };
  assert.ok(await edited([plan, other], edit, change));
  assert.deepEqual([plan.isDirty, plan.saves], [false, 1]);
  assert.deepEqual([other.isDirty, other.saves], [true, 0]);
});

test("what the user has not saved stays as it is", async () => {
  const plan = new Document(PLAN);
  plan.isDirty = true;
  assert.ok(await edited([plan], { changes: { [PLAN]: [] } }, () => true));
  assert.deepEqual([plan.isDirty, plan.saves], [true, 0]);
});

test("a plan that VS Code opens for the edit is saved, too", async () => {
  const plan = new Document(PLAN);
  const open = () => {
    plan.isDirty = true;
    workspace.textDocuments.push(plan);
    return true;
  };
  assert.ok(await edited([], edit, open));
  assert.equal(plan.saves, 1);
});

test("an edit that was refused saves nothing", async () => {
  const plan = new Document(PLAN);
  assert.equal(await edited([plan], edit, () => false), false);
  assert.equal(plan.saves, 0);
});

test("a plan that cannot be saved is edited all the same", async () => {
  const plan = new Document(PLAN);
  plan.save = async () => false;
  const broken = new Document(PLAN);
  broken.save = async () => Promise.reject(new Error("closed"));
  assert.ok(await edited([plan, broken], edit, () => true));
  assert.deepEqual(failures, Array(2).fill("/home/ada/site/wiki.plan.md could not be saved."));
});
