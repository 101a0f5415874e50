// Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`.

/** The newest version of the protocol; a client names it in `capabilities.experimental.agentServer`. */
export const VERSION = "0.4.0";

export type DocumentUri = string;
export type URI = string;

/** A request's method, with the types of its params and its result. */
export interface RequestMethod<P, R> {
  readonly method: string;
  readonly _?: [P, R];
}

/** A notification's method, with the type of its params. */
export interface NotificationMethod<P> {
  readonly method: string;
  readonly _?: [P];
}

/** A command's name, with the types of its argument and its result. */
export interface CommandName<A, R> {
  readonly command: Command;
  readonly _?: [A, R];
}

/** What sends and hears messages: `LanguageClient` of vscode-languageclient is one. */
export interface Connection {
  sendRequest<R>(method: string, params?: unknown): Promise<R>;
  onNotification(method: string, handler: (params: unknown) => void): { dispose(): void };
}

/** Send a request; rejects where the server refuses it. */
export function request<P, R>(connection: Connection, type: RequestMethod<P, R>, params: P): Promise<R> {
  return connection.sendRequest<R>(type.method, params);
}

/** Send a command; rejects where the server refuses it. */
export function execute<A, R>(connection: Connection, type: CommandName<A, R>, argument: A): Promise<R> {
  return connection.sendRequest<R>("workspace/executeCommand", { command: type.command, arguments: [argument] });
}

/** Call `handler` for each notification, until what this returns is disposed of. */
export function listen<P>(
  connection: Connection,
  type: NotificationMethod<P>,
  handler: (params: P) => void,
): { dispose(): void } {
  return connection.onNotification(type.method, (params) => handler(params as P));
}

/** Where a run stands. */
export type RunState =
  /** The base is being frozen and the sandboxes opened. */
  | "preparing"
  /** Agents work. */
  | "running"
  /** The combined result is being built in a scratch sandbox. */
  | "verifying"
  /** The change set is going into the workspace. */
  | "landing"
  /** The files are in the workspace. It can be undone. */
  | "landed"
  /** It waits for a decision: the change sets of what has not landed are kept. */
  | "held"
  /** Stopped by somebody. It can be tried again. */
  | "cancelled"
  /** It could not be carried out. It can be tried again. */
  | "failed"
  /** Final: somebody decided that what it holds shall not land. Clients of earlier versions are told `cancelled`. */
  | "discarded"
  /** Final: what had landed was taken back. Clients of earlier versions are told `cancelled`. */
  | "undone";

/** Where a task of a run stands. */
export type TaskState =
  /** Not begun. */
  | "waiting"
  /** Its sandbox is being opened. */
  | "preparing"
  /** Its agent works. */
  | "running"
  /** Its agent has ended well. */
  | "finished"
  /** Its wave is being verified. */
  | "verifying"
  /** Its files are in the workspace. */
  | "landed"
  /** Its agent failed. It can be tried again. */
  | "failed"
  /** Stopped. It can be tried again. */
  | "cancelled"
  /** Finished, not landed; its change set is kept. */
  | "held"
  /** Final: its change set shall not land. Clients of earlier versions are told `cancelled`. */
  | "discarded"
  /** Final: it had landed, and was taken back. Clients of earlier versions are told `cancelled`. */
  | "undone";

/** How well something works. */
export type Health =
  /** Everything works. */
  | "ok"
  /** It works, but something is amiss. */
  | "warning"
  /** It does not work. */
  | "error";

/** What happens to a file. */
export type FileChange =
  /** It was not there before. */
  | "created"
  /** It has other contents, or became executable or ceased to be. */
  | "changed"
  /** It is no longer there. */
  | "deleted";

/** A way in which a run can go on. */
export type RunWay =
  /** Try what failed again. */
  | "retry"
  /** Land what it holds, verified once more. */
  | "land"
  /** Have one more agent mend the whole. */
  | "repair"
  /** Land what it holds without verifying it. */
  | "land-anyway"
  /** Give up what it holds. */
  | "discard"
  /** Take the last landing back. */
  | "undo";

/**
 * What a client may send by `workspace/executeCommand`. The command `X` takes one argument, an `XArgument`, and answers
 * an `XResult`. It checks its argument, starts the work and answers at once; what cannot be done is answered with the
 * error `RequestFailed`, whose message is for the user.
 */
