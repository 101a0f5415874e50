// What the Plans view shows: plans, their last runs, their waves, the tasks of these, and the files that they changed. Pure: plans
// go in, rows come out, and drawing them is all that is left to do.
//
// What changes often stands in rows with little below them (a run, a task), since VS Code draws a row anew with all that is
// below it. So no plan and no wave counts seconds or percents.

import { doneIn, messageOf, nameOf, partOf, stateOf } from "../plans/runs";
import {
  COMMAND_OF_WAY,
  canLaunch,
  canStop,
  canStopTask,
  goesOn,
  hasChanges,
  isUndecided,
  needsUser,
  reportOf,
  type Standing,
  standingOf,
  waysOf,
} from "../plans/standing";
import { counted, duration, joined, minutes, money, quoted, visible, visibleLines } from "../plans/words";
import type { FileChange, PlannedTask, PlanReport, RunReport, TaskReport } from "../protocol";

/** A codicon, and the colour of the theme that it has. */
export interface Icon {
  readonly name: string;
  readonly color?: string;
}

/** A piece of a tooltip: a heading, a sentence, or text that is set apart as it is. */
export type Detail = { readonly heading: string } | { readonly text: string } | { readonly code: string };

/** What happened to a file; `undeclared` is what an agent wrote outside its write set. */
export type RowChange = FileChange | "undeclared";

export interface Row {
  /** The same for the same thing, always. */
  readonly id: string;
  /** The plan that it is about, and the task and the file where it is about one: what commands take. */
  readonly uri: string;
  readonly task?: string;
  readonly path?: string;
  readonly label: string;
  readonly description: string;
  /** Left out for a file, which has its own. */
  readonly icon?: Icon;
  /** What happened to the file that the row is about. */
  readonly change?: RowChange;
  /** What it is and what can be done with it, as words for menus' `when` clauses. */
  readonly context: string;
  /** What a screen reader says. */
  readonly spoken: string;
  /** Whether it is open when it is first shown. */
  readonly expanded: boolean;
  readonly children: readonly Row[];
  /** What its tooltip says; made when somebody looks. */
  detail(): readonly Detail[];
}

/** Plans with more open tasks than this show only their first wave at first. */
const MANY_TASKS = 15;

const ICONS: Readonly<Record<Standing, Icon>> = {
  ready: { name: "circle-large-outline", color: "testing.iconUnset" },
  later: { name: "circle-large-outline", color: "disabledForeground" },
  unscheduled: { name: "warning", color: "problemsWarningIcon.foreground" },
  done: { name: "check", color: "testing.iconPassed" },
  skipped: { name: "debug-step-over", color: "testing.iconSkipped" },
  queued: { name: "history", color: "testing.iconQueued" },
  running: { name: "loading~spin" },
  finished: { name: "pass", color: "testing.iconPassed" },
  landed: { name: "pass-filled", color: "testing.iconPassed" },
  held: { name: "debug-pause", color: "testing.iconQueued" },
  failed: { name: "error", color: "testing.iconFailed" },
  cancelled: { name: "circle-slash", color: "testing.iconSkipped" },
};

const STATES: Readonly<Record<Standing, string>> = {
  ready: "",
  later: "",
  unscheduled: "in no wave",
  done: "done",
  skipped: "skipped",
  queued: "waits for its turn",
  running: "running",
  finished: "agent done",
  landed: "landed",
  held: "held",
  failed: "failed",
  cancelled: "stopped",
};

/** The rows of all plans, in their order. */
export function rowsOf(plans: readonly PlanReport[]): Row[] {
  const severalFolders = new Set(plans.map((plan) => plan.folder)).size > 1;
  const titles = new Map<string, number>();
  for (const plan of plans) titles.set(nameOf(plan, plan.uri), (titles.get(nameOf(plan, plan.uri)) ?? 0) + 1);
  return plans.map((plan) => {
    const isAlone = titles.get(nameOf(plan, plan.uri)) === 1;
    const place = joined(severalFolders ? folderName(plan) : "", isAlone ? "" : visible(plan.path));
    return planRow(plan, place, plans.length === 1);
  });
}

/** How many runs need the user. */
export function needing(plans: readonly PlanReport[]): number {
  return plans.filter((plan) => needsUser(plan.run)).length;
}

function folderName(plan: PlanReport): string {
  return visible(decodeURIComponent(plan.folder.replace(/\/+$/, "").split("/").at(-1) ?? ""));
}

