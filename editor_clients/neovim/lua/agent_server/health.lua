-- `:checkhealth agent_server`: what is there, what is missing, and how to mend it.

local server = require("agent_server.server")
local session = require("agent_server.session")
local words = require("agent_server.words")

local M = {}

--- Milliseconds for the doctor, who tries sandboxes: Neovim takes no keys meanwhile.
M.patience = 8000

--- Run the server's program, and give its result; nothing where it does not answer in time.
local function run(arguments)
  local command = vim.list_extend({ server.program() }, arguments)
  local found, process = pcall(vim.system, command, { text = true })
  local result = found and process:wait(M.patience) or nil
  return result and result.code ~= 124 and result or nil
end

local function check_neovim()
  vim.health.start("Neovim")
  local version = tostring(vim.version()):gsub("%+.*", "")
  if vim.fn.has("nvim-0.11") == 1 then
    vim.health.ok(version)
  else
    vim.health.error(version, { "Agent Server needs Neovim 0.11 or later." })
  end
  if vim.lsp.is_enabled("agent_server") then
    vim.health.ok('`vim.lsp.enable("agent_server")` was called')
  else
    vim.health.warn("the server is not switched on", { 'Put `vim.lsp.enable("agent_server")` into your init.lua.' })
  end
end

--- Whether the program can be started.
---@return boolean
local function check_program()
  vim.health.start("Server")
  local program = server.program()
  if vim.fn.executable(program) == 0 then
    vim.health.error(("`%s` is not on the PATH of this Neovim"):format(program), {
      "Install it: see :help agent-server-install",
      'Or name it: vim.lsp.config("agent_server", { cmd = { "/path/to/agent-server", "lsp" } })',
    })
    return false
  end
  local result = run({ "--version" })
  if not result or result.code ~= 0 then
    vim.health.error(("`%s --version` fails"):format(program), { result and vim.trim(result.stderr) or "no answer" })
    return false
  end
  vim.health.ok(("%s (%s)"):format(vim.trim(result.stdout), vim.fn.exepath(program)))
  return true
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = "agent_server" })
  if #clients == 0 then
    vim.health.info("no plan is open, so no client is running")
  end
  local by_client = {}
  for _, each in ipairs(session.all()) do
    by_client[each.client_id] = each
  end
  for _, client in ipairs(clients) do
    local plans = words.count(#vim.tbl_keys(client.attached_buffers), "open plan")
    local each = by_client[client.id]
    vim.health.ok(("client %d serves %s in %s"):format(client.id, plans, client.root_dir or "no folder"))
    if each and each.status and each.status.health ~= "ok" then
      vim.health.warn(each.status.message)
    end
    if each and each.silent then
      vim.health.warn("the server does not answer", { ":AgentServer restart ends it, and starts another." })
    end
    if each and each.version and each.version ~= require("agent_server.protocol").version then
      vim.health.warn(("it speaks version %s of the protocol"):format(each.version), {
        "Plugin and server are of different ages: update the older one, then :AgentServer! restart",
      })
    end
  end
end

--- What the server's own doctor finds, in the words that it has for it.
local function check_installation()
  vim.health.start("Installation, by `agent-server doctor`")
  local result = run({ "doctor", vim.fn.getcwd() })
  if not result then
    return vim.health.warn("the doctor does not answer", { "Call `agent-server doctor` in a terminal." })
  end
  local tell = { ok = vim.health.ok, note = vim.health.info, problem = vim.health.error }
  for _, line in ipairs(vim.split(vim.trim(result.stdout), "\n")) do
    local verdict, finding = line:match("^(%a+)%s+(.*)$")
    if tell[verdict] then
      tell[verdict](finding)
    end
  end
  if result.code ~= 0 and result.stdout == "" then
    vim.health.error("the doctor fails", { vim.trim(result.stderr) })
  end
end

--- Called by `:checkhealth`.
function M.check()
  check_neovim()
  if check_program() then
    check_clients()
    check_installation()
  end
end

return M
