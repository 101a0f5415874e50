// The waves of a plan: a bar for each task, from when it can begin to when it should be done, with the critical path marked.

import { counted, quoted } from "../plans/words";
import type { ScheduledTask, ScheduledWave, ScheduleResult } from "../protocol";
import { estimate } from "./amounts";
import { type Chart, chart, type Group, type Look, mostUrgent, type Row } from "./chart";
import type { Markup } from "./markup";

/** The picture of a schedule, with at most so many tasks. */
export function waves(schedule: ScheduleResult, look: Look, most: number): Markup {
  return chart(waveChart(schedule, most), look);
}

export function waveChart(schedule: ScheduleResult, most: number): Chart {
  const critical = new Set(schedule.criticalPath);
  const tasks = schedule.waves.flatMap((wave) => wave.tasks);
  const shown = new Set(mostUrgent(tasks, most, (task) => (critical.has(task.id) ? 1 : 0)));
  const groups: Group[] = [];
  let start = 0;
  for (const wave of schedule.waves) {
    const rows = wave.tasks.filter((task) => shown.has(task)).map((task) => rowOf(task, start, critical.has(task.id)));
    if (rows.length) groups.push({ title: `Wave ${wave.number}`, note: waveNote(wave), rows });
    start += wave.minutes * 60;
  }
  const left = tasks.length - shown.size;
  return { spoken: inWords(schedule), groups, end: start, hidden: left ? `and ${counted(left, "more task")}` : "" };
}

/** A schedule without some tasks, such as those that run. */
export function without(schedule: ScheduleResult, ids: ReadonlySet<string>): ScheduleResult {
  const left = schedule.waves.map((wave) => {
    const tasks = wave.tasks.filter((task) => !ids.has(task.id));
    return { ...wave, tasks, minutes: Math.max(0, ...tasks.map((task) => task.minutes)) };
  });
  return { ...schedule, waves: left.filter((wave) => wave.tasks.length) };
}

/** What the picture says, for people who do not see it. */
export function inWords(schedule: ScheduleResult, most = 12): string {
  const parts = schedule.waves.slice(0, most).map((wave) => {
    const names = wave.tasks.slice(0, most).map((task) => `${task.id} ${estimate(task.minutes)}`);
    const more = wave.tasks.length > most ? ` and ${wave.tasks.length - most} more` : "";
    return `Wave ${wave.number}: ${names.join(", ")}${more}.`;
  });
  const more = schedule.waves.length > most ? ` And ${counted(schedule.waves.length - most, "more wave")}.` : "";
  return parts.join(" ") + more;
}

function waveNote(wave: ScheduledWave): string {
  return `${counted(wave.tasks.length, "agent")} · ${estimate(wave.minutes)}`;
}

function rowOf(task: ScheduledTask, start: number, critical: boolean): Row {
  const note = `${estimate(task.minutes)} · ${task.tier}`;
  const waits = task.waitsFor.length ? `, waits for ${task.waitsFor.join(", ")}` : "";
  return {
    key: task.id,
    label: quoted(task.title || task.id),
    spoken: `${task.title || task.id}, ${note}${critical ? ", on the critical path" : ""}${waits}`,
    start,
    length: task.minutes * 60,
    tier: task.tier,
    critical,
    note,
  };
}
