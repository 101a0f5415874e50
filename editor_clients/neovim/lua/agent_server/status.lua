-- The statusline component: how the plan at hand stands, or else what goes on elsewhere.
--
-- It is drawn at every key, so what it says is put together from what is known already: no request, no file.

local session = require("agent_server.session")
local words = require("agent_server.words")

require("agent_server.highlights")

local M = {}

local GROUP = vim.api.nvim_create_augroup("agent_server.status", {})
local SECONDS_SHOWN = 60 -- for which the end of a run is news

--- The questions that are open, the latest last.
---@type string[]
local asked = {}

--- Plans' states in which something is to say for as long as they last, and those that are news for a while.
local LASTING = { held = true, failed = true, cancelled = true }
local NEWS = { landed = true, undone = true, discarded = true }

local DONE = { finished = true, verifying = true, landed = true, held = true }

--- How many of a run's agents are done, of how many.
---@param run agent_server.RunReport
local function done(run)
  local number = 0
  for _, task in ipairs(run.tasks) do
    number = number + (DONE[task.state] and 1 or 0)
  end
  return ("%d/%d"):format(number, #run.tasks)
end

--- A run in a few words, and their highlight group. Pure.
---@param run agent_server.RunReport
---@param seconds number For how long it has been going on.
---@return string words
---@return string group
function M.words(run, seconds)
  local state, group = unpack(words.run_states[run.state] or { run.state, "AgentServerDim" })
  local parts = { words.part(run), run.state == "running" and done(run) or state, words.span(seconds) }
  parts[#parts + 1] = words.cost(run)
  return table.concat(parts, " · "), group
end

--- The run that is to be shown: that of the plan in the window, or else one that goes on somewhere.
---@return agent_server.RunReport?
---@return number? silence
local function shown()
  local run, silence = session.run_of(vim.api.nvim_buf_get_name(0))
  if run and (session.goes_on(run) or LASTING[run.state] or (NEWS[run.state] and silence < SECONDS_SHOWN)) then
    return run, silence
  end
  for _, each in ipairs(session.all()) do
    for path, other in pairs(each.runs) do
      if session.goes_on(other) then
        return session.run_of(path)
      end
    end
  end
end

local function said()
  local run, silence = shown()
  if session.is_any_silent() then
    return "Agent Server does not answer", "AgentServerFailed"
  elseif #asked > 0 then
    return asked[#asked], "AgentServerHeld"
  elseif run then
    return M.words(run, session.elapsed(run, silence or 0))
  end
  for _, each in ipairs(session.all()) do
    if each.status and each.status.health == "error" then
      return "Agent Server does not work", "AgentServerFailed"
    end
  end
  return "", ""
end

local last
local timer = assert(vim.uv.new_timer())

--- Draw the statuslines again where the component says something else by now.
local function look()
  local now = said()
  if now ~= last then
    vim.cmd("redrawstatus!")
  end
  -- Minutes pass, and news grow old, without a word of the server's.
  if now == "" then
    timer:stop()
  elseif not timer:is_active() then
    timer:start(1000, 1000, vim.schedule_wrap(look))
  end
end

vim.api.nvim_create_autocmd("User", {
  group = GROUP,
  pattern = { "AgentServerRun", "AgentServerStatus", "AgentServerSilence", "AgentServerExit" },
  callback = look,
})

--- Say what the user is being asked, until what this returns is called.
---@param words string
---@return fun() answered
function M.asking(words)
  table.insert(asked, words)
  look()
  return function()
    local index = vim.iter(ipairs(asked)):find(function(_, each)
      return each == words
    end)
    table.remove(asked, index)
    look()
  end
end

--- The component: see `require("agent_server").status`.
---@param given { highlight?: boolean }
---@return string
function M.component(given)
  local text, group = said()
  last = text
  text = text:gsub("%%", "%%%%")
  return given.highlight and text ~= "" and ("%%#%s#%s%%*"):format(group, text) or text
end

return M
