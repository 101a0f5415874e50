import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../src/server/programs";

const folder = "/";
const node = (script: string, ...given: string[]) => ["-e", script, ...given];

test("a program's words and its status come back", async () => {
  const script = "console.log(process.argv[1]); console.error('oh'); process.exit(3)";
  const ran = await run(process.execPath, node(script, "$HOME; `x`"), { folder, deadline: 20_000 });
  assert.deepEqual(ran, { status: 3, output: "$HOME; `x`\n", errors: "oh\n" });
});

test("a program that is not there has no status", async () => {
  const ran = await run("/nowhere/agent-server", [], { folder, deadline: 20_000 });
  assert.equal(ran.status, null);
  assert.match(ran.errors, /ENOENT/);
});

test("one that takes too long is ended, with what it has started", async () => {
  const child =
    "require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {stdio: 'inherit'})";
  const ran = await run(process.execPath, node(child), { folder, deadline: 300 });
  assert.equal(ran.status, null); // it answers at all only when all who hold its output have ended
});

test("one can be stopped while it runs", async () => {
  const stop = new AbortController();
  const heard = () => stop.abort();
  const script = "console.log('here'); setInterval(() => {}, 1e6)";
  const ran = await run(process.execPath, node(script), { folder, deadline: 60_000, stop: stop.signal, heard });
  assert.deepEqual(ran, { status: null, output: "here\n", errors: "" });
});