function planRow(plan: PlanReport, place: string, isOnly: boolean): Row {
  const { run } = plan;
  const isDone = !goesOn(run) && plan.tasks.length > 0 && plan.tasks.every((task) => task.status !== "todo");
  const problems = problemsOf(plan);
  const format = visible(plan.format ?? "");
  const description = joined(place, format, problems, standOfPlan(plan, isDone));
  return {
    id: plan.uri,
    uri: plan.uri,
    label: nameOf(plan, plan.uri),
    description,
    icon: iconOfPlan(plan, isDone),
    context: words(
      "plan",
      canLaunch(plan) && "launch",
      canLaunch(plan) && plan.waves > 1 && "launchAll",
      canStop(run) && "stop",
      run?.tasks.some(hasChanges) && "changes",
      ...waysOf(run).map((way) => COMMAND_OF_WAY[way]),
    ),
    spoken: `Plan ${nameOf(plan, plan.uri)}, ${description.replaceAll(" · ", ", ")}`,
    expanded: isOnly || goesOn(run) || isUndecided(run),
    children: [...runRows(plan), ...waveRows(plan), ...groupRows(plan)],
    detail: () => [
      { heading: nameOf(plan, plan.uri) },
      { text: joined(visible(plan.path), format, problems) },
      { text: joined(wavesOf(plan), plan.speedup > 1 ? `${plan.speedup.toFixed(1)} times as fast as one by one` : "") },
      ...(plan.blocked === undefined ? [] : [{ text: quoted(visible(plan.blocked)) }]),
    ],
  };
}

function problemsOf(plan: PlanReport): string {
  return joined(
    plan.errors ? counted(plan.errors, "error") : "",
    plan.warnings ? counted(plan.warnings, "warning") : "",
  );
}

function standOfPlan(plan: PlanReport, isDone: boolean): string {
  const { run } = plan;
  if (run && goesOn(run)) return run.state === "preparing" ? "running" : run.state;
  if (needsUser(run)) return "needs you";
  if (isUndecided(run)) return "stopped";
  if (isDone) return "done";
  return wavesOf(plan);
}

function wavesOf(plan: PlanReport): string {
  const open = plan.tasks.filter((task) => task.wave !== undefined).length;
  return plan.waves ? joined(counted(plan.waves, "wave"), counted(open, "task")) : "";
}

function iconOfPlan(plan: PlanReport, isDone: boolean): Icon {
  if (goesOn(plan.run)) return ICONS.running;
  if (needsUser(plan.run)) return plan.run?.state === "held" ? ICONS.held : ICONS.failed;
  if (isUndecided(plan.run)) return ICONS.cancelled;
  if (plan.errors) return { name: "error", color: "problemsErrorIcon.foreground" };
  if (plan.warnings) return { name: "warning", color: "problemsWarningIcon.foreground" };
  return isDone ? ICONS.done : { name: "checklist" };
}

/** The last run, while it goes on, waits for a decision, or can be taken back. */
function runRows(plan: PlanReport): Row[] {
  const { run } = plan;
  if (!run || !(goesOn(run) || isUndecided(run) || waysOf(run).length)) return [];
  const label = `${partOf(run)} ${stateOf(run.state)}`;
  const message = quoted(visible(messageOf(run)));
  const numbers = joined(
    goesOn(run) ? `${doneIn(run)}/${run.tasks.length}` : "",
    goesOn(run) ? `${run.percentage} %` : "",
    duration(run.seconds),
    run.usd === undefined ? "" : money(run.usd),
  );
  const warnings = (run.warnings ?? []).map((warning, index) => warningRow(run, warning, index));
  const children = [...verificationRows(run), ...warnings, ...addedRows(plan, run)];
  return [
    {
      // VS Code keeps a row folded that had nothing below it: one that has is another row, and open.
      id: `${plan.uri}#run${children.length ? "/told" : ""}`,
      uri: plan.uri,
      label,
      description: goesOn(run) ? numbers : joined(message, numbers),
      icon: iconOfRun(run),
      context: words(
        "run",
        canStop(run) && "stop",
        run.tasks.some(hasChanges) && "changes",
        ...waysOf(run).map((way) => COMMAND_OF_WAY[way]),
      ),
      spoken: `${label}, ${[message, numbers.replaceAll(" · ", ", ")].filter(Boolean).join(", ")}`,
      expanded: !isLanded(run),
      children,
      detail: () => [
        { heading: label },
        ...(message ? [{ text: message }] : []),
        { text: joined(numbers, run.tokens ? counted(run.tokens, "token") : "") },
        ...(run.eta !== undefined && goesOn(run) ? [{ text: `About ${duration(run.eta)} left` }] : []),
        ...(run.branch === undefined ? [] : [{ text: `On the branch ${visible(run.branch)}` }]),
        ...(run.steps?.length && !goesOn(run)
          ? [{ text: `You can: ${run.steps.map((step) => quoted(visible(step.title))).join(" · ")}` }]
          : []),
      ],
    },
  ];
}

