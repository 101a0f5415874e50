// What the status bar says of plans and runs, as a function of how they stand.

import { lines, plain } from "../plans/markdown";
import { doneIn, nameOf, partOf, stateOf } from "../plans/runs";
import { goesOn, needsUser } from "../plans/standing";
import { counted, joined, money, quoted } from "../plans/words";
import type { PlanReport, RunReport, ServerStatusParams, TaskReport } from "../protocol";
import type { ServerState } from "../server/server";

const OPEN_RUN = "agent-server.openRun";
const REVIEW = "agent-server.review";
const STOP = "agent-server.stop";
const SHOW_LOG = "agent-server.showLog";
const INSTALL = "agent-server.installServer";
const RESTART = "agent-server.restartServer";
/** Brings the approval to the front; it stands in no menu. */
export const SHOW_QUESTION = "agent-server.showQuestion";

/** The commands that a tooltip may run. */
export const LINKED_COMMANDS = [OPEN_RUN, REVIEW, STOP, SHOW_LOG, INSTALL, RESTART, SHOW_QUESTION];

/** A launch that the user is being asked about. */
export interface Question {
  readonly uri: string;
  readonly part: string;
}

export interface Moment {
  readonly server: ServerState;
  /** The server leaves unanswered what it is asked for. */
  readonly isSilent: boolean;
  readonly status: ServerStatusParams | undefined;
  readonly plans: readonly PlanReport[];
  /** The plan in the active editor. */
  readonly active: PlanReport | undefined;
  readonly questions: readonly Question[];
  /** Whether a run was seen going on since the server started. Of others, only what the active plan waits for is shown. */
  isRecent(run: RunReport): boolean;
  /** For how long a run has been going on, now. */
  secondsOf(run: RunReport): number;
}

export interface StatusView {
  /** With icons. */
  readonly text: string;
  /** For screen readers: without. */
  readonly label: string;
  /** Markdown of ours, in which what plans say is escaped. */
  readonly tooltip: string;
  readonly severity?: "warning" | "error";
  readonly command: string;
  /** The plan that the command is about. */
  readonly uri?: string;
}

/** Undefined where there is nothing to say. */
export function statusView(moment: Moment): StatusView | undefined {
  const { server, active, questions } = moment;
  if (server.kind !== "running") return ofServer(server);
  if (moment.isSilent) return SILENT;
  const asked = questions.find((each) => each.uri === active?.uri) ?? questions[0];
  if (asked) return ofQuestion(asked, planOf(moment, asked.uri));
  const plan = shownPlan(moment);
  if (plan?.run && isShown(moment, plan)) return ofRun(moment, plan, plan.run);
  return active ? ofIdle(moment, active) : ofAilingServer(moment);
}

/** The active plan where there is something to say of its run, else the plan whose run is the most urgent. */
function shownPlan(moment: Moment): PlanReport | undefined {
  if (moment.active && isShown(moment, moment.active)) return moment.active;
  return moment.plans
    .filter((plan) => isShown(moment, plan))
    .sort((one, other) => urgency(other.run) - urgency(one.run))
    .at(0);
}

function isShown(moment: Moment, { uri, run }: PlanReport): boolean {
  if (!run || run.state === "discarded" || run.state === "undone") return false;
  const isActive = uri === moment.active?.uri;
  return goesOn(run) || (isActive && needsUser(run)) || (moment.isRecent(run) && (isActive || needsUser(run)));
}

function urgency(run: RunReport | undefined): number {
  if (needsUser(run)) return 2;
  return goesOn(run) ? 1 : 0;
}

function planOf(moment: Moment, uri: string): PlanReport | undefined {
  return moment.plans.find((plan) => plan.uri === uri);
}

