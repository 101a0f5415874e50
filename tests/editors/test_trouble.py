"""What goes wrong for a user first: a workspace that is not trusted, a server that is not there."""

import sysconfig
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

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


def test_a_missing_server_is_told_of_with_what_mends_it(
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
