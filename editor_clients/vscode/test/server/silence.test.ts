import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Silence } from "../../src/server/silence";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

/** A server that answers what it is asked for at once, as long as it does. */
function watched() {
  const told: boolean[] = [];
  const server = { works: true, asked: 0 };
  const silence: Silence = new Silence(
    () => {
      server.asked++;
      if (server.works) silence.heard();
    },
    (silent) => told.push(silent),
  );
  return { silence, server, told };
}

const never = () => new Promise<never>(() => undefined);
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a server that hangs is called silent, until it says something again", () => {
  const { silence, server, told } = watched();
  server.works = false;
  void silence.watch(never());
  mock.timers.tick(4_000);
  mock.timers.tick(3_999);
  assert.deepEqual([told, silence.isSilent], [[], false]);
  mock.timers.tick(1);
  assert.deepEqual([told, silence.isSilent], [[true], true]);
  void silence.watch(never());
  mock.timers.tick(60_000);
  assert.deepEqual([told, server.asked], [[true], 1], "it is not asked again, nor told of again");
  silence.heard();
  assert.deepEqual([told, silence.isSilent], [[true, false], false]);
});

test("one that works, and takes its time, is asked and not called silent", () => {
  const { silence, server, told } = watched();
  void silence.watch(never());
  mock.timers.tick(60_000);
  assert.deepEqual([told, server.asked], [[], 1]);
});

test("whoever waits for nothing is told nothing, and nothing is asked", async () => {
  const { silence, server, told } = watched();
  server.works = false;
  assert.equal(await silence.watch(Promise.resolve(7)), 7);
  await assert.rejects(silence.watch(Promise.reject(new Error("refused"))), /refused/);
  await settled();
  mock.timers.tick(60_000);
  assert.deepEqual([told, server.asked], [[], 0]);
});

test("a run that goes on is reason enough to look", () => {
  const { silence, server, told } = watched();
  server.works = false;
  for (let second = 0; second < 9; second++) {
    silence.expect();
    mock.timers.tick(1_000);
  }
  assert.deepEqual(told, [true]);
});
