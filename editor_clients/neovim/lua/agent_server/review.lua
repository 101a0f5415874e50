-- Review of what agents would change, in Neovim's own diff mode: a tab of its own, a file at a time.
--
-- On the left stands what the agent started from, on the right what it proposes. Both are read from the server, so they
-- are the same whatever has happened to the files since.

local documents = require("agent_server.documents")
local keys = require("agent_server.keys")
local protocol = require("agent_server.protocol")
local server = require("agent_server.server")
local words = require("agent_server.words")

local M = {}

---@class agent_server.Review
---@field client vim.lsp.Client
---@field plan string The plan's URI.
---@field task? string The task whose files are reviewed; without one, those of the whole run.
---@field files agent_server.ReviewedFile[]
---@field index integer Which of them is shown.
---@field base? integer The buffer of what stood there before.
---@field proposed? integer The buffer of what is proposed.

--- A file, and whether its agent was allowed to write it.
---@class agent_server.ReviewedFile: agent_server.ProposedFile
---@field undeclared? boolean

--- The review in each tab.
---@type table<integer, agent_server.Review>
local reviews = {}

local KEYS = {
  { "]c [c", "next and previous change, as in any diff" },
  { "]f [f", "next and previous file" },
  { "o", "choose a file" },
  { "x", "leave the change at the cursor out of what lands" },
  { "X", "leave the whole file out" },
  { "q", "close the review" },
  { "g?", "this help" },
}

---@return agent_server.Review?
local function current()
  return reviews[vim.api.nvim_get_current_tabpage()]
end

