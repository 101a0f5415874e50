-- Lenses of plans: shown without being asked for, and asked for again when the server says that there are others.

local M = {}

local GROUP = vim.api.nvim_create_augroup("agent_server.lenses", {})

--- Plans whose lenses are kept up to date.
---@type table<integer, true>
local buffers = {}

--- Not `codelens.refresh`, which asks nothing while an earlier answer is on its way, although that may be out of date.
local function ask(buffer)
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer) }
  for _, client in ipairs(vim.lsp.get_clients({ name = "agent_server", bufnr = buffer })) do
    client:request("textDocument/codeLens", params, vim.lsp.codelens.on_codelens, buffer)
  end
end

--- Show the lenses of the plan in `buffer`.
---@param buffer integer
function M.attach(buffer)
  -- Neovim 0.12 keeps lenses up to date by itself.
  if vim.lsp.codelens.enable then
    return vim.lsp.codelens.enable(true, { bufnr = buffer })
  end
  if not buffers[buffer] then
    buffers[buffer] = true
    vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "TextChanged" }, {
      group = GROUP,
      buffer = buffer,
      desc = "Ask for the plan's lenses",
      callback = function()
        ask(buffer)
      end,
    })
  end
  ask(buffer)
end

--- Show them again after one was run: Neovim 0.11 takes away those of its line.
---@param buffer integer
function M.again(buffer)
  if buffers[buffer] then
    ask(buffer)
  end
end

--- Handles `workspace/codeLens/refresh`, which Neovim 0.11 does not know.
function M.on_refresh(params, context)
  local known = vim.lsp.handlers["workspace/codeLens/refresh"]
  if known then
    return known(nil, params, context)
  end
  for buffer in pairs(buffers) do
    if not vim.api.nvim_buf_is_loaded(buffer) then
      buffers[buffer] = nil
    elseif vim.fn.bufwinid(buffer) ~= -1 then
      ask(buffer)
    end
  end
  return vim.NIL
end

return M
