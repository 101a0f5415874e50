-- Agent Server for Neovim 0.11 or later: put this folder's parent on the runtime path, then
--   vim.lsp.enable("agent_server")
-- Settings go into `init_options`, for instance { agents = 4 }: see the README.

---@type vim.lsp.Config
return {
  cmd = { "agent-server", "lsp" },
  filetypes = { "markdown" },
  root_markers = { ".git", "pyproject.toml", "package.json" },
}
