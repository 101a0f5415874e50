-- The approval: all that would run is shown, and nothing does before a yes.

local edits = require("agent_server.edits")
local protocol = require("agent_server.protocol")
local question = require("agent_server.question")
local server = require("agent_server.server")
local words = require("agent_server.words")

local M = {}

--- A label and what it says, in two columns.
local function labelled(label, text)
  return { { ("%-9s"):format(label), "AgentServerLabel" }, { words.line(text) } }
end

local function quoted(texts)
  return table.concat(vim.tbl_map(words.line, texts), ", ")
end

--- What one agent would do: its task, who it is, and what it may write.
---@param task agent_server.ApprovalTask
---@return agent_server.Chunk[][]
local function task_rows(task)
  local model = task.model and ("%s (%s: %s)"):format(task.model, task.tier, task.because) or "its own model"
  local found = {
    { { words.line(task.id), "AgentServerTask" }, { "  " .. words.line(task.title) } },
    { { "  may write ", "AgentServerDim" }, { #task.writes > 0 and quoted(task.writes) or "nothing" } },
    {
      { "  agent     ", "AgentServerDim" },
      { words.line(("%s · %s · %s"):format(task.agent, words.minutes(task.minutes), model)) },
    },
  }
  if #task.after > 0 then
    found[#found + 1] = { { "  after     ", "AgentServerDim" }, { quoted(task.after) } }
  end
  if task.verify then
    found[#found + 1] = { { "  must pass ", "AgentServerDim" }, { words.line(task.verify) } }
  end
  return found
end

--- All that a person should see before a launch. Pure.
---@param approval agent_server.ApprovalResult
---@param is_unsaved boolean Whether the plan has unsaved changes.
---@return agent_server.Chunk[][]
function M.rows(approval, is_unsaved)
  local found = { { { words.line(approval.headline), "AgentServerTitle" } }, {} }
  for _, task in ipairs(approval.tasks) do
    vim.list_extend(found, task_rows(task))
  end
  found[#found + 1] = {}
  found[#found + 1] = labelled("Verify", approval.verify or "nothing checks the combined result")
  found[#found + 1] = labelled("Time", words.minutes(approval.minutes))
  found[#found + 1] = labelled("Cost", approval.estimate or "no estimate")
  found[#found + 1] = labelled("At most", approval.budget or "no limit is set")
  found[#found + 1] = {}
  for _, note in ipairs(approval.notes) do
    found[#found + 1] = { { words.line(note) } }
  end
  if is_unsaved then
    found[#found + 1] = { { "The plan has unsaved changes. They are saved first." } }
  end
  return found
end

--- Show what would run, and launch it after a yes.
---@param client vim.lsp.Client
---@param argument agent_server.LaunchArgument
function M.launch(client, argument)
  local path = vim.uri_to_fname(argument.uri)
  local asked = { plan = argument.uri, wave = argument.wave, stream = argument.stream }
  server.request(client, protocol.methods.approval, asked, function(approval)
    question.ask({
      title = approval.stream and "Launch all tasks?" or ("Launch wave %d?"):format(approval.wave),
      rows = M.rows(approval, #edits.unsaved(path) > 0),
      yes = "launch " .. words.count(#approval.tasks, "agent"),
      no = "not now",
    }, function(agreed)
      if agreed then
        edits.save_plan(path)
        local approved = vim.tbl_extend("force", argument, { approved = approval.approved })
        server.execute(client, protocol.commands.launch, approved)
      end
    end)
  end, function(failure)
    -- A server before 0.4 asks by itself.
    if failure.code == vim.lsp.protocol.ErrorCodes.MethodNotFound then
      server.execute(client, protocol.commands.launch, argument)
      return true
    end
  end)
end

--- Carries `agentServer.launch` out, for lenses and code actions.
---@param argument agent_server.LaunchArgument
---@param context lsp.HandlerContext
function M.on_command(argument, context)
  M.launch(assert(vim.lsp.get_client_by_id(context.client_id)), argument)
  require("agent_server.lenses").again(context.bufnr)
end

return M
