// Makes `dist/agent-server.vsix`, and fails where it has grown beyond a megabyte.

import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MOST_BYTES = 1_000_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const run = (...command) => execFileSync(process.execPath, command, { cwd: here("."), stdio: "inherit" });

run("esbuild.mjs");
execFileSync("python3", [here("bundle_server.py")], { stdio: "inherit" });
copyFileSync(here("../../LICENSE"), here("LICENSE"));
try {
  run(
    here("node_modules/@vscode/vsce/vsce"),
    "package",
    "--no-dependencies",
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "--out",
    "dist/agent-server.vsix",
  );
} finally {
  rmSync(here("LICENSE"));
}
const { size } = statSync(here("dist/agent-server.vsix"));
if (size > MOST_BYTES) {
  throw new Error(`The vsix has ${size} bytes, which is more than ${MOST_BYTES}.`);
}
console.log(`dist/agent-server.vsix: ${(size / 1000).toFixed(0)} kB`);