---@param review agent_server.Review
---@param done fun(files: agent_server.ReviewedFile[])
local function ask_for_files(review, done)
  local asked = { plan = review.plan, task = review.task }
  server.request(review.client, protocol.methods.change_set, asked, function(result)
    local files = result.files
    for _, file in ipairs(result.undeclared or {}) do
      files[#files + 1] = vim.tbl_extend("force", file, { undeclared = true })
    end
    done(files)
  end)
end

local function bar(text)
  return (" " .. words.line(text)):gsub("%%", "%%%%")
end

---@param review agent_server.Review
---@param file agent_server.ReviewedFile
local function heading(review, file)
  local text = ("%d/%d  %s · %s by %s"):format(review.index, #review.files, file.path, file.kind, file.task)
  local lands = file.undeclared and "%#AgentServerHeld# · never lands%*" or ""
  return bar(text) .. lands .. "%= g? keys "
end

--- Show a document as a side of the diff in the current window.
---@param review agent_server.Review
---@param uri string
---@param winbar string
---@param done fun()
---@return integer buffer
local function side(review, uri, winbar, done)
  local window = vim.api.nvim_get_current_win()
  local buffer = documents.read(review.client, uri, function(buffer)
    -- Another file may be shown by now, or another tab.
    if vim.api.nvim_win_is_valid(window) and vim.api.nvim_win_get_buf(window) == buffer then
      vim.api.nvim_win_call(window, vim.cmd.diffthis)
      done()
    end
  end)
  vim.api.nvim_win_set_buf(window, buffer)
  vim.wo[window][0].winbar = winbar
  M.attach(buffer, review.plan)
  return buffer
end

--- Show the file at `review.index` in the current tab.
---@param review agent_server.Review
---@param line? integer From where on to look for a change, on which the cursor is put; without it, from the top.
local function show(review, line)
  local file = review.files[review.index]
  vim.cmd("silent only")
  vim.cmd.diffoff()
  local left, window = file.base and 2 or 1, nil
  local function go_to_change()
    vim.cmd.diffupdate()
    local at = math.min(line or 1, vim.api.nvim_buf_line_count(0))
    vim.api.nvim_win_set_cursor(0, { at, 0 })
    if file.base and vim.fn.diff_hlID(at, 1) == 0 then
      vim.cmd("silent! normal! ]c")
    end
  end
  local function loaded()
    left = left - 1
    if left == 0 and vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_call(window, go_to_change)
    end
  end
  review.base = file.base and side(review, file.base, bar("before: " .. file.path), loaded)
  if file.base then
    vim.cmd("rightbelow vertical split")
  end
  window = vim.api.nvim_get_current_win()
  review.proposed = side(review, file.proposed, heading(review, file), loaded)
end

--- Review what a task, or all of a plan's last run, would change.
---@param client vim.lsp.Client
---@param plan string The plan's URI.
---@param task? string
function M.open(client, plan, task)
  local review = { client = client, plan = plan, task = task, index = 1, files = {} }
  ask_for_files(review, function(files)
    if #files == 0 then
      return server.tell("no file is changed")
    end
    review.files = files
    for tab in pairs(reviews) do
      if not vim.api.nvim_tabpage_is_valid(tab) then
        reviews[tab] = nil
      end
    end
    vim.cmd.tabnew()
    vim.bo.bufhidden = "wipe"
    reviews[vim.api.nvim_get_current_tabpage()] = review
    show(review)
  end)
end

--- Show the next file, or with -1 the previous one.
---@param step integer
function M.go(step)
  local review = current()
  if review then
    review.index = (review.index - 1 + step) % #review.files + 1
    show(review)
  end
end

--- Have the user choose one of the files.
function M.choose()
  local review = current()
  if not review then
    return
  end
  vim.ui.select(review.files, {
    prompt = "Review",
    format_item = function(file)
      return ("%s: %s %s"):format(file.task, file.kind, words.line(file.path))
    end,
  }, function(_, index)
    -- Whoever has left the tab meanwhile keeps the windows of the other one.
    if index and current() == review then
      review.index = index
      show(review)
    end
  end)
end

--- Close the review in the current tab.
function M.close()
  reviews[vim.api.nvim_get_current_tabpage()] = nil
  vim.cmd(#vim.api.nvim_list_tabpages() > 1 and "tabclose" or "silent only | enew")
end

--- The id of the change at the cursor, on whichever side that is.
---@param review agent_server.Review
---@param file agent_server.ReviewedFile
---@return string?
local function hunk_at_cursor(review, file)
  local name = vim.api.nvim_get_current_buf() == review.base and "base" or "proposed"
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, hunk in ipairs(file.hunks or {}) do
    local lines = hunk[name]
    if lines.start <= line and line < math.max(lines["end"], lines.start + 1) then
      return hunk.id
    end
  end
end

--- Show what is left after something was left out.
---@param review agent_server.Review
---@param path string
---@param line integer
local function show_rest(review, path, line)
  ask_for_files(review, function(files)
    if current() ~= review then
      return
    end
    if #files == 0 then
      server.tell("nothing is left to review")
      return M.close()
    end
    review.files = files
    local same = vim.iter(ipairs(files)):find(function(_, file)
      return file.path == path
    end)
    review.index = same or math.min(review.index, #files)
    show(review, same and line)
  end)
end

--- Leave the change at the cursor, or all of the file, out of what lands; then show what is left.
---@param whole boolean
function M.drop(whole)
  local review = current()
  if not review then
    return server.tell("this is for a review: open one with :AgentServer review", vim.log.levels.WARN)
  end
  local file = review.files[review.index]
  if file.undeclared then
    return server.tell(file.path .. " lies outside the task's files, so it never lands", vim.log.levels.WARN)
  end
  local hunk = not whole and hunk_at_cursor(review, file) or nil
  if not whole and not hunk then
    return server.tell("there is no change at the cursor", vim.log.levels.WARN)
  end
  local line = vim.api.nvim_win_get_cursor(0)[1]
  local argument = { uri = review.plan, task = file.task, path = file.path, hunks = hunk and { hunk } }
  server.execute(review.client, protocol.commands.drop_changes, argument, function()
    show_rest(review, file.path, line)
  end)
end

local function help()
  keys.show("Keys", KEYS)
end

--- Give a side of the diff its keys, and the command of the plan.
---@param buffer integer
---@param plan string The plan's URI.
function M.attach(buffer, plan)
  local function key(keys, desc, run)
    vim.keymap.set("n", keys, run, { buffer = buffer, nowait = true, desc = desc })
  end
  key("]f", "Next file", function()
    M.go(1)
  end)
  key("[f", "Previous file", function()
    M.go(-1)
  end)
  key("o", "Choose a file", M.choose)
  key("x", "Leave the change at the cursor out of what lands", function()
    M.drop(false)
  end)
  key("X", "Leave the whole file out of what lands", function()
    M.drop(true)
  end)
  key("q", "Close the review", M.close)
  key("g?", "Keys of the review", help)
  vim.b[buffer].agent_server_plan = plan
  require("agent_server.commands").attach(buffer)
end

--- Carries `agentServer.showChanges` out, for lenses: here changes are shown as diffs.
---@param argument agent_server.ShowChangesArgument
---@param context lsp.HandlerContext
function M.on_command(argument, context)
  M.open(assert(vim.lsp.get_client_by_id(context.client_id)), argument.uri, argument.task)
  require("agent_server.lenses").again(context.bufnr)
end

return M