function ofServer(server: Exclude<ServerState, { kind: "running" }>): StatusView {
  switch (server.kind) {
    case "starting":
      return {
        text: "$(sync~spin) Agent Server",
        label: "Agent Server is starting",
        tooltip: "Agent Server is starting.",
        command: SHOW_LOG,
      };
    case "stopped":
      return {
        text: "$(debug-disconnect) Agent Server",
        label: "Agent Server is stopped. Start it.",
        tooltip: lines(["Agent Server is stopped.", `[Start it](command:${RESTART})`]),
        command: RESTART,
      };
    case "failed":
      return ofFailedServer(server);
  }
}

const SILENT: StatusView = {
  text: "$(warning) Agent Server does not answer",
  label: "Agent Server does not answer. Restart it.",
  tooltip: lines([
    "Agent Server does not answer. It hangs, or is very busy.",
    `[Restart it](command:${RESTART}) · [Show the log](command:${SHOW_LOG})`,
  ]),
  severity: "warning",
  command: RESTART,
};

function ofFailedServer({ problem, why }: Extract<ServerState, { kind: "failed" }>): StatusView {
  const [words, command, title] = (
    {
      missing: ["Agent Server is missing", INSTALL, "Install it"],
      outdated: ["Agent Server is too old", INSTALL, "Update it"],
      broken: ["Agent Server did not start", SHOW_LOG, "Show the log"],
    } as const
  )[problem];
  const again = `[Try again](command:${RESTART})`;
  return {
    text: `$(error) ${words}`,
    label: `${words}. ${title}.`,
    tooltip: lines([plain(why), `[${title}](command:${command}) · ${again}`]),
    severity: problem === "outdated" ? "warning" : "error",
    command,
  };
}

function ofQuestion({ uri, part }: Question, plan: PlanReport | undefined): StatusView {
  return {
    text: `$(question) Launch ${lowered(part)}?`,
    label: `Launch ${lowered(part)} of ${nameOf(plan, uri)}? It waits for your yes.`,
    tooltip: lines([
      titleOf(plan, uri),
      `Nothing runs before you say yes. ${action("Look at it", SHOW_QUESTION, uri)}`,
    ]),
    severity: "warning",
    command: SHOW_QUESTION,
    uri,
  };
}

function ofRun(moment: Moment, plan: PlanReport, run: RunReport): StatusView {
  const part = partOf(run);
  const name = nameOf(plan, plan.uri);
  const words = wordsOf(moment, run);
  // What happened long ago is no alarm.
  const severity = moment.isRecent(run) ? SEVERITIES[run.state] : undefined;
  return {
    text: joined(`${ICONS[run.state] ?? ""} ${part}`.trim(), ...words),
    label: [`${part} of ${name}`, ...words].join(", "),
    tooltip: tooltipOf(plan, run),
    ...(severity && { severity }),
    command: OPEN_RUN,
    uri: plan.uri,
  };
}

const SPINNING = "$(sync~spin)";
const ICONS: Readonly<Record<string, string>> = {
  preparing: SPINNING,
  running: SPINNING,
  verifying: SPINNING,
  landing: SPINNING,
  held: "$(bell-dot)",
  failed: "$(error)",
  cancelled: "$(circle-slash)",
  landed: "$(check)",
};
const SEVERITIES: Readonly<Record<string, "warning" | "error">> = { held: "warning", failed: "error" };

function wordsOf(moment: Moment, run: RunReport): string[] {
  const spent = run.usd ? [money(run.usd)] : [];
  const time = short(moment.secondsOf(run));
  switch (run.state) {
    case "running":
      return [`${doneIn(run)}/${run.tasks.length}`, time, ...spent];
    case "held":
      return ["needs you"];
    case "preparing":
    case "verifying":
    case "landing":
      return [run.state, time, ...spent];
    default:
      return [stateOf(run.state), ...spent];
  }
}

