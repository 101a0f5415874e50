// When the agents of a run began. Reports say for how long each has worked, not since when: that follows while it works, and has to
// be remembered for later. Of an agent that had ended before anybody watched, or has not begun yet, it is guessed from what its task
// waits for.

import type { RunReport, TaskReport } from "../protocol";

const NOT_OVER: ReadonlySet<TaskReport["state"]> = new Set(["waiting", "preparing", "running"]);

export class Beginnings {
  private run = "";
  /** By task: the attempt, and when its agent began, in seconds from the run's beginning. */
  private readonly seen = new Map<string, { readonly attempt: number; readonly at: number }>();

  /** Takes note of a report. */
  watch(run: RunReport): void {
    if (run.run !== this.run) {
      this.run = run.run;
      this.seen.clear();
    }
    for (const task of run.tasks) {
      const attempt = task.attempt ?? 1;
      if (task.state !== "running" || this.seen.get(task.id)?.attempt === attempt) continue;
      this.seen.set(task.id, { attempt, at: Math.max(0, run.seconds - task.seconds) });
    }
  }

  /**
   * When the agents began, or should begin, by task. `waitsFor` is what a task of a stream comes after; tasks of a wave begin together.
   * `planned` is how long tasks should take, in seconds.
   */
  of(
    run: RunReport,
    waitsFor: ReadonlyMap<string, readonly string[]>,
    planned: ReadonlyMap<string, number> = new Map(),
  ): Readonly<Record<string, number>> {
    const tasks = new Map(run.tasks.map((task) => [task.id, task]));
    const found = new Map<string, number>();
    const begun = (task: TaskReport): number => {
      const known = found.get(task.id);
      if (known !== undefined) return known;
      found.set(task.id, 0); // what waits for itself, in a circle, begins at once
      const seen = run.run === this.run ? this.seen.get(task.id) : undefined;
      const at = seen && seen.attempt === (task.attempt ?? 1) ? seen.at : guessed(task);
      found.set(task.id, at);
      return at;
    };
    const guessed = (task: TaskReport): number => {
      if (!run.stream) return 0;
      const before = (waitsFor.get(task.id) ?? []).map((id) => tasks.get(id)).filter((each) => each !== undefined);
      return Math.max(0, ...before.map((each) => begun(each) + taken(each)));
    };
    const taken = ({ id, state, seconds }: TaskReport): number =>
      NOT_OVER.has(state) ? Math.max(seconds, planned.get(id) ?? 0) : seconds;
    return Object.fromEntries(run.tasks.map((task) => [task.id, begun(task)]));
  }
}
