-- Whether the servers still answer. One may hang, for it was stopped, or waits for a disk; and what is asked of it would
-- be waited for without a word. Nothing ticks while nobody waits for anything.

local server = require("agent_server.server")
local session = require("agent_server.session")

local M = {}

local GROUP = vim.api.nvim_create_augroup("agent_server.silence", {})

--- Milliseconds. Twice this is how long it takes until somebody is told.
M.patience = 4000

--- What any server answers at once, by LSP: that it does not know this request.
local ARE_YOU_THERE = "$/agentServer/areYouThere"

--- What is waited for, by client: a timer that runs until the server says something.
---@type table<integer, uv.uv_timer_t>
local waits = {}

local function tell(client_id, silent)
  if session.note_silence(client_id, silent) then
    local words = silent and "no answer. :AgentServer restart starts it anew" or "it answers again"
    server.tell(words, silent and vim.log.levels.WARN or vim.log.levels.INFO)
  end
end

local function after_a_while(client_id, go)
  local wait = waits[client_id]
  local function look()
    if waits[client_id] == wait then -- else it has answered meanwhile, and something else may be waited for
      go()
    end
  end
  -- Where Neovim itself was stopped, the time is over and the answer is there: what has come is read before the look.
  wait:start(M.patience, 0, vim.schedule_wrap(vim.schedule_wrap(look)))
end

--- Something is waited for. Much takes its time rightly, so a server that says nothing is asked before it is called silent.
---@param client_id integer
local function expect(client_id)
  if waits[client_id] then
    return
  end
  waits[client_id] = assert(vim.uv.new_timer())
  after_a_while(client_id, function()
    after_a_while(client_id, function()
      tell(client_id, true)
    end)
    local client = vim.lsp.get_client_by_id(client_id)
    if client then
      client:request(ARE_YOU_THERE, vim.empty_dict(), function() end)
    end
  end)
end

local function forget(client_id)
  if waits[client_id] then
    waits[client_id]:close()
    waits[client_id] = nil
  end
end

--- The server has said something. A run says little while its agents think, so one that goes on is reason to look again.
---@param client_id integer
local function heard(client_id)
  forget(client_id)
  tell(client_id, false)
  if session.has_going_on(client_id) then
    expect(client_id)
  end
end

vim.api.nvim_create_autocmd("LspRequest", {
  group = GROUP,
  callback = function(event)
    local client_id, kind = event.data.client_id, event.data.request.type
    if not session.knows(client_id) then
      return
    elseif kind == "pending" then
      expect(client_id)
    elseif kind == "complete" then
      heard(client_id)
    end
  end,
})

vim.api.nvim_create_autocmd("User", {
  group = GROUP,
  pattern = { "AgentServerRun", "AgentServerExit" },
  callback = function(event)
    local act = event.match == "AgentServerExit" and forget or heard
    act(event.data.client_id)
  end,
})

return M
