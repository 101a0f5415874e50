"""The user goes on while an answer is on its way: what then comes finds another window, another tab, or nobody."""

import sys
from pathlib import Path

from tests.e2e.neovim import Neovim, until
from tests.e2e.site import Site
from tests.e2e.test_neovim_runs import go_to

ASK = (
    "require('agent_server.question').ask({ title = 'T', rows = { { { 'Sure?' } } }, yes = 'yes', no = 'no' },"
    " function(agreed) _G.agreed = agreed end)"
)
WINDOWS = "return vim.tbl_map(function(each) return vim.fn.bufname(vim.api.nvim_win_get_buf(each)) end,"
WINDOWS_HERE = WINDOWS + " vim.api.nvim_tabpage_list_wins(0))"

DEAF = """
import json, sys
def read():
    headers = dict(line.split(b": ") for line in iter(sys.stdin.buffer.readline, b"\\r\\n"))
    return json.loads(sys.stdin.buffer.read(int(headers[b"Content-Length"])))
answer = json.dumps({"jsonrpc": "2.0", "id": read()["id"], "result": {"capabilities": {}}})
sys.stdout.write(f"Content-Length: {len(answer)}\\r\\n\\r\\n{answer}")
sys.stdout.flush()
while True:
    read()
"""


def test_a_review_leaves_the_windows_of_other_tabs_alone(held: Neovim) -> None:
    held.lua("vim.api.nvim_win_set_cursor(0, { 9, 0 })")
    held.lua(
        "vim.api.nvim_create_autocmd('TabNewEntered', { once = true, callback = function()"
        "   vim.schedule(vim.cmd.tabprevious)"
        " end })"
    )
    held.command("AgentServer review mine")
    in_review = "vim.api.nvim_tabpage_list_wins(vim.api.nvim_list_tabpages()[2])"
    compared = f"return vim.tbl_map(function(each) return vim.wo[each].diff end, {in_review})"
    until(lambda: held.lua("return #vim.api.nvim_list_tabpages()") == 2 and held.lua(compared) == [True, True])
    assert held.lua("return vim.fn.tabpagenr()") == 1
    assert held.lua("return vim.fn.line('.')") == 9
    assert held.lua("return vim.wo.diff") is False

    held.command("split README.md")
    held.command("tabnext")
    held.lua("vim.ui.select = function(items, _, choose) _G.choose = function() choose(items[1], 1) end end")
    held.press("o")
    held.command("tabprevious")
    held.lua("_G.choose()")
    assert held.lua(WINDOWS_HERE) == ["README.md", "two.plan.md"]


def test_the_window_of_runs_opens_plans_where_files_are(nvim: Neovim, site: Site) -> None:
    plan = site.good_plan.name
    nvim.edit(site.good_plan)
    nvim.command("copen")
    nvim.command("AgentServer runs")
    go_to(nvim, " Link the wiki ")
    nvim.press("<CR>")
    assert nvim.lua("return vim.api.nvim_get_current_line()").startswith("## nav: ")
    assert nvim.lua(WINDOWS_HERE).count(plan) == 1
    assert nvim.lua("return #vim.tbl_filter(function(each) return each.quickfix == 1 end, vim.fn.getwininfo())") == 1


def test_what_was_typed_before_a_question_does_not_answer_it(fresh: Neovim) -> None:
    fresh.lua(f"vim.api.nvim_feedkeys('y', 't', false) {ASK}")
    fresh.press("0")
    assert "Sure?" in fresh.floating()
    fresh.press("y")
    until(lambda: fresh.lua("return _G.agreed") is True)

    fresh.lua(f"local window = vim.api.nvim_get_current_win() {ASK} vim.api.nvim_win_set_buf(window, 0)")
    fresh.command("close")
    fresh.press("n")  # in the window that it was moved to
    until(lambda: fresh.lua("return _G.agreed") is False)


def test_a_server_that_does_not_answer_is_started_anew_all_the_same(nvim: Neovim, site: Site, tmp_path: Path) -> None:
    program = tmp_path / "deaf.py"
    program.write_text(DEAF)
    nvim.lua(f"vim.lsp.config('agent_server', {{ cmd = {{ '{sys.executable}', '{program}' }} }})")
    nvim.edit(site.good_plan)
    nvim.command("AgentServer restart")
    until(lambda: nvim.told()[-1:] == ["Agent Server: restarted"])