export type Command =
  /** Say yes to a wave, exactly as it stands, without starting it. */
  | "agentServer.approve"
  /** Run a wave. What is not approved yet is shown first, by `window/showMessageRequest`, and runs only after a yes. */
  | "agentServer.launch"
  /** Stop one agent of a run, or the whole run. */
  | "agentServer.cancel"
  /** Land what a run holds, all of it or what some tasks made. It is verified once more first. */
  | "agentServer.land"
  /** Try tasks of a run again that has stopped, under its approval. What the others made is kept. */
  | "agentServer.retry"
  /** Let one more agent mend what all tasks made together, where that failed to verify. */
  | "agentServer.repair"
  /** Give up what a run holds. The user is asked first. */
  | "agentServer.discard"
  /** Take back the last landing of a run, as a whole. The user is asked first. */
  | "agentServer.undo"
  /** Leave a file, or some of its hunks, out of what a held task would land. It answers what is left. */
  | "agentServer.dropChanges"
  /** Show what a task's agent is told, word for word. */
  | "agentServer.showBrief"
  /** Show what a task's agent said and did in the plan's last run. */
  | "agentServer.showTranscript"
  /** Show what a task proposes to change. */
  | "agentServer.showChanges";

/** A run of one wave at one moment. */
export interface StatusParams {
  /** The plan whose wave runs. */
  plan: DocumentUri;
  /** The wave, counted from 1. */
  wave: number;
  /** The run's id: also the token of its work-done progress. */
  run: string;
  /** Where the run stands. */
  state: RunState;
  /** What is going on, or how it ended, in a few words for a status bar. */
  message: string;
  /** From 0 to 100; never goes back. */
  percentage: number;
  /** What holds the agents to their files: `overlay`, `worktree` or `copy`; empty until it is known. */
  isolation: string;
  /** How many tasks are in each `TaskState`; states without a task are left out. */
  counts: Record<string, number>;
  /** Every task of the wave, in the plan's order. */
  tasks: TaskStatus[];
}

/** One task of a run at one moment. */
export interface TaskStatus {
  /** The task's id in the plan. */
  id: string;
  /** The task's title. */
  title: string;
  /** Where the task stands. */
  state: TaskState;
  /** What its agent is doing, in a few words; empty when it is not working. */
  activity: string;
  /** How it ended, where that needs words. */
  message: string;
  /** Tokens used so far, input and output together. */
  tokens: number;
  /** The files of its write set that it changed, relative to the workspace. */
  changed: string[];
  /** What it wrote, or tried to write, outside its write set. Never landed. */
  undeclared: string[];
}

/** What a side speaks: the client says so in `initialize`, the server in its answer. */
export interface AgentServerCapabilities {
  /**
   * A version of this protocol, such as `0.2.0`. The client names the newest that it knows, the server the one that
   * both will speak: the older of the two sides' newest.
   */
  version: string;
}

/**
 * What stands in `capabilities.experimental`, of the client and of the server. A client that names nothing here is
 * spoken to as one of 0.1.
 */
export interface ExperimentalCapabilities {
  /** Our own messages. */
  agentServer?: AgentServerCapabilities;
}

/** How the server is. */
export interface ServerStatusParams {
  /** Whether everything works. */
  health: Health;
  /** What is wrong and what to do, for the user; empty when `health` is `ok`. */
  message: string;
  /** Whether nothing is being listed, indexed or analysed: what is shown now stays until something changes. */
  quiescent: boolean;
  /** What all runs since the server started have used. */
  spend: Spend;
  /** How many runs are going on. */
  running: number;
}

/** Tokens, and the money that they cost. */
export interface Spend {
  /** Input and output together. */
  tokens: number;
  /** In US dollars, for the models whose prices are known; left out where none is. */
  usd?: number;
}

