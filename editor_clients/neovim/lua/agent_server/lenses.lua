-- Lenses of plans: shown without being asked for, and asked for again when the server says that there are others.

local M = {}

local GROUP = vim.api.nvim_create_augroup("agent_server.lenses", {})

--- Plans whose lenses are kept up to date.
---@type table<integer, true>
local buffers = {}

--- Those that do something first: Neovim 0.11 shows the lenses of a line in one piece behind it, and a narrow window cuts
--- that off.
---@param lenses lsp.CodeLens[]
---@return lsp.CodeLens[]
local function sorted(lenses)
  local telling = {}
  local doing = vim.tbl_filter(function(lens)
    local does = lens.command ~= nil and lens.command.command ~= ""
    telling[#telling + 1] = not does and lens or nil
    return does
  end, lenses)
  return vim.list_extend(doing, telling)
end

local function on_answer(failure, lenses, context)
  vim.lsp.codelens.on_codelens(failure, lenses and sorted(lenses), context)
end

--- Not `codelens.refresh`, which asks nothing while an earlier answer is on its way, although that may be out of date.
local function ask(buffer)
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer) }
  for _, client in ipairs(vim.lsp.get_clients({ name = "agent_server", bufnr = buffer })) do
    client:request("textDocument/codeLens", params, on_answer, buffer)
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
