-- Agent Server for Neovim 0.11 or later: put this folder's parent on the runtime path, then
--   vim.lsp.enable("agent_server")
-- Settings go into `init_options`, for instance { agents = 4 }: see the README.
-- Plans have commands: :AgentServerLaunch, Cancel, Retry, Land, Repair, Discard, Undo and Review.

local roots = { ".git", "pyproject.toml", "package.json" }

local function is_ours(uri)
  return vim.startswith(uri, "agent-server:")
end

---@type vim.lsp.Config
return {
  cmd = { "agent-server", "lsp" },
  filetypes = { "markdown" },
  -- Only plans need the server. Other Markdown files start none.
  root_dir = function(buffer, start)
    local name = vim.api.nvim_buf_get_name(buffer)
    if name:lower():find("%.plan%.md$") then
      start(vim.fs.root(buffer, roots) or vim.fs.dirname(name))
    end
  end,
  -- Briefs, transcripts and proposed files are read from the server.
  capabilities = { workspace = { textDocumentContent = { dynamicRegistration = false } } },
  handlers = {
    ["window/showDocument"] = function(failure, params, context)
      if not is_ours(params.uri) then
        return vim.lsp.handlers["window/showDocument"](failure, params, context)
      end
      require("agent_server").open(vim.lsp.get_client_by_id(context.client_id), params.uri)
      return { success = true }
    end,
    ["workspace/textDocumentContent/refresh"] = function(_, params)
      require("agent_server").refresh(params.uri)
      return vim.NIL
    end,
  },
}
