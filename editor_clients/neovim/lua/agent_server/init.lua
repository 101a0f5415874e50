-- What people decide about the run of a plan, as commands of its buffer, and the documents that belong to it.

local protocol = require("agent_server.protocol")

local M = {}

--- Documents of ours have URIs without `//`. Neovim takes only names with it for something else than paths.
local FROM, TO = "^agent%-server:/+", "agent-server://"

local function tell(words, level)
  vim.notify("Agent Server: " .. words, level or vim.log.levels.INFO)
end

--- Send a request, and call `done` with what comes back. What is refused is shown: its words are for the user.
---@param client vim.lsp.Client
---@param done? fun(result: any)
local function request(client, buffer, method, params, done)
  client:request(method, params, function(failure, result)
    if failure then
      tell(failure.message, vim.log.levels.ERROR)
    elseif done then
      done(result)
    end
  end, buffer)
end

--- Have the server carry out one of its commands about the plan in `buffer`.
local function execute(client, buffer, command, more, done)
  local argument = vim.tbl_extend("error", { uri = vim.uri_from_bufnr(buffer) }, more or {})
  request(client, buffer, "workspace/executeCommand", { command = command, arguments = { argument } }, done)
end

--- The ids of the plan's tasks, as its headings give them.
local function tasks(buffer)
  local found = {}
  for _, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local id = line:match("^##%s+([^%s:]+):")
    if id then
      found[#found + 1] = id
    end
  end
  return found
end

--- Ids of tasks that begin so, for the completion of a command's argument.
local function complete(typed)
  return vim.tbl_filter(function(id)
    return vim.startswith(id, typed)
  end, tasks(0))
end

--- Show a document of ours in the current window; `done` is called with its buffer once the text is there.
local function show(client, plan, uri, done)
  local path = uri:gsub("%?.*$", "")
  local buffer = vim.fn.bufadd((uri:gsub(FROM, TO)))
  vim.fn.bufload(buffer)
  vim.bo[buffer].buftype, vim.bo[buffer].bufhidden, vim.bo[buffer].swapfile = "nofile", "hide", false
  vim.api.nvim_win_set_buf(0, buffer)
  request(client, plan, protocol.methods.content, { uri = uri }, function(result)
    local lines = vim.split(result.text, "\n")
    if lines[#lines] == "" then
      lines[#lines] = nil
    end
    vim.bo[buffer].modifiable = true
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
    vim.bo[buffer].modifiable, vim.bo[buffer].modified = false, false
    vim.bo[buffer].filetype = vim.filetype.match({ filename = vim.uri_decode(path) }) or ""
    if done then
      done(buffer)
    end
  end)
end

--- Read a document again that tells of a run that has gone on, where it is shown.
function M.refresh(uri)
  local buffer = vim.fn.bufnr((uri:gsub(FROM, TO)))
  local window = buffer ~= -1 and vim.fn.bufwinid(buffer) or -1
  local client = vim.lsp.get_clients({ name = "agent_server" })[1]
  if client and window ~= -1 then
    vim.api.nvim_win_call(window, function()
      show(client, nil, uri)
    end)
  end
end

--- Open a document that the server wants to be seen, in a split.
function M.open(client, uri)
  vim.cmd("split")
  show(client, nil, uri)
end

--- Show a document in the current window as one side of a diff.
local function show_side(client, plan, uri, done)
  local window = vim.api.nvim_get_current_win()
  show(client, plan, uri, function(buffer)
    vim.api.nvim_win_call(window, function()
      vim.cmd("diffthis")
    end)
    if done then
      done(buffer)
    end
  end)
end

local review

--- Leave the hunk below the cursor, or all of the file, out of what lands; then show what is left.
local function drop(client, plan, file, whole)
  local more, line = { task = file.task, path = file.path }, vim.fn.line(".") - 1
  if not whole then
    for _, hunk in ipairs(file.hunks or {}) do
      if hunk.proposed.start <= line and line < math.max(hunk.proposed["end"], hunk.proposed.start + 1) then
        more.hunks = { hunk.id }
      end
    end
    if not more.hunks then
      return tell("there is no change at the cursor", vim.log.levels.WARN)
    end
  end
  execute(client, plan, protocol.commands.drop_changes, more, function(result)
    vim.cmd("tabclose")
    for _, left in ipairs(result.files) do
      if left.path == file.path then
        return review(client, plan, left)
      end
    end
    tell(file.path .. " is left out of what lands")
  end)
end

--- Show what a task would make of a file beside what stood there, in a tab of its own.
function review(client, plan, file)
  vim.cmd("tabnew")
  vim.bo.bufhidden = "wipe"
  if file.base then
    show_side(client, plan, file.base)
    vim.cmd("rightbelow vertical split")
  end
  show_side(client, plan, file.proposed, function(buffer)
    vim.api.nvim_buf_create_user_command(buffer, "AgentServerDrop", function(given)
      drop(client, plan, file, given.bang)
    end, { bang = true, desc = "Leave the hunk at the cursor out of what lands; with ! the whole file" })
  end)
end

--- Have the user choose one of the files that a run would change, and review it.
local function choose(client, plan, task)
  local asked = { plan = vim.uri_from_bufnr(plan), task = task }
  request(client, plan, protocol.methods.change_set, asked, function(result)
    local files = vim.list_extend(result.files, result.undeclared or {})
    if #files < 2 then
      return files[1] and review(client, plan, files[1]) or tell("no file is changed")
    end
    vim.ui.select(files, {
      prompt = "Review",
      format_item = function(file)
        return ("%s: %s %s"):format(file.task, file.kind, file.path)
      end,
    }, function(file)
      if file then
        review(client, plan, file)
      end
    end)
  end)
end

--- Try again what is not done, or the task that `words` begin with; the rest is a comment for its agent.
local function retry(client, plan, words, is_quiet)
  local first, rest = words:match("^(%S*)%s*(.*)$")
  local task = vim.list_contains(tasks(plan), first) and first or nil
  local comment = task and rest or words
  local function go(said)
    if said then
      execute(client, plan, protocol.commands.retry, { task = task, comment = said ~= "" and said or nil })
    end
  end
  if comment ~= "" or is_quiet then
    return go(comment)
  end
  vim.ui.input({ prompt = "What to tell the agent (nothing is fine): " }, go)
end

--- Give the plan in `buffer` its commands.
function M.attach(client, buffer)
  local commands = protocol.commands

  local function command(name, desc, options, run)
    options = vim.tbl_extend("error", { desc = desc }, options)
    vim.api.nvim_buf_create_user_command(buffer, "AgentServer" .. name, run, options)
  end

  command("Launch", "Launch the next wave; with ! all open tasks", { bang = true }, function(given)
    execute(client, buffer, commands.launch, { stream = given.bang or nil })
  end)
  command("Cancel", "Stop the agents", {}, function()
    execute(client, buffer, commands.cancel)
  end)
  command(
    "Retry",
    "Try a task again, with a comment; with ! without asking for one",
    { nargs = "*", bang = true, complete = complete },
    function(given)
      retry(client, buffer, given.args, given.bang)
    end
  )
  command(
    "Land",
    "Land what is held, or what some tasks made; with ! unverified",
    { nargs = "*", bang = true, complete = complete },
    function(given)
      local named = #given.fargs > 0 and given.fargs or nil
      execute(client, buffer, commands.land, { tasks = named, unverified = given.bang or nil })
    end
  )
  command("Repair", "Let one more agent mend what failed to verify", {}, function()
    execute(client, buffer, commands.repair)
  end)
  command("Discard", "Give up what is held", {}, function()
    execute(client, buffer, commands.discard)
  end)
  command("Undo", "Take back the last landing", {}, function()
    execute(client, buffer, commands.undo)
  end)
  command("Review", "Look at what agents would change", { nargs = "?", complete = complete }, function(given)
    choose(client, buffer, given.args ~= "" and given.args or nil)
  end)
end

return M
