"""What goes wrong for a user first: a workspace that is not trusted, a server that is not there, or hangs."""

import json
import os
import signal
import subprocess
import sysconfig
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.raw_client import ENTRY
from tests.e2e.site import Site
from tests.editors.workbench import Workbench


def test_nothing_runs_in_a_workspace_that_is_not_trusted(vscode: Callable[..., Workbench], site: Site) -> None:
    window = vscode(site.good_plan, asks_for_trust=True, theme="light")
    expect(window.page.get_by_text("Restricted Mode").first).to_be_visible()
    window.insist(window.lens("Launch wave 1").click, window.toast("This workspace is not trusted"))
    window.picture("untrusted")
    assert not any("launch" in words.lower() or "0/5" in words for words in window.told())

    # Trusted from the message, it can be launched without more ado.
    window.button("Manage Workspace Trust").click()
    window.page.get_by_role("button", name="Trust", exact=True).first.click()
    window.edit(site.good_plan.name)
    run = window.approval(agents=5)
    window.insist(window.lens("Launch wave 1").click, run)


def test_a_server_that_is_missing_or_hangs_is_told_of_with_what_mends_it(
    vscode: Callable[..., Workbench], site: Site, tmp_path: Path
) -> None:
    program = tmp_path / "bin/agent-server"
    window = vscode(site.bad_plan, settings={"agentServer.server.path": str(program)})
    expect(window.toast("which your settings name")).to_be_visible()
    for offer in ("Install", "Choose Program", "Show Log"):
        expect(window.button(offer)).to_be_visible()
    expect(window.status).to_contain_text("Agent Server is missing")
    window.picture("missing")

    # It comes to be there, and is found when asked for.
    program.parent.mkdir()
    program.symlink_to(Path(sysconfig.get_path("scripts")) / "agent-server")
    window.command("Agent Server: Restart the Server")
    expect(window.squiggles.first).to_be_attached()
    expect(window.status).to_contain_text("3 waves")
    freeze_and_restart(window, site)


def freeze_and_restart(window: Workbench, site: Site) -> None:
    """A daemon that hangs is told of, and a click starts another in its place."""
    hung = daemon(site)
    try:
        os.kill(hung, signal.SIGSTOP)
        window.cursor_to(1, 4)
        expect(window.status).to_contain_text("Agent Server does not answer")
        window.picture("hung")
        window.status.click()
        expect(window.status).to_contain_text("3 waves")
        assert daemon(site) != hung
    finally:
        with suppress(ProcessLookupError):
            os.kill(hung, signal.SIGCONT)


def daemon(site: Site) -> int:
    """The process of the site's daemon."""
    asked = [*ENTRY, "status", "--format", "json"]
    told = subprocess.run(asked, env=dict(site.env), capture_output=True, text=True, check=True).stdout
    [status] = json.loads(told)
    pid: int = status["pid"]
    return pid
