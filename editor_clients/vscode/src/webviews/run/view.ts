// The page of a plan's run, as markup: how the run stands and what can be done, then the timeline or the conflicts, then more of what
// is chosen there. A function of what is to be shown and of what the user has chosen.

import { elapsed, estimate, listed, tokens } from "../../pictures/amounts";
import type { Look } from "../../pictures/chart";
import { conflicts, type Line, linesOf } from "../../pictures/conflicts";
import { outcomeMark } from "../../pictures/marks";
import { type Content, element, type Markup } from "../../pictures/markup";
import { THEMED } from "../../pictures/palettes";
import { elapsedSeconds, outcomeOf, timeline, titleOf, workedSeconds } from "../../pictures/timeline";
import { waves, without } from "../../pictures/waves";
import { messageOf, stateOf } from "../../plans/runs";
import { COMMAND_OF_WAY, canStop, canStopTask, goesOn, isUndecided } from "../../plans/standing";
import { counted, joined, money, quoted, visible, visibleLines } from "../../plans/words";
import type { PlannedTask, RunReport, RunState, TaskReport } from "../../protocol";
import { pieces } from "../prose";
import type { Action, Shown } from "./messages";

export type Tab = "timeline" | "conflicts";

/** What the user has chosen on the page, and how wide that is. */
export interface Choice {
  readonly tab: Tab;
  /** By the name of a picture's list: the key of the row that is chosen in it. */
  readonly chosen: Readonly<Partial<Record<string, string>>>;
  readonly width: number;
}

/** The names of the pictures' lists. */
export const RUN = "run";
export const PLANNED = "planned";
export const CONFLICTS = "conflicts";

/** More tasks than that are not drawn at once: the page stays quick. */
const MOST_TASKS = 300;

/** The page. `age` is how long ago the run stood as it is shown. */
export function view(shown: Shown, choice: Choice, age: number): Content[] {
  const lines = shown.hazards ? linesOf(shown.hazards) : [];
  const isTimeline = choice.tab === "timeline";
  return [
    header(shown, age),
    tabs(choice.tab, lines),
    element(
      "section",
      { id: "panel", role: "tabpanel", "aria-labelledby": `tab-${choice.tab}`, "data-key": choice.tab },
      ...(isTimeline ? timelinePart(shown, choice, age) : conflictsPart(shown, lines, choice)),
    ),
  ];
}

function header(shown: Shown, age: number): Markup {
  const { run } = shown;
  return element(
    "header",
    {},
    element("h1", {}, visible(shown.title || shown.path)),
    ...(shown.problem ? [element("p", { class: "problem", role: "status" }, ...prose(shown.problem))] : []),
    ...(run ? standing(run, age) : [element("p", { class: "state" }, plannedWords(shown))]),
    element("div", { class: "buttons", role: "toolbar", "aria-label": "What to do" }, ...buttons(shown)),
    ...(shown.blocked && mayLaunch(shown) ? [element("p", { class: "note" }, ...prose(shown.blocked))] : []),
    ...(run?.warnings ?? []).map((warning) => element("p", { class: "warning" }, ...prose(warning))),
    ...failedCheck(run),
  );
}

/** A sentence of the server's: what stands between backticks is code. */
function prose(text: string): Content[] {
  return pieces(visible(text)).map((piece) => (piece.isCode ? element("code", {}, piece.text) : piece.text));
}

function plannedWords(shown: Shown): string {
  const { schedule } = shown;
  if (!schedule) return "Nothing has run yet.";
  if (!schedule.waves.length) return "There is nothing to run.";
  const waveCount = counted(schedule.waves.length, "wave");
  const faster = schedule.speedup > 1 ? `, ${schedule.speedup.toFixed(1)} times faster than one by one` : "";
  return `Planned: ${waveCount}, ${estimate(schedule.parallelMinutes)}${faster}.`;
}

