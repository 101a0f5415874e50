"""What the real Neovim shows of runs: the window of runs, signs, the statusline."""

from collections.abc import Callable

from tests.e2e.neovim import Neovim, until
from tests.e2e.site import Site
from tests.e2e.two_agents import UNVERIFIED, Gate, plan_of_two, settings_of_two

STATUS = "return require('agent_server').status()"
SIGNS = (
    "local space, found = vim.api.nvim_get_namespaces()['agent_server.signs'], {{}}"
    " for _, mark in ipairs(vim.api.nvim_buf_get_extmarks({buffer}, space, 0, -1, {{ details = true }})) do"
    "   local line = vim.api.nvim_buf_get_lines({buffer}, mark[2], mark[2] + 1, false)[1]"
    "   found[line:match('^## (%w+)')] = vim.trim(mark[4].sign_text)"
    " end return found"
)
CLOSED = (
    "return vim.iter(vim.fn.range(1, vim.fn.line('$')))"
    ":filter(function(line) return vim.fn.foldclosed(line) == line end):map(vim.fn.getline):totable()"
)
TREE = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('agent-server://runs'), 0, -1, false)"


def tree(nvim: Neovim) -> list[str]:
    found: list[str] = nvim.lua(TREE)
    return found


def row_of(nvim: Neovim, task: str) -> str:
    """The task's row, in the first plan that has it: a plan that runs, or did just now, stands above the others."""
    return next((line for line in tree(nvim) if f" {task} " in line), "")


def go_to(nvim: Neovim, text: str) -> None:
    """Put the cursor of the window of runs on the row with this text."""
    until(lambda: any(text in line for line in tree(nvim)), lambda: "\n".join(tree(nvim)))
    nvim.lua(f"vim.cmd('AgentServer runs') vim.fn.search([==[{text}]==])")


def test_the_window_follows_a_run_and_leaves_the_cursor_alone(
    start_neovim: Callable[..., Neovim], site: Site, gate: Gate
) -> None:
    plan_of_two(site, UNVERIFIED)
    nvim = start_neovim(**settings_of_two(gate))
    nvim.edit(site.root / "two.plan.md")
    plan = nvim.lua("return vim.api.nvim_get_current_buf()")
    signs = SIGNS.format(buffer=plan)
    nvim.command("AgentServer launch")
    nvim.agree()
    until(lambda: nvim.lua(STATUS).startswith("Wave 1 · 0/2"))
    until(lambda: nvim.lua(signs) == {"mine": "●", "theirs": "●"})
    until(lambda: nvim.lua("return _G.progress")[:1] == ["begin"])
    nvim.command("AgentServer runs")
    until(lambda: "● " in row_of(nvim, "mine"))
    go_to(nvim, "theirs  ")
    nvim.press("za")
    assert nvim.lua("return vim.fn.foldclosed('.')") != -1
    before = tree(nvim)
    until(lambda: tree(nvim) != before)  # the seconds go on
    assert nvim.lua("return vim.fn.foldclosed('.')") != -1, "what is folded stays so"
    gate.open()
    until(lambda: "landed" in row_of(nvim, "theirs"))
    nvim.press("zR")
    assert " theirs " in nvim.lua("return vim.api.nvim_get_current_line()")
    until(lambda: nvim.lua(signs) == {"mine": "✔", "theirs": "✔"})
    until(lambda: nvim.lua("return _G.progress")[-1] == "end")
    nvim.press("q")
    assert nvim.lua("return vim.fn.bufnr('agent-server://runs')") == -1
    until(lambda: nvim.lua(STATUS).startswith("Wave 1 · landed"))


def test_what_is_folded_in_a_plan_stays_so_when_its_heading_changes(held: Neovim) -> None:
    held.command("AgentServer runs")
    heading = "  Wave 1  2 tasks"
    go_to(held, heading)
    held.press("za")
    for title in ("Two agents", "Three", "Four", "Five"):
        entitle = (
            "local session = require('agent_server.session').all()[1]"
            " for _, plan in ipairs(session.plans) do"
            f"   if vim.endswith(plan.uri, 'two.plan.md') then plan.title = '{title}' end"
            " end"
            " vim.api.nvim_exec_autocmds('User',"
            " { pattern = 'AgentServerPlans', data = { client_id = session.client_id } })"
        )
        until(lambda: held.lua(entitle) or any(line.startswith(title) for line in tree(held)))  # noqa: B023
        assert held.lua(CLOSED) == [heading]


