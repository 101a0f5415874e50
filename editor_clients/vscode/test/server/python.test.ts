import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { PythonExtension } from "../../src/server/python";
import { EventEmitter, extensions, Uri, workspace } from "../vscode";

const none = extensions.getExtension;
afterEach(() => {
  extensions.getExtension = none;
  workspace.workspaceFolders = undefined;
});

/** The Python extension with an environment for each folder. */
function extension(more: object = {}) {
  const changed = new EventEmitter<unknown>();
  const environments = {
    getActiveEnvironmentPath: (folder?: Uri) => ({
      path: folder ? `${folder.path}/env/bin/python` : "/usr/bin/python3",
    }),
    onDidChangeActiveEnvironmentPath: changed.event,
  };
  extensions.getExtension = (id) =>
    id === "ms-python.python" ? { isActive: true, exports: { environments }, ...more } : undefined;
  return { changed, environments };
}

test("each folder has its environment, and a window without folders has one", async () => {
  extension();
  const python = new PythonExtension();
  assert.deepEqual(await python.environments(), ["/usr/bin/python3"]);
  workspace.workspaceFolders = [{ uri: Uri.file("/a") }, { uri: Uri.file("/b") }];
  assert.deepEqual(await python.environments(), ["/a/env/bin/python", "/b/env/bin/python"]);
  python.dispose();
});

test("another choice is told", async () => {
  const { changed } = extension();
  const python = new PythonExtension();
  await python.environments();
  await python.environments();
  let told = 0;
  python.onDidChange(() => {
    told++;
  });
  changed.fire({});
  assert.equal(told, 1);
  python.dispose();
});

test("it is started where it sleeps", async () => {
  const { environments } = extension();
  extension({ isActive: false, exports: undefined, activate: async () => ({ environments }) });
  assert.deepEqual(await new PythonExtension().environments(), ["/usr/bin/python3"]);
});

test("without it, with another version of it, and where it fails, there are none", async () => {
  const python = new PythonExtension();
  assert.deepEqual(await python.environments(), []);
  extension({ exports: {} });
  assert.deepEqual(await python.environments(), []);
  extension({ isActive: false, activate: () => Promise.reject(new Error("no")) });
  assert.deepEqual(await python.environments(), []);
});
