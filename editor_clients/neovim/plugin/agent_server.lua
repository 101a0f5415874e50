-- What is there from the start: the command, and what is done once a plan has its server. Neovim reads this file by
-- itself. All else is loaded when it is first needed.

if vim.g.loaded_agent_server then
  return
end
vim.g.loaded_agent_server = true

-- This file is read by any Neovim that has Lua, so that older ones can say what is wrong.
if vim.fn.has("nvim-0.11") == 0 then
  vim.schedule(function()
    local version = vim.version()
    local here = version.major .. "." .. version.minor .. "." .. version.patch
    vim.notify("Agent Server needs Neovim 0.11 or later. This is " .. here .. ".", vim.log.levels.WARN)
  end)
  return
end

-- Plans have a command of the same name for themselves, which can do more: see commands.lua.
vim.api.nvim_create_user_command("AgentServer", function(given)
  require("agent_server.commands").run(given)
end, {
  nargs = "*",
  bang = true,
  desc = "Agent Server: runs, status, log and more",
  complete = function(_, line, position)
    return require("agent_server.commands").complete(line:sub(1, position))
  end,
})

local group = vim.api.nvim_create_augroup("agent_server", {})

-- Neovim 0.11 writes into its log alone that a server's program is missing.
vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = { "markdown", "json", "jsonl" },
  callback = function(event)
    local name = vim.api.nvim_buf_get_name(event.buf)
    if vim.lsp.is_enabled("agent_server") and require("agent_server.formats").is_plan(name) then
      require("agent_server.server").is_installed()
    end
  end,
})

vim.api.nvim_create_autocmd("LspAttach", {
  group = group,
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == "agent_server" then
      require("agent_server").attach(client, event.buf)
    end
  end,
})