function ofIdle(moment: Moment, plan: PlanReport): StatusView {
  const agents = plan.tasks.filter((task) => task.wave !== undefined).length;
  const open = plan.tasks.filter((task) => task.status === "todo").length;
  const words = agents ? [counted(plan.waves, "wave"), counted(agents, "agent")] : [open ? "cannot run" : "all done"];
  const problems = plan.errors
    ? [counted(plan.errors, "error")]
    : plan.warnings
      ? [counted(plan.warnings, "warning")]
      : [];
  const icon =
    plan.errors || !isWell(moment) ? "$(warning)" : plan.tasks.length && !open ? "$(check-all)" : "$(layers)";
  return {
    text: `${icon} ${joined(...words)}`,
    label: [nameOf(plan, plan.uri), ...words, ...problems].join(", "),
    tooltip: lines([
      titleOf(plan, plan.uri),
      joined(...words, ...problems),
      ...(plan.blocked ? [plain(quoted(plan.blocked))] : []),
      ...ailment(moment),
      action("Timeline and conflicts", OPEN_RUN, plan.uri),
    ]),
    command: OPEN_RUN,
    uri: plan.uri,
  };
}

/** With no plan in sight only what is amiss is worth a place. */
function ofAilingServer(moment: Moment): StatusView | undefined {
  if (isWell(moment)) return undefined;
  return {
    text: "$(warning) Agent Server",
    label: `Agent Server: ${moment.status?.message ?? ""}`,
    tooltip: lines([...ailment(moment), `[Show the log](command:${SHOW_LOG})`]),
    command: SHOW_LOG,
  };
}

function isWell({ status }: Moment): boolean {
  return !status || status.health === "ok";
}

function ailment(moment: Moment): string[] {
  return isWell(moment) ? [] : [`⚠ ${plain(quoted(moment.status?.message ?? ""))}`];
}

function tooltipOf(plan: PlanReport, run: RunReport): string {
  const links = [
    action("Timeline and conflicts", OPEN_RUN, plan.uri),
    ...(run.tasks.some((task) => task.files.length) ? [action("Changes", REVIEW, plan.uri)] : []),
    ...(goesOn(run) && run.state !== "landing" ? [action("Stop", STOP, plan.uri)] : []),
  ];
  return lines([
    titleOf(plan, plan.uri),
    ...(run.message ? [plain(quoted(run.message))] : []),
    ...taskLines(run.tasks),
    ...(run.warnings ?? []).map((each) => `⚠ ${plain(quoted(each))}`),
    links.join(" · "),
  ]);
}

const SIGNS: Readonly<Record<string, string>> = {
  waiting: "○",
  preparing: "◔",
  running: "◑",
  verifying: "◕",
  finished: "●",
  held: "●",
  landed: "✓",
  failed: "✗",
  cancelled: "⊘",
};

const MOST_TASKS = 12;
/** Tasks of which there is nothing new to say. */
const QUIET: ReadonlySet<string> = new Set(["waiting", "finished", "landed"]);

/** Of many tasks, those come first of which there is something to say. */
function taskLines(tasks: readonly TaskReport[]): string[] {
  if (tasks.length <= MOST_TASKS) return tasks.map(taskLine);
  const quiet = tasks.filter((task) => QUIET.has(task.state));
  const shown = [...tasks.filter((task) => !QUIET.has(task.state)), ...quiet].slice(0, MOST_TASKS);
  return [...shown.map(taskLine), `… and ${counted(tasks.length - MOST_TASKS, "more task")}`];
}

function taskLine(task: TaskReport): string {
  const more = task.activity || task.message;
  return `${SIGNS[task.state] ?? "○"} ${plain(task.title || task.id)}: ${plain(more ? quoted(more) : stateOf(task.state))}`;
}

function titleOf(plan: PlanReport | undefined, uri: string): string {
  return `**${plain(nameOf(plan, uri))}**`;
}

/** A link to one of our commands. What it is given is encoded, so nothing in it ends the link. */
function action(title: string, command: string, uri: string): string {
  const argument = encodeURIComponent(JSON.stringify([{ uri }]))
    .replaceAll("(", "%28")
    .replaceAll(")", "%29");
  return `[${title}](command:${command}?${argument})`;
}

/** A length of time, as short as it gets: `45s`, `2m`, `1h 5m`. */
export function short(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

function lowered(part: string): string {
  return part.charAt(0).toLowerCase() + part.slice(1);
}
