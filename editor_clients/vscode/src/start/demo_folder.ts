// What `agent-server demo --only-files --format json` says of the folder that it has made.

import { isAbsolute, join } from "node:path";

export interface DemoFolder {
  readonly folder: string;
  /** The plan to open first. */
  readonly plan: string;
}

/** Read from the last line of its output; undefined where that says something else. */
export function demoIn(output: string): DemoFolder | undefined {
  const said = parsed(output.trim().split("\n").at(-1) ?? "");
  const { folder, firstTry } = said;
  if (typeof folder !== "string" || typeof firstTry !== "string" || !isAbsolute(folder)) return undefined;
  return { folder, plan: isAbsolute(firstTry) ? firstTry : join(folder, firstTry) };
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
