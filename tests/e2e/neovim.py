"""The real Neovim, without a screen: started with the configuration that its page gives, and asked for its state.

It listens on a socket of its own and carries out what Lua code it reads there: a question takes a millisecond.
"""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.site import Site

CLIENT = Path("editor_clients/neovim").resolve()
DEADLINE = 60.0
CLIENTS = "vim.lsp.get_clients({ name = 'agent_server', bufnr = 0 })"

INIT = """
vim.opt.runtimepath:prepend({client!r})
vim.lsp.config("agent_server", {{ init_options = vim.json.decode([==[{options}]==]) }})
vim.lsp.enable("agent_server")
_G.progress, _G.states, _G.told = {{}}, {{}}, {{}}
vim.api.nvim_create_autocmd("LspProgress", {{ callback = function(event)
  table.insert(_G.progress, event.data.params.value.kind)
end }})
vim.api.nvim_create_autocmd("User", {{ pattern = "AgentServerRun", callback = function(event)
  table.insert(_G.states, event.data.run.state)
end }})
vim.notify = function(words) table.insert(_G.told, words) end

local function answer(code)
  local ran, result = pcall(assert(loadstring(code)))
  if result == nil then result = vim.NIL end
  return vim.json.encode(ran and {{ result = result }} or {{ error = tostring(result) }})
end

local server = vim.uv.new_pipe()
server:bind({socket!r})
server:listen(8, function()
  local asker, code = vim.uv.new_pipe(), ""
  server:accept(asker)
  asker:read_start(function(_, piece)
    if piece then
      code = code .. piece
      return
    end
    vim.schedule(function()
      asker:write(answer(code), function() asker:close() end)
    end)
  end)
end)
"""


class Neovim:
    """A running Neovim without a screen."""

    def __init__(self, program: str, folder: Path, site: Site, **options: Any) -> None:
        self._socket = folder / "socket"
        private = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        init = folder / "init.lua"
        settings = json.dumps({**site.options, **options})
        init.write_text(INIT.format(client=str(CLIENT), options=settings, socket=str(self._socket)))
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [program, "--headless", "--clean", "-u", str(init)]
        self._process = subprocess.Popen(command, env={**site.env, **private}, cwd=site.root, **quiet)
        until(self._listens)

    def _listens(self) -> bool:
        try:
            return self.lua("return vim.v.vim_did_enter == 1") is True
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def lua(self, code: str) -> Any:
        """What the Lua code returns."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(DEADLINE)
            asking.connect(str(self._socket))
            asking.sendall(code.encode())
            asking.shutdown(socket.SHUT_WR)
            answer = json.loads(b"".join(iter(lambda: asking.recv(65536), b"")))
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def command(self, line: str) -> None:
        """Carry out a command line."""
        self.lua(f"vim.cmd([==[{line}]==])")

    def press(self, keys: str) -> None:
        """Type keys, as in a mapping: `<CR>`."""
        self.lua(f"vim.api.nvim_feedkeys(vim.keycode([==[{keys}]==]), 'mtx', false)")

    def edit(self, file: Path) -> None:
        """Open a plan, and wait until the server has it. A whole path is one of the site's own folder."""
        self.lua(f"vim.cmd.edit('{file.name if file.is_absolute() else file}')")
        until(lambda: self.lua(f"return #{CLIENTS}"), self._why_alone)

    def _why_alone(self) -> str:
        """What there is to say of a plan that no server is told of."""
        messages = "vim.api.nvim_exec2('messages', { output = true }).output"
        looks = f"return {{ vim.api.nvim_buf_get_name(0), vim.bo.filetype, {messages} }}"
        log = Path(self.lua("return vim.lsp.log.get_filename()"))
        said = log.read_text()[-2000:] if log.is_file() else "no log"
        return f"{self.lua(looks)}, told {self.told()}, log: {said}"

    def lines(self) -> list[str]:
        """What stands in the current buffer."""
        found: list[str] = self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)")
        return found

    def diagnostics(self) -> list[dict[str, Any]]:
        """Those of the current buffer."""
        found: list[dict[str, Any]] = self.lua("return vim.diagnostic.get(0)")
        return found

    def lenses(self) -> list[str]:
        """The titles of the lenses that are shown in the current buffer, as they are seen."""
        found: list[str] = self.lua(
            "local titles = {}"
            " for name, space in pairs(vim.api.nvim_get_namespaces()) do"
            "   if name:find('codelens') then"
            "     for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })) do"
            "       for _, chunk in ipairs(mark[4].virt_text) do table.insert(titles, chunk[1]) end"
            "     end"
            "   end"
            " end"
            " return titles"
        )
        return found

    def floating(self) -> str:
        """What stands in the floating window that is open; empty where none is."""
        found: str = self.lua(
            "for _, window in ipairs(vim.api.nvim_list_wins()) do"
            "   if vim.api.nvim_win_get_config(window).relative ~= '' then"
            "     local buffer = vim.api.nvim_win_get_buf(window)"
            "     return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\\n')"
            "   end"
            " end"
            " return ''"
        )
        return found

    def agree(self) -> str:
        """Say yes to the question that is asked, or will be; and give its words."""
        until(self.floating)
        asked = self.floating()
        self.press("y")
        return asked

    def told(self) -> list[str]:
        """What the user was told."""
        found: list[str] = self.lua("return _G.told")
        return found

    def states(self) -> list[str]:
        """The states of runs, as they were told of."""
        found: list[str] = self.lua("return _G.states")
        return found

    def close(self) -> None:
        """Have it end."""
        self._process.terminate()
        self._process.wait()


def until(condition: Callable[[], object], seen: Callable[[], str] = str) -> None:
    """Ask again and again: Neovim is another process, and only answers questions. `seen` says what is there instead."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"Neovim did not get there in time. {seen()}"
        time.sleep(0.02)
