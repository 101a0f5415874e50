// The Python environments that are chosen in the Python extension, where there is one. What is declared here of its API is what is
// used; it may be another version, or slow, so nothing depends on it.

import * as vscode from "vscode";

interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** It is waited for no longer than this, in milliseconds: it may have much to do when it starts. */
const PATIENCE = 3_000;

export class PythonExtension implements vscode.Disposable {
  private readonly chosen = new vscode.EventEmitter<void>();
  /** Another environment was chosen. */
  readonly onDidChange = this.chosen.event;
  private listening: vscode.Disposable | undefined;

  /** The interpreters, or the folders of the environments, of the workspace's folders. */
  async environments(): Promise<string[]> {
    const api = await this.api();
    if (!api) return [];
    this.listening ??= api.onDidChangeActiveEnvironmentPath(() => this.chosen.fire());
    const folders = vscode.workspace.workspaceFolders?.map((folder) => folder.uri) ?? [undefined];
    return [...new Set(folders.map((folder) => api.getActiveEnvironmentPath(folder).path))];
  }

  dispose(): void {
    this.listening?.dispose();
    this.chosen.dispose();
  }

  private async api(): Promise<PythonApi["environments"]> {
    const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
    if (!extension) return undefined;
    if (extension.isActive) return extension.exports?.environments;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE, undefined);
    });
    const api = await Promise.race([extension.activate(), late]).catch(() => undefined);
    clearTimeout(timer);
    return api?.environments;
  }
}