function standing(run: RunReport, age: number): Markup[] {
  const going = goesOn(run);
  const left = going && run.eta !== undefined ? Math.max(0, run.eta - age) : undefined;
  const facts = [
    elapsed(elapsedSeconds(run, age)),
    left === undefined ? "" : left < 1 ? "nearly done" : `about ${elapsed(left)} left`,
    run.tokens ? tokens(run.tokens) : "",
    run.usd === undefined ? "" : money(run.usd),
  ];
  const mark = outcomeMark(outcomeOf(run.state), 8, 8, THEMED);
  const state = run.state === "held" ? "held, needs you" : stateOf(run.state);
  const parts = [
    element(
      "p",
      { class: "state", "aria-live": "polite" },
      element("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, mark),
      element("span", {}, element("strong", {}, `${titleOf(run)}: ${state}`), " ", ...prose(messageOf(run))),
    ),
    element("p", { class: "facts" }, joined(...facts)),
  ];
  if (going) parts.push(element("progress", { max: 100, value: run.percentage, "aria-label": "How much is done" }));
  return parts;
}

function failedCheck(run: RunReport | undefined): Markup[] {
  if (run?.verification?.passed !== false) return [];
  const { command, output } = run.verification;
  return [
    element("p", { class: "warning" }, "Verification failed: ", element("code", {}, visible(command))),
    element(
      "pre",
      { tabindex: 0, "aria-label": "What the verification printed" },
      visibleLines(output.trimEnd()) || "It printed nothing.",
    ),
  ];
}

/** Whether the next wave is what comes next: nothing runs, and no decision is left. */
function mayLaunch({ run, schedule }: Shown): boolean {
  return !goesOn(run) && !isUndecided(run) && (schedule?.waves.length ?? 0) > 0;
}

/** What is never the button to press, even where it comes first. */
const QUIET: ReadonlySet<Action> = new Set(["stop", "discard", "undo", "openPlan"]);

function buttons(shown: Shown): Markup[] {
  const { run } = shown;
  const found: Markup[] = [];
  const add = (action: Action, words: string, disabled = false) =>
    found.push(button({ action, words, disabled, main: !found.length && !disabled && !QUIET.has(action) }));
  if (canStop(run)) add("stop", "Stop the run");
  for (const step of run?.steps ?? []) {
    const action: Action | undefined = COMMAND_OF_WAY[step.way];
    if (action) add(action, visible(step.title.replaceAll("`", "")));
  }
  // Waves are counted anew when one has landed, which is told above: "wave 1" would be two of them.
  if (mayLaunch(shown)) add("launch", run ? "Launch the next wave" : "Launch wave 1", shown.blocked !== undefined);
  if (run?.tasks.some((task) => task.files.length)) add("review", "Review changes");
  add("openPlan", "Open the plan");
  return found;
}

interface Button {
  readonly action: Action;
  readonly words: string;
  readonly task?: string;
  readonly main?: boolean;
  readonly disabled?: boolean;
}

function button({ action, words, task, main, disabled }: Button): Markup {
  const attributes = {
    type: "button",
    class: main ? "main" : undefined,
    disabled: disabled ? "" : undefined,
    "data-action": action,
    "data-task": task,
    "data-key": `${action} ${task ?? ""}`,
  };
  return element("button", attributes, words);
}

function tabs(chosen: Tab, lines: readonly Line[]): Markup {
  const collisions = lines.filter((line) => line.kind === "collision").length;
  const number = collisions ? ` (${counted(collisions, "collision")})` : lines.length ? ` (${lines.length})` : "";
  const tab = (name: Tab, words: string) =>
    element(
      "button",
      {
        ...{ type: "button", role: "tab", id: `tab-${name}`, "data-tab": name, "data-key": name },
        ...{ "aria-selected": String(name === chosen), "aria-controls": "panel", tabindex: name === chosen ? 0 : -1 },
      },
      words,
    );
  return element(
    "div",
    { role: "tablist", "aria-label": "Pictures" },
    tab("timeline", "Timeline"),
    tab("conflicts", `Conflicts${number}`),
  );
}

function lookOf(choice: Choice, list: string): Look {
  const chosen = choice.chosen[list];
  return {
    width: choice.width,
    palette: THEMED,
    choice: { list, ...(chosen === undefined ? {} : { chosen }) },
  };
}

function timelinePart(shown: Shown, choice: Choice, age: number): Content[] {
  const { run, tasks: planned, begun, schedule } = shown;
  const parts: Content[] = [];
  if (run) {
    parts.push(timeline({ run, age, planned, begun }, lookOf(choice, RUN), MOST_TASKS));
    const task = run.tasks.find((each) => each.id === choice.chosen[RUN]);
    if (task) parts.push(taskDetails(task, run, shown, age));
  }
  const later = schedule && (run ? laterThan(run, schedule) : schedule);
  if (later?.waves.length) {
    if (run) parts.push(element("h2", {}, isFinal(run.state) ? "What is left to run" : "What comes next"));
    parts.push(waves(later, lookOf(choice, PLANNED), MOST_TASKS));
    const task = planned.find((each) => each.id === choice.chosen[PLANNED]);
    if (task) parts.push(plannedDetails(task, shown));
  }
  if (schedule?.unscheduled.length) {
    const words = `${listed(schedule.unscheduled)} wait for one another in a circle, so no wave can run them.`;
    parts.push(element("p", { class: "warning" }, visible(words)));
  }
  if (!parts.length) parts.push(element("p", { class: "note" }, "There are no open tasks."));
  return parts;
}

/** Whether a run is over and nothing of it waits: what the plan has open now is what is left. */
function isFinal(state: RunState): boolean {
  return state === "landed" || state === "discarded" || state === "undone";
}

function laterThan(run: RunReport, schedule: NonNullable<Shown["schedule"]>): NonNullable<Shown["schedule"]> {
  return isFinal(run.state) ? schedule : without(schedule, new Set(run.tasks.map((task) => task.id)));
}

function details(title: string, facts: readonly (readonly [string, Content])[], buttons: readonly Markup[]): Markup {
  return element(
    "aside",
    { "aria-label": "About what is chosen" },
    element("h3", {}, visible(title)),
    element("dl", {}, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    element("div", { class: "buttons" }, ...buttons),
  );
}

function taskDetails(task: TaskReport, run: RunReport, shown: Shown, age: number): Markup {
  const { id } = task;
  const planned = shown.tasks.find((each) => each.id === id);
  const worked = workedSeconds(task, run, age);
  const cost = [task.tokens ? tokens(task.tokens) : "", task.usd === undefined ? "" : money(task.usd)];
  const facts: (readonly [string, Content])[] = [["State", stateOf(task.state)]];
  const add = (name: string, value: string) => value && facts.push([name, visible(value)]);
  add("Now", task.activity);
  add("Message", quoted(task.message));
  add("Took", worked ? elapsed(worked) : "");
  add("Planned", planned ? estimate(planned.minutes) : "");
  add("Used", joined(...cost));
  add("Agent", joined(task.agent, task.model));
  add("Attempt", (task.attempt ?? 1) > 1 ? String(task.attempt) : "");
  add("Your comment", task.comment ?? "");
  if (task.files.length) {
    const files = task.files.map((file) => `${LETTERS[file.kind] ?? "M"} ${file.path}`);
    facts.push(["Files", fileList(files)]);
  }
  if (task.undeclared.length) facts.push(["Not declared, will not land", fileList(task.undeclared)]);
  return details(task.title || id, facts, taskButtons(task, run));
}

const LETTERS: Readonly<Record<string, string>> = { created: "A", changed: "M", deleted: "D" };
const MOST_FILES = 30;

function fileList(files: readonly string[]): Markup {
  const items = files.slice(0, MOST_FILES).map((file) => element("li", {}, visible(file)));
  if (files.length > MOST_FILES) items.push(element("li", {}, `and ${files.length - MOST_FILES} more`));
  return element("ul", {}, ...items);
}

function taskButtons(task: TaskReport, run: RunReport): Markup[] {
  const found: Markup[] = [];
  const add = (action: Action, words: string) => found.push(button({ action, words, task: task.id }));
  if (task.state !== "waiting") add("showTranscript", "Show the transcript");
  if (task.files.length) add("reviewTask", "Review changes");
  add("openPlan", "Go to the task");
  if (canStopTask(run, task.id)) add("stopTask", "Stop this agent");
  if (task.canRetry) add("retryTask", "Retry with a comment…");
  if (task.canLand) add("landTask", "Land this task alone");
  return found;
}

function plannedDetails(task: PlannedTask, shown: Shown): Markup {
  const scheduled = shown.schedule?.waves.flatMap((wave) => wave.tasks).find((each) => each.id === task.id);
  const facts: (readonly [string, Content])[] = [["Planned", estimate(task.minutes)]];
  const add = (name: string, value: string) => value && facts.push([name, visible(value)]);
  if (scheduled) {
    add("Model", `${scheduled.model}, because ${scheduled.because}`);
    add("Waits for", listed(scheduled.waitsFor, 12));
    if (scheduled.writes.length) facts.push(["Writes", fileList(scheduled.writes)]);
  }
  const { id } = task;
  return details(task.title || id, facts, [
    button({ action: "openPlan", words: "Go to the task", task: id }),
    button({ action: "showBrief", words: "Show the brief", task: id }),
  ]);
}

function nothingApart(tasks: Shown["tasks"]): string {
  const isOpen = tasks.some((task) => task.wave !== undefined);
  return isOpen ? "Nothing keeps these tasks apart: they can all run at once." : "No task is left to run.";
}

function conflictsPart(shown: Shown, lines: readonly Line[], choice: Choice): Content[] {
  if (!shown.hazards) return [element("p", { class: "note" }, "The conflicts are not known yet.")];
  if (!lines.length) {
    return [element("p", { class: "note" }, nothingApart(shown.tasks))];
  }
  const line = lines.find((each) => each.key === choice.chosen[CONFLICTS]);
  const picture = conflicts(lines, shown.tasks, lookOf(choice, CONFLICTS));
  return [element("div", { class: "wide" }, picture), ...(line ? [lineDetails(line)] : [])];
}

const MOST_BUTTONS = 8;

function lineDetails(line: Line): Markup {
  const names = line.on === undefined ? line.tasks : [line.on, ...line.tasks];
  const buttons = names
    .slice(0, MOST_BUTTONS)
    .map((task) => button({ action: "openPlan", words: `Go to ${visible(task)}`, task }));
  return element(
    "aside",
    { "aria-label": "About what is chosen" },
    element("p", {}, ...prose(line.spoken)),
    element("div", { class: "buttons" }, ...buttons),
  );
}

/** What Enter or a double click on the chosen row does. */
export function openingOf(shown: Shown, list: string, key: string): { action: Action; task?: string } | undefined {
  if (list === CONFLICTS) {
    const line = shown.hazards && linesOf(shown.hazards).find((each) => each.key === key);
    const task = line?.tasks[0];
    return task === undefined ? undefined : { action: "openPlan", task };
  }
  const running = list === RUN ? shown.run?.tasks.find((task) => task.id === key) : undefined;
  if (running && running.state !== "waiting") return { action: "showTranscript", task: key };
  return running || shown.tasks.some((task) => task.id === key) ? { action: "openPlan", task: key } : undefined;
}
