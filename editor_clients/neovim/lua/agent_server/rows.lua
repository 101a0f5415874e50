-- Rows of coloured text, and how they get into a buffer.

local M = {}

require("agent_server.highlights")

local NAMESPACE = vim.api.nvim_create_namespace("agent_server.rows")

--- A piece of text and its highlight group.
---@alias agent_server.Chunk [string, string?]

--- The text of a row.
---@param row agent_server.Chunk[]
---@return string
function M.text(row)
  local texts = {}
  for _, chunk in ipairs(row) do
    texts[#texts + 1] = chunk[1]
  end
  return table.concat(texts)
end

--- What each buffer holds: a word for each row that tells it from others, colours included.
---@type table<integer, string[]>
local held = {}

local function fingerprint(row)
  local parts = {}
  for _, chunk in ipairs(row) do
    parts[#parts + 1] = chunk[1]
    parts[#parts + 1] = chunk[2] or ""
  end
  return table.concat(parts, "\0")
end

--- Put rows into a buffer in the place of the lines from `start` up to, and without, `stop`.
local function replace(buffer, start, stop, rows)
  vim.api.nvim_buf_clear_namespace(buffer, NAMESPACE, start, stop)
  vim.api.nvim_buf_set_lines(buffer, start, stop, false, vim.tbl_map(M.text, rows))
  for number, row in ipairs(rows) do
    local column = 0
    for _, chunk in ipairs(row) do
      local finish = column + #chunk[1]
      if chunk[2] and finish > column then
        local place = { end_col = finish, hl_group = chunk[2] }
        vim.api.nvim_buf_set_extmark(buffer, NAMESPACE, start + number - 1, column, place)
      end
      column = finish
    end
  end
end

--- Make `buffer` hold these rows. Those that are there already are left alone: folds and views stay, and a row that
--- changes among a thousand costs no more than one.
---@param buffer integer
---@param rows agent_server.Chunk[][]
function M.put(buffer, rows)
  local before, after = held[buffer], vim.tbl_map(fingerprint, rows)
  held[buffer] = after
  vim.bo[buffer].modifiable = true
  if before and #before == #after then
    for number, row in ipairs(rows) do
      if before[number] ~= after[number] then
        replace(buffer, number - 1, number, { row })
      end
    end
  elseif before then
    local first, same = 1, 0
    while before[first] and before[first] == after[first] do
      first = first + 1
    end
    local most = math.min(#before, #after) - first + 1
    while same < most and before[#before - same] == after[#after - same] do
      same = same + 1
    end
    replace(buffer, first - 1, #before - same, vim.list_slice(rows, first, #rows - same))
  else
    vim.api.nvim_create_autocmd("BufWipeout", {
      buffer = buffer,
      once = true,
      callback = function()
        held[buffer] = nil
      end,
    })
    replace(buffer, 0, -1, rows)
  end
  vim.bo[buffer].modifiable, vim.bo[buffer].modified = false, false
end

--- Fill a text with spaces up to a width, as it is seen.
---@param text string
---@param width integer
---@return string
function M.pad(text, width)
  return text .. (" "):rep(width - vim.api.nvim_strwidth(text))
end

return M
