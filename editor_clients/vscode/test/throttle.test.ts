import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Throttle } from "../src/throttle";

test("work that is asked for often is done once in a while, and in the end", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let done = 0;
  const throttle = new Throttle(100, () => done++);
  for (let asked = 0; asked < 25; asked++) {
    throttle.ask();
    mock.timers.tick(10);
  }
  mock.timers.tick(100);
  assert.equal(done, 3);
  throttle.ask();
  throttle.now();
  mock.timers.tick(100);
  assert.equal(done, 4);
  throttle.ask();
  throttle.dispose();
  mock.timers.tick(100);
  assert.equal(done, 4);
  mock.timers.reset();
});
