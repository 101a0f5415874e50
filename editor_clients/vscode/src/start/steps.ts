// Which steps of the walkthrough have been taken, as far as plans and runs show it.

import type { PlanReport } from "../protocol";

export type Taken = "hasServer" | "hasMended" | "hasLaunched";

export class Steps {
  /** The most problems that a plan was seen to have, by its URI. */
  private readonly most = new Map<string, number>();
  private readonly taken = new Set<Taken>();

  /** The steps that were taken since the last look. */
  look(plans: readonly PlanReport[]): Taken[] {
    const found: Taken[] = [];
    for (const { uri, errors, warnings, run } of plans) {
      const problems = errors + warnings;
      const before = this.most.get(uri) ?? 0;
      this.most.set(uri, Math.max(before, problems));
      if (problems < before) found.push("hasMended");
      if (run) found.push("hasLaunched");
    }
    return found.filter((step) => !this.taken.has(step) && this.taken.add(step));
  }
}