/** A whole run of one wave at one moment. */
export interface RunReport {
  /** The plan whose wave runs. */
  plan: DocumentUri;
  /** The run's id. Ids sort by the time at which the runs began. */
  run: string;
  /** The wave, counted from 1. */
  wave: number;
  /** How many waves the plan had when the run was launched. */
  waves: number;
  /** Where the run stands. */
  state: RunState;
  /** What is going on, or how it ended, in a few words for a status bar. */
  message: string;
  /** From 0 to 100; never goes back. */
  percentage: number;
  /** What holds the agents to their files: `overlay`, `worktree` or `copy`; empty until it is known. */
  isolation: string;
  /** When it was launched: ISO 8601, in UTC. */
  started: string;
  /** For how long it has been going on, or did. */
  seconds: number;
  /**
   * In how many seconds the agents should be done, by estimate. Left out where nothing tells, and once they are done.
   */
  eta?: number;
  /** Tokens used so far, by all tasks, input and output together. */
  tokens: number;
  /** What they cost in US dollars, for the models whose prices are known; left out where none is. */
  usd?: number;
  /** How the combined result is checked; left out before that begins, and where nothing checks it. */
  verification?: Verification;
  /** The branch on which it landed as commits; left out where it did not. */
  branch?: string;
  /** True where it is all open tasks of the plan, not one wave. Each begins as soon as what it waits for is done. */
  stream?: boolean;
  /** What a person should know of it, such as a budget that is nearly used up. Left out where there is nothing. */
  warnings?: string[];
  /** Every task of the wave, in the plan's order. */
  tasks: TaskReport[];
  /**
   * How it can go on, once it has stopped, the likeliest first; left out where there is nothing to decide. Since 0.4.0.
   */
  steps?: RunStep[];
}

/** One task of a run at one moment. */
export interface TaskReport {
  /** The task's id in the plan. */
  id: string;
  /** The task's title. */
  title: string;
  /** Where the task stands. */
  state: TaskState;
  /** What its agent is doing, in a few words; empty when it is not working. */
  activity: string;
  /** How it ended, where that needs words. */
  message: string;
  /** The files of its write set that it changed; empty until its agent has ended. */
  files: FileReport[];
  /** What it wrote, or tried to write, outside its write set, relative to the workspace. Never landed. */
  undeclared: string[];
  /** Tokens used so far, input and output together. */
  tokens: number;
  /** What they cost in US dollars; left out where the model's price is not known. */
  usd?: number;
  /** For how long its agent has been working, or did. */
  seconds: number;
  /** The id of the model that it was approved for. */
  model: string;
  /** The agent that carries it out, as plans and settings name it. */
  agent: string;
  /** Which attempt at the task this is, counted from 1. */
  attempt?: number;
  /** What the user said to its agent when it was tried again; left out where that was nothing. */
  comment?: string;
  /**
   * When the agent of this attempt began, on the clock of the run's `seconds`; left out where that is not known. Since
   * 0.4.0.
   */
  began?: number;
  /** True where this task can be tried again by itself. Since 0.4.0. */
  canRetry?: boolean;
  /** True where what this task made can land without the others' work. Since 0.4.0. */
  canLand?: boolean;
}

/** A file that a task changed. */
export interface FileReport {
  /** Relative to the workspace. */
  path: string;
  /** What happened to it. */
  kind: FileChange;
}

/** A command that checks the combined result of a wave. */
export interface Verification {
  /** The command, as it was approved. */
  command: string;
  /** Whether it passed; left out while it runs. */
  passed?: boolean;
  /** The end of what it printed; empty while it runs. */
  output: string;
}

/** What a client wants to be told of. */
export interface SubscribeParams {
  /** Runs, by `agentServer/runState`: of all plans in the client's workspaces, whoever launched them. */
  runs: boolean;
  /** The server, by `agentServer/serverStatus`. */
  status: boolean;
  /** Plans, by `agentServer/plansChanged`. Since 0.4.0. */
  plans?: boolean;
}

/** Where things stand. */
export interface SubscribeResult {
  /** The version of this protocol that the server speaks with this client. */
  version: string;
  /**
   * The runs of the client's workspaces that go on, or ended since the server started. Oldest first; empty without
   * `runs`.
   */
  runs: RunReport[];
}

/** Which plan is asked about. */
export interface ScheduleParams {
  /** The plan. */
  plan: DocumentUri;
}

/** The waves of a plan. Minutes are agents' minutes; verification and landing are not counted. */
export interface ScheduleResult {
  /** The version of the document that this is true of; left out for a plan that is not open. */
  version?: number;
  /** The waves, in order. Only the first one can be launched. */
  waves: ScheduledWave[];
  /** Ids of open tasks on a cycle, or behind one. */
  unscheduled: string[];
  /** Ids of the longest chain, by minutes, of tasks that must follow one another. */
  criticalPath: string[];
  /** What the tasks take one by one. */
  sequentialMinutes: number;
  /** What they take in waves: the longest task of each, added up. */
  parallelMinutes: number;
  /** How many times faster the waves are. */
  speedup: number;
  /** The most agents that work at once, as the waves stand. */
  agents: number;
}

