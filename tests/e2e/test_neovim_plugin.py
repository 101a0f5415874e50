"""The Neovim plugin as a plugin: what it loads and when, its help, its check of the installation, older editors."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli import gsd_folder
from tests.e2e.neovim import CLIENT, Neovim, until
from tests.e2e.site import Site

LOADED = (
    "return vim.tbl_filter(function(name) return vim.startswith(name, 'agent_server') end,"
    " vim.tbl_keys(package.loaded))"
)


def headless(*arguments: str) -> str:
    """What Neovim prints that is started with these arguments and ends."""
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not installed")
    command = [program, "--headless", "--clean", *arguments, "-c", "qa!"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def test_nothing_is_loaded_before_it_is_needed(fresh: Neovim, quiet_site: Site) -> None:
    assert fresh.lua(LOADED) == []
    assert fresh.lua("return require('agent_server').status()") == ""
    assert fresh.lua(LOADED) == ["agent_server"]
    fresh.edit(quiet_site.good_plan)
    assert "agent_server.review" not in fresh.lua(LOADED)


def test_the_installation_is_checked(fresh: Neovim, quiet_site: Site) -> None:
    fresh.edit(quiet_site.good_plan)
    fresh.lua("require('agent_server.health').patience = 25000")  # a busy machine's doctor is no slow one
    fresh.command("AgentServer health")
    until(lambda: any("Watching" in line for line in fresh.lines()))
    report = "\n".join(fresh.lines())
    assert f"serves 1 open plan in {quiet_site.root}" in report
    assert "agent-server 0." in report
    assert "ERROR" not in report


def test_a_missing_program_is_said_with_its_remedy(fresh: Neovim, quiet_site: Site) -> None:
    fresh.lua("vim.lsp.config('agent_server', { cmd = { 'no-such-program', 'lsp' } })")
    fresh.command(f"edit {quiet_site.good_plan.name}")
    fresh.command(f"edit {quiet_site.bad_plan.name}")
    [told] = [each for each in fresh.told() if "no-such-program" in each]
    assert ":help agent-server-install" in told
    for number, command in enumerate(("launch", "demo", "log"), 2):
        fresh.command(f"AgentServer {command}")
        assert fresh.told().count(told) == number, "who asks for it hears it again"
    fresh.command("AgentServer health")
    until(lambda: any("is not on the PATH" in line for line in fresh.lines()))


def test_the_help_has_tags_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    shutil.copytree(CLIENT, tmp_path / "plugin")
    follow = tmp_path / "follow.lua"
    follow.write_text(
        f"vim.opt.runtimepath:prepend('{tmp_path}/plugin')"
        f" vim.cmd.helptags('{tmp_path}/plugin/doc')"
        f" for line in io.lines('{tmp_path}/plugin/doc/agent-server.txt') do"
        "   for tag in line:gmatch('|([^|%s]+)|') do"
        "     if not pcall(vim.cmd.help, tag) then print('dead: ' .. tag) end"
        "   end end"
        " vim.cmd.help('agent-server') print('at ' .. vim.fn.expand('%:t'))"
    )
    assert headless("-c", f"luafile {follow}").strip() == "at agent-server.txt"


def test_an_older_neovim_is_told_once_what_is_needed(tmp_path: Path) -> None:
    old = tmp_path / "old.lua"
    old.write_text(
        "local has = vim.fn.has"
        " vim.fn.has = function(what) return what == 'nvim-0.11' and 0 or has(what) end"
        " vim.version = function() return { major = 0, minor = 7, patch = 2 } end"
        " vim.notify = function(words) print(words) end"
    )
    plugin = CLIENT / "plugin/agent_server.lua"
    said = headless("-c", f"luafile {old}", "-c", f"luafile {plugin}", "-c", f"luafile {plugin}", "-c", "sleep 10m")
    assert said.strip() == "Agent Server needs Neovim 0.11 or later. This is 0.7.2."


def test_options_switch_lenses_and_signs_off(fresh: Neovim, quiet_site: Site) -> None:
    fresh.lua("vim.g.agent_server = { lenses = false, signs = false }")
    fresh.edit(quiet_site.good_plan)
    until(fresh.diagnostics)
    assert fresh.lenses() == []
    assert "agent_server.signs" not in fresh.lua(LOADED)


def test_each_file_of_a_plan_that_is_a_folder_has_its_own_tasks(nvim: Neovim, site: Site) -> None:
    folder = gsd_folder.made(site.root, site.root / "unused.toml")
    tasks = "require('agent_server.tasks').placed(0)"
    placed = f"return vim.tbl_map(function(task) return {{ task.id, task.line }} end, {tasks})"
    nvim.edit(site.good_plan)
    of_buffer = "return require('agent_server.session').plan_of(vim.api.nvim_buf_get_name(0)).path"
    for name in ("01-02", "01-01"):
        nvim.lua(f"vim.cmd.edit('{folder / name}-PLAN.md')")
        until(lambda name=name: nvim.lua(placed) == [[name, 2]])  # type: ignore[misc]
        assert nvim.lua(of_buffer) == gsd_folder.FOLDER
