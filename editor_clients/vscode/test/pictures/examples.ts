// Plans and runs of any size, for tests of pictures.

import type {
  HazardsResult,
  PlannedTask,
  RunReport,
  ScheduledTask,
  ScheduleResult,
  TaskReport,
  TaskState,
} from "../../src/protocol";

/** What a stranger might call a task, a file or a lock. */
export const HOSTILE = [
  "</svg><script>alert(1)</script>",
  "\"quoted\" & 'quoted' <b>bold</b>",
  "]]> <!-- --> <?xml?> <![CDATA[",
  "family 👩‍👩‍👧‍👦 and flags 🏳️‍🌈",
  "null \u0000, bell \u0007, escape \u001b[31m, half a pair \ud800, \ufffe \uffff",
  "turned \u202e around \u2066 isolated \u200b zero",
  "漢字かな交じり文の長い題名".repeat(20),
  "W".repeat(500),
  "",
];

export function scheduled(id: string, more: Partial<ScheduledTask> = {}): ScheduledTask {
  const model = { model: "claude-sonnet-5-5", tier: "default", because: "it writes 2 files" };
  return { id, title: `Title of ${id}`, minutes: 9, ...model, writes: ["a.py"], waitsFor: [], ...more };
}

export function schedule(...waves: ScheduledTask[][]): ScheduleResult {
  const tasks = waves.flat();
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
  const parallel = sum(waves.map((wave) => Math.max(...wave.map((task) => task.minutes))));
  const sequential = sum(tasks.map((task) => task.minutes));
  return {
    version: 1,
    waves: waves.map((wave, place) => ({
      number: place + 1,
      minutes: Math.max(...wave.map((task) => task.minutes)),
      tasks: wave,
    })),
    unscheduled: [],
    criticalPath: waves.map((wave) => wave[0]?.id ?? ""),
    sequentialMinutes: sequential,
    parallelMinutes: parallel,
    speedup: sequential / parallel,
    agents: Math.max(...waves.map((wave) => wave.length)),
  };
}

export function planned(id: string, more: Partial<PlannedTask> = {}): PlannedTask {
  return { id, title: `Title of ${id}`, line: 5, status: "todo", wave: 1, minutes: 9, tier: "default", ...more };
}

export function task(id: string, state: TaskState, more: Partial<TaskReport> = {}): TaskReport {
  return {
    ...{ id, title: `Title of ${id}`, state, activity: "", message: "", files: [], undeclared: [] },
    ...{ tokens: 0, seconds: 0, model: "claude-sonnet-5-5", agent: "claude" },
    ...more,
  };
}

export function run(tasks: TaskReport[], more: Partial<RunReport> = {}): RunReport {
  return {
    ...{ plan: "file:///home/ada/wiki.plan.md", run: "20261103T141502-9f3a1c", wave: 1, waves: 2, state: "running" },
    ...{ message: "", percentage: 10, isolation: "overlay", started: "2026-11-03T14:15:02+00:00", seconds: 60 },
    ...{ tokens: 0, tasks },
    ...more,
  };
}

export function hazards(more: Partial<HazardsResult> = {}): HazardsResult {
  return { version: 1, contentions: [], dependencies: [], ...more };
}
