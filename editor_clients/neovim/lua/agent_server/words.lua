-- How times, costs and states are written. Pure.

local M = {}

--- Marks that turn the direction of text: what follows them would pass for something else.
local TURNING = { "\226\128[\142\143\170-\174]", "\226\129[\166-\169]", "\216\156" }

--- A text of a plan or an agent as part of one line.
---@param text string
---@return string
function M.line(text)
  for _, mark in ipairs(TURNING) do
    text = text:gsub(mark, "")
  end
  return (text:gsub("%c+", " "))
end

--- `1 task`, `4 tasks`.
---@param number integer
---@param noun string
---@return string
function M.count(number, noun)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

--- How long something has taken: `45s`, `2m`, `1h 5m`.
---@param seconds number
---@return string
function M.span(seconds)
  local minutes = math.floor(seconds / 60)
  if minutes < 1 then
    return ("%ds"):format(seconds)
  end
  return minutes < 60 and ("%dm"):format(minutes) or ("%dh %dm"):format(math.floor(minutes / 60), minutes % 60)
end

--- How long something is likely to take: `9.4 min`, `2 h 5 min`.
---@param minutes number
---@return string
function M.minutes(minutes)
  if minutes < 60 then
    return (("%.1f"):format(minutes):gsub("%.0$", "")) .. " min"
  end
  local whole = math.floor(minutes + 0.5)
  local hours, rest = math.floor(whole / 60), whole % 60
  return rest > 0 and ("%d h %d min"):format(hours, rest) or ("%d h"):format(hours)
end

--- What something has cost, as far as that is known: `$0.42`, or else `41k tokens`.
---@param usage { usd?: number, tokens: integer }
---@return string? # Nothing where nothing was used.
function M.cost(usage)
  if usage.usd then
    return usage.usd < 0.005 and "<$0.01" or ("$%.2f"):format(usage.usd)
  elseif usage.tokens >= 1000 then
    return ("%dk tokens"):format(math.floor(usage.tokens / 1000 + 0.5))
  elseif usage.tokens > 0 then
    return M.count(usage.tokens, "token")
  end
end

--- Which part of a plan a run is of: `Wave 1`, `All tasks`.
---@param run { wave: integer, stream?: boolean }
---@return string
function M.part(run)
  return run.stream and "All tasks" or ("Wave %d"):format(run.wave)
end

--- The sign of a task's state and the highlight group of both, by state.
---@type table<agent_server.TaskState, [string, string]>
M.task_signs = {
  waiting = { "○", "AgentServerWaiting" },
  preparing = { "◌", "AgentServerRunning" },
  running = { "●", "AgentServerRunning" },
  finished = { "◍", "AgentServerRunning" },
  verifying = { "◍", "AgentServerRunning" },
  landed = { "✔", "AgentServerDone" },
  failed = { "✘", "AgentServerFailed" },
  cancelled = { "■", "AgentServerStopped" },
  held = { "◆", "AgentServerHeld" },
  discarded = { "∅", "AgentServerStopped" },
  undone = { "↶", "AgentServerStopped" },
}

--- The words for a task's state, where they are others than its name.
---@param state agent_server.TaskState
---@return string
function M.task_state(state)
  return state == "cancelled" and "stopped" or state
end

--- The words for a run's state and their highlight group, by state.
---@type table<agent_server.RunState, [string, string]>
M.run_states = {
  preparing = { "preparing", "AgentServerRunning" },
  running = { "running", "AgentServerRunning" },
  verifying = { "verifying", "AgentServerRunning" },
  landing = { "landing", "AgentServerRunning" },
  landed = { "landed", "AgentServerDone" },
  held = { "needs you", "AgentServerHeld" },
  cancelled = { "stopped", "AgentServerStopped" },
  failed = { "failed", "AgentServerFailed" },
  discarded = { "discarded", "AgentServerStopped" },
  undone = { "undone", "AgentServerStopped" },
}

return M
