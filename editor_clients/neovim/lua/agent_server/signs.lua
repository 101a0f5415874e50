-- The states of a plan's tasks in its sign column, as of its last run.

local session = require("agent_server.session")
local tasks = require("agent_server.tasks")
local words = require("agent_server.words")

require("agent_server.highlights")

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace("agent_server.signs")
local GROUP = vim.api.nvim_create_augroup("agent_server.signs", {})
local PRIORITY = 5 -- below that of diagnostics

--- What is shown in each buffer now, so that what stays the same is left alone.
---@type table<integer, string>
local shown = {}

--- The states that are worth a sign. A run that was given up or taken back has none.
---@param run agent_server.RunReport?
---@return table<string, agent_server.TaskState>
local function states(run)
  local found = {}
  for _, task in ipairs(run and run.tasks or {}) do
    if task.state ~= "discarded" and task.state ~= "undone" then
      found[task.id] = task.state
    end
  end
  return found
end

---@param buffer integer
local function draw(buffer)
  local of_tasks = states((session.run_of(vim.api.nvim_buf_get_name(buffer))))
  local placed = tasks.placed(buffer)
  local now = {}
  for _, task in ipairs(placed) do
    now[#now + 1] = ("%d %s"):format(task.line, of_tasks[task.id] or "")
  end
  local key = table.concat(now, "\n")
  if shown[buffer] == key then
    return
  end
  shown[buffer] = key
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, 0, -1)
  local last = vim.api.nvim_buf_line_count(buffer) - 1
  for _, task in ipairs(placed) do
    local sign = words.task_signs[of_tasks[task.id]]
    if sign then
      vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, math.min(task.line, last), 0, {
        sign_text = sign[1],
        sign_hl_group = sign[2],
        priority = PRIORITY,
      })
    end
  end
end

--- Keep the signs of the plan in `buffer`.
---@param buffer integer
function M.attach(buffer)
  shown[buffer] = "" -- a buffer that is read again has lost its signs
  draw(buffer)
end

--- Signs of every plan that is open, or of the one that a run is of.
local function on_change(event)
  for buffer in pairs(shown) do
    if not vim.api.nvim_buf_is_loaded(buffer) then
      shown[buffer] = nil
    elseif not event.data.run or vim.uri_to_fname(event.data.run.plan) == vim.api.nvim_buf_get_name(buffer) then
      draw(buffer)
    end
  end
end

vim.api.nvim_create_autocmd("User", {
  group = GROUP,
  pattern = { "AgentServerRun", "AgentServerPlans", "AgentServerExit" },
  callback = on_change,
})

-- A buffer that is read again has lost its signs.
vim.api.nvim_create_autocmd("FileChangedShellPost", {
  group = GROUP,
  callback = function(event)
    if shown[event.buf] then
      M.attach(event.buf)
    end
  end,
})

vim.api.nvim_create_autocmd({ "TextChanged", "InsertLeave" }, {
  group = GROUP,
  callback = function(event)
    if shown[event.buf] then
      draw(event.buf)
    end
  end,
})

return M
