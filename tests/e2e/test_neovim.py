"""The main job in the real Neovim, with the configuration that the README gives."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.raw_client import ENTRY
from tests.e2e.site import Site
from tests.e2e.two_agents import BASE, UNKIND, plan_of_two, settings_of_two

CLIENT = Path("editor_clients/neovim").resolve()
DEADLINE = 30.0
CLIENTS = "vim.lsp.get_clients({ name = 'agent_server', bufnr = 0 })"

INIT = """
vim.opt.runtimepath:prepend({client!r})
vim.lsp.config("agent_server", {{ init_options = vim.json.decode([==[{options}]==]) }})
vim.lsp.enable("agent_server")
_G.progress, _G.states = {{}}, {{}}
vim.api.nvim_create_autocmd("LspProgress", {{ callback = function(event)
  table.insert(_G.progress, event.data.params.value.kind)
end }})
vim.lsp.handlers["agentServer/status"] = function(_, params) table.insert(_G.states, params.state) end
"""


class Neovim:
    """A running Neovim without a screen, asked through its own command line."""

    def __init__(self, program: str, folder: Path, site: Site, **options: Any) -> None:
        self._program = program
        self._socket = folder / "socket"
        self._code = folder / "code.lua"
        private = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        self._env = {**site.env, **private}
        init = folder / "init.lua"
        init.write_text(INIT.format(client=str(CLIENT), options=json.dumps({**site.options, **options})))
        command = [program, "--headless", "--clean", "-u", str(init), "--listen", str(self._socket)]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, env=self._env, cwd=site.root, **quiet)
        until(self._socket.exists)

    def lua(self, code: str) -> Any:
        """What the Lua code returns."""
        self._code.write_text(code)
        expression = f'luaeval("vim.json.encode(dofile(_A) or vim.NIL)", "{self._code}")'
        asked = [self._program, "--server", str(self._socket), "--remote-expr", expression]
        answer = subprocess.run(asked, env=self._env, capture_output=True, text=True, check=True)
        return json.loads(answer.stdout or answer.stderr)

    def edit(self, file: Path) -> None:
        """Open a plan, and wait until the server has it."""
        self.lua(f"vim.cmd.edit('{file.name}')")
        until(lambda: self.lua(f"return #{CLIENTS}"))

    def lines(self) -> list[str]:
        found: list[str] = self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)")
        return found

    def diagnostics(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.lua("return vim.diagnostic.get(0)")
        return found

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def start(site: Site, tmp_path: Path) -> Iterator[Callable[..., Neovim]]:
    """Starts one more Neovim, with these options beside the site's."""
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not installed")
    editors: list[Neovim] = []

    def started(**options: Any) -> Neovim:
        folder = tmp_path / str(len(editors))
        folder.mkdir()
        editors.append(Neovim(program, folder, site, **options))
        return editors[-1]

    yield started
    for editor in editors:
        editor.close()


@pytest.fixture
def nvim(start: Callable[..., Neovim]) -> Neovim:
    return start()


