-- Talking to the server: requests, its commands, and the words that come back for the user.

local words = require("agent_server.words")

local M = {}

local NAME = "agent_server"

local PREFIX = "Agent Server: "

local function notify(text, level)
  vim.notify(text, level or vim.log.levels.INFO, { title = "Agent Server" })
end

--- Tell the user something.
---@param text string
---@param level? integer One of `vim.log.levels`.
function M.tell(text, level)
  notify(PREFIX .. text, level)
end

--- What the server has said, the latest last.
---@type string[]
M.said = {}

local MOST_KEPT = 100
local MORE = " … :AgentServer messages"

--- What fits into one line of a text: with our name before it, or alone, or its beginning and where the rest is.
local function in_one_line(text)
  local room, width = vim.v.echospace, vim.api.nvim_strwidth(text)
  if width + #PREFIX <= room then
    return PREFIX .. text
  elseif width <= room then
    return text
  end
  return vim.fn.strcharpart(text, 0, math.max(room - vim.api.nvim_strwidth(MORE), 20)) .. MORE
end

--- Tell the user what the server says, and keep it. It comes when it comes, so it never makes the user press a key.
---@param text string
---@param level? integer One of `vim.log.levels`.
function M.pass_on(text, level)
  table.insert(M.said, text)
  if #M.said > MOST_KEPT then
    table.remove(M.said, 1)
  end
  notify(in_one_line(words.line(text)), level)
end

--- Whether the server's program is there. Where it is not, that is said: once, or each time that somebody asks for it.
---@param is_asked_for? boolean
---@return boolean
function M.is_installed(is_asked_for)
  local command = vim.lsp.config[NAME].cmd
  if type(command) ~= "table" or vim.fn.executable(command[1]) == 1 then
    return true
  end
  local say = is_asked_for and vim.notify or vim.notify_once
  say(
    ("%s`%s` is not on the PATH. Install it, or name it in `cmd`: see :help agent-server-install"):format(
      PREFIX,
      command[1]
    ),
    vim.log.levels.WARN
  )
  return false
end

--- The program and nothing else of how the server is started: what its other commands begin with.
---@return string
function M.program()
  local command = vim.lsp.config[NAME].cmd
  return type(command) == "table" and command[1] or "agent-server"
end

--- Send a request, and call `done` with what comes back. What is refused is shown: its words are for the user.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param done? fun(result: any)
---@param failed? fun(failure: lsp.ResponseError): boolean? True where the failure is dealt with.
function M.request(client, method, params, done, failed)
  client:request(method, params, function(failure, result)
    if not failure then
      return done and done(result)
    end
    if not (failed and failed(failure)) then
      M.pass_on(failure.message, vim.log.levels.ERROR)
    end
  end)
end

--- Have the server carry out one of its commands about a plan.
---@param client vim.lsp.Client
---@param command agent_server.Command
---@param argument table What the command takes, with the plan as `uri`.
---@param done? fun(result: any)
function M.execute(client, command, argument, done)
  M.request(client, "workspace/executeCommand", { command = command, arguments = { argument } }, done)
end

--- The client of a plan's buffer; without one, any that is there.
---@param buffer? integer
---@return vim.lsp.Client?
function M.client(buffer)
  return vim.lsp.get_clients({ name = NAME, bufnr = buffer })[1]
end

--- A client for the current folder: one that is there already, or else one that is started for it.
---@return vim.lsp.Client?
function M.client_here()
  local client = M.client(0) or M.client()
  if client or not M.is_installed(true) then
    return client
  end
  local here = vim.fn.getcwd()
  local config = vim.deepcopy(vim.lsp.config[NAME])
  config.root_dir = vim.fs.root(here, config.root_markers) or here
  local id = vim.lsp.start(config, { attach = false })
  return id and vim.lsp.get_client_by_id(id)
end

local PATIENCE = 3000 -- milliseconds for a server to leave

--- Kill what is left of these clients: a server that hangs is the best reason for a new start.
---@param clients vim.lsp.Client[]
local function insist(clients)
  for _, client in ipairs(clients) do
    if vim.lsp.get_client_by_id(client.id) then
      client.rpc.terminate() -- `client:stop(true)` does nothing for one that is stopping
    end
  end
end

--- Kill all clients, whose server does not answer.
function M.give_up()
  insist(vim.lsp.get_clients({ name = NAME }))
end

--- Stop the server's clients and start them again for the plans that are open.
function M.restart()
  local function start()
    vim.lsp.enable(NAME)
    M.tell("restarted")
  end
  if not M.client() then
    return start()
  end
  vim.api.nvim_create_autocmd("User", {
    group = vim.api.nvim_create_augroup("agent_server.restart", {}),
    pattern = "AgentServerExit",
    callback = function()
      if M.client() then
        return
      end
      start()
      return true -- once is enough
    end,
  })
  local clients = vim.lsp.get_clients({ name = NAME })
  vim.lsp.enable(NAME, false)
  vim.defer_fn(function()
    insist(clients)
  end, PATIENCE)
end

local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }

--- Handles `window/showMessage`.
---@param params lsp.ShowMessageParams
function M.on_message(params)
  M.pass_on(params.message, LEVELS[params.type])
end

return M
