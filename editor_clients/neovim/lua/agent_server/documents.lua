-- Documents that the server has and no disk: briefs, transcripts, and both sides of what agents would change.

local server = require("agent_server.server")

local M = {}

--- The buffer of each document, by its URI.
---@type table<string, integer>
local buffers = {}

--- Whether a URI is of such a document.
local function is_ours(uri)
  return vim.startswith(uri, "agent-server:")
end

--- A buffer's name. Neovim takes only names with `//` for something else than paths; the workspace, which stands in the
--- query, is named where another one has a document of the same name.
local function name_of(uri)
  local name = uri:gsub("^agent%-server:/+", "agent-server://")
  local short = name:gsub("%?.*$", "")
  return vim.fn.bufexists(short) == 0 and short or name
end

--- The buffer of a document, without its text at first.
---@param uri string
---@return integer
local function buffer_of(uri)
  local buffer = buffers[uri]
  if not (buffer and vim.api.nvim_buf_is_valid(buffer)) then
    buffer = vim.api.nvim_create_buf(true, true)
    vim.api.nvim_buf_set_name(buffer, name_of(uri))
    vim.bo[buffer].buflisted, vim.bo[buffer].modifiable = false, false
    buffers[uri] = buffer
  end
  return buffer
end

--- The windows that show a buffer and have their cursors at its end: what grows is followed there.
local function followers(buffer)
  return vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_cursor(window)[1] == vim.api.nvim_buf_line_count(buffer)
  end, vim.fn.win_findbuf(buffer))
end

local function fill(buffer, uri, text)
  local lines = vim.split(text, "\n")
  local ends = lines[#lines] == ""
  if ends then
    lines[#lines] = nil
  end
  local following = vim.api.nvim_buf_line_count(buffer) > 1 and followers(buffer) or {}
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable, vim.bo[buffer].modified, vim.bo[buffer].endofline = false, false, ends
  for _, window in ipairs(following) do
    vim.api.nvim_win_set_cursor(window, { math.max(1, #lines), 0 })
  end
  if vim.bo[buffer].filetype == "" then
    vim.bo[buffer].filetype = vim.filetype.match({ filename = vim.uri_decode((uri:gsub("%?.*$", ""))) }) or ""
  end
end

--- Read a document; `done` is called with its buffer once the text is there.
---@param client vim.lsp.Client
---@param uri string
---@param done? fun(buffer: integer)
---@return integer buffer
function M.read(client, uri, done)
  local buffer = buffer_of(uri)
  -- Whoever reads a document by this request of LSP 3.18 is told when there is more of it.
  server.request(client, "workspace/textDocumentContent", { uri = uri }, function(result)
    if vim.api.nvim_buf_is_valid(buffer) then
      fill(buffer, uri, result.text)
      if done then
        done(buffer)
      end
    end
  end)
  return buffer
end

--- Show a document in a split, or in the window that shows it already.
---@param client vim.lsp.Client
---@param uri string
function M.open(client, uri)
  local buffer = M.read(client, uri)
  local window = vim.fn.bufwinid(buffer)
  if window ~= -1 then
    return vim.api.nvim_set_current_win(window)
  end
  vim.cmd.split()
  vim.api.nvim_win_set_buf(0, buffer)
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buffer, desc = "Close" })
end

--- Handles `window/showDocument`.
---@param params lsp.ShowDocumentParams
---@param context lsp.HandlerContext
function M.on_show(params, context)
  if not is_ours(params.uri) then
    return vim.lsp.handlers["window/showDocument"](nil, params, context)
  end
  M.open(assert(vim.lsp.get_client_by_id(context.client_id)), params.uri)
  return { success = true }
end

--- Handles `workspace/textDocumentContent/refresh`: a document tells of a run that has gone on.
---@param params { uri: string }
---@param context lsp.HandlerContext
function M.on_refresh(params, context)
  local buffer = buffers[params.uri]
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client and buffer and vim.fn.bufwinid(buffer) ~= -1 then
    M.read(client, params.uri)
  end
  return vim.NIL
end

return M
