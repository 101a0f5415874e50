-- The window of plans and runs: a tree that changes as agents work, with keys for what can be decided.

local commands = require("agent_server.commands")
local folds = require("agent_server.folds")
local keys = require("agent_server.keys")
local rows = require("agent_server.rows")
local server = require("agent_server.server")
local session = require("agent_server.session")
local tree = require("agent_server.tree")
local words = require("agent_server.words")

local M = {}

local NAME = "agent-server://runs"
local HEIGHT, WIDTH = 15, 70
local PAUSE = 100 -- milliseconds between two drawings

--- The buffer, while there is one, and the rows that it shows.
---@type integer?
local buffer
---@type agent_server.TreeRow[]
local shown = {}

--- The plan from which the window was opened, until the cursor is on it.
---@type string?
local wanted

local is_waiting = false
local timer = assert(vim.uv.new_timer())

--- A plan's path below its workspace.
local function short(path, root)
  return root and vim.fs.relpath(root, path) or path
end

local WAITING = { held = true, failed = true, cancelled = true }
local JUST_NOW = 600 -- seconds for which what has ended stays where one looks at it

--- Whether a plan stands above the others: its run goes on, waits for somebody, or has just ended.
local function is_live(run, silence)
  return run ~= nil and (session.goes_on(run) or WAITING[run.state] or silence < JUST_NOW)
end

--- All plans of all clients: those of the lists, and those that only a run tells of.
---@return agent_server.KnownPlan[]
local function known_plans()
  local live, others, paths = {}, {}, {}
  local function add(client_id, uri, label, plan)
    local path = vim.uri_to_fname(uri)
    if paths[path] then
      return
    end
    paths[path] = true
    local run, silence = session.run_of(path)
    local seconds = run and session.elapsed(run, silence) or 0
    local known = { client_id = client_id, uri = uri, path = label, plan = plan, run = run, seconds = seconds }
    table.insert(is_live(run, silence) and live or others, known)
  end
  for _, each in ipairs(session.all()) do
    for _, plan in ipairs(each.plans) do
      add(each.client_id, plan.uri, plan.path, plan)
    end
    local root = (vim.lsp.get_client_by_id(each.client_id) or {}).root_dir
    for path, run in vim.spairs(each.runs) do
      add(each.client_id, run.plan, short(path, root), nil)
    end
  end
  return vim.list_extend(live, others)
end

--- Whether there is a server, or will be one soon.
local has_server = false

--- What is shown where there is no plan.
local function emptiness()
  local all = session.all()
  local text = "No plan here yet. :AgentServer new begins one."
  if #all == 0 then
    text = has_server and "Starting the server …"
      or "No server is running. :AgentServer restart starts it for open plans."
  elseif vim.iter(all):any(function(each)
    return each.listing
  end) then
    text = "Looking for plans …"
  end
  return { { chunks = { { text, "AgentServerDim" } }, key = "", fold = "0" } }
end

