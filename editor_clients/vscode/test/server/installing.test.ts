import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Environments } from "../../src/server/environments";
import { generations, isPackage, steps } from "../../src/server/installing";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "environments-"));
});
after(() => rm(folder, { recursive: true }));

test("uv makes the environment where it is there", () => {
  const [make, install] = steps({ kind: "uv", program: "/bin/uv" }, "/storage/server/1", { named: "agent-server" });
  assert.deepEqual([make?.program, ...(make?.arguments ?? [])].slice(0, 2), ["/bin/uv", "venv"]);
  assert.equal(make?.arguments.at(-1), "/storage/server/1");
  assert.deepEqual(install?.arguments, ["pip", "install", "--python", "/storage/server/1/bin/python", "agent-server"]);
});

test("else a Python does, and nothing of the folder that it stands in is imported", () => {
  const [make, install] = steps({ kind: "python", program: "/bin/python3" }, "/storage/server/1", {
    named: "/tmp/a b.whl",
  });
  assert.deepEqual(make?.arguments, ["-I", "-m", "venv", "/storage/server/1"]);
  assert.equal(install?.program, "/storage/server/1/bin/python");
  assert.equal(install?.arguments[0], "-I");
  assert.equal(install?.arguments.at(-1), "/tmp/a b.whl");
});

test("the server that came with the extension is unpacked by the new environment's Python, also for uv", () => {
  for (const kind of ["uv", "python"] as const) {
    const wanted = { archive: "/extension/dist/agent-server.tar.xz" };
    const [, unpack, install] = steps({ kind, program: `/bin/${kind}` }, "/storage/server/1", wanted);
    assert.equal(unpack?.program, "/storage/server/1/bin/python");
    assert.deepEqual(unpack?.arguments.slice(-2), [wanted.archive, "/storage/server/1/sources"]);
    assert.equal(install?.arguments.at(-1), "/storage/server/1/sources/agent-server");
  }
});

test("an option is no package", () => {
  assert.ok(isPackage("agent-server==1.0"));
  assert.ok(!isPackage("--index-url=x"));
  assert.ok(!isPackage(" "));
});

test("environments are numbered, the newest first", () => {
  assert.deepEqual(generations(["2", "10", "x", "0", "1.old"]), [10, 2]);
});

test("an environment counts when it is whole, and the old ones go", async () => {
  const environments = new Environments(join(folder, "server"));
  assert.deepEqual(await environments.all(), []);
  for (let number = 0; number < 3; number++) {
    await environments.make((each) => writeFile(join(each, "program"), ""));
  }
  assert.deepEqual(await environments.all(), [join(folder, "server", "3"), join(folder, "server", "2")]);
  assert.ok(!existsSync(join(folder, "server", "1")));
});

test("what fails leaves nothing, and what was broken off is passed over", async () => {
  const place = join(folder, "other");
  const environments = new Environments(place);
  const fails = environments.make(async () => {
    throw new Error("no network");
  });
  await assert.rejects(fails, /no network/);
  assert.ok(!existsSync(join(place, "1")));
  await mkdir(join(place, "1"));
  const made = await environments.make(async () => undefined);
  assert.deepEqual(await environments.all(), [made]);
  assert.equal(made, join(place, "2"));
});