/** Tasks that run at once. */
export interface ScheduledWave {
  /** Counted from 1. */
  number: number;
  /** What its longest task takes. */
  minutes: number;
  /** In the plan's order. */
  tasks: ScheduledTask[];
}

/** A task that can run. */
export interface ScheduledTask {
  /** The task's id in the plan. */
  id: string;
  /** The task's title. */
  title: string;
  /** What its agent is likely to take. */
  minutes: number;
  /** The id of the model that it gets. */
  model: string;
  /** The step that the model stands for: `fast`, `default` or `capable`. */
  tier: string;
  /** Why it gets that model, as a clause. */
  because: string;
  /**
   * The files that it may write, as paths and patterns relative to the workspace. `src/` and `src/**` are all that lies
   * below a folder; what starts with `!` takes paths away.
   */
  writes: string[];
  /** Ids of the tasks that must run in an earlier wave, in the plan's order. */
  waitsFor: string[];
}

/** Which transcript is asked for. */
export interface TranscriptParams {
  /** The plan. */
  plan: DocumentUri;
  /** The task's id. */
  task: string;
  /** The run; left out for the plan's last one. */
  run?: string;
  /** Where to read on: `next` of an earlier answer. Left out for the start; other numbers mean nothing. */
  after?: number;
}

/** A part of a transcript. */
export interface TranscriptResult {
  /** The run that it is of. */
  run: string;
  /** The task that it is of. */
  task: string;
  /** In the order in which they happened. It may be empty although more is to come. */
  events: TranscriptEvent[];
  /** What to give as `after` to read on. */
  next: number;
  /** Whether nothing more will come. Until it is there is more, now or later. */
  complete: boolean;
}

/** One thing that an agent said or did. */
export interface TranscriptEvent {
  /** In seconds since the run began. */
  at: number;
  /** What it was: `said`, `tool`, `denied`, `used` or `retrying`. More may come. */
  kind: string;
  /** The words, for the user. */
  text: string;
}

/** Which change set is asked for. */
export interface ChangeSetParams {
  /** The plan. */
  plan: DocumentUri;
  /** A task's id; left out for all tasks of the run. */
  task?: string;
  /** The run; left out for the plan's last one. */
  run?: string;
}

/** Files that a run would change, or has changed. */
export interface ChangeSetResult {
  /** The run. */
  run: string;
  /** In the order of the tasks, then sorted by path. */
  files: ProposedFile[];
  /** What agents changed outside their write sets, in the same order. It never lands; it is kept to be looked at. */
  undeclared?: ProposedFile[];
}

/** What a task proposes for a file. */
export interface ProposedFile {
  /** Relative to the workspace. */
  path: string;
  /** What happens to it. */
  kind: FileChange;
  /** The task that proposes it. */
  task: string;
  /** The proposed text as a read-only document, for `agentServer/content`. That of a deleted file is empty. */
  proposed: URI;
  /**
   * What the agent started from, as a read-only document: the other side of a diff. That of a new file is empty. Left
   * out where it was not kept.
   */
  base?: URI;
  /**
   * The pieces that differ, in order: what `agentServer.dropChanges` can leave out. Left out where there are no lines
   * to compare: links, binary files, a change of the mode alone, and what is too large.
   */
  hunks?: ProposedHunk[];
}

/** A piece of a file that differs, with the lines around it. */
export interface ProposedHunk {
  /** What the hunk goes by. It stays the same when other hunks are left out. */
  id: string;
  /** The lines of the base that it replaces, with unchanged ones around them. */
  base: LineRange;
  /** The lines of the proposed text that take their place. */
  proposed: LineRange;
}

/** Lines of a text. */
export interface LineRange {
  /** The first line, counted from 0. */
  start: number;
  /** The line behind the last one; the same as `start` where there are no lines. */
  end: number;
}

/** Which document is asked for. */
export interface ContentParams {
  /** Its URI, as another message gave it. */
  uri: URI;
}

/** A document. */
export interface ContentResult {
  /** All of its text. */
  text: string;
}

