import assert from "node:assert/strict";
import { test } from "node:test";
import type { CodeLens } from "vscode";
import { doingFirst } from "../../src/server/lenses";

const lens = (line: number, title: string, command = "") =>
  ({ range: { start: { line } }, command: { title, command } }) as CodeLens;
const launch = lens(0, "Launch wave 1 (5 agents)", "agentServer.launch");

test("what can be pressed comes first on a long line of lenses, so that it is not cut off", () => {
  const summary = lens(0, "13 tasks · 9 waves · 1 h 57 min one by one, 1 h 21 min in parallel (1.4x)");
  const state = lens(7, "running");
  const stop = lens(7, "Stop", "agentServer.cancel");
  assert.deepEqual(doingFirst([summary, launch, state, stop]), [launch, state, stop, summary]);
});

test("short lines stay as they are, and so does what is not resolved yet", () => {
  const summary = lens(0, "2 tasks · 1 wave");
  const open = { range: { start: { line: 3 } } } as CodeLens;
  assert.deepEqual(doingFirst([summary, launch, open]), [summary, launch, open]);
});