function isLanded(run: RunReport): boolean {
  return run.state === "landed";
}

function iconOfRun(run: RunReport): Icon {
  if (goesOn(run)) return ICONS.running;
  if (isLanded(run)) return ICONS.landed;
  if (run.state === "held") return ICONS.held;
  return run.state === "failed" ? ICONS.failed : ICONS.cancelled;
}

function verificationRows(run: RunReport): Row[] {
  const check = run.verification;
  if (!check) return [];
  const command = visible(check.command);
  const state = check.passed === undefined ? "verifying" : check.passed ? "passed" : "failed";
  const icon = check.passed === undefined ? ICONS.running : check.passed ? ICONS.landed : ICONS.failed;
  const detail = () => [
    { heading: `Verification ${state}` },
    { code: command },
    ...(check.output.trim() ? [{ text: "The end of what it printed:" }, { code: lastLines(check.output) }] : []),
  ];
  const spoken = `Verification ${command}, ${state}`;
  return [
    leaf({ id: `${run.plan}#verification`, uri: run.plan, label: command, description: state, icon, spoken, detail }),
  ];
}

const LINES_TOLD = 20;

function lastLines(output: string): string {
  return visibleLines(output).trimEnd().split("\n").slice(-LINES_TOLD).join("\n");
}

function warningRow(run: RunReport, warning: string, index: number): Row {
  const label = quoted(visible(warning));
  const icon = { name: "warning", color: "problemsWarningIcon.foreground" };
  const detail = () => [{ text: label }];
  const id = `${run.plan}#warning/${index}`;
  return leaf({ id, uri: run.plan, label, description: "", icon, spoken: `Warning: ${label}`, detail });
}

/** A row that only tells something. */
function leaf(row: Omit<Row, "context" | "expanded" | "children">): Row {
  return { ...row, context: "", expanded: false, children: [] };
}

/** Tasks that a run has and the plan does not: a repair, or what was taken out of the plan since. */
function addedRows(plan: PlanReport, run: RunReport): Row[] {
  const planned = new Set(plan.tasks.map((task) => task.id));
  return run.tasks
    .filter((task) => !planned.has(task.id))
    .map((report) => {
      const task = { id: report.id, title: report.title, line: 0, status: "todo", minutes: 0, tier: "" };
      return taskRow(plan, task, report);
    });
}

function waveRows(plan: PlanReport): Row[] {
  const waves = new Map<number, PlannedTask[]>();
  for (const task of plan.tasks) {
    if (task.wave !== undefined) waves.set(task.wave, [...(waves.get(task.wave) ?? []), task]);
  }
  const open = plan.tasks.filter((task) => task.wave !== undefined).length;
  return [...waves.entries()]
    .sort(([one], [other]) => one - other)
    .map(([number, tasks]) => {
      const longest = Math.max(...tasks.map((task) => task.minutes));
      const description = joined(counted(tasks.length, "agent"), minutes(longest));
      return group(plan, `wave/${number}`, `Wave ${number}`, description, tasks, number === 1 || open <= MANY_TASKS);
    });
}

function groupRows(plan: PlanReport): Row[] {
  const done = plan.tasks.filter((task) => task.wave === undefined && task.status === "done");
  const skipped = plan.tasks.filter((task) => task.wave === undefined && task.status === "skip");
  const others = plan.tasks.filter(
    (task) => task.wave === undefined && task.status !== "done" && task.status !== "skip",
  );
  return [
    ...(others.length ? [group(plan, "unscheduled", "In no wave", "these wait for one another", others, true)] : []),
    ...(done.length ? [group(plan, "done", "Done", counted(done.length, "task"), done, false)] : []),
    ...(skipped.length ? [group(plan, "skipped", "Skipped", counted(skipped.length, "task"), skipped, false)] : []),
  ];
}

function group(
  plan: PlanReport,
  name: string,
  label: string,
  description: string,
  tasks: readonly PlannedTask[],
  expanded: boolean,
): Row {
  return {
    id: `${plan.uri}#${name}`,
    uri: plan.uri,
    label,
    description,
    icon: { name: "layers" },
    context: words("group", name === "wave/1" && canLaunch(plan) && "launch"),
    spoken: `${label}, ${description.replaceAll(" · ", ", ")}`,
    expanded,
    children: tasks.map((task) => taskRow(plan, task, reportOf(plan.run, task.id))),
    detail: () => [{ heading: label }, { text: description }],
  };
}