/** A wave of a plan. */
export interface WaveArgument {
  /** The plan, which must be open. */
  uri: DocumentUri;
  /** The wave, counted from 1; left out for the first. */
  wave?: number;
  /**
   * True for all open tasks of the plan, not one wave. Each begins as soon as what it waits for is done. Since 0.3.0.
   */
  stream?: boolean;
  /**
   * For `agentServer.launch`: what `agentServer/approval` gave. The user has said yes to it. The wave then starts
   * without another question, unless it is no longer what was shown. Since 0.4.0.
   */
  approved?: string;
}

/** What is approved. */
export interface ApproveResult {
  /** The plan. */
  plan: DocumentUri;
  /** The wave, counted from 1. */
  wave: number;
  /** The digest of the plan's text. Any other text needs another approval. */
  digest: string;
  /** What will happen, in words for the user. */
  summary: string;
}

/** What was launched. */
export interface LaunchResult {
  /** The run's id; null while the user is being asked. */
  run: string | null;
}

/** What `agentServer.cancel` takes. */
export interface CancelArgument {
  /** The plan. It need not be open since 0.4.0; its workspace must be. */
  uri: DocumentUri;
  /** The task whose agent is to stop; left out for the whole run. */
  task?: string;
}

/** What was stopped. */
export interface CancelResult {
  /** Whether there was anything to stop. A landing always goes to its end. */
  cancelled: boolean;
}

/** What `agentServer.land` takes. */
export interface LandArgument {
  /** The plan. It need not be open since 0.4.0; its workspace must be. */
  uri: DocumentUri;
  /** The tasks whose work is to land, without the others'; left out for all that is held. Since 0.3.0. */
  tasks?: string[];
  /** True to land it without verifying it again, although it may be broken. The user is asked first. Since 0.3.0. */
  unverified?: boolean;
}

/** What lands. */
export interface LandResult {
  /** The run's id; null while the user is being asked, which happens only with `unverified`. */
  run: string | null;
}

/** What `agentServer.retry` takes. */
export interface RetryArgument {
  /** The plan. It need not be open since 0.4.0; its workspace must be. */
  uri: DocumentUri;
  /** A task that is to be tried again. */
  task?: string;
  /** Several of them. Without any, all that are not done are tried again. */
  tasks?: string[];
  /** What to tell their agents, beside how the last attempt ended. */
  comment?: string;
}

/** A plan, whose last run is meant. */
export interface PlanArgument {
  /** The plan. It need not be open since 0.4.0; its workspace must be. */
  uri: DocumentUri;
}

/** The run that goes on. */
export interface RunResult {
  /** The run's id. */
  run: string;
}

/** The user is being asked. */
export interface AskedResult {
  /** The id of the run that would be changed: nothing has happened yet. */
  run: string;
}

/** What `agentServer.dropChanges` takes. */
export interface DropChangesArgument {
  /** The plan. It need not be open since 0.4.0; its workspace must be. */
  uri: DocumentUri;
  /** The task's id. */
  task: string;
  /** The file, relative to the workspace, as `agentServer/changeSet` names it. */
  path: string;
  /** The ids of the hunks that are not to land; left out for the whole file. */
  hunks?: string[];
}

/** A task of a plan. */
export interface TaskArgument {
  /** The plan. */
  uri: DocumentUri;
  /** The task's id. */
  task: string;
}

/** A document that the user is shown. */
export interface ShownDocument {
  /** The document, which is read-only. */
  uri: URI;
  /** True where the client was asked to show it, by `window/showDocument`. */
  shown?: boolean;
  /** All of its text, where the client does not know `window/showDocument` and so has to show it itself. */
  text?: string;
}

/** What `agentServer.showChanges` answers. */
export interface ShowChangesResult {
  /** A list of the changes, as a document, which is read-only. */
  uri: URI;
  /** True where the client was asked to show it, by `window/showDocument`. */
  shown?: boolean;
  /** All of its text, where the client does not know `window/showDocument` and so has to show it itself. */
  text?: string;
  /** The same as `agentServer/changeSet` answers for the task. */
  files: ProposedFile[];
  /**
   * What its agent changed outside its write set, as of `agentServer/changeSet`. It never lands; it is kept to be
   * looked at.
   */
  undeclared?: ProposedFile[];
}

