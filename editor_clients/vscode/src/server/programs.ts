// Runs a program to its end: from a list of arguments, never by a shell, with a deadline, and with all that it has started itself.

import { spawn } from "node:child_process";

export interface Ran {
  /** Null where it did not start, was stopped, or took too long. */
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface Running {
  readonly folder: string;
  /** In milliseconds. */
  readonly deadline: number;
  readonly stop?: AbortSignal;
  /** Is called with what it prints, as it comes. */
  readonly heard?: (text: string) => void;
}

/** So much of what it prints is kept, in characters. */
const MOST = 100_000;

export function run(program: string, given: readonly string[], how: Running): Promise<Ran> {
  return new Promise((resolve) => {
    // A group of its own, so that whatever it starts can be ended with it.
    const child = spawn(program, given, { cwd: how.folder, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const kept = { output: "", errors: "" };
    const hear = (name: keyof typeof kept) => (text: string) => {
      kept[name] = (kept[name] + text).slice(-MOST);
      how.heard?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", hear("output"));
    child.stderr.setEncoding("utf8").on("data", hear("errors"));
    const stop = () => end(child.pid);
    const timer = setTimeout(stop, how.deadline);
    how.stop?.addEventListener("abort", stop, { once: true });
    if (how.stop?.aborted) stop();
    const done = (status: number | null) => {
      clearTimeout(timer);
      how.stop?.removeEventListener("abort", stop);
      resolve({ status, ...kept });
    };
    child.on("error", (error) => {
      kept.errors ||= error.message;
      done(null);
    });
    child.on("close", done);
  });
}

function end(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
