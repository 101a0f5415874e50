-- Folds of rows that come, go and change: what is closed stays closed wherever its rows are by then. Neovim itself knows
-- folds by their lines, and forgets those whose lines are replaced, and now and then those in a fold whose first line is.

local M = {}

--- A row that may begin a fold.
---@class agent_server.FoldableRow
---@field key string What it stays the same by when rows come and go.
---@field fold string Its level, as 'foldexpr' gives it.

--- The level of the fold that begins at a row.
---@param row agent_server.FoldableRow
---@return integer?
local function level(row)
  return tonumber(row.fold:match("^>(%d+)$"))
end

--- Whether the folds begin and end at the same lines in both.
---@param before agent_server.FoldableRow[]
---@param after agent_server.FoldableRow[]
---@return boolean
function M.are_alike(before, after)
  for number = 1, math.max(#before, #after) do
    local one, other = before[number], after[number]
    if not one or not other or one.fold ~= other.fold or (level(one) and one.key ~= other.key) then
      return false
    end
  end
  return true
end

--- Open all folds of a window; returns which were closed, by the keys of their first rows, and whether any was.
---@param window integer
---@param rows agent_server.FoldableRow[]
---@return table<string, boolean> closed
---@return boolean is_any
function M.open(window, rows)
  local closed, is_any = {}, false
  vim.api.nvim_win_call(window, function()
    for number, row in ipairs(rows) do
      if level(row) then
        closed[row.key] = vim.fn.foldclosed(number) == number
        if closed[row.key] then
          is_any = true
          vim.cmd.foldopen({ range = { number } }) -- so that those in it can be told
        end
      end
    end
  end)
  return closed, is_any
end

--- Close those that were closed; one that is new is as 'foldlevel' says.
---@param window integer
---@param rows agent_server.FoldableRow[]
---@param closed table<string, boolean>
function M.close(window, rows, closed)
  vim.api.nvim_win_call(window, function()
    if not vim.wo.foldenable then
      return
    end
    vim.cmd("normal! zX") -- has Neovim find all folds anew
    vim.cmd("silent! %foldopen!")
    for number = #rows, 1, -1 do -- a closed fold hides those in it
      local depth = level(rows[number])
      local wanted = depth and closed[rows[number].key]
      if wanted == nil and depth then
        wanted = vim.wo.foldlevel < depth
      end
      if wanted then
        vim.cmd.foldclose({ range = { number } })
      end
    end
  end)
end

return M