/** Which plans are asked for. */
export interface PlansParams {
  /** A workspace folder; left out for all of them. */
  folder?: URI;
}

/** Plans. */
export interface PlansResult {
  /** By workspace folder, then by path. */
  plans: PlanReport[];
  /**
   * True while a workspace is still being listed: there may be more plans. `agentServer/plansChanged` tells when there
   * are.
   */
  listing?: boolean;
}

/** A plan, as a list shows it. */
export interface PlanReport {
  /** The plan. */
  uri: DocumentUri;
  /** The workspace that it belongs to. */
  folder: URI;
  /** The plan's path, relative to that. */
  path: string;
  /** The plan's title, without what it says of the sort of document (`Tasks: `); empty where it has none. */
  title: string;
  /** What people call its format, such as `spec-kit`; left out where it is our own. */
  format?: string;
  /** How many waves its open tasks take. */
  waves: number;
  /** How many times faster the waves are than one task after another. */
  speedup: number;
  /** How many errors there are in it. */
  errors: number;
  /** How many warnings. */
  warnings: number;
  /** Why its first wave cannot be launched as it stands, for the user; left out where it can. */
  blocked?: string;
  /** Every task, in the plan's order. */
  tasks: PlannedTask[];
  /** Its last run, of an earlier server too; left out where there is none. */
  run?: RunReport;
}

/** A task of a plan. */
export interface PlannedTask {
  /** The task's id. */
  id: string;
  /** Its title. */
  title: string;
  /** The file that holds it, where the plan is a folder; left out where that is the plan's own. */
  uri?: DocumentUri;
  /** The line on which it begins in the file that holds it, counted from 0. */
  line: number;
  /** What the plan says of it: `todo`, `done` or `skip`. */
  status: string;
  /** Its wave, counted from 1; left out where it is not open, or part of a cycle. */
  wave?: number;
  /** What its agent is likely to take. */
  minutes: number;
  /** The step of its model: `fast`, `default` or `capable`. */
  tier: string;
}

/** Which plans changed. */
export interface PlansChangedParams {
  /** The plans; left out where it may be any. */
  plans?: DocumentUri[];
}

/** Which launch is asked about. */
export interface ApprovalParams {
  /** The plan, which must be open. */
  plan: DocumentUri;
  /** The wave, counted from 1; left out for the first. */
  wave?: number;
  /** True for all open tasks of the plan, not one wave. */
  stream?: boolean;
}

/** All that a person should see before a wave runs. */
export interface ApprovalResult {
  /** The plan. */
  plan: DocumentUri;
  /** The wave, counted from 1. */
  wave: number;
  /** True where it is all open tasks of the plan, not one wave. */
  stream?: boolean;
  /**
   * What to give to `agentServer.launch` as `approved` once the user has said yes. It is good for exactly what is told
   * here.
   */
  approved: string;
  /** What would run, in one sentence. */
  headline: string;
  /** What each agent would do, in the plan's order. */
  tasks: ApprovalTask[];
  /** The command that checks the combined result; left out where nothing does. */
  verify?: string;
  /** What it is likely to cost, with what that rests on; left out where nobody knows. */
  estimate?: string;
  /** What it may cost at most; left out where there is no limit. */
  budget?: string;
  /** What the agents are likely to take together. */
  minutes: number;
  /**
   * What else a person should know. A sentence or two each: what programs run, what holds them, who reaches the
   * network, how the result lands.
   */
  notes: string[];
}

/** What one agent would do. */
export interface ApprovalTask {
  /** The task's id. */
  id: string;
  /** Its title. */
  title: string;
  /** The backend that carries it out. */
  agent: string;
  /** The id of its model; left out where the agent uses its own. */
  model?: string;
  /** The step that the model stands for. */
  tier: string;
  /** Why it gets that model, as a clause. */
  because: string;
  /** The files that it may write, as the plan spells them. */
  writes: string[];
  /** Ids of the tasks of this launch that it waits for. */
  after: string[];
  /** The command that must pass on its result alone; left out where there is none. */
  verify?: string;
  /** What it is likely to take. */
  minutes: number;
}

/** Which plan is asked about. */
export interface HazardsParams {
  /** The plan. */
  plan: DocumentUri;
}

