-- The other sides of a plan's conflicts, as places to jump to: Neovim shows related places in words alone.

local words = require("agent_server.words")

local M = {}

local function related(diagnostic)
  return vim.tbl_get(diagnostic, "user_data", "lsp", "relatedInformation") or {}
end

--- The diagnostics that have other sides: those of the cursor's line where it has any, or else all of the plan's.
local function diagnostics(buffer, everything)
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  local found = vim.tbl_filter(function(diagnostic)
    return #related(diagnostic) > 0
  end, vim.diagnostic.get(buffer))
  local here = vim.tbl_filter(function(diagnostic)
    return diagnostic.lnum <= line and line <= diagnostic.end_lnum
  end, found)
  return (#here > 0 and not everything) and here or found
end

--- Each diagnostic, and below it the places that it is related to.
local function items(buffer, client, found)
  local all = vim.diagnostic.toqflist(found)
  local listed = {}
  for index, diagnostic in ipairs(found) do
    all[index].text = words.line(all[index].text)
    listed[#listed + 1] = all[index]
    for _, other in ipairs(related(diagnostic)) do
      local place = vim.lsp.util.locations_to_items({ other.location }, client.offset_encoding)[1]
      place.text = "→ " .. words.line(other.message)
      listed[#listed + 1] = place
    end
  end
  return listed
end

--- Put the conflicts of the plan in `buffer` into the location list of the current window, and open it.
---@param client vim.lsp.Client
---@param buffer integer
---@param everything boolean Also those of other lines than the cursor's.
function M.list(client, buffer, everything)
  local found = diagnostics(buffer, everything)
  if #found == 0 then
    return require("agent_server.server").tell("no conflict with another place")
  end
  vim.fn.setloclist(0, {}, " ", { title = "Conflicts", items = items(buffer, client, found) })
  vim.cmd.lopen()
end

return M
