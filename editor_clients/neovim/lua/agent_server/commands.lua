-- `:AgentServer`, of plans and for all: one table of subcommands, their completion, and how one is carried out.

local protocol = require("agent_server.protocol")
local server = require("agent_server.server")
local tasks = require("agent_server.tasks")

local M = {}

--- What a subcommand is about.
---@class agent_server.Target
---@field client vim.lsp.Client
---@field uri string The plan.
---@field path string Its file.
---@field buffer integer Its buffer, or -1 where the plan is not open.

--- What is typed behind a subcommand.
---@class agent_server.Given
---@field words string[]
---@field text string The same in one piece.
---@field bang boolean

---@class agent_server.Subcommand
---@field desc string
---@field complete? fun(path: string): string[]
---@field run fun(target: agent_server.Target, given: agent_server.Given)

local function ask(target, command, more, done)
  server.execute(target.client, command, vim.tbl_extend("error", { uri = target.uri }, more or {}), done)
end

--- Call `go` with the task that is named, or else with the one at the cursor, or else with one that the user chooses.
---@param target agent_server.Target
---@param given agent_server.Given
---@param go fun(task: string)
local function with_task(target, given, go)
  local task = given.words[1] or tasks.at_cursor(target.buffer)
  if task then
    return go(task)
  end
  vim.ui.select(tasks.ids(target.path), { prompt = "Task" }, function(chosen)
    if chosen then
      go(chosen)
    end
  end)
end

--- The numbers of a plan's waves.
local function waves(path)
  local plan = require("agent_server.session").plan_of(path)
  local found = {}
  for number = 1, plan and plan.waves or 1 do
    found[number] = tostring(number)
  end
  return found
end

--- Those that need a plan.
---@type table<string, agent_server.Subcommand>
M.of_plans = {
  launch = {
    desc = "Show what the next wave would do, and run it after a yes; with ! all open tasks",
    complete = waves,
    run = function(target, given)
      local argument = { uri = target.uri, wave = tonumber(given.words[1]), stream = given.bang or nil }
      require("agent_server.approval").launch(target.client, argument)
    end,
  },
  stop = {
    desc = "Stop the run, or the agent of one task",
    complete = tasks.ids,
    run = function(target, given)
      ask(target, protocol.commands.cancel, { task = given.words[1] }, function(result)
        if not result.cancelled then
          server.tell("there is nothing to stop")
        end
      end)
    end,
  },
  retry = {
    desc = "Try a task, or all that are not done, again: retry [task] [comment]; with ! without asking for a comment",
    complete = tasks.ids,
    run = function(target, given)
      local task = vim.list_contains(tasks.ids(target.path), given.words[1]) and given.words[1] or nil
      local comment = task and given.text:gsub("^%S+%s*", "") or given.text
      local function go(said)
        if said then
          ask(target, protocol.commands.retry, { task = task, comment = said ~= "" and said or nil })
        end
      end
      if comment ~= "" or given.bang then
        return go(comment)
      end
      vim.ui.input({ prompt = "What to tell the agent (nothing is fine): " }, go)
    end,
  },
  land = {
    desc = "Land what is held, or what some tasks made; with ! without verifying it",
    complete = tasks.ids,
    run = function(target, given)
      local named = #given.words > 0 and given.words or nil
      ask(target, protocol.commands.land, { tasks = named, unverified = given.bang or nil })
    end,
  },
  repair = {
    desc = "Let one more agent mend what failed to verify",
    run = function(target)
      ask(target, protocol.commands.repair)
    end,
  },
  discard = {
    desc = "Give up what is held",
    run = function(target)
      ask(target, protocol.commands.discard)
    end,
  },
  undo = {
    desc = "Take back the last landing",
    run = function(target)
      ask(target, protocol.commands.undo)
    end,
  },
  review = {
    desc = "Look at what agents would change, as diffs",
    complete = tasks.ids,
    run = function(target, given)
      require("agent_server.review").open(target.client, target.uri, given.words[1])
    end,
  },
  drop = {
    desc = "In a review: leave the change at the cursor out of what lands; with ! the whole file",
    run = function(_, given)
      require("agent_server.review").drop(given.bang)
    end,
  },
  transcript = {
    desc = "Show what a task's agent said and did",
    complete = tasks.ids,
    run = function(target, given)
      with_task(target, given, function(task)
        ask(target, protocol.commands.show_transcript, { task = task })
      end)
    end,
  },
  brief = {
    desc = "Show what a task's agent is told, word for word",
    complete = tasks.ids,
    run = function(target, given)
      with_task(target, given, function(task)
        ask(target, protocol.commands.show_brief, { task = task })
      end)
    end,
  },
  conflicts = {
    desc = "List the conflicts at the cursor with their other sides; with ! all of the plan",
    run = function(target, given)
      require("agent_server.conflicts").list(target.client, target.buffer, given.bang)
    end,
  },
}

