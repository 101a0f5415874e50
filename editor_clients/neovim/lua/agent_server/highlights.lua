-- The highlight groups, each linked to a standard one unless the user or the colour scheme says otherwise.

local GROUPS = {
  AgentServerRunning = "DiagnosticInfo",
  AgentServerWaiting = "Comment",
  AgentServerDone = "DiagnosticOk",
  AgentServerHeld = "DiagnosticWarn",
  AgentServerFailed = "DiagnosticError",
  AgentServerStopped = "Comment",
  AgentServerTitle = "Title",
  AgentServerTask = "Identifier",
  AgentServerLabel = "Label",
  AgentServerDim = "Comment",
  AgentServerKey = "Special",
}

for name, link in pairs(GROUPS) do
  vim.api.nvim_set_hl(0, name, { link = link, default = true })
end
