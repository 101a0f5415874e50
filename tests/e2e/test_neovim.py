"""The main job in the real Neovim, with the configuration that its page gives."""

import os
import subprocess
from collections.abc import Callable

from tests.e2e.neovim import CLIENTS, Neovim, until
from tests.e2e.raw_client import ENTRY
from tests.e2e.site import Site
from tests.e2e.two_agents import BASE, UNKIND, UNVERIFIED, Gate, plan_of_two, settings_of_two


def test_a_conflict_is_shown_and_mended_by_a_code_action(fresh: Neovim, quiet_site: Site) -> None:
    fresh.lua(f"vim.cmd.edit('{quiet_site.bad_plan.name}')")
    until(lambda: any(each["code"] == "hot-file" for each in fresh.diagnostics()))
    hot = next(each for each in fresh.diagnostics() if each["code"] == "hot-file")
    assert hot["source"] == "agent-server"
    assert hot["user_data"]["lsp"]["relatedInformation"]
    fresh.lua(
        f"vim.api.nvim_win_set_cursor(0, {{ {hot['lnum'] + 1}, {hot['col'] + 1} }})"
        "vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title:find('integration') ~= nil end })"
    )
    until(lambda: not any(each["code"] == "hot-file" for each in fresh.diagnostics()))


def test_a_wave_is_launched_from_the_lens_and_lands(nvim: Neovim, site: Site) -> None:
    nvim.edit(site.good_plan)
    until(lambda: "Launch wave 1 (5 agents)" in nvim.lenses())
    title_line = nvim.lines().index("# Clay wiki") + 1
    nvim.lua(f"vim.api.nvim_win_set_cursor(0, {{ {title_line}, 0 }}) vim.lsp.codelens.run()")
    assert "5 agents at once" in nvim.agree()
    until(lambda: "landed" in nvim.states())
    assert (site.root / "data/clay_wiki.py").is_file()
    until(lambda: nvim.lines().count("- status: done") == 5)


def test_the_root_is_the_repository(fresh: Neovim, quiet_site: Site) -> None:
    fresh.edit(quiet_site.good_plan)
    assert os.path.realpath(fresh.lua(f"return {CLIENTS}[1].config.root_dir")) == str(quiet_site.root)


def test_the_daemon_serves_it_and_knows_its_name(fresh: Neovim, quiet_site: Site) -> None:
    fresh.lua("vim.cmd.edit('README.md')")
    fresh.edit(quiet_site.good_plan)
    assert fresh.lua("return #vim.lsp.get_clients({ bufnr = vim.fn.bufnr('README.md') })") == 0, "only plans need it"
    status = subprocess.run(
        [*ENTRY, "status"], env=dict(quiet_site.env), capture_output=True, text=True, check=True
    ).stdout
    assert str(quiet_site.root) in status
    assert "editors: Neovim" in status


def test_a_wave_goes_on_in_the_next_neovim(start_neovim: Callable[..., Neovim], site: Site, gate: Gate) -> None:
    plan_of_two(site, UNVERIFIED)
    first = start_neovim(**settings_of_two(gate))
    first.edit(site.root / "two.plan.md")
    first.lua("vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.kind == 'source.launch' end })")
    first.agree()
    until(lambda: "running" in first.states())
    until(lambda: progress(first)[:1] == ["begin"])
    first.close()

    second = start_neovim(**settings_of_two(gate))
    second.edit(site.root / "two.plan.md")
    until(lambda: progress(second)[:1] == ["begin"])
    assert not (site.root / "theirs.txt").exists()
    gate.open()
    until(lambda: "landed" in second.states())
    until(lambda: progress(second)[-1] == "end")
    assert (site.root / "theirs.txt").is_file()
    until(lambda: second.lines().count("- status: done") == 2)


