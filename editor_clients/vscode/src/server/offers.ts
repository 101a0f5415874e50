// The buttons beside each reason why there is no server: what mends it first.

import type { Problem } from "./finding";

export interface Offer {
  readonly title: string;
  readonly does: "install" | "choose" | "restart" | "log";
}

const INSTALL: Offer = { title: "Install", does: "install" };
const UPDATE: Offer = { title: "Update", does: "install" };
const CHOOSE: Offer = { title: "Choose Program…", does: "choose" };
const RESTART: Offer = { title: "Restart", does: "restart" };
const LOG: Offer = { title: "Show Log", does: "log" };

/** `found` says whether there is a program that can be started at all. */
export function offersFor(problem: Problem["problem"], found: boolean, platform: NodeJS.Platform): readonly Offer[] {
  if (platform === "win32") return [LOG];
  if (problem === "outdated") return [UPDATE, CHOOSE, LOG];
  return found ? [RESTART, LOG] : [INSTALL, CHOOSE, LOG];
}
