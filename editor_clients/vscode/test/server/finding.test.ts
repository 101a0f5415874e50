import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Check,
  candidates,
  isRecentEnough,
  judged,
  lastWords,
  mayStart,
  onPath,
  problemWith,
  type Surroundings,
} from "../../src/server/finding";

function here(more: Partial<Surroundings> = {}): Surroundings {
  return {
    platform: "linux",
    environment: { PATH: "/usr/bin:/bin" },
    home: "/home/ada",
    chosen: null,
    trusted: true,
    folders: ["/home/ada/site"],
    pythons: [],
    installed: [],
    ...more,
  };
}

const programs = (all: Surroundings) => candidates(all).map((each) => each.program);

test("the chosen program is the only one", () => {
  const found = candidates(here({ chosen: "~/bin/agent-server", pythons: ["/opt/env/bin/python"] }));
  assert.deepEqual(found, [{ program: "/home/ada/bin/agent-server", source: "setting" }]);
});

test("the order is: Python's environment, the folder's, the path, what we installed", () => {
  const found = candidates(here({ pythons: ["/opt/env/bin/python"], installed: ["/storage/server/2"] }));
  const order = found.map((each) => each.source);
  assert.deepEqual([...new Set(order)], ["python", "folder", "path", "installed"]);
  assert.equal(found[0]?.program, "/opt/env/bin/agent-server");
  assert.ok(found.some((each) => each.program === "/home/ada/site/.venv/bin/agent-server"));
  assert.equal(found.at(-1)?.program, "/storage/server/2/bin/agent-server");
});

test("an environment may be named by its folder", () => {
  assert.ok(programs(here({ pythons: ["/opt/env"] })).includes("/opt/env/bin/agent-server"));
});

test("the places that a desktop's path lacks are looked at", () => {
  const found = programs(here());
  for (const place of [
    "/home/ada/.local/bin/agent-server",
    "/home/ada/.local/share/uv/tools/agent-server/bin/agent-server",
    "/home/ada/.local/share/pipx/venvs/agent-server/bin/agent-server",
  ]) {
    assert.ok(found.includes(place), place);
  }
});

test("a program is tried once, where it was named first", () => {
  const found = candidates(here({ environment: { PATH: "/home/ada/site/.venv/bin:/usr/bin" } }));
  assert.deepEqual(
    found.filter((each) => each.program === "/home/ada/site/.venv/bin/agent-server").map((each) => each.source),
    ["folder"],
  );
});

test("without trust, none of the workspace's programs is a candidate, whoever names it", () => {
  const inside = "/home/ada/site/.venv/bin";
  const all = here({ trusted: false, environment: { PATH: `${inside}:/usr/bin` }, pythons: [`${inside}/python`] });
  assert.ok(programs(all).every((program) => !program.startsWith("/home/ada/site/")));
  assert.ok(programs(all).includes("/usr/bin/agent-server"));
  assert.deepEqual(programs({ ...all, chosen: `${inside}/agent-server` }), []);
});

test("without trust, the Python extension is not believed", () => {
  assert.ok(
    !programs(here({ trusted: false, pythons: ["/opt/env/bin/python"] })).some((each) => each.includes("/opt/env")),
  );
});

test("a path that depends on where we stand is none", () => {
  assert.ok(programs(here({ environment: { PATH: ".::bin:/usr/bin" } })).every((program) => program.startsWith("/")));
  assert.deepEqual(programs(here({ chosen: "bin/agent-server" })), []);
  assert.deepEqual(onPath({ PATH: ".::bin:/usr/bin" }), ["/usr/bin"]);
});

test("a folder beside the workspace is not in it", () => {
  const where = { trusted: false, folders: ["/home/ada/site"] };
  assert.ok(mayStart("/home/ada/site-tools/agent-server", where));
  assert.ok(mayStart("/home/ada/..site/agent-server", where));
  assert.ok(!mayStart("/home/ada/site/x/../agent-server", where));
});

test("a program says its version, or why it does not run", () => {
  assert.deepEqual(judged(0, "agent-server 0.1.0\n", ""), { kind: "works", version: "0.1.0" });
  assert.equal(judged(0, "Agent Server for printers 3\n", "").kind, "fails");
  assert.deepEqual(judged(1, "", "Traceback:\n  …\nModuleNotFoundError: No module named 'x'\n\n"), {
    kind: "fails",
    why: "ModuleNotFoundError: No module named 'x'",
  });
  assert.deepEqual(judged(null, "", ""), { kind: "fails", why: "it does not answer" });
});

test("the last words are what an installer means", () => {
  const pip =
    "Collecting x\nERROR: No matching distribution found for x\n\n[notice] A new release of pip is available\n";
  assert.equal(lastWords(pip), "No matching distribution found for x");
  assert.ok(lastWords("x".repeat(5_000)).length < 250);
});

test("what is wrong is said so that it can be mended", () => {
  const none = new Map<string, Check>();
  const say = (all: Surroundings, checks = none, old = new Set<string>()) => problemWith(all, checks, old);
  assert.deepEqual(say(here()), { problem: "missing", why: "Agent Server is not installed." });
  assert.match(say(here({ trusted: false })).why, /not installed outside of this workspace/);
  assert.equal(say(here(), none, new Set(["/usr/bin/agent-server"])).problem, "outdated");
  const broken = say(here(), new Map<string, Check>([["/a/agent-server", { kind: "fails", why: "no such module" }]]));
  assert.deepEqual(broken, { problem: "broken", why: "/a/agent-server does not run: no such module" });
  assert.match(say(here({ platform: "win32" })).why, /WSL/);
  const gone = say(here({ chosen: "/a/b" }), new Map<string, Check>([["/a/b", { kind: "absent" }]]));
  assert.match(gone.why, /no \/a\/b/);
  assert.match(say(here({ chosen: "/home/ada/site/x", trusted: false })).why, /do not trust/);
  assert.match(say(here({ chosen: "x" })).why, /absolute/);
});

test("the protocol counts by its first two numbers", () => {
  assert.ok(isRecentEnough("0.4.0", "0.4.0"));
  assert.ok(isRecentEnough("0.10.0", "0.4.2"));
  assert.ok(isRecentEnough("1.0.0", "0.4.0"));
  assert.ok(!isRecentEnough("0.3.9", "0.4.0"));
  assert.ok(!isRecentEnough(undefined, "0.4.0"));
});
