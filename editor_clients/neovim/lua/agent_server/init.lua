-- What others may call: a statusline component, the runs of a plan, and what Neovim itself calls for a plan's buffer.

local M = {}

--- What the user has set in `vim.g.agent_server`, with the defaults for the rest.
---@class agent_server.Options
---@field lenses boolean Lenses are shown in plans, and kept up to date.
---@field signs boolean The states of tasks are shown in the sign column of plans.
local DEFAULTS = { lenses = true, signs = true }

---@return agent_server.Options
function M.options()
  return vim.tbl_extend("force", DEFAULTS, vim.g.agent_server or {})
end

--- What a statusline shows: "Wave 1 · 3/5 · 2m · $0.42". Empty where there is nothing to say.
---@param given? { highlight?: boolean } With `highlight`, in the colour of the run's state.
---@return string
function M.status(given)
  -- A statusline is drawn before there is any server; then nothing is loaded for it.
  if not package.loaded["agent_server.session"] then
    return ""
  end
  return require("agent_server.status").component(given or {})
end

--- The last run of the plan at `path`, as far as the server has told of it.
---@param path? string The plan's file; left out for the current buffer's.
---@return agent_server.RunReport?
function M.run(path)
  return require("agent_server.session").run_of(path or vim.api.nvim_buf_get_name(0))
end

--- Give the plan in `buffer` its command, its lenses and its signs.
---@param client vim.lsp.Client
---@param buffer integer
function M.attach(client, buffer)
  require("agent_server.session").begin(client)
  require("agent_server.on_disk").attach(buffer)
  require("agent_server.commands").attach(buffer)
  local options = M.options()
  if options.lenses then
    require("agent_server.lenses").attach(buffer)
  end
  if options.signs then
    require("agent_server.signs").attach(buffer)
  end
end

return M
