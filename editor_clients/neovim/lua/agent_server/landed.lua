-- Files that a run has changed on the disk are read again where they are open: 'autoread' alone notices them late.

local CHANGED = { landed = true, undone = true }

vim.api.nvim_create_autocmd("User", {
  group = vim.api.nvim_create_augroup("agent_server.landed", {}),
  pattern = "AgentServerRun",
  callback = function(event)
    local run = event.data.run
    if CHANGED[run.state] and event.data.before ~= run.state and vim.fn.getcmdwintype() == "" then
      vim.cmd.checktime()
    end
  end,
})
