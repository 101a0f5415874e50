// What activation costs the extension host, in CPU time, beyond the client library: `npm run bench`.
//
// Each bundle is loaded in a process of its own, as VS Code loads it, with the tests' stand-in for the module `vscode`: once the
// extension, evaluated and activated, and once the client library alone, evaluated. The middle one of many differences is told. With
// `--most MILLISECONDS` it fails where that is more.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROUNDS = 15;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "activation-"));

/** As `esbuild.mjs` bundles the extension. */
const bundled = (entry, name) =>
  build({
    stdin: { contents: entry, resolveDir: here("..") },
    outfile: join(folder, name),
    ...{ bundle: true, platform: "node", format: "cjs", target: "node20", minify: true, keepNames: true },
    external: ["vscode"],
  });

/** What the stand-in does not know is a function, or a class, that does nothing. */
const STAND_IN = `
  const known = require("./test/vscode.ts");
  function nothing() {
    return { dispose() {} };
  }
  const filled = (values) => new Proxy(values, { get: (all, name) => (name in all ? all[name] : nothing) });
  const log = filled({ info() {}, error() {}, warn() {}, show() {} });
  module.exports = filled({
    ...known,
    window: filled({ ...known.window, createOutputChannel: () => log }),
    workspace: filled({ ...known.workspace, textDocuments: [] }),
    comments: filled({ createCommentController: () => filled({ dispose() {} }) }),
  });
`;

const MEASURE = `
  const Module = require("node:module");
  const { join } = require("node:path");
  const vscode = require(join(__dirname, "vscode.cjs"));
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
  const memento = { get: () => undefined, update: async () => undefined };
  const context = {
    subscriptions: [],
    extensionUri: vscode.Uri.file(__dirname),
    asAbsolutePath: (path) => join(__dirname, path),
    globalStorageUri: vscode.Uri.file(join(__dirname, "storage")),
    ...{ globalState: memento, workspaceState: memento },
    extension: { id: "agent-server.agent-server" },
  };
  const before = process.cpuUsage();
  require(join(__dirname, process.argv[2])).activate?.(context);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1000));
  process.exit();
`;

try {
  await bundled(STAND_IN, "vscode.cjs");
  await bundled('export * from "./src/extension";', "extension.cjs");
  await bundled('export * from "vscode-languageclient/node";', "library.cjs");
  writeFileSync(join(folder, "measure.cjs"), MEASURE);
  const milliseconds = (bundle) => Number(execFileSync(process.execPath, [join(folder, "measure.cjs"), bundle]));
  const rounds = Array.from({ length: ROUNDS }, () => [milliseconds("extension.cjs"), milliseconds("library.cjs")]);
  const middle = (values) => values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
  const extension = middle(rounds.map(([whole]) => whole));
  const library = middle(rounds.map(([, alone]) => alone));
  const beyond = middle(rounds.map(([whole, alone]) => whole - alone));
  console.log(
    `extension ${extension.toFixed(1)} ms, client library ${library.toFixed(1)} ms, beyond it ${beyond.toFixed(1)} ms`,
  );
  const most = Number(process.argv[process.argv.indexOf("--most") + 1]);
  if (process.argv.includes("--most") && !(beyond <= most)) {
    console.error(`That is more than ${most} ms.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
