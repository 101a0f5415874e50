-- Plans get the commands of Agent Server when their server has come. Neovim reads this file by itself.

vim.api.nvim_create_autocmd("LspAttach", {
  group = vim.api.nvim_create_augroup("agent_server", {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == "agent_server" then
      require("agent_server").attach(client, event.buf)
    end
  end,
})
