-- The window of plans and runs as rows: plans, their waves, their tasks. Pure: reports in, rows out.

local rows = require("agent_server.rows")
local status = require("agent_server.status")
local words = require("agent_server.words")

local M = {}

--- What is known of a plan: from the list of plans, from its last run, or from both.
---@class agent_server.KnownPlan
---@field client_id integer
---@field uri string
---@field path string Relative to its workspace, or as a whole.
---@field plan? agent_server.PlanReport
---@field run? agent_server.RunReport
---@field seconds number For how long the run has been going on.

--- A row of the window, and what it stands for.
---@class agent_server.TreeRow
---@field chunks agent_server.Chunk[]
---@field key string What it stays the same by when rows come and go.
---@field fold string Its level, as 'foldexpr' gives it.
---@field known? agent_server.KnownPlan
---@field task? string
---@field steps? agent_server.RunStep[]

--- The keys that take a step, by its way. What needs the most courage is chosen from a list.
local STEP_KEYS = { retry = "R", land = "A", repair = "M", discard = "D", undo = "U" }

local WIDEST = 24 -- of a column

--- One task as it is shown: from the plan, from the run, or from both.
---@class agent_server.ShownTask
---@field id string
---@field title string
---@field group string Under which heading it stands.
---@field minutes? number
---@field planned? agent_server.PlannedTask
---@field report? agent_server.TaskReport

local function group_of(planned)
  if planned.status == "done" then
    return "Done"
  elseif planned.status == "skip" then
    return "Skipped"
  end
  return planned.wave and ("Wave %d"):format(planned.wave) or "On a cycle"
end