def test_what_is_folded_stays_so_wherever_its_rows_go(held: Neovim) -> None:
    held.command("AgentServer runs")
    # Until the plans have been listed, rows are those that runs alone tell of: without titles.
    list_plans = (
        "local session = require('agent_server.session').all()[1]"
        " _G.listed = _G.listed or session.plans session.plans = {plans}"
        " vim.api.nvim_exec_autocmds('User',"
        " {{ pattern = 'AgentServerPlans', data = {{ client_id = session.client_id }} }})"
    )

    def has_title() -> bool:
        return any(line.startswith("Two agents") for line in tree(held))

    until(has_title)
    for heading in ("  Wave 1  2 tasks", "two.plan.md"):  # the second around the first
        go_to(held, heading)
        held.press("za")
        for plans in ("{}", "_G.listed"):
            until(lambda plans=plans: held.lua(list_plans.format(plans=plans)) or has_title() == (plans != "{}"))  # type: ignore[misc]
            assert [heading in line for line in held.lua(CLOSED)] == [True]
    held.press("zo")
    assert held.lua(CLOSED) == ["  Wave 1  2 tasks"], "what was folded in it"


def test_an_answer_about_plans_that_comes_late_takes_back_nothing_that_was_told_of_a_run(held: Neovim) -> None:
    held.lua(
        "local client = vim.lsp.get_clients()[1]"
        " local request = client.request"
        " client.request = function(self, method, params, handler, ...)"
        "   if method ~= 'agentServer/plans' then return request(self, method, params, handler, ...) end"
        "   return request(self, method, params, function(...)"
        "     local answer = { ... }"
        "     _G.read = function() handler(unpack(answer)) end"
        "   end, ...)"
        " end"
        " require('agent_server.session').on_plans_changed({}, { client_id = client.id })"
    )
    until(lambda: held.lua("return _G.read ~= nil"))
    held.command("AgentServer discard")
    held.agree()
    until(lambda: "discarded" in held.states())
    held.lua("_G.read()")
    assert held.lua("return require('agent_server').run().state") == "discarded"


def test_keys_decide_about_what_the_cursor_is_on(held: Neovim, site: Site) -> None:
    until(lambda: held.lua(STATUS).startswith("Wave 1 · needs you · "))
    assert held.lua("return require('agent_server').status({ highlight = true })").startswith(
        "%#AgentServerHeld#Wave 1 · needs you"
    )
    held.command("AgentServer runs")
    until(lambda: "held" in row_of(held, "mine"))
    go_to(held, "mine  ")
    held.press("g?")
    assert "retry the task" in held.floating()
    held.press("q")
    held.press("V")
    until(lambda: "mine.txt" in held.lua("return vim.wo.winbar"))
    held.press("q")
    go_to(held, "theirs  ")
    held.press("A")
    until((site.root / "theirs.txt").exists)
    until(lambda: "landed" in row_of(held, "theirs") and held.states()[-1] == "held")
    go_to(held, "mine  ")
    held.lua("vim.ui.input = function(options, done) done('Be kind.') end")
    held.press("R")
    until(lambda: "kind" in (site.root / "mine.txt").read_text())
    until(lambda: "attempt 2" in row_of(held, "mine"))
    go_to(held, "mine  ")
    held.press("<CR>")
    assert held.lua("return vim.api.nvim_get_current_line()") == "## mine: Write my file"


def test_a_second_neovim_sees_the_run_of_the_first_and_decides_about_it(
    start_neovim: Callable[..., Neovim], held: Neovim, site: Site
) -> None:
    other = start_neovim(**settings_of_two())
    other.command("AgentServer runs")
    until(lambda: "held" in row_of(other, "mine"))
    assert other.lua("return #vim.lsp.get_clients()") == 1, "no plan is open there"
    other.edit(site.root / "two.plan.md")
    until(lambda: other.lua(STATUS).startswith("Wave 1 · needs you"))
    until(lambda: other.lua(SIGNS.format(buffer=0)) == {"mine": "◆", "theirs": "◆"})

    held.lua(
        "_G.heard = {}"
        " vim.api.nvim_create_autocmd('User', { pattern = 'AgentServerRun', callback = function(event)"
        "   table.insert(_G.heard, { event.data.before, event.data.run.state })"
        " end })"
    )
    other.command("AgentServer discard")
    other.agree()
    until(lambda: ["held", "discarded"] in held.lua("return _G.heard"))
    until(lambda: held.lua(SIGNS.format(buffer=0)) in ({}, []))
