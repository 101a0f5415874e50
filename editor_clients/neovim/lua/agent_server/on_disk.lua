-- Buffers follow their files where these change on the disk: plans that another editor saves, and what a run lands.
-- Neovim itself looks only when it gets the focus.
--
-- Nobody is asked about anything: a buffer with unsaved changes, one whose file is gone, and one that shall not be read
-- again by itself ('noautoread') stay as they are.

local M = {}

local GROUP = vim.api.nvim_create_augroup("agent_server.on_disk", {})
local PAUSE = 100 -- milliseconds until a file that is being written is read
local AGAIN = 2000 -- milliseconds until files that a run has changed are looked at once more

local CHANGES_FILES = { landed = true, undone = true }

--- The watcher of each plan's folder, by the plan's buffer. A file that is replaced takes its own watcher along.
---@type table<integer, uv.uv_fs_event_t>
local watchers = {}

--- What 'autoread' is for a buffer: its own value, or else that of all.
local function reads_again(buffer)
  local own = vim.bo[buffer].autoread
  if own == nil then
    return vim.go.autoread
  end
  return own
end

local function may_follow(buffer)
  if not (vim.api.nvim_buf_is_loaded(buffer) and reads_again(buffer)) then
    return false
  end
  local options = vim.bo[buffer]
  return not options.modified
    and options.buftype == ""
    and vim.uv.fs_stat(vim.api.nvim_buf_get_name(buffer)) ~= nil
end

--- Read a buffer's file again if that has changed.
---@param buffer integer
local function look(buffer)
  if may_follow(buffer) and vim.fn.getcmdwintype() == "" then
    vim.cmd(("silent! checktime %d"):format(buffer))
  end
end

local function forget(buffer)
  local watcher = watchers[buffer]
  watchers[buffer] = nil
  if watcher and not watcher:is_closing() then
    watcher:close()
  end
end

--- Have the plan in `buffer` follow its file.
---@param buffer integer
function M.attach(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  local watcher = not watchers[buffer] and vim.uv.new_fs_event()
  if not watcher then
    return
  end
  watchers[buffer] = watcher
  local name, is_waiting = vim.fs.basename(path), false
  watcher:start(vim.fs.dirname(path), {}, function(failure, changed)
    if not failure and changed == name and not is_waiting then
      is_waiting = true
      vim.defer_fn(function()
        is_waiting = false
        look(buffer)
      end, PAUSE)
    end
  end)
  vim.api.nvim_create_autocmd("BufUnload", {
    group = GROUP,
    buffer = buffer,
    once = true,
    callback = function()
      forget(buffer)
    end,
  })
end

local function look_at_all()
  vim.iter(vim.api.nvim_list_bufs()):each(look)
end

-- The state of a run may be told a moment before its last file is there.
vim.api.nvim_create_autocmd("User", {
  group = GROUP,
  pattern = "AgentServerRun",
  callback = function(event)
    local run = event.data.run
    if CHANGES_FILES[run.state] and event.data.before ~= run.state then
      look_at_all()
      vim.defer_fn(look_at_all, AGAIN)
    end
  end,
})

return M
