-- What other commands of the server's program do: its log, its demo, its end; and how the server is, in words.

local server = require("agent_server.server")
local session = require("agent_server.session")
local words = require("agent_server.words")

local M = {}

--- The folder whose server is meant: that of the current buffer's client, or that which the buffer's plan would have.
local function workspace()
  local client = server.client(0) or server.client()
  return client and client.root_dir or vim.fs.root(0, vim.lsp.config.agent_server.root_markers) or vim.fn.getcwd()
end

--- Run `agent-server` with these arguments, and call `done` with what it prints. A failure is shown.
---@param arguments string[]
---@param done fun(output: string)
local function run(arguments, done)
  if not server.is_installed(true) then
    return
  end
  local command = vim.list_extend({ server.program() }, arguments)
  vim.system(command, { text = true }, function(result)
    vim.schedule(function()
      if result.code == 0 then
        return done(result.stdout)
      end
      local said = vim.trim(result.stderr ~= "" and result.stderr or result.stdout)
      server.pass_on(said, vim.log.levels.ERROR)
    end)
  end)
end

--- Show lines in a split, from the last one up.
local function show(title, lines)
  vim.cmd("botright split")
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = "wipe"
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.api.nvim_win_set_buf(0, buffer)
  vim.wo[0][0].winbar, vim.wo[0][0].linebreak = (" %s%%= q close "):format(title), true
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buffer, desc = "Close" })
  vim.cmd("normal! G")
end

--- Show the last lines of the server's log.
function M.log()
  run({ "logs", "--lines", "500", workspace() }, function(output)
    show("Log of Agent Server", vim.split(vim.trim(output), "\n"))
  end)
end

--- Show what the server has said, in whole.
function M.messages()
  if #server.said == 0 then
    return server.tell("nothing was said")
  end
  show("What Agent Server has said", vim.split(table.concat(server.said, "\n"), "\n"))
end

--- A server in a line: how it is, what goes on, what was spent, and where.
---@param each agent_server.Session
local function in_a_line(each)
  local client, status = vim.lsp.get_client_by_id(each.client_id), each.status
  if not client then
    return "ending"
  end
  local parts = { each.silent and "does not answer" or "starting" }
  if status and not each.silent then
    parts[1] = status.health == "ok" and "works" or words.line(status.message)
    parts[2] = words.count(status.running, "run") .. " going on"
    local spent = words.cost(status.spend)
    parts[3] = spent and spent .. " spent"
  end
  parts[#parts + 1] = client.root_dir
  return table.concat(parts, " · ")
end

--- Say how the server is.
function M.status()
  local lines = vim.tbl_map(in_a_line, session.all())
  server.tell(#lines > 0 and table.concat(lines, "\n") or "no server is running: the next plan starts one")
end

--- Call `go` where no agent would be stopped by the end of a server that hangs, or else after a yes.
local function after_a_yes(go)
  local works = vim.iter(session.all()):any(function(each)
    return session.has_going_on(each.client_id)
  end)
  if not works then
    return go()
  end
  require("agent_server.question").ask({
    title = "Agents are at work. Restart the server all the same?",
    rows = {
      { { "The server does not answer, so it is ended, and its agents with it." } },
      { { "What they have finished is kept; the rest you can retry." } },
    },
    yes = "restart",
    no = "wait",
  }, function(agreed)
    if agreed then
      go()
    end
  end)
end

--- Start the client anew, and with `everything` the server that it shares with other editors too. A server that hangs is
--- ended in any case, for it would keep the new client waiting as well.
---@param everything boolean
function M.restart(everything)
  local folder = workspace()
  local function go()
    if not everything then
      return server.restart()
    end
    run({ "stop", folder }, server.restart)
  end
  if server.client() and not session.is_any_silent() then
    return go()
  end
  after_a_yes(function()
    server.give_up()
    run({ "stop", "--hung", folder }, go)
  end)
end

--- Make the demo's site in a new folder, and open the plan that goes wrong in a tab.
function M.demo()
  run({ "demo", "--only-files", "--format", "json" }, function(output)
    local made = vim.json.decode(output)
    if vim.api.nvim_buf_get_name(0) ~= "" or vim.bo.modified then
      vim.cmd.tabnew()
    end
    vim.cmd.tcd({ args = { made.folder }, magic = { file = false, bar = false }, mods = { silent = true } })
    vim.cmd.edit({ args = { made.firstTry }, magic = { file = false, bar = false } })
  end)
end

return M
