-- Which files may be plans: as far as their paths tell. What they say the server looks at.
--
-- Paths are compared piece by piece, for `vim.glob` takes seconds for one that a stranger has made for it.

local M = {}

--- A glob as patterns of Lua, one for each piece; `**` stands for itself.
---@param glob string In lower case, without braces.
---@return string[]
local function pieces_of(glob)
  return vim.tbl_map(function(piece)
    return piece == "**" and piece or ("^%s$"):format(vim.pesc(piece):gsub("%%%*", ".*"):gsub("%%%?", "."))
  end, vim.split(glob, "/"))
end

--- Whether the pieces of a path are those of a glob. The nearest place that fits behind a `**` is as good as any.
---@param glob string[]
---@param path string[]
local function matches(glob, path)
  local at, here, star, tried = 1, 1, nil, 1
  while here <= #path do
    if glob[at] == "**" then
      star, tried, at = at, here, at + 1
    elseif glob[at] and path[here]:find(glob[at]) then
      at, here = at + 1, here + 1
    elseif star then
      tried = tried + 1
      at, here = star + 1, tried
    else
      return false
    end
  end
  return at > #glob
end

--- The globs without braces that a glob stands for.
---@param glob string
---@return string[]
local function spellings(glob)
  local before, choices, behind = glob:match("^(.-){([^{}]*)}(.*)$")
  if not before then
    return { glob }
  end
  return vim
    .iter(vim.split(choices, ","))
    :map(function(choice)
      return spellings(before .. choice .. behind)
    end)
    :flatten()
    :totable()
end

--- The user's own globs, anywhere below a folder, as the server has them.
local function own()
  local plans = vim.tbl_get(vim.lsp.config.agent_server or {}, "init_options", "plans") or {}
  local globs = vim.iter(vim.tbl_values(plans)):flatten():map(function(glob)
    return spellings("**/" .. tostring(glob):lower():gsub("^%*%*/", ""):gsub("^/+", ""))
  end)
  return globs:flatten():totable()
end

---@type string[][]
local everywhere

--- Whether a file may be a plan.
---@param path string
---@return boolean
function M.is_plan(path)
  everywhere = everywhere or vim.tbl_map(pieces_of, require("agent_server.places"))
  local pieces = vim.split(vim.fs.normalize(path):lower(), "/", { trimempty = true })
  local function is_meant(glob)
    return matches(glob, pieces)
  end
  return vim.iter(everywhere):any(is_meant) or vim.iter(own()):map(pieces_of):any(is_meant)
end

return M
