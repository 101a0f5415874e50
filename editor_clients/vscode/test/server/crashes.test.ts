import assert from "node:assert/strict";
import { test } from "node:test";
import { Crashes } from "../../src/server/crashes";
import { offersFor } from "../../src/server/offers";

test("a server is started again three times in three minutes, and no more", () => {
  const crashes = new Crashes();
  assert.deepEqual(
    [0, 1_000, 2_000, 3_000].map((time) => crashes.again(time)),
    [true, true, true, false],
  );
  assert.match(crashes.words, /4 times/);
});

test("old crashes are forgotten", () => {
  const crashes = new Crashes();
  for (const time of [0, 1, 2]) crashes.again(time);
  assert.ok(crashes.again(200_000));
  crashes.forget();
  assert.ok(crashes.again(200_001));
});

test("each problem has a button that mends it", () => {
  const titles = (...given: Parameters<typeof offersFor>) => offersFor(...given).map((each) => each.title);
  assert.deepEqual(titles("missing", false, "linux"), ["Install", "Choose Program…", "Show Log"]);
  assert.deepEqual(titles("outdated", false, "linux"), ["Update", "Choose Program…", "Show Log"]);
  assert.deepEqual(titles("broken", false, "linux"), ["Install", "Choose Program…", "Show Log"]);
  assert.deepEqual(titles("broken", true, "linux"), ["Restart", "Show Log"]);
  assert.deepEqual(titles("missing", false, "win32"), ["Show Log"]);
});
