"""The main job in the real Neovim, with the configuration that the README gives."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.site import Site

CLIENT = Path("editor_clients/neovim").resolve()
DEADLINE = 30.0

INIT = """
vim.opt.runtimepath:prepend({client!r})
vim.lsp.config("agent_server", {{ init_options = {{ agent = "replay", transcripts = {transcripts!r}, speed = 600 }} }})
vim.lsp.enable("agent_server")
_G.progress, _G.states = {{}}, {{}}
vim.api.nvim_create_autocmd("LspProgress", {{ callback = function(event)
  table.insert(_G.progress, event.data.params.value.kind)
end }})
vim.lsp.handlers["agentServer/status"] = function(_, params) table.insert(_G.states, params.state) end
"""


class Neovim:
    """A running Neovim without a screen, asked through its own command line."""

    def __init__(self, program: str, folder: Path, env: Mapping[str, str], cwd: Path) -> None:
        self._program = program
        self._socket = folder / "nvim.sock"
        self._code = folder / "code.lua"
        self._env = env
        command = [program, "--headless", "--clean", "-u", str(folder / "init.lua"), "--listen", str(self._socket)]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, env=env, cwd=cwd, **quiet)
        until(self._socket.exists)

    def lua(self, code: str) -> Any:
        """What the Lua code returns."""
        self._code.write_text(code)
        expression = f'luaeval("vim.json.encode(dofile(_A) or vim.NIL)", "{self._code}")'
        asked = [self._program, "--server", str(self._socket), "--remote-expr", expression]
        answer = subprocess.run(asked, env=self._env, capture_output=True, text=True, check=True)
        return json.loads(answer.stdout or answer.stderr)

    def diagnostics(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.lua("return vim.diagnostic.get(0)")
        return found

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def nvim(site: Site, tmp_path: Path) -> Iterator[Neovim]:
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not installed")
    (tmp_path / "init.lua").write_text(INIT.format(client=str(CLIENT), transcripts=site.options["transcripts"]))
    private = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    editor = Neovim(program, tmp_path, {**site.env, **private}, site.root)
    yield editor
    editor.close()


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
    lines = "return vim.api.nvim_buf_get_lines(0, 0, -1, false)"
    until(lambda: nvim.lua(lines).count("- status: done") == 5)


def test_the_root_is_the_repository(nvim: Neovim, site: Site) -> None:
    nvim.lua(f"vim.cmd.edit('{site.good_plan.name}')")
    clients = "vim.lsp.get_clients({ name = 'agent_server', bufnr = 0 })"
    until(lambda: nvim.lua(f"return #{clients}"))
    assert os.path.realpath(nvim.lua(f"return {clients}[1].config.root_dir")) == str(site.root)
