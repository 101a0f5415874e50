// Whether a server that has ended by itself is started again: a few times, and then no more until the user says so.

const MOST = 3;
/** In milliseconds. */
const WITHIN = 180_000;

export class Crashes {
  private times: number[] = [];

  /** Notes a crash; returns whether to try once more. */
  again(now: number): boolean {
    this.times = [...this.times.filter((time) => now - time < WITHIN), now];
    return this.times.length <= MOST;
  }

  forget(): void {
    this.times = [];
  }

  get words(): string {
    return `The server ended unexpectedly ${this.times.length} times in a row. Its log may say why.`;
  }
}
