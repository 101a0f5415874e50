// Work that is asked for more often than it is worth doing.

import type { Disposable } from "vscode";

/** Does the work once for all that asked for it within `pause` milliseconds, a moment after the first of them. */
export class Throttle implements Disposable {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pause: number,
    private readonly work: () => void,
  ) {}

  ask(): void {
    this.timer ??= setTimeout(() => this.now(), this.pause);
  }

  /** Does the work at once, and not again for those that had asked. */
  now(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.work();
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
