"""What a person does first: the demo's bad plan, mended by its own fixes, launched, watched, stopped, tried again."""

import re
from collections.abc import Callable, Iterable

from playwright.sync_api import expect

from tests.e2e.neovim import until
from tests.e2e.site import Site
from tests.editors.workbench import Workbench


def test_the_bad_plan_is_mended_launched_and_landed(vscode: Callable[..., Workbench], site: Site) -> None:
    take_time(site)
    window = vscode(site.bad_plan, scale=2)
    see_the_conflict(window)
    see_its_pictures(window)
    mend(window, site)
    launch(window)
    stop_one_agent(window, site)
    try_it_again(window, site)
    see_the_timeline(window)
    states = ("Launch wave 1?", "Wave 1 · 0/2", "Wave 1 · needs you", "Wave 1 · verifying", "Wave 1 · landed")
    assert in_turn(states, window.told())


def take_time(site: Site) -> None:
    """Let the build last for as long as a status bar needs to say so: what is over at once may never be drawn."""
    build = site.root / "build.py"
    build.write_text(f"__import__('time').sleep(3)\n{build.read_text()}")


def see_the_conflict(window: Workbench) -> None:
    """Under the words, and in the problems with the other task."""
    window.show_problems()
    expect(window.problems.filter(has_text="both write `static/style.css`")).to_be_visible()
    expect(window.problems.filter(has_text="`hub` writes it here.").first).to_be_visible()
    expect(window.squiggles.first).to_be_visible()
    window.picture("conflict")
    window.hide_panel()


def see_its_pictures(window: Workbench) -> None:
    """The waves in the hover on its title, and what keeps its tasks apart in a panel."""
    window.cursor_to(1, 4)
    waves = window.hover.locator("img")
    window.insist(lambda: window.keys("Control+k", "Control+i"), waves)
    assert waves.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    window.picture("waves")
    window.keys("Escape")
    window.command("Agent Server: Show Timeline and Conflicts")
    window.webview().get_by_role("tab", name="Conflicts").click()
    expect(window.webview().get_by_role("tabpanel").locator("svg").first).to_be_visible()
    window.picture("conflicts")
    window.close_tab()


def mend(window: Workbench, site: Site) -> None:
    window.fix("hot-file", "Give `navigation.py` to an integration task")
    window.fix("write-conflict", "Give `static/style.css` to an integration task")
    window.fix("missing-import", "Change to `data.clay_wiki`")
    window.hide_panel()
    window.save()
    assert "## integrate-navigation" in site.bad_plan.read_text()


def launch(window: Workbench) -> None:
    """From the lens. All that would run is shown, and nothing runs before the yes."""
    window.cursor_to(1, 1)
    expect(window.lenses_of(1)).to_contain_text("7 tasks")
    run = window.approval(agents=2)
    window.insist(window.lens("Launch wave 1").click, run)
    expect(window.webview().locator("body")).to_contain_text("data/clay_wiki.py")
    expect(window.status).to_contain_text("Launch wave 1?")
    window.picture("approval")
    run.click()
    expect(window.status).to_contain_text("Wave 1 · 0/2")


def stop_one_agent(window: Workbench, site: Site) -> None:
    """From the view of plans and runs; the other one's work is held."""
    window.command("Agent Server: Show Plans and Runs")
    data = window.row(re.compile("^data"))
    expect(data).to_be_visible()
    window.picture("running")
    window.press(data, "Stop This Agent")
    expect(data).to_contain_text("stopped")
    expect(window.status).to_contain_text("needs you")
    assert not (site.root / "data/clay_wiki.py").exists()
    window.picture("stopped")


def try_it_again(window: Workbench, site: Site) -> None:
    """With a word to the agent. The build passes, the files land, and the plan is ticked off."""
    window.press(window.row(re.compile("^data")), "Retry with a Comment…")
    window.answer("Seventeen entries, please.")
    expect(window.toast("landed")).to_be_visible()
    expect(window.status).to_contain_text("Wave 1 · landed")
    expect(window.row("python3 build.py")).to_contain_text("passed")
    assert (site.root / "data/clay_wiki.py").is_file()
    until(lambda: site.bad_plan.read_text().count("- status: done") == 2)
    expect(window.lens("Undo")).to_be_visible()
    window.picture("landed")


def see_the_timeline(window: Workbench) -> None:
    window.status.click()
    expect(window.webview().get_by_role("tabpanel").locator("svg").first).to_be_visible()
    window.picture("timeline")


def in_turn(beginnings: Iterable[str], said: Iterable[str]) -> bool:
    """Whether words that begin so were said, one after the other, among others."""
    rest = iter(said)
    return all(any(words.startswith(beginning) for words in rest) for beginning in beginnings)