/** What keeps the tasks of a plan apart. Tasks that it does not name can run at once. */
export interface HazardsResult {
  /** The version of the document that this is true of; left out for a plan that is not open. */
  version?: number;
  /** Tasks that may run in any order, but not at once. */
  contentions: Contention[];
  /** Tasks that must come after others. */
  dependencies: Dependency[];
}

/** Two or more tasks that want the same files, or the same locks. */
export interface Contention {
  /** The code of the rule that tells of it: `write-conflict` or `lock-conflict`. */
  kind: string;
  /** Their ids, in the plan's order. */
  tasks: string[];
  /** The files (or locks), relative to the workspace; of two patterns, an example of what both match. */
  paths: string[];
  /** True where the plan has put them into one wave, so that they would collide. */
  together: boolean;
}

/** A task that must come after another one. */
export interface Dependency {
  /** The code of the rule that tells of it: `needs`, `output-dependency` or `fixed-wave`. */
  kind: string;
  /** The id of the task that waits. */
  task: string;
  /** The id of the task that it waits for. */
  on: string;
  /** Why, as a clause. */
  because: string;
  /** The file that it waits for; left out where it is none. */
  path?: string;
  /** True where the plan does not say so: its words let us think it. */
  guessed?: boolean;
}

/** A way in which a run can go on: what a button does. */
export interface RunStep {
  /** Which way it is. */
  way: RunWay;
  /** What to write on the button. */
  title: string;
  /** The command that does it. */
  command: Command;
  /** What to give as `tasks` to the command; left out where it needs none. */
  tasks?: string[];
  /** What to give as `unverified` to the command; left out where it needs none. */
  unverified?: boolean;
}

/** What `agentServer.approve` takes. */
export type ApproveArgument = WaveArgument;

/** What `agentServer.launch` takes. */
export type LaunchArgument = WaveArgument;

/** What `agentServer.retry` answers. */
export type RetryResult = RunResult;

/** What `agentServer.repair` takes. */
export type RepairArgument = PlanArgument;

/** What `agentServer.repair` answers. */
export type RepairResult = RunResult;

/** What `agentServer.discard` takes. */
export type DiscardArgument = PlanArgument;

/** What `agentServer.discard` answers. */
export type DiscardResult = AskedResult;

/** What `agentServer.undo` takes. */
export type UndoArgument = PlanArgument;

/** What `agentServer.undo` answers. */
export type UndoResult = AskedResult;

/** What `agentServer.dropChanges` answers. */
export type DropChangesResult = ChangeSetResult;

/** What `agentServer.showBrief` takes. */
export type ShowBriefArgument = TaskArgument;

/** What `agentServer.showTranscript` takes. */
export type ShowTranscriptArgument = TaskArgument;

/** What `agentServer.showChanges` takes. */
export type ShowChangesArgument = TaskArgument;

/** What `agentServer.showBrief` answers. */
export type ShowBriefResult = ShownDocument;

/** What `agentServer.showTranscript` answers. */
export type ShowTranscriptResult = ShownDocument;

/**
 * Ask to be told of runs, of the server's status, or of both, from now on. It replaces what was asked before, so
 * `false` twice ends it. The answer holds the runs as they stand, and no `agentServer/runState` is sent before it.
 */
export const SubscribeRequest: RequestMethod<SubscribeParams, SubscribeResult> = {
  method: "agentServer/subscribe",
};

/**
 * The waves of a plan, and why they are so. Null where the document is no plan, or its workspace is still being listed.
 */
export const ScheduleRequest: RequestMethod<ScheduleParams, ScheduleResult | null> = {
  method: "agentServer/schedule",
};

/**
 * What the agent of a task said and did. A long transcript comes in parts: ask again from `next` on until it is
 * `complete`.
 */
export const TranscriptRequest: RequestMethod<TranscriptParams, TranscriptResult> = {
  method: "agentServer/transcript",
};

/** The files that a run would change, or has changed, with where to read what is proposed for each. */
export const ChangeSetRequest: RequestMethod<ChangeSetParams, ChangeSetResult> = {
  method: "agentServer/changeSet",
};

/**
 * The text of a read-only document of ours, whose URI begins with `agent-server:`. For clients that do not know
 * `workspace/textDocumentContent` (LSP 3.18).
 */
export const ContentRequest: RequestMethod<ContentParams, ContentResult> = {
  method: "agentServer/content",
};

