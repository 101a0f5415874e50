"""A daemon that hangs: Neovim says so, takes it back, and starts another in its place."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from agent_server.daemon import control
from tests.e2e.neovim import Neovim, until
from tests.e2e.site import Site

STATUS = "return require('agent_server').status()"
NO_ANSWER = "Agent Server: no answer. :AgentServer restart starts it anew"
PATIENCE = "require('agent_server.silence').patience"


def daemon(site: Site) -> int:
    [(_, status)] = control.running(site.env["AGENT_SERVER_RUNTIME_DIR"])
    pid: int = status["pid"]
    return pid


def test_a_server_that_hangs_is_told_of_taken_back_and_restarted(
    start_neovim: Callable[..., Neovim], site: Site
) -> None:
    nvim = start_neovim()
    nvim.edit(site.good_plan)
    until(nvim.lenses)
    patience = nvim.lua(f"return {PATIENCE}")
    hung = daemon(site)

    def told() -> list[str]:
        return [words for words in nvim.told() if words.startswith("Agent Server")]

    def hang_until(words: list[str]) -> None:
        """Have the daemon hang, and wait for it impatiently until this is told: one that is slow is not meant."""
        os.kill(hung, signal.SIGSTOP)
        nvim.lua(f"{PATIENCE} = 800 vim.lsp.buf.hover()")
        until(lambda: told() == words)
        nvim.lua(f"{PATIENCE} = {patience}")

    try:
        hang_until([NO_ANSWER])
        assert nvim.lua(STATUS) == "Agent Server does not answer"
        os.kill(hung, signal.SIGCONT)
        until(lambda: told() == [NO_ANSWER, "Agent Server: it answers again"])
        assert nvim.lua(STATUS) == ""

        hang_until([*told(), NO_ANSWER])
        nvim.command("AgentServer restart")
        until(lambda: told()[3:] == ["Agent Server: restarted"])
        until(lambda: nvim.lua("return #vim.lsp.get_clients({ bufnr = 0 }) == 1"))
        assert nvim.lua(STATUS) == ""
        assert daemon(site) != hung
    finally:
        with suppress(ProcessLookupError):
            os.kill(hung, signal.SIGKILL)


def test_while_agents_think_the_server_is_asked_and_not_called_silent(
    start_neovim: Callable[..., Neovim], site: Site
) -> None:
    nvim = start_neovim(speed=1)
    nvim.edit(site.good_plan)
    until(nvim.lenses)
    # Each time that it has asked, it is stopped for longer than it would wait: the answer is there when it goes on.
    nvim.lua(
        f"{PATIENCE}, _G.asked = 500, 0"
        " vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)"
        "   local request = event.data.request"
        "   if request.method:find('areYouThere') and request.type == 'complete' then _G.asked = _G.asked + 1 end"
        "   if request.method:find('areYouThere') and request.type == 'pending' then"
        "     vim.schedule(function() vim.uv.sleep(2000) end)"
        "   end"
        " end })"
    )
    nvim.command("AgentServer launch")
    nvim.agree()
    until(lambda: nvim.lua("return _G.asked") > 1)
    nvim.command("AgentServer stop")
    until(lambda: "cancelled" in nvim.states())
    assert NO_ANSWER not in nvim.told()