---@param known agent_server.KnownPlan
---@return agent_server.ShownTask[]
local function tasks_of(known)
  local found, reports = {}, {}
  for _, report in ipairs(known.run and known.run.tasks or {}) do
    reports[report.id] = report
  end
  for _, planned in ipairs(known.plan and known.plan.tasks or {}) do
    found[#found + 1] = {
      id = planned.id,
      title = planned.title,
      group = group_of(planned),
      minutes = planned.minutes,
      planned = planned,
      report = reports[planned.id],
    }
  end
  if not known.plan then
    for _, report in ipairs(known.run.tasks) do
      found[#found + 1] = { id = report.id, title = report.title, group = words.part(known.run), report = report }
    end
  end
  return found
end

--- The groups of tasks in the order of their waves; what is done comes last.
---@param shown agent_server.ShownTask[]
---@return { name: string, tasks: agent_server.ShownTask[] }[]
local function grouped(shown)
  local groups, by_name = {}, {}
  for _, task in ipairs(shown) do
    local group = by_name[task.group]
    if not group then
      group = { name = task.group, tasks = {}, rank = task.planned and task.planned.wave or 10000 }
      if task.group == "Done" or task.group == "Skipped" then
        group.rank = 20000
      end
      groups[#groups + 1], by_name[task.group] = group, group
    end
    table.insert(group.tasks, task)
  end
  table.sort(groups, function(one, other)
    return one.rank < other.rank or (one.rank == other.rank and one.name < other.name)
  end)
  return groups
end

--- What is to say of a task that runs or ran, beside its figures.
---@param report agent_server.TaskReport
local function detail(report)
  local parts = {}
  for _, text in ipairs({ report.activity, report.message }) do
    local says_more = text:lower() ~= words.task_state(report.state) .. "."
    if text ~= "" and says_more then
      parts[#parts + 1] = words.line(text)
    end
  end
  if #parts == 0 and #report.files > 0 then
    parts[1] = words.count(#report.files, "file")
  end
  if #report.undeclared > 0 then
    parts[#parts + 1] = words.count(#report.undeclared, "file") .. " outside its own"
  end
  if report.attempt and report.attempt > 1 then
    parts[#parts + 1] = ("attempt %d"):format(report.attempt)
  end
  return table.concat(parts, " · ")
end

--- The columns of a task that runs or ran, and their widths over all of them.
---@param task agent_server.ShownTask
---@return string[]
local function columns(task)
  local report = task.report
  if not report then
    return { words.line(task.id) }
  end
  local seconds = report.seconds > 0 and words.span(report.seconds) or ""
  return { words.line(task.id), words.task_state(report.state), seconds, words.cost(report) or "" }
end

---@param task agent_server.ShownTask
---@param widths integer[]
---@return agent_server.Chunk[]
local function task_chunks(task, widths)
  local cells = {}
  for index, text in ipairs(columns(task)) do
    cells[index] = rows.pad(text, widths[index] > 0 and widths[index] + 2 or 0)
  end
  local report = task.report
  if not report then
    local minutes = task.minutes and task.group ~= "Done" and words.minutes(task.minutes) or ""
    return {
      { task.group == "Done" and "    ✔ " or "      ", "AgentServerDone" },
      { cells[1], "AgentServerTask" },
      { minutes ~= "" and minutes .. "  " or "", "AgentServerDim" },
      { words.line(task.title), "AgentServerDim" },
    }
  end
  local sign, group = unpack(words.task_signs[report.state] or { "?", "AgentServerDim" })
  return {
    { "    " .. sign .. " ", group },
    { cells[1], "AgentServerTask" },
    { cells[2], group },
    { cells[3] .. cells[4], "AgentServerDim" },
    { detail(report) },
  }
end

--- How a plan stands: its run, or else what there is to run.
---@param known agent_server.KnownPlan
---@return agent_server.Chunk
local function standing(known)
  local plan, run = known.plan, known.run
  local over = run and (run.state == "undone" or run.state == "discarded")
  if run and not (over and plan) then
    local text, group = status.words(run, known.seconds)
    return { text, group }
  elseif plan and plan.errors > 0 then
    return { words.count(plan.errors, "error"), "AgentServerFailed" }
  elseif plan and plan.waves > 0 then
    local faster = plan.speedup > 1 and (" · %.1fx"):format(plan.speedup) or ""
    return { words.count(plan.waves, "wave") .. faster, "AgentServerDim" }
  end
  return { "nothing left to run", "AgentServerDim" }
end

---@param steps agent_server.RunStep[]
---@return agent_server.Chunk[]
local function step_chunks(steps)
  local chunks = { { "  → ", "AgentServerHeld" } }
  for index, step in ipairs(steps) do
    local key = STEP_KEYS[step.way]
    vim.list_extend(chunks, {
      { index > 1 and "   " or "" },
      { key and key .. " " or "", "AgentServerKey" },
      { words.line(step.title) },
    })
  end
  return chunks
end

--- What a plan's run, or what keeps it from one, has to say beside figures.
---@param known agent_server.KnownPlan
---@return agent_server.Chunk[][]
local function remarks(known)
  local found = {}
  local run, plan = known.run, known.plan
  if run and run.message ~= "" and not (run.state == "running" or run.state == "preparing") then
    found[#found + 1] = { { "  " .. words.line(run.message), words.run_states[run.state][2] } }
  end
  for _, warning in ipairs(run and run.warnings or {}) do
    found[#found + 1] = { { "  " .. words.line(warning), "AgentServerHeld" } }
  end
  if plan and plan.blocked then
    found[#found + 1] = { { "  " .. words.line(plan.blocked), "AgentServerFailed" } }
  end
  return found
end

---@param known agent_server.KnownPlan
---@param widths integer[] Of the columns of tasks.
---@param add fun(row: agent_server.TreeRow)
local function plan_rows(known, widths, add)
  local title = known.plan and known.plan.title ~= "" and words.line(known.plan.title) or nil
  add({
    key = known.uri,
    fold = ">1",
    known = known,
    chunks = {
      { title or words.line(known.path), "AgentServerTitle" },
      { title and "  " .. words.line(known.path) .. "  " or "  ", "AgentServerDim" },
      standing(known),
    },
  })
  for index, chunks in ipairs(remarks(known)) do
    add({ key = known.uri .. "#" .. index, fold = "1", known = known, chunks = chunks })
  end
  local steps = known.run and known.run.steps
  if steps then
    add({ key = known.uri .. "#steps", fold = "1", known = known, steps = steps, chunks = step_chunks(steps) })
  end
  for _, group in ipairs(grouped(tasks_of(known))) do
    local heading =
      { { "  " .. group.name, "AgentServerLabel" }, { "  " .. words.count(#group.tasks, "task"), "AgentServerDim" } }
    add({ key = known.uri .. "#" .. group.name, fold = ">2", known = known, chunks = heading })
    for _, task in ipairs(group.tasks) do
      add({
        key = known.uri .. "#task " .. task.id,
        fold = "2",
        known = known,
        task = task.id,
        chunks = task_chunks(task, widths),
      })
    end
  end
end

--- All rows.
---@param plans agent_server.KnownPlan[]
---@return agent_server.TreeRow[]
function M.rows(plans)
  local found, widths = {}, { 0, 0, 0, 0 }
  for _, known in ipairs(plans) do
    for _, task in ipairs(tasks_of(known)) do
      for index, text in ipairs(columns(task)) do
        widths[index] = math.min(WIDEST, math.max(widths[index], vim.api.nvim_strwidth(text)))
      end
    end
  end
  for _, known in ipairs(plans) do
    plan_rows(known, widths, function(row)
      found[#found + 1] = row
    end)
  end
  return found
end

return M
