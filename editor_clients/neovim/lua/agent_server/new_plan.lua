-- A new plan: a file of the right name, and a snippet to fill in.

local M = {}

--- How projects are verified, by a file in their folder; the first that is there tells.
local VERIFYING = {
  { "package.json", "npm test" },
  { "Cargo.toml", "cargo test" },
  { "go.mod", "go test ./..." },
  { "pyproject.toml", "pytest" },
  { "Makefile", "make test" },
}

local function verifying()
  for _, entry in ipairs(VERIFYING) do
    if vim.uv.fs_stat(entry[1]) then
      return entry[2]
    end
  end
  return "make test"
end

--- A title for the plan of this name.
local function title_of(name)
  local words = vim.fs.basename(name):gsub("[-_]+", " ")
  return words:sub(1, 1):upper() .. words:sub(2)
end

--- A place to fill in, for a snippet.
local function place(number, text)
  return ("${%d:%s}"):format(number, (text:gsub("[\\$}]", "\\%0")))
end

---@param title string
---@return string # A snippet, as of LSP.
local function template(title)
  return table.concat({
    "---",
    "verify: " .. place(1, verifying()),
    "---",
    "# " .. place(2, title),
    "",
    place(3, "What all agents need to know: the goal, the conventions, what is there already."),
    "",
    "## " .. place(4, "first") .. ": " .. place(5, "What the first agent does"),
    "- writes: `" .. place(6, "path/of/a-file") .. "`",
    "",
    place(7, "What it should do. It sees this and the text at the top, and nothing of the other tasks."),
    "",
    "## " .. place(8, "second") .. ": " .. place(9, "What the second agent does"),
    "- writes: `" .. place(10, "path/of/another") .. "`",
    "",
    place(11, "Both work at the same time. One that has to wait says so in a field: needs."),
  }, "\n")
end

--- Open a plan of that name; one that is there already is opened as it is.
---@param name? string With or without `.plan.md`; without a name the user is asked for one.
function M.open(name)
  if not name then
    return vim.ui.input({ prompt = "Name of the plan: " }, function(said)
      if said and vim.trim(said) ~= "" then
        M.open(vim.trim(said))
      end
    end)
  end
  local bare = name:gsub("%.plan%.md$", ""):gsub("%s+", "-")
  vim.cmd.edit({ args = { bare .. ".plan.md" }, magic = { file = false, bar = false } })
  if vim.api.nvim_buf_line_count(0) == 1 and vim.api.nvim_get_current_line() == "" then
    vim.snippet.expand(template(title_of(bare)))
  end
end

return M
