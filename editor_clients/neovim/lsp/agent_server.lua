-- Agent Server as a client of Neovim 0.11 or later. With the folder above this one on the runtime path:
--   vim.lsp.enable("agent_server")
-- The server's settings go into `init_options`, for instance { agents = 4 }. `:help agent-server` tells the rest.

local protocol = require("agent_server.protocol")

--- A handler that hands what comes on to a module, which is loaded when the first such message comes.
local function handled_by(module, name)
  return function(_, params, context)
    return require("agent_server." .. module)[name](params, context)
  end
end

--- The same for commands of lenses and code actions, which are carried out here instead of by the server.
local function carried_out_by(module, name)
  return function(command, context)
    require("agent_server." .. module)[name](command.arguments[1], context)
  end
end

---@type vim.lsp.Config
return {
  cmd = { "agent-server", "lsp" },
  filetypes = { "markdown", "json", "jsonl" },
  -- Only plans need the server. Other files of these types start none.
  root_dir = function(buffer, start)
    local name = vim.api.nvim_buf_get_name(buffer)
    if require("agent_server.formats").is_plan(name) then
      start(vim.fs.root(buffer, vim.lsp.config.agent_server.root_markers) or vim.fs.dirname(name))
    end
  end,
  root_markers = { ".git", "pyproject.toml", "package.json" },
  capabilities = {
    workspace = {
      -- Briefs, transcripts and proposed files are read from the server.
      textDocumentContent = { dynamicRegistration = false },
      codeLens = { refreshSupport = true },
    },
    experimental = { agentServer = { version = protocol.version } },
  },
  handlers = {
    [protocol.methods.run_state] = handled_by("session", "on_run"),
    [protocol.methods.plans_changed] = handled_by("session", "on_plans_changed"),
    [protocol.methods.server_status] = handled_by("session", "on_status"),
    ["window/showDocument"] = handled_by("documents", "on_show"),
    ["window/showMessage"] = handled_by("server", "on_message"),
    ["window/showMessageRequest"] = handled_by("question", "on_request"),
    ["workspace/applyEdit"] = handled_by("edits", "on_apply"),
    ["workspace/codeLens/refresh"] = handled_by("lenses", "on_refresh"),
    ["workspace/textDocumentContent/refresh"] = handled_by("documents", "on_refresh"),
  },
  commands = {
    [protocol.commands.launch] = carried_out_by("approval", "on_command"),
    [protocol.commands.show_changes] = carried_out_by("review", "on_command"),
  },
  on_init = function(client)
    require("agent_server.silence")
    require("agent_server.session").begin(client)
  end,
  on_exit = function(_, _, client_id)
    -- Neovim forgets the client after this: only then has it ended for all who ask.
    vim.defer_fn(function()
      require("agent_server.session").finish(client_id)
    end, 0)
  end,
}
