-- A question in a floating window: what would happen, and two keys. Nothing happens without a yes.

local rows = require("agent_server.rows")
local words = require("agent_server.words")

local M = {}

local WIDEST = 100

--- What a person is asked.
---@class agent_server.Question
---@field title string What it is about, in a few words.
---@field rows agent_server.Chunk[][] All that there is to know.
---@field yes string What a yes does, in a few words.
---@field no string What a no does.

--- The keys of a question, for the lower border of its window.
---@param question agent_server.Question
---@param is_whole boolean Whether all of it can be seen at once.
---@return agent_server.Chunk[]
local function footer(question, is_whole)
  local scroll = is_whole and {} or { { "<C-d>", "AgentServerKey" }, { " more  " } }
  return vim.list_extend(
    { { " " } },
    vim.list_extend(scroll, {
      { "y", "AgentServerKey" },
      { " " .. question.yes .. "  " },
      { "q", "AgentServerKey" },
      { " " .. question.no .. " " },
    })
  )
end

--- Open a window over the others that holds a question's buffer.
---@param buffer integer
---@param question agent_server.Question
---@return integer window
local function open(buffer, question)
  local width = math.max(20, math.min(WIDEST, vim.o.columns - 4))
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = "editor",
    row = 1,
    col = math.floor((vim.o.columns - width) / 2),
    width = width,
    height = 1,
    style = "minimal",
    border = vim.o.winborder ~= "" and vim.o.winborder or "rounded",
    title = (" %s "):format(question.title),
    title_pos = "center",
  })
  vim.wo[window].wrap, vim.wo[window].linebreak, vim.wo[window].breakindent = true, true, true
  vim.wo[window].winhighlight = "NormalFloat:Normal"
  local text = vim.api.nvim_win_text_height(window, {}).all
  local height = math.max(1, math.min(text, vim.o.lines - 6))
  vim.api.nvim_win_set_config(window, {
    relative = "editor",
    row = math.max(0, math.floor((vim.o.lines - height) / 2) - 2),
    col = math.floor((vim.o.columns - width) / 2),
    height = height,
    footer = footer(question, text <= height),
    footer_pos = "center",
  })
  return window
end

--- Forget what was typed and not read yet: it was meant for something else, and must not be the answer.
local function discard_typed()
  while vim.fn.getchar(0) ~= 0 do
  end
end

--- Ask, and call `answered` once: with true after a yes, and with false however else the window was closed.
---@param question agent_server.Question
---@param answered fun(agreed: boolean)
function M.ask(question, answered)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.bo[buffer].bufhidden, vim.bo[buffer].filetype = "wipe", "agent_server_question"
  local indented = vim.tbl_map(function(row)
    return #row > 0 and vim.list_extend({ { " " } }, row) or row
  end, question.rows)
  rows.put(buffer, indented)
  vim.bo[buffer].modifiable = false
  vim.cmd.stopinsert()
  discard_typed()
  local window = open(buffer, question)
  local done = require("agent_server.status").asking(question.title)

  local agreed = false
  local function close(yes)
    agreed = yes
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_close(window, true)
    end
    if vim.api.nvim_buf_is_valid(buffer) then
      vim.api.nvim_buf_delete(buffer, { force = true }) -- it was moved into another window
    end
  end
  local keys = { y = true, ["<CR>"] = true, q = false, n = false, ["<Esc>"] = false }
  for key, yes in pairs(keys) do
    vim.keymap.set("n", key, function()
      close(yes)
    end, { buffer = buffer, nowait = true, desc = yes and question.yes or question.no })
  end
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = buffer,
    once = true,
    callback = function()
      vim.schedule(function()
        done()
        answered(agreed)
      end)
    end,
  })
end

--- The text of a message as rows, each of which may be a paragraph of its own.
local function paragraphs(message)
  return vim.tbl_map(function(line)
    return { { words.line(line) } }
  end, vim.split(message, "\n"))
end

--- Handles `window/showMessageRequest`: what the server asks before it does what cannot be taken back.
---@param params lsp.ShowMessageRequestParams
---@param context lsp.HandlerContext
---@return lsp.MessageActionItem|vim.NIL
function M.on_request(params, context)
  local actions, waiting, is_main = params.actions or {}, coroutine.running()
  if #actions ~= 2 or not waiting or is_main then
    return vim.lsp.handlers["window/showMessageRequest"](nil, params, context)
  end
  local text = paragraphs(params.message)
  local question = { title = "Agent Server asks", rows = text, yes = actions[1].title, no = actions[2].title }
  M.ask(question, function(agreed)
    coroutine.resume(waiting, agreed and actions[1] or vim.NIL)
  end)
  return coroutine.yield()
end

return M
