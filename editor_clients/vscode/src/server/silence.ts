// Whether the server still answers. A daemon may hang, for it was stopped, or waits for a disk; and what is asked of it would be waited
// for without a word. Nothing ticks while nobody waits for anything.

/** In milliseconds. Twice this is how long it takes until somebody is told. */
const PATIENCE = 4_000;

export class Silence {
  private timer: NodeJS.Timeout | undefined;
  private silent = false;

  constructor(
    /** Asks the server what it answers at once, whatever else it does. */
    private readonly ask: () => void,
    private readonly changed: (silent: boolean) => void,
  ) {}

  /** Whether the server is known to leave us without an answer. */
  get isSilent(): boolean {
    return this.silent;
  }

  /** Passes an answer on, and takes note of whether it comes. */
  watch<R>(answer: Promise<R>): Promise<R> {
    const heard = () => this.heard();
    this.expect();
    answer.then(heard, heard);
    return answer;
  }

  /** Something is waited for. Much takes its time rightly, so a server that says nothing is asked before it is called silent. */
  expect(): void {
    this.timer ??= setTimeout(() => {
      this.timer = setTimeout(() => this.tell(true), PATIENCE);
      this.ask();
    }, PATIENCE);
  }

  /** The server has said something. */
  heard(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.tell(false);
  }

  private tell(silent: boolean): void {
    if (silent === this.silent) return;
    this.silent = silent;
    this.changed(silent);
  }
}
