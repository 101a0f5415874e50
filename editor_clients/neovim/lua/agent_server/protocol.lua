-- Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`.

--- Where a run stands.
---@alias agent_server.RunState
---| '"preparing"' # The base is being frozen and the sandboxes opened.
---| '"running"' # Agents work.
---| '"verifying"' # The combined result is being built in a scratch sandbox.
---| '"landing"' # The change set is going into the workspace.
---| '"landed"' # The files are in the workspace. It can be undone.
---| '"held"' # It waits for a decision: the change sets of what has not landed are kept.
---| '"cancelled"' # Stopped by somebody. It can be tried again.
---| '"failed"' # It could not be carried out. It can be tried again.
---| '"discarded"' # Final: somebody decided that what it holds shall not land. Clients of earlier versions are told `cancelled`.
---| '"undone"' # Final: what had landed was taken back. Clients of earlier versions are told `cancelled`.

--- Where a task of a run stands.
---@alias agent_server.TaskState
---| '"waiting"' # Not begun.
---| '"preparing"' # Its sandbox is being opened.
---| '"running"' # Its agent works.
---| '"finished"' # Its agent has ended well.
---| '"verifying"' # Its wave is being verified.
---| '"landed"' # Its files are in the workspace.
---| '"failed"' # Its agent failed. It can be tried again.
---| '"cancelled"' # Stopped. It can be tried again.
---| '"held"' # Finished, not landed; its change set is kept.
---| '"discarded"' # Final: its change set shall not land. Clients of earlier versions are told `cancelled`.
---| '"undone"' # Final: it had landed, and was taken back. Clients of earlier versions are told `cancelled`.

--- How well something works.
---@alias agent_server.Health
---| '"ok"' # Everything works.
---| '"warning"' # It works, but something is amiss.
---| '"error"' # It does not work.

--- What happens to a file.
---@alias agent_server.FileChange
---| '"created"' # It was not there before.
---| '"changed"' # It has other contents, or became executable or ceased to be.
---| '"deleted"' # It is no longer there.

--- A way in which a run can go on.
---@alias agent_server.RunWay
---| '"retry"' # Try what failed again.
---| '"land"' # Land what it holds, verified once more.
---| '"repair"' # Have one more agent mend the whole.
---| '"land-anyway"' # Land what it holds without verifying it.
---| '"discard"' # Give up what it holds.
---| '"undo"' # Take the last landing back.

--- What a client may send by `workspace/executeCommand`. The command `X` takes one argument, an `XArgument`, and
--- answers an `XResult`. It checks its argument, starts the work and answers at once; what cannot be done is answered
--- with the error `RequestFailed`, whose message is for the user.
---@alias agent_server.Command
---| '"agentServer.approve"' # Say yes to a wave, exactly as it stands, without starting it.
---| '"agentServer.launch"' # Run a wave. What is not approved yet is shown first, by `window/showMessageRequest`, and runs only after a yes.
---| '"agentServer.cancel"' # Stop one agent of a run, or the whole run.
---| '"agentServer.land"' # Land what a run holds, all of it or what some tasks made. It is verified once more first.
---| '"agentServer.retry"' # Try tasks of a run again that has stopped, under its approval. What the others made is kept.
---| '"agentServer.repair"' # Let one more agent mend what all tasks made together, where that failed to verify.
---| '"agentServer.discard"' # Give up what a run holds. The user is asked first.
---| '"agentServer.undo"' # Take back the last landing of a run, as a whole. The user is asked first.
---| '"agentServer.dropChanges"' # Leave a file, or some of its hunks, out of what a held task would land. It answers what is left.
---| '"agentServer.showBrief"' # Show what a task's agent is told, word for word.
---| '"agentServer.showTranscript"' # Show what a task's agent said and did in the plan's last run.
---| '"agentServer.showChanges"' # Show what a task proposes to change.

--- A run of one wave at one moment.
---@class agent_server.StatusParams
---@field plan string The plan whose wave runs.
---@field wave integer The wave, counted from 1.
---@field run string The run's id: also the token of its work-done progress.
---@field state agent_server.RunState Where the run stands.
---@field message string What is going on, or how it ended, in a few words for a status bar.
---@field percentage integer From 0 to 100; never goes back.
---@field isolation string What holds the agents to their files: `overlay`, `worktree` or `copy`; empty until it is known.
---@field counts table<string, integer> How many tasks are in each `TaskState`; states without a task are left out.
---@field tasks agent_server.TaskStatus[] Every task of the wave, in the plan's order.

--- One task of a run at one moment.
---@class agent_server.TaskStatus
---@field id string The task's id in the plan.
---@field title string The task's title.
---@field state agent_server.TaskState Where the task stands.
---@field activity string What its agent is doing, in a few words; empty when it is not working.
---@field message string How it ended, where that needs words.
---@field tokens integer Tokens used so far, input and output together.
---@field changed string[] The files of its write set that it changed, relative to the workspace.
---@field undeclared string[] What it wrote, or tried to write, outside its write set. Never landed.

--- What a side speaks: the client says so in `initialize`, the server in its answer.
---@class agent_server.AgentServerCapabilities
---@field version string A version of this protocol, such as `0.2.0`. The client names the newest that it knows, the server the one that both will speak: the older of the two sides' newest.

--- What stands in `capabilities.experimental`, of the client and of the server. A client that names nothing here is
--- spoken to as one of 0.1.
---@class agent_server.ExperimentalCapabilities
---@field agentServer? agent_server.AgentServerCapabilities Our own messages.

--- How the server is.
---@class agent_server.ServerStatusParams
---@field health agent_server.Health Whether everything works.
---@field message string What is wrong and what to do, for the user; empty when `health` is `ok`.
---@field quiescent boolean Whether nothing is being listed, indexed or analysed: what is shown now stays until something changes.
---@field spend agent_server.Spend What all runs since the server started have used.
---@field running integer How many runs are going on.

--- Tokens, and the money that they cost.
---@class agent_server.Spend
---@field tokens integer Input and output together.
---@field usd? number In US dollars, for the models whose prices are known; left out where none is.

--- A whole run of one wave at one moment.
---@class agent_server.RunReport
---@field plan string The plan whose wave runs.
---@field run string The run's id. Ids sort by the time at which the runs began.
---@field wave integer The wave, counted from 1.
---@field waves integer How many waves the plan had when the run was launched.
---@field state agent_server.RunState Where the run stands.
---@field message string What is going on, or how it ended, in a few words for a status bar.
---@field percentage integer From 0 to 100; never goes back.
---@field isolation string What holds the agents to their files: `overlay`, `worktree` or `copy`; empty until it is known.
---@field started string When it was launched: ISO 8601, in UTC.
---@field seconds number For how long it has been going on, or did.
---@field eta? number In how many seconds the agents should be done, by estimate. Left out where nothing tells, and once they are done.
---@field tokens integer Tokens used so far, by all tasks, input and output together.
---@field usd? number What they cost in US dollars, for the models whose prices are known; left out where none is.
---@field verification? agent_server.Verification How the combined result is checked; left out before that begins, and where nothing checks it.
---@field branch? string The branch on which it landed as commits; left out where it did not.
---@field stream? boolean True where it is all open tasks of the plan, not one wave. Each begins as soon as what it waits for is done.
---@field warnings? string[] What a person should know of it, such as a budget that is nearly used up. Left out where there is nothing.
---@field tasks agent_server.TaskReport[] Every task of the wave, in the plan's order.
---@field steps? agent_server.RunStep[] How it can go on, once it has stopped, the likeliest first; left out where there is nothing to decide. Since 0.4.0.

--- One task of a run at one moment.
---@class agent_server.TaskReport
---@field id string The task's id in the plan.
---@field title string The task's title.
---@field state agent_server.TaskState Where the task stands.
---@field activity string What its agent is doing, in a few words; empty when it is not working.
---@field message string How it ended, where that needs words.
---@field files agent_server.FileReport[] The files of its write set that it changed; empty until its agent has ended.
---@field undeclared string[] What it wrote, or tried to write, outside its write set, relative to the workspace. Never landed.
---@field tokens integer Tokens used so far, input and output together.
---@field usd? number What they cost in US dollars; left out where the model's price is not known.
---@field seconds number For how long its agent has been working, or did.
---@field model string The id of the model that it was approved for.
---@field agent string The agent that carries it out, as plans and settings name it.
---@field attempt? integer Which attempt at the task this is, counted from 1.
---@field comment? string What the user said to its agent when it was tried again; left out where that was nothing.
---@field began? number When the agent of this attempt began, on the clock of the run's `seconds`; left out where that is not known. Since 0.4.0.
---@field canRetry? boolean True where this task can be tried again by itself. Since 0.4.0.
---@field canLand? boolean True where what this task made can land without the others' work. Since 0.4.0.

--- A file that a task changed.
---@class agent_server.FileReport
---@field path string Relative to the workspace.
---@field kind agent_server.FileChange What happened to it.

--- A command that checks the combined result of a wave.
---@class agent_server.Verification
---@field command string The command, as it was approved.
---@field passed? boolean Whether it passed; left out while it runs.
---@field output string The end of what it printed; empty while it runs.

--- What a client wants to be told of.
---@class agent_server.SubscribeParams
---@field runs boolean Runs, by `agentServer/runState`: of all plans in the client's workspaces, whoever launched them.
---@field status boolean The server, by `agentServer/serverStatus`.
---@field plans? boolean Plans, by `agentServer/plansChanged`. Since 0.4.0.

--- Where things stand.
---@class agent_server.SubscribeResult
---@field version string The version of this protocol that the server speaks with this client.
---@field runs agent_server.RunReport[] The runs of the client's workspaces that go on, or ended since the server started. Oldest first; empty without `runs`.

--- Which plan is asked about.
---@class agent_server.ScheduleParams
---@field plan string The plan.

--- The waves of a plan. Minutes are agents' minutes; verification and landing are not counted.
---@class agent_server.ScheduleResult
---@field version? integer The version of the document that this is true of; left out for a plan that is not open.
---@field waves agent_server.ScheduledWave[] The waves, in order. Only the first one can be launched.
---@field unscheduled string[] Ids of open tasks on a cycle, or behind one.
---@field criticalPath string[] Ids of the longest chain, by minutes, of tasks that must follow one another.
---@field sequentialMinutes number What the tasks take one by one.
---@field parallelMinutes number What they take in waves: the longest task of each, added up.
---@field speedup number How many times faster the waves are.
---@field agents integer The most agents that work at once, as the waves stand.

--- Tasks that run at once.
---@class agent_server.ScheduledWave
---@field number integer Counted from 1.
---@field minutes number What its longest task takes.
---@field tasks agent_server.ScheduledTask[] In the plan's order.

--- A task that can run.
---@class agent_server.ScheduledTask
---@field id string The task's id in the plan.
---@field title string The task's title.
---@field minutes number What its agent is likely to take.
---@field model string The id of the model that it gets.
---@field tier string The step that the model stands for: `fast`, `default` or `capable`.
---@field because string Why it gets that model, as a clause.
---@field writes string[] The files that it may write, as paths and patterns relative to the workspace. `src/` and `src/**` are all that lies below a folder; what starts with `!` takes paths away.
---@field waitsFor string[] Ids of the tasks that must run in an earlier wave, in the plan's order.

--- Which transcript is asked for.
---@class agent_server.TranscriptParams
---@field plan string The plan.
---@field task string The task's id.
---@field run? string The run; left out for the plan's last one.
---@field after? integer Where to read on: `next` of an earlier answer. Left out for the start; other numbers mean nothing.

--- A part of a transcript.
---@class agent_server.TranscriptResult
---@field run string The run that it is of.
---@field task string The task that it is of.
---@field events agent_server.TranscriptEvent[] In the order in which they happened. It may be empty although more is to come.
---@field next integer What to give as `after` to read on.
---@field complete boolean Whether nothing more will come. Until it is there is more, now or later.

--- One thing that an agent said or did.
---@class agent_server.TranscriptEvent
---@field at number In seconds since the run began.
---@field kind string What it was: `said`, `tool`, `denied`, `used` or `retrying`. More may come.
---@field text string The words, for the user.

--- Which change set is asked for.
---@class agent_server.ChangeSetParams
---@field plan string The plan.
---@field task? string A task's id; left out for all tasks of the run.
---@field run? string The run; left out for the plan's last one.

--- Files that a run would change, or has changed.
---@class agent_server.ChangeSetResult
---@field run string The run.
---@field files agent_server.ProposedFile[] In the order of the tasks, then sorted by path.
---@field undeclared? agent_server.ProposedFile[] What agents changed outside their write sets, in the same order. It never lands; it is kept to be looked at.

--- What a task proposes for a file.
---@class agent_server.ProposedFile
---@field path string Relative to the workspace.
---@field kind agent_server.FileChange What happens to it.
---@field task string The task that proposes it.
---@field proposed string The proposed text as a read-only document, for `agentServer/content`. That of a deleted file is empty.
---@field base? string What the agent started from, as a read-only document: the other side of a diff. That of a new file is empty. Left out where it was not kept.
---@field hunks? agent_server.ProposedHunk[] The pieces that differ, in order: what `agentServer.dropChanges` can leave out. Left out where there are no lines to compare: links, binary files, a change of the mode alone, and what is too large.

--- A piece of a file that differs, with the lines around it.
---@class agent_server.ProposedHunk
---@field id string What the hunk goes by. It stays the same when other hunks are left out.
---@field base agent_server.LineRange The lines of the base that it replaces, with unchanged ones around them.
---@field proposed agent_server.LineRange The lines of the proposed text that take their place.

--- Lines of a text.
---@class agent_server.LineRange
---@field start integer The first line, counted from 0.
---@field end integer The line behind the last one; the same as `start` where there are no lines.

--- Which document is asked for.
---@class agent_server.ContentParams
---@field uri string Its URI, as another message gave it.

--- A document.
---@class agent_server.ContentResult
---@field text string All of its text.

--- A wave of a plan.
---@class agent_server.WaveArgument
---@field uri string The plan, which must be open.
---@field wave? integer The wave, counted from 1; left out for the first.
---@field stream? boolean True for all open tasks of the plan, not one wave. Each begins as soon as what it waits for is done. Since 0.3.0.
---@field approved? string For `agentServer.launch`: what `agentServer/approval` gave. The user has said yes to it. The wave then starts without another question, unless it is no longer what was shown. Since 0.4.0.

--- What is approved.
---@class agent_server.ApproveResult
---@field plan string The plan.
---@field wave integer The wave, counted from 1.
---@field digest string The digest of the plan's text. Any other text needs another approval.
---@field summary string What will happen, in words for the user.

--- What was launched.
---@class agent_server.LaunchResult
---@field run string|nil The run's id; null while the user is being asked.

--- What `agentServer.cancel` takes.
---@class agent_server.CancelArgument
---@field uri string The plan. It need not be open since 0.4.0; its workspace must be.
---@field task? string The task whose agent is to stop; left out for the whole run.

--- What was stopped.
---@class agent_server.CancelResult
---@field cancelled boolean Whether there was anything to stop. A landing always goes to its end.

--- What `agentServer.land` takes.
---@class agent_server.LandArgument
---@field uri string The plan. It need not be open since 0.4.0; its workspace must be.
---@field tasks? string[] The tasks whose work is to land, without the others'; left out for all that is held. Since 0.3.0.
---@field unverified? boolean True to land it without verifying it again, although it may be broken. The user is asked first. Since 0.3.0.

--- What lands.
---@class agent_server.LandResult
---@field run string|nil The run's id; null while the user is being asked, which happens only with `unverified`.

--- What `agentServer.retry` takes.
---@class agent_server.RetryArgument
---@field uri string The plan. It need not be open since 0.4.0; its workspace must be.
---@field task? string A task that is to be tried again.
---@field tasks? string[] Several of them. Without any, all that are not done are tried again.
---@field comment? string What to tell their agents, beside how the last attempt ended.

--- A plan, whose last run is meant.
---@class agent_server.PlanArgument
---@field uri string The plan. It need not be open since 0.4.0; its workspace must be.

--- The run that goes on.
---@class agent_server.RunResult
---@field run string The run's id.

--- The user is being asked.
---@class agent_server.AskedResult
---@field run string The id of the run that would be changed: nothing has happened yet.

--- What `agentServer.dropChanges` takes.
---@class agent_server.DropChangesArgument
---@field uri string The plan. It need not be open since 0.4.0; its workspace must be.
---@field task string The task's id.
---@field path string The file, relative to the workspace, as `agentServer/changeSet` names it.
---@field hunks? string[] The ids of the hunks that are not to land; left out for the whole file.

--- A task of a plan.
---@class agent_server.TaskArgument
---@field uri string The plan.
---@field task string The task's id.

--- A document that the user is shown.
---@class agent_server.ShownDocument
---@field uri string The document, which is read-only.
---@field shown? boolean True where the client was asked to show it, by `window/showDocument`.
---@field text? string All of its text, where the client does not know `window/showDocument` and so has to show it itself.

--- What `agentServer.showChanges` answers.
---@class agent_server.ShowChangesResult
---@field uri string A list of the changes, as a document, which is read-only.
---@field shown? boolean True where the client was asked to show it, by `window/showDocument`.
---@field text? string All of its text, where the client does not know `window/showDocument` and so has to show it itself.
---@field files agent_server.ProposedFile[] The same as `agentServer/changeSet` answers for the task.
---@field undeclared? agent_server.ProposedFile[] What its agent changed outside its write set, as of `agentServer/changeSet`. It never lands; it is kept to be looked at.

--- Which plans are asked for.
---@class agent_server.PlansParams
---@field folder? string A workspace folder; left out for all of them.

--- Plans.
---@class agent_server.PlansResult
---@field plans agent_server.PlanReport[] By workspace folder, then by path.
---@field listing? boolean True while a workspace is still being listed: there may be more plans. `agentServer/plansChanged` tells when there are.

--- A plan, as a list shows it.
---@class agent_server.PlanReport
---@field uri string The plan.
---@field folder string The workspace that it belongs to.
---@field path string The plan's path, relative to that.
---@field title string The plan's title, without what it says of the sort of document (`Tasks: `); empty where it has none.
---@field format? string What people call its format, such as `spec-kit`; left out where it is our own.
---@field waves integer How many waves its open tasks take.
---@field speedup number How many times faster the waves are than one task after another.
---@field errors integer How many errors there are in it.
---@field warnings integer How many warnings.
---@field blocked? string Why its first wave cannot be launched as it stands, for the user; left out where it can.
---@field tasks agent_server.PlannedTask[] Every task, in the plan's order.
---@field run? agent_server.RunReport Its last run, of an earlier server too; left out where there is none.

--- A task of a plan.
---@class agent_server.PlannedTask
---@field id string The task's id.
---@field title string Its title.
---@field uri? string The file that holds it, where the plan is a folder; left out where that is the plan's own.
---@field line integer The line on which it begins in the file that holds it, counted from 0.
---@field status string What the plan says of it: `todo`, `done` or `skip`.
---@field wave? integer Its wave, counted from 1; left out where it is not open, or part of a cycle.
---@field minutes number What its agent is likely to take.
---@field tier string The step of its model: `fast`, `default` or `capable`.

--- Which plans changed.
---@class agent_server.PlansChangedParams
---@field plans? string[] The plans; left out where it may be any.

--- Which launch is asked about.
---@class agent_server.ApprovalParams
---@field plan string The plan, which must be open.
---@field wave? integer The wave, counted from 1; left out for the first.
---@field stream? boolean True for all open tasks of the plan, not one wave.

--- All that a person should see before a wave runs.
---@class agent_server.ApprovalResult
---@field plan string The plan.
---@field wave integer The wave, counted from 1.
---@field stream? boolean True where it is all open tasks of the plan, not one wave.
---@field approved string What to give to `agentServer.launch` as `approved` once the user has said yes. It is good for exactly what is told here.
---@field headline string What would run, in one sentence.
---@field tasks agent_server.ApprovalTask[] What each agent would do, in the plan's order.
---@field verify? string The command that checks the combined result; left out where nothing does.
---@field estimate? string What it is likely to cost, with what that rests on; left out where nobody knows.
---@field budget? string What it may cost at most; left out where there is no limit.
---@field minutes number What the agents are likely to take together.
---@field notes string[] What else a person should know. A sentence or two each: what programs run, what holds them, who reaches the network, how the result lands.

--- What one agent would do.
---@class agent_server.ApprovalTask
---@field id string The task's id.
---@field title string Its title.
---@field agent string The backend that carries it out.
---@field model? string The id of its model; left out where the agent uses its own.
---@field tier string The step that the model stands for.
---@field because string Why it gets that model, as a clause.
---@field writes string[] The files that it may write, as the plan spells them.
---@field after string[] Ids of the tasks of this launch that it waits for.
---@field verify? string The command that must pass on its result alone; left out where there is none.
---@field minutes number What it is likely to take.

--- Which plan is asked about.
---@class agent_server.HazardsParams
---@field plan string The plan.

--- What keeps the tasks of a plan apart. Tasks that it does not name can run at once.
---@class agent_server.HazardsResult
---@field version? integer The version of the document that this is true of; left out for a plan that is not open.
---@field contentions agent_server.Contention[] Tasks that may run in any order, but not at once.
---@field dependencies agent_server.Dependency[] Tasks that must come after others.

--- Two or more tasks that want the same files, or the same locks.
---@class agent_server.Contention
---@field kind string The code of the rule that tells of it: `write-conflict` or `lock-conflict`.
---@field tasks string[] Their ids, in the plan's order.
---@field paths string[] The files (or locks), relative to the workspace; of two patterns, an example of what both match.
---@field together boolean True where the plan has put them into one wave, so that they would collide.

--- A task that must come after another one.
---@class agent_server.Dependency
---@field kind string The code of the rule that tells of it: `needs`, `output-dependency` or `fixed-wave`.
---@field task string The id of the task that waits.
---@field on string The id of the task that it waits for.
---@field because string Why, as a clause.
---@field path? string The file that it waits for; left out where it is none.
---@field guessed? boolean True where the plan does not say so: its words let us think it.

--- A way in which a run can go on: what a button does.
---@class agent_server.RunStep
---@field way agent_server.RunWay Which way it is.
---@field title string What to write on the button.
---@field command agent_server.Command The command that does it.
---@field tasks? string[] What to give as `tasks` to the command; left out where it needs none.
---@field unverified? boolean What to give as `unverified` to the command; left out where it needs none.

--- What `agentServer.approve` takes.
---@alias agent_server.ApproveArgument agent_server.WaveArgument

--- What `agentServer.launch` takes.
---@alias agent_server.LaunchArgument agent_server.WaveArgument

--- What `agentServer.retry` answers.
---@alias agent_server.RetryResult agent_server.RunResult

--- What `agentServer.repair` takes.
---@alias agent_server.RepairArgument agent_server.PlanArgument

--- What `agentServer.repair` answers.
---@alias agent_server.RepairResult agent_server.RunResult

--- What `agentServer.discard` takes.
---@alias agent_server.DiscardArgument agent_server.PlanArgument

--- What `agentServer.discard` answers.
---@alias agent_server.DiscardResult agent_server.AskedResult

--- What `agentServer.undo` takes.
---@alias agent_server.UndoArgument agent_server.PlanArgument

--- What `agentServer.undo` answers.
---@alias agent_server.UndoResult agent_server.AskedResult

--- What `agentServer.dropChanges` answers.
---@alias agent_server.DropChangesResult agent_server.ChangeSetResult

--- What `agentServer.showBrief` takes.
---@alias agent_server.ShowBriefArgument agent_server.TaskArgument

--- What `agentServer.showTranscript` takes.
---@alias agent_server.ShowTranscriptArgument agent_server.TaskArgument

--- What `agentServer.showChanges` takes.
---@alias agent_server.ShowChangesArgument agent_server.TaskArgument

--- What `agentServer.showBrief` answers.
---@alias agent_server.ShowBriefResult agent_server.ShownDocument

--- What `agentServer.showTranscript` answers.
---@alias agent_server.ShowTranscriptResult agent_server.ShownDocument

local M = {}

--- The newest version of the protocol; a client names it in `capabilities.experimental.agentServer`.
M.version = "0.4.0"

--- Methods of requests and notifications.
M.methods = {
  --- Ask to be told of runs, of the server's status, or of both, from now on. It replaces what was asked before, so
  --- `false` twice ends it. The answer holds the runs as they stand, and no `agentServer/runState` is sent before it.
  --- Types: agent_server.SubscribeParams, agent_server.SubscribeResult
  subscribe = "agentServer/subscribe",
  --- The waves of a plan, and why they are so. Null where the document is no plan, or its workspace is still being
  --- listed.
  --- Types: agent_server.ScheduleParams, agent_server.ScheduleResult|nil
  schedule = "agentServer/schedule",
  --- What the agent of a task said and did. A long transcript comes in parts: ask again from `next` on until it is
  --- `complete`.
  --- Types: agent_server.TranscriptParams, agent_server.TranscriptResult
  transcript = "agentServer/transcript",
  --- The files that a run would change, or has changed, with where to read what is proposed for each.
  --- Types: agent_server.ChangeSetParams, agent_server.ChangeSetResult
  change_set = "agentServer/changeSet",
  --- The text of a read-only document of ours, whose URI begins with `agent-server:`. For clients that do not know
  --- `workspace/textDocumentContent` (LSP 3.18).
  --- Types: agent_server.ContentParams, agent_server.ContentResult
  content = "agentServer/content",
  --- All plans of the client's workspaces, closed ones too. With their tasks and how their last runs stand, they are
  --- what a list of plans shows.
  --- Types: agent_server.PlansParams, agent_server.PlansResult
  plans = "agentServer/plans",
  --- What would happen if a wave were launched. It is for clients that show that in their own way. Nothing is approved
  --- by asking. The error `RequestFailed` says why a wave cannot be launched.
  --- Types: agent_server.ApprovalParams, agent_server.ApprovalResult
  approval = "agentServer/approval",
  --- Why tasks of a plan may not run at once, as a picture of its conflicts shows it. Null where the document is no
  --- plan, or its workspace is still being listed.
  --- Types: agent_server.HazardsParams, agent_server.HazardsResult|nil
  hazards = "agentServer/hazards",
  --- How a run stands. Sent to every client of 0.1 at each change of state, and at most ten times a second in between;
  --- the last one of a run has a final state or `held`.
  --- Types: agent_server.StatusParams
  status = "agentServer/status",
  --- How the server is. Sent to clients that subscribed to it, at once and at each change.
  --- Types: agent_server.ServerStatusParams
  server_status = "agentServer/serverStatus",
  --- How a run stands, whoever launched it. Sent to clients that subscribed to runs, at each change of state, and at
  --- most ten times a second in between; the last one of a run has a final state or `held`. Each holds the whole run,
  --- so a client that misses some is right again with the next.
  --- Types: agent_server.RunReport
  run_state = "agentServer/runState",
  --- What `agentServer/plans` answers may be another now, of these plans. Sent to clients that subscribed to plans, a
  --- few times a second at most.
  --- Types: agent_server.PlansChangedParams
  plans_changed = "agentServer/plansChanged",
}

--- Commands, each of which takes one argument.
M.commands = {
  --- Say yes to a wave, exactly as it stands, without starting it.
  --- Types: agent_server.ApproveArgument, agent_server.ApproveResult
  approve = "agentServer.approve",
  --- Run a wave. What is not approved yet is shown first, by `window/showMessageRequest`, and runs only after a yes.
  --- Types: agent_server.LaunchArgument, agent_server.LaunchResult
  launch = "agentServer.launch",
  --- Stop one agent of a run, or the whole run.
  --- Types: agent_server.CancelArgument, agent_server.CancelResult
  cancel = "agentServer.cancel",
  --- Land what a run holds, all of it or what some tasks made. It is verified once more first.
  --- Types: agent_server.LandArgument, agent_server.LandResult
  land = "agentServer.land",
  --- Try tasks of a run again that has stopped, under its approval. What the others made is kept.
  --- Types: agent_server.RetryArgument, agent_server.RetryResult
  retry = "agentServer.retry",
  --- Let one more agent mend what all tasks made together, where that failed to verify.
  --- Types: agent_server.RepairArgument, agent_server.RepairResult
  repair = "agentServer.repair",
  --- Give up what a run holds. The user is asked first.
  --- Types: agent_server.DiscardArgument, agent_server.DiscardResult
  discard = "agentServer.discard",
  --- Take back the last landing of a run, as a whole. The user is asked first.
  --- Types: agent_server.UndoArgument, agent_server.UndoResult
  undo = "agentServer.undo",
  --- Leave a file, or some of its hunks, out of what a held task would land. It answers what is left.
  --- Types: agent_server.DropChangesArgument, agent_server.DropChangesResult
  drop_changes = "agentServer.dropChanges",
  --- Show what a task's agent is told, word for word.
  --- Types: agent_server.ShowBriefArgument, agent_server.ShowBriefResult
  show_brief = "agentServer.showBrief",
  --- Show what a task's agent said and did in the plan's last run.
  --- Types: agent_server.ShowTranscriptArgument, agent_server.ShowTranscriptResult
  show_transcript = "agentServer.showTranscript",
  --- Show what a task proposes to change.
  --- Types: agent_server.ShowChangesArgument, agent_server.ShowChangesResult
  show_changes = "agentServer.showChanges",
}

return M
