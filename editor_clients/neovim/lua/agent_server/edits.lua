-- Edits that the server makes unasked, such as the ticks of tasks that have landed.
--
-- What they change is saved where nothing else was unsaved: the disk and other editors would call the tasks open for as
-- long as the ticks stand in this Neovim alone. So a plan is saved when it is launched, after the user's yes.

local server = require("agent_server.server")
local session = require("agent_server.session")

local M = {}

--- The buffers of the files that an edit changes.
---@param edit lsp.WorkspaceEdit
---@return integer[]
local function buffers_of(edit)
  local uris = vim.tbl_keys(edit.changes or {})
  for _, change in ipairs(edit.documentChanges or {}) do
    uris[#uris + 1] = change.textDocument and change.textDocument.uri
  end
  return vim.tbl_map(vim.uri_to_bufnr, uris)
end

--- What a buffer would be as a file.
local function as_file(buffer)
  local options = vim.bo[buffer]
  local ending = ({ dos = "\r\n", mac = "\r" })[options.fileformat] or "\n"
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), ending)
  return (options.bomb and "\239\187\191" or "") .. text .. (options.endofline and ending or "")
end

local function on_disk(buffer)
  local file = io.open(vim.api.nvim_buf_get_name(buffer), "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

--- Whether a buffer holds what its file does, and so may be saved without a word of the user's.
local function is_saved(buffer)
  if not vim.api.nvim_buf_is_loaded(buffer) then
    return true -- it is read from the disk when it is edited
  end
  local options = vim.bo[buffer]
  return not options.modified and not options.readonly and options.buftype == "" and as_file(buffer) == on_disk(buffer)
end

--- Save a buffer where it is.
---@param buffer integer
---@param command string
local function save(buffer, command)
  local saved, failure = pcall(vim.api.nvim_buf_call, buffer, function()
    vim.cmd("silent " .. command)
  end)
  if not saved then
    server.tell(("not saved: %s"):format(failure), vim.log.levels.WARN)
  end
end

--- Handles `workspace/applyEdit`: Neovim makes the edit and answers. It is not told the edit's label, which it would
--- print over what the user reads.
---@param params lsp.ApplyWorkspaceEditParams
---@param context lsp.HandlerContext
---@return lsp.ApplyWorkspaceEditResult
function M.on_apply(params, context)
  local to_save = vim.tbl_filter(is_saved, buffers_of(params.edit))
  local answer = vim.lsp.handlers["workspace/applyEdit"](nil, { edit = params.edit }, context)
  for _, buffer in ipairs(to_save) do
    save(buffer, "update!") -- the file was seen to be what the buffer was: the `!` spares a question about its time
  end
  return answer
end

--- The buffers with unsaved changes that belong to the plan at `path`.
---@param path string
---@return integer[]
function M.unsaved(path)
  local files = session.files_of(path)
  return vim.tbl_filter(function(buffer)
    local options = vim.bo[buffer]
    return options.modified and options.buftype == "" and vim.list_contains(files, vim.api.nvim_buf_get_name(buffer))
  end, vim.api.nvim_list_bufs())
end

--- Save what is unsaved of the plan at `path`.
---@param path string
function M.save_plan(path)
  for _, buffer in ipairs(M.unsaved(path)) do
    save(buffer, "update")
  end
end

return M
