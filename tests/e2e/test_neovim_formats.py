"""Plans of other tools in the real Neovim: known by where they lie, mended, launched and ticked off like our own."""

import json
from collections.abc import Callable

import pytest

from tests.e2e.neovim import Neovim, until
from tests.e2e.search_plan import SEARCH, search_plan, settings_of_search
from tests.e2e.site import Site

SIGNS = (
    "local space = vim.api.nvim_get_namespaces()['agent_server.signs']"
    " return vim.tbl_map(function(mark) return mark[2] end, vim.api.nvim_buf_get_extmarks(0, space, 0, -1, {}))"
)


def test_a_plan_of_spec_kit_is_mended_launched_and_ticked_off(start_neovim: Callable[..., Neovim], site: Site) -> None:
    plan = search_plan(site.root)
    nvim = start_neovim(**settings_of_search())
    nvim.edit(plan.relative_to(site.root))
    until(lambda: any(each["code"] == "write-conflict" for each in nvim.diagnostics()))
    conflict = next(each for each in nvim.diagnostics() if each["code"] == "write-conflict")
    marked = nvim.lines()[conflict["lnum"]]
    assert marked[conflict["col"] : conflict["end_col"]] == "[P]"
    nvim.lua(
        f"vim.api.nvim_win_set_cursor(0, {{ {conflict['lnum'] + 1}, {conflict['col'] + 1} }})"
        "vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title:find('^Take') ~= nil end })"
    )
    until(lambda: not any(each["code"] == "write-conflict" for each in nvim.diagnostics()))
    assert "\n".join(nvim.lines()).count("[P]") == 1
    nvim.command("write")

    nvim.command("AgentServer launch")
    assert "T001" in nvim.agree()
    until(lambda: "landed" in nvim.states())
    until(lambda: nvim.lines()[6] == SEARCH.splitlines()[6].replace("[ ]", "[x]"))
    until(lambda: "- [x] T001" in plan.read_text())
    until(lambda: nvim.lua(SIGNS) == [6], lambda: str(nvim.lua(SIGNS)))
    assert (site.root / "src/words.py").is_file()


@pytest.mark.parametrize(
    ("path", "is_plan"),
    [
        ("specs/001-search/tasks.md", True),
        ("Docs/Superpowers/Plans/search.MD", True),
        (".beads/issues.jsonl", True),
        ("prd.json", True),
        ("features/{b}/todo.md", False),
        ("features/b/todo.md", True),
        ("README.md", False),
        ("docs/plan.md", False),
        ("package.json", False),
    ],
)
def test_files_that_may_be_plans_are_known_by_their_paths(
    fresh: Neovim, quiet_site: Site, path: str, is_plan: bool
) -> None:
    fresh.lua(
        "vim.lsp.config('agent_server', { init_options = { plans = { ['spec-kit'] = { 'features/{a,b}/*.md' } } } })"
    )
    asked = json.dumps(str(quiet_site.root / path))
    assert fresh.lua(f"return require('agent_server.formats').is_plan({asked})") is is_plan


def test_places_that_are_added_count_after_a_restart_for_files_that_are_open(fresh: Neovim, quiet_site: Site) -> None:
    plan = quiet_site.root / "features/search/tasks.md"
    plan.parent.mkdir(parents=True)
    plan.write_text(SEARCH)
    fresh.edit(quiet_site.good_plan)
    fresh.command("edit features/search/tasks.md")
    attached = "return #vim.lsp.get_clients({ name = 'agent_server', bufnr = 0 })"
    assert fresh.lua(attached) == 0
    fresh.lua("vim.lsp.config('agent_server', { init_options = { plans = { ['spec-kit'] = { 'features/*/*.md' } } } })")
    fresh.command("AgentServer restart")
    until(lambda: fresh.lua(attached) == 1)
    until(fresh.diagnostics)


def test_a_path_that_is_made_to_keep_the_editor_busy_does_not(fresh: Neovim) -> None:
    path = "/w/" + "docs/plans/" * 3000
    assert fresh.lua(f"return require('agent_server.formats').is_plan('{path}a.m')") is False
    assert fresh.lua(f"return require('agent_server.formats').is_plan('{path}a.md')") is True
