-- The tasks of a plan, and where they stand in its buffer.

local session = require("agent_server.session")

local M = {}

--- A task and the line of its heading, counted from 0.
---@class agent_server.PlacedTask
---@field id string
---@field line integer

--- The tasks of the plan in `buffer`, in its order: as the headings of our own format give them, which is true of what
--- was typed just now, and else as the server does.
---@param buffer integer
---@return agent_server.PlacedTask[]
function M.placed(buffer)
  local found, known = {}, {}
  local name = vim.api.nvim_buf_get_name(buffer)
  local plan = session.plan_of(name)
  local is_ours = name:lower():find("%.plan%.md$") and not (plan and plan.format)
  for number, line in ipairs(is_ours and vim.api.nvim_buf_get_lines(buffer, 0, -1, false) or {}) do
    local id = line:match("^##%s+([a-z][a-z0-9-]*):")
    if id and not known[id] then
      found[#found + 1], known[id] = { id = id, line = number - 1 }, true
    end
  end
  for _, task in ipairs(plan and plan.tasks or {}) do
    if not known[task.id] and session.file_of(plan, task) == name then
      found[#found + 1] = { id = task.id, line = task.line }
    end
  end
  table.sort(found, function(one, other)
    return one.line < other.line
  end)
  return found
end

--- The ids of the tasks of the plan at `path`, whether it is open or not.
---@param path string
---@return string[]
function M.ids(path)
  local buffer = vim.fn.bufexists(path) == 1 and vim.fn.bufadd(path) or -1
  if buffer ~= -1 and vim.api.nvim_buf_is_loaded(buffer) then
    return vim.tbl_map(function(task)
      return task.id
    end, M.placed(buffer))
  end
  local plan = session.plan_of(path)
  return vim.tbl_map(function(task)
    return task.id
  end, plan and plan.tasks or {})
end

--- The task in which the cursor is, if it is in a task of the plan in `buffer`.
---@param buffer integer
---@return string?
function M.at_cursor(buffer)
  local window = vim.api.nvim_get_current_buf() == buffer and 0 or vim.fn.bufwinid(buffer)
  if window == -1 then
    return nil
  end
  local line, found = vim.api.nvim_win_get_cursor(window)[1] - 1, nil
  for _, task in ipairs(M.placed(buffer)) do
    if task.line <= line then
      found = task.id
    end
  end
  return found
end

return M