--- Those that need none.
---@type table<string, { desc: string, run: fun(given: agent_server.Given, mods: table) }>
M.anywhere = {
  runs = {
    desc = "Open the window of plans and runs",
    run = function(_, mods)
      require("agent_server.runs").open(mods)
    end,
  },
  status = {
    desc = "Say how the server is",
    run = function()
      require("agent_server.programs").status()
    end,
  },
  log = {
    desc = "Show the server's log",
    run = function()
      require("agent_server.programs").log()
    end,
  },
  messages = {
    desc = "Show what the server has said, in whole",
    run = function()
      require("agent_server.programs").messages()
    end,
  },
  restart = {
    desc = "Start the server's client anew; with ! the server too",
    run = function(given)
      require("agent_server.programs").restart(given.bang)
    end,
  },
  new = {
    desc = "Begin a plan: new [name]",
    run = function(given)
      require("agent_server.new_plan").open(given.words[1])
    end,
  },
  demo = {
    desc = "Open the demo: a small site, a plan with a conflict and recorded agents",
    run = function()
      require("agent_server.programs").demo()
    end,
  },
  health = {
    desc = "Check the installation",
    run = function()
      vim.cmd.checkhealth("agent_server")
    end,
  },
}

--- The plan to which the current buffer belongs: it is one, or shows something of one.
---@return agent_server.Target?
local function target_here()
  local buffer = vim.api.nvim_get_current_buf()
  local uri = vim.b[buffer].agent_server_plan
  local client = server.client(not uri and buffer or nil)
  if client then
    return M.target(client, uri or vim.uri_from_bufnr(buffer))
  end
end

---@param client vim.lsp.Client
---@param uri string A plan's URI.
---@return agent_server.Target
function M.target(client, uri)
  local path = vim.uri_to_fname(uri)
  local buffer = vim.fn.bufexists(path) == 1 and vim.fn.bufadd(path) or -1
  return { client = client, uri = uri, path = path, buffer = buffer }
end

--- Carry a subcommand out about a plan: what keys of other windows do as well.
---@param name string
---@param target agent_server.Target
---@param text? string What stands behind it.
---@param bang? boolean
function M.about(name, target, text, bang)
  local given = { text = text or "", words = vim.split(text or "", "%s+", { trimempty = true }), bang = bang == true }
  M.of_plans[name].run(target, given)
end

--- Carry out what was typed.
---@param typed vim.api.keyset.create_user_command.command_args
function M.run(typed)
  local name, mark, text = typed.args:match("^([%w_]*)(!?)%s*(.-)%s*$")
  local bang = typed.bang or mark == "!"
  if name == "" then
    name = "runs"
  end
  if M.anywhere[name] then
    local given = { text = text, words = vim.split(text, "%s+", { trimempty = true }), bang = bang }
    return M.anywhere[name].run(given, typed.smods)
  end
  if not M.of_plans[name] then
    return server.tell(("there is no `%s`: see :help :AgentServer"):format(name), vim.log.levels.ERROR)
  end
  local target = target_here()
  if target then
    return M.about(name, target, text, bang)
  elseif not vim.api.nvim_buf_get_name(0):lower():find("%.plan%.md$") then
    return server.tell(("`%s` is about a plan: open one first"):format(name), vim.log.levels.ERROR)
  elseif not vim.lsp.is_enabled("agent_server") then
    return server.tell("not switched on: see :help agent-server-install", vim.log.levels.ERROR)
  elseif not server.is_installed(true) then
    return
  end
  -- The server is still starting: it is done when that has come.
  vim.api.nvim_create_autocmd("LspAttach", {
    buffer = 0,
    once = true,
    callback = vim.schedule_wrap(function(event)
      vim.api.nvim_buf_call(event.buf, function()
        M.run(typed)
      end)
    end),
  })
end

--- What may be typed next.
---@param line string The command line up to the cursor.
---@return string[]
function M.complete(line)
  local name, typed = line:match("Agent%a*!?%s+([%w_]+)!?%s+.-(%S*)$")
  local target, offered = target_here(), {}
  if not name then
    typed = line:match("(%S*)$")
    offered = vim.tbl_keys(M.anywhere)
    vim.list_extend(offered, target and vim.tbl_keys(M.of_plans) or {})
    table.sort(offered)
  elseif target and M.of_plans[name] and M.of_plans[name].complete then
    offered = M.of_plans[name].complete(target.path)
  end
  return vim.tbl_filter(function(word)
    return vim.startswith(word, typed)
  end, offered)
end

--- Give a buffer that belongs to a plan the whole command.
---@param buffer integer
function M.attach(buffer)
  vim.api.nvim_buf_create_user_command(buffer, "AgentServer", M.run, {
    nargs = "*",
    bang = true,
    desc = "Agent Server: launch, stop, retry, land, review and more",
    complete = function(_, line, position)
      return M.complete(line:sub(1, position))
    end,
  })
end

return M
