// The order of lenses: an editor cuts off what has no room on its line, and what can be pressed should not be what is lost.

import type { CodeLens } from "vscode";

/** Characters that an editor has room for beside another one, in the small letters of lenses. */
const ROOM = 60;

/** Those that only tell something, on a line that is long, come last. VS Code keeps this order within a line. */
export function doingFirst(lenses: readonly CodeLens[]): CodeLens[] {
  const lengths = new Map<number, number>();
  for (const { range, command } of lenses) {
    lengths.set(range.start.line, (lengths.get(range.start.line) ?? 0) + (command?.title.length ?? 0));
  }
  const isLast = (lens: CodeLens) => !does(lens) && (lengths.get(lens.range.start.line) ?? 0) > ROOM;
  return [...lenses.filter((lens) => !isLast(lens)), ...lenses.filter(isLast)];
}

function does({ command }: CodeLens): boolean {
  return command?.command !== "";
}
