"""What agents propose is looked at in VS Code's own diffs, and only what is wanted lands."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.neovim import until
from tests.e2e.site import Site
from tests.e2e.two_agents import BASE, plan_of_two, settings_of_two
from tests.editors.workbench import Workbench


def test_a_hunk_that_is_left_out_does_not_land(vscode: Callable[..., Workbench], site: Site) -> None:
    plan_of_two(site)
    settings = {f"agentServer.{name}": it for name, it in settings_of_two().items()}
    window = vscode(site.root / "two.plan.md", settings=settings)
    run = window.approval(agents=2)
    window.insist(window.lens("Launch wave 1").click, run)
    run.click()
    expect(window.status).to_contain_text("needs you")

    window.command("Agent Server: Review All Changes")
    proposed = window.page.locator(".multiDiffEditor .modified .view-lines")
    unkind = proposed.get_by_text("unkind")
    expect(unkind).to_be_visible()
    expect(proposed.get_by_text("theirs")).to_be_visible()
    window.picture("review")

    unkind.click()
    window.insist(lambda: window.command("Agent Server: Leave This Change Out"), window.dialog)
    window.button("Leave It Out").first.click()
    expect(unkind).to_have_count(0)
    expect(proposed.get_by_text("new")).to_be_visible()
    window.picture("review-without-a-hunk")

    # What is left of it passes with the other's work, and lands with it.
    window.command("Agent Server: Land What Is Held")
    mine = site.root / "mine.txt"
    until(lambda: mine.read_text() == BASE.replace("old 19\n", "new\n"))
    until((site.root / "theirs.txt").exists)
    assert (site.root / "theirs.txt").read_text() == "theirs\n"
    window.command("Agent Server: Show Plans and Runs")
    expect(window.row(re.compile("^Two agents"))).to_contain_text("done")
