// The extension's own package.json, for tests that hold it to the code.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Setting {
  readonly scope?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

/** Where the extension lies; tests run from there. */
export const ROOT = process.cwd();

export const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

export const settings = new Map<string, Setting>(
  manifest.contributes.configuration.flatMap((group: { properties: Record<string, Setting> }) =>
    Object.entries(group.properties),
  ),
);

/** The extension's own settings. */
const OWN = /^agentServer\.(server|trace)\.|^agentServer\.(notifications|gutter)$/;

/** Whether a setting is one of the server's. */
export function ofTheServer(name: string): boolean {
  return !OWN.test(name);
}