function taskRow(plan: PlanReport, task: PlannedTask, report: TaskReport | undefined): Row {
  const standing = standingOf(task, plan.run, report);
  const description = describe(task, standing, report);
  const title = quoted(visible(task.title));
  const label = visible(task.id);
  return {
    id: `${plan.uri}#task/${task.id}`,
    uri: plan.uri,
    task: task.id,
    label,
    description,
    icon: ICONS[standing],
    context: words(
      "task",
      standing,
      canStopTask(plan.run, task.id) && "stop",
      report?.canRetry && "retry",
      report?.canLand && "land",
      report && hasChanges(report) && "changes",
      report && "transcript",
      task.status === "todo" && "brief",
    ),
    spoken: [`Task ${label}`, title, STATES[standing], report?.activity && quoted(visible(report.activity))]
      .filter(Boolean)
      .join(", "),
    expanded: false,
    children: report && hasChanges(report) ? fileRows(plan, report) : [],
    detail: () => taskDetail(task, standing, report),
  };
}

function describe(task: PlannedTask, standing: Standing, report: TaskReport | undefined): string {
  if (standing === "ready" || standing === "later") return joined(quoted(visible(task.title)), minutes(task.minutes));
  if (standing === "done" || standing === "skipped" || standing === "unscheduled") return quoted(visible(task.title));
  if (!report || standing === "queued") return STATES[standing];
  if (standing === "running") return quoted(visible(report.activity)) || stateOf(report.state);
  // What waited for a task that was stopped, or did not get done, was stopped before it had begun.
  return joined(standing === "cancelled" && !report.seconds ? "not started" : STATES[standing], ...used(report));
}

/** How long a task took and what it cost. */
function used(report: TaskReport): string[] {
  return [report.seconds ? duration(report.seconds) : "", report.usd === undefined ? "" : money(report.usd)];
}

/** What there is to say of a task beside its place in the plan, in full. */
export function taskDetail(task: PlannedTask, standing: Standing, report: TaskReport | undefined): Detail[] {
  const title = quoted(visible(task.title));
  const heading = { heading: title && title !== task.id ? `${visible(task.id)}: ${title}` : visible(task.id) };
  if (!report || ["ready", "later", "done", "skipped", "unscheduled"].includes(standing)) {
    return [heading, { text: joined(STATES[standing], minutes(task.minutes), visible(task.tier)) }];
  }
  return [heading, ...reportDetail(standing, report)];
}

/** How a task stands in its run: its state and what its agent does, what it has used, and how it ended. */
export function reportDetail(standing: Standing, report: TaskReport): Detail[] {
  const state = STATES[standing] || standing;
  const tokens = report.tokens ? counted(report.tokens, "token") : "";
  const attempt = (report.attempt ?? 1) > 1 ? `attempt ${report.attempt}` : "";
  return [
    { text: joined(capitalised(state), quoted(visible(report.activity))) },
    { text: joined(...used(report), tokens, visible(report.model || report.agent), attempt) },
    ...(report.message ? [{ text: quoted(visible(report.message)) }] : []),
    ...(report.comment ? [{ text: `You said: ${visible(report.comment)}` }] : []),
    ...(report.undeclared.length
      ? [{ text: `Not declared, will not land: ${report.undeclared.map(visible).join(", ")}` }]
      : []),
  ];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function fileRows(plan: PlanReport, report: TaskReport): Row[] {
  const files = report.files.map(({ path, kind }) => fileRow(plan, report, path, kind));
  return [...files, ...report.undeclared.map((path) => fileRow(plan, report, path, "undeclared"))];
}

const CHANGES: Readonly<Record<RowChange, string>> = {
  created: "new",
  changed: "changed",
  deleted: "deleted",
  undeclared: "not declared, will not land",
};

function fileRow(plan: PlanReport, report: TaskReport, path: string, change: RowChange): Row {
  const cut = path.lastIndexOf("/") + 1;
  const label = visible(path.slice(cut));
  const folder = visible(path.slice(0, Math.max(0, cut - 1)));
  const canDrop = report.state === "held" && change !== "undeclared";
  return {
    id: `${plan.uri}#${change === "undeclared" ? change : "file"}/${report.id}/${path}`,
    uri: plan.uri,
    task: report.id,
    path,
    label,
    description: joined(folder, change === "undeclared" ? CHANGES[change] : ""),
    change,
    context: words("file", change, canDrop && "drop"),
    spoken: `${label}, ${CHANGES[change]}${folder ? `, in ${folder}` : ""}`,
    expanded: false,
    children: [],
    detail: () => [{ text: joined(visible(path), CHANGES[change]) }],
  };
}

function words(...all: readonly (string | false | undefined)[]): string {
  return all.filter(Boolean).join(" ");
}
