// Bundles the extension; with `--tests` its unit tests, in which `vscode` is a stand-in; with `--watch` whenever a file changes.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The files below a folder whose paths end so. */
const below = (folder, ending) =>
  existsSync(here(folder))
    ? readdirSync(here(folder), { recursive: true })
        .filter((name) => name.endsWith(ending))
        .map((name) => `${folder}/${name}`)
    : [];

const shared = { bundle: true, sourcemap: "linked", logLevel: "warning", absWorkingDir: here(".") };

/** What runs in the extension host. `vscode` is given there; the client library is in the bundle. */
const extension = {
  ...shared,
  entryPoints: ["src/extension.ts"],
  outdir: "dist",
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: true,
  keepNames: true,
};

/** What runs in webviews: one script each. */
const webviews = {
  ...shared,
  entryPoints: below("src/webviews", "main.ts"),
  outdir: "dist/webviews",
  outbase: "src/webviews",
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
};

const tests = {
  ...shared,
  entryPoints: below("test", ".test.ts"),
  outdir: "out",
  platform: "node",
  format: "cjs",
  target: "node20",
  alias: { vscode: here("test/vscode.ts") },
};

if (process.argv.includes("--tests")) {
  rmSync(here("out"), { recursive: true, force: true });
  await build(tests);
} else {
  rmSync(here("dist"), { recursive: true, force: true });
  const bundles = [extension, ...(webviews.entryPoints.length ? [webviews] : [])];
  if (process.argv.includes("--watch")) {
    for (const bundle of bundles) await (await context(bundle)).watch();
  } else {
    await Promise.all(bundles.map(build));
  }
}
