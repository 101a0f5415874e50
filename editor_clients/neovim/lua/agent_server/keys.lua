-- The help for the keys of a window of ours: a small floating window that goes away with the next key.

local rows = require("agent_server.rows")

local M = {}

--- Show what keys do. Each entry is a key, or several, and what it does.
---@param title string
---@param entries [string, string][]
function M.show(title, entries)
  local shown, width = {}, 0
  for _, entry in ipairs(entries) do
    shown[#shown + 1] = { { rows.pad(" " .. entry[1], 9), "AgentServerKey" }, { entry[2] .. " " } }
    width = math.max(width, vim.api.nvim_strwidth(rows.text(shown[#shown])))
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden = "wipe"
  rows.put(buffer, shown)
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = "editor",
    row = math.max(0, math.floor((vim.o.lines - #shown) / 2) - 2),
    col = math.max(0, math.floor((vim.o.columns - width) / 2)),
    width = width,
    height = #shown,
    style = "minimal",
    border = vim.o.winborder ~= "" and vim.o.winborder or "rounded",
    title = (" %s "):format(title),
  })
  local function close()
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_close(window, true)
    end
  end
  for _, key in ipairs({ "q", "<Esc>", "<CR>", "g?" }) do
    vim.keymap.set("n", key, close, { buffer = buffer, nowait = true })
  end
  vim.api.nvim_create_autocmd("WinLeave", { buffer = buffer, once = true, callback = vim.schedule_wrap(close) })
end

return M
