-- Agent Server for Neovim 0.11 or later: put this folder's parent on the runtime path, then
--   vim.lsp.enable("agent_server")
-- Settings go into `init_options`, for instance { agents = 4 }: see the README.

local roots = { ".git", "pyproject.toml", "package.json" }

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
}