def until(condition: Callable[[], object]) -> None:
    """Ask again and again: Neovim is another process, and only answers questions."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "Neovim did not get there in time"
        time.sleep(0.02)


def test_a_conflict_is_shown_and_mended_by_a_code_action(nvim: Neovim, site: Site) -> None:
    nvim.lua(f"vim.cmd.edit('{site.bad_plan.name}')")
    until(lambda: any(each["code"] == "hot-file" for each in nvim.diagnostics()))
    hot = next(each for each in nvim.diagnostics() if each["code"] == "hot-file")
    assert hot["source"] == "agent-server"
    assert hot["user_data"]["lsp"]["relatedInformation"]
    nvim.lua(
        f"vim.api.nvim_win_set_cursor(0, {{ {hot['lnum'] + 1}, {hot['col'] + 1} }})"
        "vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title:find('integration') ~= nil end })"
    )
    until(lambda: not any(each["code"] == "hot-file" for each in nvim.diagnostics()))


def test_a_wave_is_launched_from_the_lens_and_lands(nvim: Neovim, site: Site) -> None:
    nvim.lua("vim.ui.select = function(items, _, choose) choose(items[1], 1) end")
    nvim.lua(f"vim.cmd.edit('{site.good_plan.name}')")
    until(nvim.diagnostics)
    nvim.lua("vim.lsp.codelens.refresh({ bufnr = 0 })")
    launch = (
        "for _, lens in ipairs(vim.lsp.codelens.get(0)) do"
        " if lens.command.title:find('^Launch wave 1') then {act} return true end end"
    )
    until(lambda: nvim.lua(launch.format(act="")))
    nvim.lua(
        launch.format(act="vim.lsp.get_clients({ name = 'agent_server' })[1]:exec_cmd(lens.command, { bufnr = 0 })")
    )
    until(lambda: "landed" in nvim.lua("return _G.states"))
    assert (site.root / "data/clay_wiki.py").is_file()
    until(lambda: "end" in nvim.lua("return _G.progress"))
    assert nvim.lua("return _G.progress")[0] == "begin"
    until(lambda: nvim.lines().count("- status: done") == 5)


def test_the_root_is_the_repository(nvim: Neovim, site: Site) -> None:
    nvim.edit(site.good_plan)
    assert os.path.realpath(nvim.lua(f"return {CLIENTS}[1].config.root_dir")) == str(site.root)


def test_the_daemon_serves_it_and_knows_its_name(nvim: Neovim, site: Site) -> None:
    nvim.lua("vim.cmd.edit('README.md')")
    nvim.edit(site.good_plan)
    assert nvim.lua("return #vim.lsp.get_clients({ bufnr = vim.fn.bufnr('README.md') })") == 0, "only plans need it"
    status = subprocess.run([*ENTRY, "status"], env=dict(site.env), capture_output=True, text=True, check=True).stdout
    assert str(site.root) in status
    assert "editors: Neovim" in status


def test_a_wave_goes_on_in_the_next_neovim(start: Callable[..., Neovim], site: Site) -> None:
    first = start(speed=150)
    first.lua("vim.ui.select = function(items, _, choose) choose(items[1], 1) end")
    first.edit(site.good_plan)
    first.lua("vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.kind == 'source.launch' end })")
    until(lambda: "running" in first.lua("return _G.states"))
    first.close()
    assert not (site.root / "data/clay_wiki.py").exists()

    second = start(speed=150)
    second.edit(site.good_plan)
    until(lambda: second.lua("return _G.progress")[:1] == ["begin"])
    until(lambda: "landed" in second.lua("return _G.states"))
    until(lambda: second.lua("return _G.progress")[-1] == "end")
    assert (site.root / "data/clay_wiki.py").is_file()
    until(lambda: second.lines().count("- status: done") == 5)


def test_diagnostics_follow_the_files_without_touching_the_plan(nvim: Neovim, site: Site) -> None:
    """Neovim 0.11 pulls them where it can, and then does not hear that there are others."""
    nvim.edit(site.bad_plan)

    def is_missing() -> bool:
        return any(each["code"] == "missing-import" for each in nvim.diagnostics())

    until(is_missing)
    (site.root / "data/claywiki.py").write_text("ENTRIES = []\n")
    until(lambda: not is_missing())


def test_hints_and_symbols_are_shown(nvim: Neovim, site: Site) -> None:
    nvim.edit(site.good_plan)
    nvim.lua("vim.lsp.inlay_hint.enable()")
    labels = (
        "return vim.tbl_map(function(hint) return hint.inlay_hint.label end, vim.lsp.inlay_hint.get({ bufnr = 0 }))"
    )
    until(lambda: "capable · 9.4 min" in nvim.lua(labels))
    nvim.lua("vim.lsp.buf.document_symbol()")
    names = "return vim.tbl_map(function(item) return item.text end, vim.fn.getloclist(0))"
    until(lambda: {"[Function] data", "[Function] hub"} <= set(nvim.lua(names)))


def test_a_task_is_renamed_with_what_names_it(nvim: Neovim, site: Site) -> None:
    site.bad_plan.write_text("# P\n\n## a: One\n\nDo it.\n\n## b: Two\n- needs: a\n\nDo it.\n")
    nvim.edit(site.bad_plan)
    nvim.lua("vim.api.nvim_win_set_cursor(0, { 3, 3 }) vim.lsp.buf.rename('first')")
    until(lambda: nvim.lines()[2] == "## first: One")
    assert nvim.lines()[7] == "- needs: first"


def test_what_failed_is_reviewed_tried_again_landed_and_undone(start: Callable[..., Neovim], site: Site) -> None:
    plan_of_two(site)
    mine = site.root / "mine.txt"
    nvim = start(**settings_of_two())
    nvim.lua(
        "_G.asked, _G.told = {}, {}"
        " vim.notify = function(words) table.insert(_G.told, words) end"
        " vim.ui.select = function(items, options, choose)"
        "   table.insert(_G.asked, options.prompt) choose(items[1], 1)"
        " end"
    )
    nvim.edit(site.root / "two.plan.md")
    until(lambda: nvim.lua("return vim.fn.exists(':AgentServerLaunch')") == 2)
    nvim.lua("vim.cmd('AgentServerLaunch')")
    until(lambda: "held" in nvim.lua("return _G.states"))
    of_mine = (
        "return vim.tbl_map(function(each) return each.message end, vim.diagnostic.get(vim.fn.bufadd('mine.txt')))"
    )
    until(lambda: nvim.lua(of_mine))
    assert nvim.lua(of_mine)[0].startswith("unkind words\n")

    nvim.lua("vim.cmd('AgentServerReview mine')")
    shown = (
        "return vim.tbl_map(function(window) return { vim.wo[window].diff, table.concat("
        "vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\\n') .. '\\n' } end,"
        " vim.api.nvim_tabpage_list_wins(0))"
    )
    until(lambda: nvim.lua(shown) == [[True, BASE], [True, UNKIND]])
    until(lambda: nvim.lua("return vim.fn.exists(':AgentServerDrop')") == 2)
    nvim.lua("vim.api.nvim_win_set_cursor(0, { 2, 0 }) vim.cmd('AgentServerDrop')")
    without = BASE.replace("old 19\n", "new\n")
    until(lambda: nvim.lua(shown) == [[True, BASE], [True, without]])
    nvim.lua("vim.cmd('tabclose')")

    nvim.lua("vim.cmd('AgentServerRetry mine Be kind.')")
    until(lambda: mine.read_text() == UNKIND.replace("unkind", "kind"))
    until(lambda: nvim.lines().count("- status: done") == 2)
    until(lambda: not nvim.lua(of_mine))
    nvim.lua("vim.cmd('AgentServerUndo')")
    until(lambda: mine.read_text() == BASE)
    until(lambda: nvim.lines().count("- status: done") == 0)
    launched, reviewed, undone = nvim.lua("return _G.asked")
    assert "pair is the program" in launched
    assert reviewed == "Review"
    assert "`mine` and `theirs` will be open in the plan again" in undone
    nvim.lua("vim.cmd('AgentServerUndo')")
    until(lambda: "nothing to undo" in nvim.lua("return _G.told[#_G.told] or ''"))