def test_diagnostics_follow_the_files_without_touching_the_plan(nvim: Neovim, site: Site) -> None:
    """Neovim 0.11 pulls them where it can, and then does not hear that there are others."""
    nvim.edit(site.bad_plan)

    def is_missing() -> bool:
        return any(each["code"] == "missing-import" for each in nvim.diagnostics())

    until(is_missing)
    (site.root / "data/claywiki.py").write_text("ENTRIES = []\n")
    until(lambda: not is_missing())


def test_hints_and_symbols_are_shown(fresh: Neovim, quiet_site: Site) -> None:
    fresh.edit(quiet_site.good_plan)
    fresh.lua("vim.lsp.inlay_hint.enable()")
    labels = (
        "return vim.tbl_map(function(hint) return hint.inlay_hint.label end, vim.lsp.inlay_hint.get({ bufnr = 0 }))"
    )
    until(lambda: "capable · 9.4 min" in fresh.lua(labels))
    fresh.lua("vim.lsp.buf.document_symbol()")
    names = "return vim.tbl_map(function(item) return item.text end, vim.fn.getloclist(0))"
    until(lambda: {"[Function] data", "[Function] hub"} <= set(fresh.lua(names)))


def test_a_task_is_renamed_with_what_names_it(nvim: Neovim, site: Site) -> None:
    site.bad_plan.write_text("# P\n\n## a: One\n\nDo it.\n\n## b: Two\n- needs: a\n\nDo it.\n")
    nvim.edit(site.bad_plan)
    nvim.lua("vim.api.nvim_win_set_cursor(0, { 3, 3 }) vim.lsp.buf.rename('first')")
    until(lambda: nvim.lines()[2] == "## first: One")
    assert nvim.lines()[7] == "- needs: first"


def test_what_failed_is_reviewed_tried_again_landed_and_undone(start_neovim: Callable[..., Neovim], site: Site) -> None:
    plan_of_two(site)
    mine = site.root / "mine.txt"
    nvim = start_neovim(**settings_of_two())
    nvim.edit(site.root / "two.plan.md")
    nvim.command("AgentServer launch")
    assert "pair" in nvim.agree()
    until(lambda: "held" in nvim.states())
    of_mine = (
        "return vim.tbl_map(function(each) return each.message end, vim.diagnostic.get(vim.fn.bufadd('mine.txt')))"
    )
    until(lambda: nvim.lua(of_mine))
    assert nvim.lua(of_mine)[0].startswith("unkind words\n")

    nvim.command("AgentServer review mine")
    until(lambda: sides(nvim) == [[True, BASE], [True, UNKIND]])
    until(lambda: nvim.lua("return vim.fn.line('.')") == 2)  # the first change
    nvim.press("x")
    without = BASE.replace("old 19\n", "new\n")
    until(lambda: sides(nvim) == [[True, BASE], [True, without]])
    nvim.press("q")
    assert nvim.lua("return #vim.api.nvim_list_tabpages()") == 1

    nvim.command("AgentServer retry mine Be kind.")
    until(lambda: mine.read_text() == UNKIND.replace("unkind", "kind"))
    until(lambda: nvim.lines().count("- status: done") == 2)
    until(lambda: not nvim.lua(of_mine))
    nvim.command("AgentServer undo")
    assert "`mine` and `theirs` will be open in the plan again" in nvim.agree()
    until(lambda: mine.read_text() == BASE)
    until(lambda: nvim.lines().count("- status: done") == 0)
    nvim.command("AgentServer undo")
    until(lambda: "nothing to undo" in nvim.lua("return require('agent_server.server').said")[-1])


def progress(nvim: Neovim) -> list[str]:
    """The kinds of what was told of progress."""
    found: list[str] = nvim.lua("return _G.progress")
    return found


def sides(nvim: Neovim) -> list[list[object]]:
    """The windows of the tab: whether each is part of a diff, and its text."""
    found: list[list[object]] = nvim.lua(
        "return vim.tbl_map(function(window) return { vim.wo[window].diff, table.concat("
        "vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\\n') .. '\\n' } end,"
        " vim.api.nvim_tabpage_list_wins(0))"
    )
    return found