local function winbar(plans)
  local going = 0
  for _, known in ipairs(plans) do
    going = going + (known.run and session.goes_on(known.run) and 1 or 0)
  end
  local spent = {}
  for _, each in ipairs(session.all()) do
    spent[#spent + 1] = each.status and words.cost(each.status.spend)
  end
  local parts = { words.count(#plans, "plan"), going > 0 and going .. " running" or nil }
  if #spent > 0 then
    parts[#parts + 1] = table.concat(spent, " + ") .. " spent"
  end
  return " " .. table.concat(parts, " · ") .. "%= g? keys "
end

--- The windows whose cursors are on a row of their own choice, each with the row's key. At the top they stay there.
local function places()
  local found = {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local line = vim.api.nvim_win_get_cursor(window)[1]
    found[window] = line > 1 and shown[line] and shown[line].key or nil
  end
  return found
end

--- Have each window's cursor follow its row to where that is now, at the same height of the window.
local function follow(before)
  for window, key in pairs(before) do
    local cursor = vim.api.nvim_win_get_cursor(window)
    for number, row in ipairs(shown) do
      if row.key == key and number ~= cursor[1] then
        vim.api.nvim_win_call(window, function()
          local view = vim.fn.winsaveview()
          view.topline, view.lnum = math.max(1, view.topline + number - view.lnum), number
          vim.fn.winrestview(view)
        end)
      end
    end
  end
end

--- Put the cursor on the plan from which the window was opened, once that is there, unless it was moved meanwhile.
local function go_to_wanted()
  local window = vim.fn.bufwinid(buffer)
  if not wanted or window == -1 then
    return
  end
  for number, row in ipairs(shown) do
    if row.known and vim.uri_to_fname(row.known.uri) == wanted then
      wanted = nil
      if vim.api.nvim_win_get_cursor(window)[1] == 1 then
        vim.api.nvim_win_set_cursor(window, { number, 0 })
      end
      return
    end
  end
end

--- Show these rows, with folds as they were.
---@param now agent_server.TreeRow[]
local function show(now)
  local are_alike, closed = folds.are_alike(shown, now), {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local of_window, is_any = folds.open(window, shown)
    closed[window] = (is_any or not are_alike) and of_window or nil
  end
  shown = now
  rows.put(
    buffer,
    vim.tbl_map(function(row)
      return row.chunks
    end, shown)
  )
  for window, of_window in pairs(closed) do
    folds.close(window, shown, of_window)
  end
end

local function draw()
  is_waiting = false
  if not (buffer and vim.api.nvim_buf_is_valid(buffer)) then
    return
  end
  local plans = known_plans()
  local before = places()
  local now = tree.rows(plans)
  show(#now > 0 and now or emptiness())
  follow(before)
  go_to_wanted()
  local bar = winbar(plans)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    vim.wo[window][0].winbar = bar
  end
  local goes_on = vim.iter(plans):any(function(known)
    return known.run and session.goes_on(known.run)
  end)
  if not goes_on then
    timer:stop()
  elseif not timer:is_active() then
    timer:start(1000, 1000, vim.schedule_wrap(draw))
  end
end

--- Draw soon, once for all that happens until then.
local function redraw()
  if not is_waiting then
    is_waiting = true
    vim.defer_fn(draw, PAUSE)
  end
end

--- The fold level of a row, for 'foldexpr'.
---@param line integer
---@return string
function M.fold(line)
  return shown[line] and shown[line].fold or "0"
end

---@return agent_server.TreeRow?
local function row_here()
  return shown[vim.api.nvim_win_get_cursor(0)[1]]
end

--- The target of a command about the plan in whose rows the cursor is.
---@param row agent_server.TreeRow?
---@return agent_server.Target?
local function target_of(row)
  local client = row and row.known and vim.lsp.get_client_by_id(row.known.client_id)
  return client and commands.target(client, row.known.uri)
end

--- A key's action: a subcommand about the plan and, where `on_task`, about the task at the cursor.
local function about(name, on_task)
  return function()
    local row = row_here()
    local target = target_of(row)
    if target then
      commands.about(name, target, on_task and row.task or nil)
    end
  end
end

--- Land what the task at the cursor made, or else what the run itself would have land next.
local function land()
  local row = row_here()
  local target = target_of(row)
  if not target then
    return
  end
  local run = row.known.run
  local step = vim.iter(run and run.steps or {}):find(function(each)
    return each.way == "land"
  end)
  local tasks = row.task and { row.task } or step and step.tasks or {}
  commands.about("land", target, table.concat(tasks, " "))
end

--- Whether a window is one for files, in which another one may be shown.
local function is_for_files(window)
  local shows = vim.api.nvim_win_get_buf(window)
  return vim.bo[shows].buftype == ""
    and not vim.wo[window].winfixbuf
    and vim.api.nvim_win_get_config(window).relative == ""
end

--- Go to a window for files: the one before, or another one, or a new one.
local function go_to_window()
  local windows = vim.api.nvim_tabpage_list_wins(0)
  table.insert(windows, 1, vim.fn.win_getid(vim.fn.winnr("#")))
  local found = vim.iter(windows):find(function(window)
    return window ~= 0 and is_for_files(window)
  end)
  if found then
    vim.api.nvim_set_current_win(found)
  else
    vim.cmd("aboveleft new")
  end
end

--- Go to a plan in a window of the editor's, at a task's heading.
local function open_plan(row)
  local target = target_of(row)
  if not target then
    return
  end
  go_to_window()
  local task_here = vim.iter(row.known.plan and row.known.plan.tasks or {}):find(function(task)
    return task.id == row.task
  end)
  -- Not `:edit`, which would read a plan again that is there already.
  local plan = vim.fn.bufadd(task_here and session.file_of(row.known.plan, task_here) or target.path)
  vim.bo[plan].buflisted = true
  vim.api.nvim_win_set_buf(0, plan)
  for _, task in ipairs(require("agent_server.tasks").placed(0)) do
    if task.id == row.task then
      vim.api.nvim_win_set_cursor(0, { task.line + 1, 0 })
    end
  end
end

--- Have the user choose how a run goes on.
local function choose_step(row)
  local target = target_of(row)
  if not target then
    return
  end
  vim.ui.select(row.steps, {
    prompt = "What now",
    format_item = function(step)
      return words.line(step.title)
    end,
  }, function(step)
    if step then
      local argument = { uri = target.uri, tasks = step.tasks, unverified = step.unverified }
      server.execute(target.client, step.command, argument)
    end
  end)
end

local function enter()
  local row = row_here()
  if row and row.steps then
    choose_step(row)
  elseif row then
    open_plan(row)
  end
end

--- Launch the plan's next wave. It must be open for that, so it is opened.
local function launch()
  local row = row_here()
  local target = target_of(row)
  if not target then
    return
  end
  open_plan(row)
  local function go()
    commands.about("launch", target)
  end
  if server.client(0) then
    return go()
  end
  vim.api.nvim_create_autocmd("LspAttach", { buffer = 0, once = true, callback = vim.schedule_wrap(go) })
end

local KEYS = {
  { "<CR>", "open the plan at the task, or choose a step", enter },
  { "L", "launch the plan's next wave", launch },
  { "S", "stop the task, or the whole run", about("stop", true) },
  { "R", "retry the task, or all that is not done, with a comment", about("retry", true) },
  { "A", "accept: land what the task made, or all that is held", land },
  { "M", "mend: let one more agent repair the whole", about("repair") },
  { "D", "discard what is held", about("discard") },
  { "U", "undo the last landing", about("undo") },
  { "V", "view what would change, as diffs", about("review", true) },
  { "T", "show the task's transcript", about("transcript", true) },
  { "B", "show the task's brief", about("brief", true) },
  { "za", "fold and unfold, as anywhere", nil },
  { "q", "close", "<Cmd>close<CR>" },
}

--- Make the buffer, and keep it up to date for as long as it is there.
local function make()
  buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(buffer, NAME)
  vim.bo[buffer].bufhidden, vim.bo[buffer].filetype = "wipe", "agent_server_runs"
  for _, key in ipairs(KEYS) do
    if key[3] then
      vim.keymap.set("n", key[1], key[3], { buffer = buffer, nowait = true, desc = key[2] })
    end
  end
  vim.keymap.set("n", "g?", function()
    keys.show("Keys", KEYS)
  end, { buffer = buffer, desc = "Show the keys" })
  local group = vim.api.nvim_create_augroup("agent_server.runs", {})
  vim.api.nvim_create_autocmd("User", {
    group = group,
    pattern = { "AgentServerRun", "AgentServerPlans", "AgentServerStatus", "AgentServerExit" },
    callback = function(event)
      has_server = event.match ~= "AgentServerExit"
      redraw()
    end,
  })
  vim.api.nvim_create_autocmd("BufWipeout", {
    group = group,
    buffer = buffer,
    callback = function()
      vim.api.nvim_del_augroup_by_id(group)
      timer:stop()
      buffer, shown = nil, {}
    end,
  })
end

local OPTIONS = {
  wrap = false,
  number = false,
  relativenumber = false,
  signcolumn = "no",
  foldcolumn = "0",
  list = false,
  spell = false,
  cursorline = true,
  winfixheight = true,
  foldmethod = "expr",
  foldexpr = "v:lua.require'agent_server.runs'.fold(v:lnum)",
  foldtext = "",
  foldlevel = 99,
  foldenable = true,
  fillchars = "fold: ,eob: ",
}

--- Open the window, or go to it where it is open in this tab.
---@param mods? table Of the command: where it opens, below all others unless they say so.
function M.open(mods)
  has_server = server.client_here() ~= nil
  local window = buffer and vim.fn.bufwinid(buffer) or -1
  if window ~= -1 then
    return vim.api.nvim_set_current_win(window)
  end
  if not buffer then
    make()
  end
  mods = mods or {}
  local here = vim.api.nvim_buf_get_name(0)
  local split = mods.split and mods.split ~= "" and mods.split or "botright"
  vim.cmd.split({ mods = { split = split, vertical = mods.vertical }, range = { mods.vertical and WIDTH or HEIGHT } })
  vim.api.nvim_win_set_buf(0, buffer)
  for name, value in pairs(OPTIONS) do
    vim.wo[0][0][name] = value
  end
  wanted = here
  draw()
end

return M
