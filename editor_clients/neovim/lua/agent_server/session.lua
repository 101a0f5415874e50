-- What the servers tell of plans and runs, kept for all that shows it: one table for each client.
--
-- Whoever shows it listens to these `User` autocommands, which are for others too:
--   AgentServerRun      a run stands otherwise; data: client_id, run, before (its state before)
--   AgentServerPlans    the list of plans is another
--   AgentServerStatus   the server is otherwise; data: client_id, status
--   AgentServerSilence  the server has not answered for a while, or answers again; data: client_id, silent
--   AgentServerExit     a client has ended; data: client_id

local protocol = require("agent_server.protocol")

local M = {}

--- What one client has been told. Plans are known by their paths: the same file may have several URIs.
---@class agent_server.Session
---@field client_id integer
---@field version? string The version of the protocol that is spoken, once the server has said so.
---@field runs table<string, agent_server.RunReport> The last run of each plan.
---@field heard table<string, number> When each of them was told of, by our clock; 0 for what had ended before.
---@field plans agent_server.PlanReport[]
---@field listing boolean More plans may follow.
---@field asking boolean The plans are being asked for.
---@field outdated boolean The plans that were asked for are no longer all there is to tell.
---@field status? agent_server.ServerStatusParams
---@field silent boolean What the server is asked for it leaves unanswered.

---@type table<integer, agent_server.Session>
local sessions = {}

local GOING_ON = { preparing = true, running = true, verifying = true, landing = true }

--- Whether something happens in a run by itself.
---@param run agent_server.RunReport
---@return boolean
function M.goes_on(run)
  return GOING_ON[run.state] == true
end

local function announce(event, data)
  vim.api.nvim_exec_autocmds("User", { pattern = "AgentServer" .. event, modeline = false, data = data })
end

--- Seconds, by a clock that never goes back.
local function now()
  return vim.uv.hrtime() / 1e9
end

---@param session agent_server.Session
---@param run agent_server.RunReport
---@param heard number
local function note(session, run, heard)
  local path = vim.uri_to_fname(run.plan)
  local known = session.runs[path]
  if not known or known.run <= run.run then -- ids sort by time
    session.runs[path], session.heard[path] = run, heard
  end
  return known and known.run == run.run and known.state or nil
end

--- Ask for the plans, once at a time. A server before 0.4 has none to tell of: its runs are all there is to show.
---@param session agent_server.Session
local function ask_for_plans(session)
  local client = vim.lsp.get_client_by_id(session.client_id)
  if not client then
    return
  elseif session.asking then
    session.outdated = true
    return
  end
  session.asking, session.outdated = true, false
  client:request(protocol.methods.plans, vim.empty_dict(), function(failure, result)
    session.asking = false
    if not failure then
      session.plans, session.listing = result.plans, result.listing == true
      for _, plan in ipairs(result.plans) do
        if plan.run then
          -- What was told of a run is newer than an answer that was on its way.
          local known = session.runs[vim.uri_to_fname(plan.run.plan)]
          if not known or known.run < plan.run.run then
            note(session, plan.run, 0)
          end
        end
      end
    end
    announce("Plans", { client_id = session.client_id })
    if session.outdated then
      ask_for_plans(session)
    end
  end)
end

--- Keep what a new client is told, and ask to be told. Called again for the same client it does nothing.
---@param client vim.lsp.Client
function M.begin(client)
  if sessions[client.id] then
    return
  end
  local session = {
    client_id = client.id,
    runs = {},
    heard = {},
    plans = {},
    listing = true,
    asking = false,
    outdated = false,
    silent = false,
  }
  sessions[client.id] = session
  local wanted = { runs = true, status = true, plans = true }
  client:request(protocol.methods.subscribe, wanted, function(failure, result)
    if failure then
      return -- a server before 0.2, which tells nothing of runs
    end
    session.version = result.version
    for _, run in ipairs(result.runs) do
      note(session, run, M.goes_on(run) and now() or 0)
      announce("Run", { client_id = client.id, run = run })
    end
    ask_for_plans(session)
  end)
end

