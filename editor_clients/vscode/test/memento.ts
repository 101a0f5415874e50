// What an extension keeps beyond a window, as VS Code does: only as JSON.

import type * as vscode from "vscode";

export class Memento implements Pick<vscode.Memento, "get" | "update"> {
  private readonly kept = new Map<string, string>();

  get<T>(key: string): T | undefined {
    const found = this.kept.get(key);
    return found === undefined ? undefined : (JSON.parse(found) as T);
  }

  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.kept.delete(key);
    else this.kept.set(key, JSON.stringify(value));
  }
}
