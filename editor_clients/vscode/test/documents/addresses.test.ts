import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, behind, isSame, shownAs } from "../../src/documents/addresses";
import { Uri } from "../vscode";

const ROOT = "/home/ada/my site";
const QUERY = "?root=%2Fhome%2Fada%2Fmy%20site";
const PROPOSED = `agent-server:/proposed/20261103T141502-9f3a1c/wood/data/a%20%25%20b.py${QUERY}`;

test("each kind of document says what it is of", () => {
  const run = "20261103T141502-9f3a1c";
  const of = (path: string) => addressOf(Uri.parse(`agent-server:/${path}${QUERY}`));
  assert.deepEqual(of("brief/plans/wiki.plan.md/wood.brief.md"), {
    kind: "brief",
    root: ROOT,
    plan: "plans/wiki.plan.md",
    task: "wood",
  });
  for (const kind of ["transcript", "changes"]) {
    assert.deepEqual(of(`${kind}/${run}/wood.${kind}.md`), { kind, root: ROOT, run, task: "wood" });
  }
  for (const kind of ["proposed", "base"]) {
    const path = "data/wood.py";
    assert.deepEqual(of(`${kind}/${run}/wood/${path}`), { kind, root: ROOT, run, task: "wood", path });
  }
});

test("other URIs are none of ours", () => {
  for (const uri of [
    `file:///proposed/1/wood/a.py${QUERY}`,
    "agent-server:/proposed/1/wood/a.py",
    `agent-server:/proposed/1/wood${QUERY}`,
    `agent-server:/transcript/1/wood.brief.md${QUERY}`,
    `agent-server:/brief/wood.brief.md${QUERY}`,
    `agent-server:/else/1/wood.else.md${QUERY}`,
  ]) {
    assert.equal(addressOf(Uri.parse(uri)), undefined, uri);
  }
});

test("a document under another path is the same one, also after VS Code has spelled its URI", () => {
  const shown = Uri.parse(Uri.from(shownAs(PROPOSED, "/wood (proposed)/data/a % b.py")).toString());
  assert.equal(shown.path, "/wood (proposed)/data/a % b.py");
  assert.equal(behind(shown), PROPOSED);
  assert.ok(isSame(shown, Uri.parse(PROPOSED)));
  const address = addressOf(shown);
  assert.deepEqual(address, addressOf(Uri.parse(PROPOSED)));
  assert.ok(address?.kind === "proposed" && address.path === "data/a % b.py");
});

test("what is no document of ours is the same as nothing", () => {
  const file = Uri.parse("file:///home/ada/a.py");
  assert.equal(behind(file), undefined);
  assert.ok(!isSame(file, file));
  assert.ok(!isSame(Uri.parse(PROPOSED), Uri.parse(PROPOSED.replace("/proposed/", "/base/"))));
  assert.equal(addressOf(Uri.from(shownAs("agent-server:/proposed/%E0?root=%2F", "/a"))), undefined);
});