/**
 * All plans of the client's workspaces, closed ones too. With their tasks and how their last runs stand, they are what
 * a list of plans shows.
 */
export const PlansRequest: RequestMethod<PlansParams, PlansResult> = {
  method: "agentServer/plans",
};

/**
 * What would happen if a wave were launched. It is for clients that show that in their own way. Nothing is approved by
 * asking. The error `RequestFailed` says why a wave cannot be launched.
 */
export const ApprovalRequest: RequestMethod<ApprovalParams, ApprovalResult> = {
  method: "agentServer/approval",
};

/**
 * Why tasks of a plan may not run at once, as a picture of its conflicts shows it. Null where the document is no plan,
 * or its workspace is still being listed.
 */
export const HazardsRequest: RequestMethod<HazardsParams, HazardsResult | null> = {
  method: "agentServer/hazards",
};

/**
 * How a run stands. Sent to every client of 0.1 at each change of state, and at most ten times a second in between; the
 * last one of a run has a final state or `held`.
 * @deprecated Clients of 0.2 subscribe, and get `agentServer/runState` instead.
 */
export const StatusNotification: NotificationMethod<StatusParams> = {
  method: "agentServer/status",
};

/** How the server is. Sent to clients that subscribed to it, at once and at each change. */
export const ServerStatusNotification: NotificationMethod<ServerStatusParams> = {
  method: "agentServer/serverStatus",
};

/**
 * How a run stands, whoever launched it. Sent to clients that subscribed to runs, at each change of state, and at most
 * ten times a second in between; the last one of a run has a final state or `held`. Each holds the whole run, so a
 * client that misses some is right again with the next.
 */
export const RunStateNotification: NotificationMethod<RunReport> = {
  method: "agentServer/runState",
};

/**
 * What `agentServer/plans` answers may be another now, of these plans. Sent to clients that subscribed to plans, a few
 * times a second at most.
 */
export const PlansChangedNotification: NotificationMethod<PlansChangedParams> = {
  method: "agentServer/plansChanged",
};

/** Say yes to a wave, exactly as it stands, without starting it. */
export const ApproveCommand: CommandName<ApproveArgument, ApproveResult> = {
  command: "agentServer.approve",
};

/** Run a wave. What is not approved yet is shown first, by `window/showMessageRequest`, and runs only after a yes. */
export const LaunchCommand: CommandName<LaunchArgument, LaunchResult> = {
  command: "agentServer.launch",
};

/** Stop one agent of a run, or the whole run. */
export const CancelCommand: CommandName<CancelArgument, CancelResult> = {
  command: "agentServer.cancel",
};

/** Land what a run holds, all of it or what some tasks made. It is verified once more first. */
export const LandCommand: CommandName<LandArgument, LandResult> = {
  command: "agentServer.land",
};

/** Try tasks of a run again that has stopped, under its approval. What the others made is kept. */
export const RetryCommand: CommandName<RetryArgument, RetryResult> = {
  command: "agentServer.retry",
};

/** Let one more agent mend what all tasks made together, where that failed to verify. */
export const RepairCommand: CommandName<RepairArgument, RepairResult> = {
  command: "agentServer.repair",
};

/** Give up what a run holds. The user is asked first. */
export const DiscardCommand: CommandName<DiscardArgument, DiscardResult> = {
  command: "agentServer.discard",
};

/** Take back the last landing of a run, as a whole. The user is asked first. */
export const UndoCommand: CommandName<UndoArgument, UndoResult> = {
  command: "agentServer.undo",
};

/** Leave a file, or some of its hunks, out of what a held task would land. It answers what is left. */
export const DropChangesCommand: CommandName<DropChangesArgument, DropChangesResult> = {
  command: "agentServer.dropChanges",
};

/** Show what a task's agent is told, word for word. */
export const ShowBriefCommand: CommandName<ShowBriefArgument, ShowBriefResult> = {
  command: "agentServer.showBrief",
};

/** Show what a task's agent said and did in the plan's last run. */
export const ShowTranscriptCommand: CommandName<ShowTranscriptArgument, ShowTranscriptResult> = {
  command: "agentServer.showTranscript",
};

/** Show what a task proposes to change. */
export const ShowChangesCommand: CommandName<ShowChangesArgument, ShowChangesResult> = {
  command: "agentServer.showChanges",
};