--- Forget a client that has ended.
---@param client_id integer
function M.finish(client_id)
  if sessions[client_id] then
    sessions[client_id] = nil
    announce("Exit", { client_id = client_id })
  end
end

--- Whether a client is one of ours, and there.
---@param client_id integer
---@return boolean
function M.knows(client_id)
  return sessions[client_id] ~= nil
end

--- Whether a run goes on of which a client was told.
---@param client_id integer
---@return boolean
function M.has_going_on(client_id)
  local session = sessions[client_id]
  return session ~= nil and vim.iter(vim.tbl_values(session.runs)):any(M.goes_on)
end

--- Keep whether a server answers.
---@param client_id integer
---@param silent boolean
---@return boolean # Whether that is another than before.
function M.note_silence(client_id, silent)
  local session = sessions[client_id]
  if not session or session.silent == silent then
    return false
  end
  session.silent = silent
  announce("Silence", { client_id = client_id, silent = silent })
  return true
end

--- Whether some server leaves unanswered what it is asked for.
---@return boolean
function M.is_any_silent()
  return vim.iter(vim.tbl_values(sessions)):any(function(session)
    return session.silent
  end)
end

--- All clients that are there, the oldest first.
---@return agent_server.Session[]
function M.all()
  local found = vim.tbl_values(sessions)
  table.sort(found, function(one, other)
    return one.client_id < other.client_id
  end)
  return found
end

--- The last run of the plan at `path`, and for how many seconds nothing more has been told of it.
---@param path string
---@return agent_server.RunReport?
---@return number silence
function M.run_of(path)
  local found, heard
  local plan = M.plan_of(path)
  local file = plan and vim.uri_to_fname(plan.uri) or path
  for _, session in pairs(sessions) do
    local run = session.runs[file]
    if run and (not found or found.run < run.run) then
      found, heard = run, session.heard[file]
    end
  end
  return found, found and now() - heard or 0
end

--- For how long a run has been going on: what was told last, and what has passed since.
---@param run agent_server.RunReport
---@param silence number
---@return number
function M.elapsed(run, silence)
  return run.seconds + (M.goes_on(run) and silence or 0)
end

--- The file that holds a task: of a plan that is a folder, another one may than that which stands for the plan.
---@param plan agent_server.PlanReport
---@param task agent_server.PlannedTask
---@return string
function M.file_of(plan, task)
  return vim.uri_to_fname(task.uri or plan.uri)
end

---@param plan agent_server.PlanReport
---@param path string
local function holds(plan, path)
  return vim.iter(plan.tasks):any(function(task)
    return task.uri ~= nil and vim.uri_to_fname(task.uri) == path
  end)
end

--- The plan at `path` as the list of plans has it; of one that is a folder that may be any of its files.
---@param path string
---@return agent_server.PlanReport?
function M.plan_of(path)
  for _, session in pairs(sessions) do
    for _, plan in ipairs(session.plans) do
      if vim.uri_to_fname(plan.uri) == path or holds(plan, path) then
        return plan
      end
    end
  end
end

--- The files of the plan at `path`: itself, or those of a folder.
---@param path string
---@return string[]
function M.files_of(path)
  local plan, found = M.plan_of(path), { [path] = true }
  for _, task in ipairs(plan and plan.tasks or {}) do
    found[M.file_of(plan, task)] = true
  end
  return vim.tbl_keys(found)
end

--- Handles `agentServer/runState`.
---@param run agent_server.RunReport
---@param context lsp.HandlerContext
function M.on_run(run, context)
  local session = sessions[context.client_id]
  if session then
    local before = note(session, run, now())
    announce("Run", { client_id = context.client_id, run = run, before = before })
  end
end

--- Handles `agentServer/plansChanged`.
---@param _ agent_server.PlansChangedParams
---@param context lsp.HandlerContext
function M.on_plans_changed(_, context)
  local session = sessions[context.client_id]
  if session then
    ask_for_plans(session)
  end
end

--- Handles `agentServer/serverStatus`.
---@param status agent_server.ServerStatusParams
---@param context lsp.HandlerContext
function M.on_status(status, context)
  local session = sessions[context.client_id]
  if session then
    session.status = status
    announce("Status", { client_id = context.client_id, status = status })
  end
end

return M
