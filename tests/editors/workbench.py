"""VS Code's window, as a test uses it: what a person sees there, and what a person does there.

Nothing here looks behind the screen. Whatever is waited for is waited for by Playwright, which looks again until it is
there or its deadline has passed.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect
from playwright.sync_api import TimeoutError as NotThere

DEADLINE = 60_000.0
"""How long to wait for anything, in milliseconds."""

ATTEMPTS = 20

expect.set_options(timeout=DEADLINE)

STATUS = '.statusbar-item[id^="agent-server.agent-server"]'

# Notes what the status item says, whenever that changes: some states are too short to be met by looking now and then.
NOTE_STATUS = """(item) => {
    const told = window.agentServerTold = [];
    const note = () => {
        const words = document.querySelector(item)?.textContent.trim();
        if (words && words !== told.at(-1)) told.push(words);
    };
    const bar = document.querySelector(".part.statusbar");
    new MutationObserver(note).observe(bar, { subtree: true, childList: true, characterData: true });
    note();
}"""


class Workbench:
    """One window, in one page of a browser."""

    def __init__(self, page: Page, screenshots: Path) -> None:
        self.page = page
        self._screenshots = screenshots
        page.set_default_timeout(DEADLINE)
        self.squiggles = page.locator(".squiggly-error, .squiggly-warning")
        self.lenses = page.locator(".codelens-decoration")
        self.hover = page.locator(".monaco-hover:not(.hidden)")
        self.dialog = page.locator(".monaco-dialog-box")
        self.toasts = page.locator(".notification-toast")
        self.status = page.locator(STATUS)
        self.problems = page.locator(".markers-panel .monaco-list-row")
        self._focused = page.locator(".part.editor .monaco-editor.focused")
        self._quick = page.locator(".quick-input-widget")
        self._actions = page.locator(".action-widget .monaco-list-row.action")

    def open(self, address: str) -> None:
        """Open the window, and wait until it can be used."""
        self.page.goto(address)
        expect(self.page.locator(".monaco-workbench .part.statusbar")).to_be_visible(timeout=2 * DEADLINE)
        self.page.evaluate(NOTE_STATUS, STATUS)

    def picture(self, name: str) -> Path:
        """Keep what is on the screen."""
        file = self._screenshots / f"{name}.png"
        self.page.screenshot(path=file)
        return file

    def keys(self, *keys: str) -> None:
        for each in keys:
            self.page.keyboard.press(each)

    def attempt(self, do: Callable[[], None]) -> None:
        """Do it, from its start again where VS Code has lost a key or a click, or has closed what it opened: it does so
        while it moves its focus or draws anew."""
        self.page.set_default_timeout(DEADLINE / ATTEMPTS)
        for left in reversed(range(ATTEMPTS)):
            try:
                do()
                break
            except NotThere:
                if not left:
                    raise
        self.page.set_default_timeout(DEADLINE)

    def insist(self, do: Callable[[], None], wanted: Locator) -> None:
        """Do it until what is wanted is there."""

        def once() -> None:
            with suppress(NotThere):
                do()
            wanted.wait_for()

        self.attempt(once)

    def command(self, title: str) -> None:
        """Run a command by its title, as the palette finds it."""

        def once() -> None:
            self.keys("F1")
            self._quick.locator("input").fill(f">{title}")
            self._quick.locator(".monaco-list-row").filter(has_text=title).first.click()

        self.attempt(once)

    def answer(self, words: str) -> None:
        """Type the answer to what an input box asks."""
        self._quick.locator("input").fill(words)
        self.keys("Enter")
        expect(self._quick).to_be_hidden()

    def edit(self, file: str) -> None:
        """Open a file of the workspace by its name."""
        self.insist(lambda: self.keys("Control+p"), self._quick.locator("input"))
        self._quick.locator("input").fill(file)
        expect(self._quick.locator(".monaco-list-row").first).to_contain_text(file)
        self.keys("Enter")
        expect(self.tab(file)).to_be_visible()

    def tab(self, name: str) -> Locator:
        """The tab of the editor that is in front."""
        return self.page.locator(".tab.active").filter(has_text=name)

    def close_tab(self) -> None:
        tabs = self.page.locator(".part.editor .tab")
        number = tabs.count()
        self.command("View: Close Editor")
        expect(tabs).to_have_count(number - 1)

    def cursor_to(self, line: int, column: int) -> None:
        """Put the cursor of the editor in front there; lines and columns are counted from 1."""
        self.keys("Control+1", "Control+g")
        self._quick.locator("input").fill(f":{line}:{column}")
        self.keys("Enter")
        expect(self._focused).to_be_visible()
        expect(self.page.locator('[id="status.editor.selection"]')).to_contain_text(f"Ln {line}, Col {column}")

    def save(self) -> None:
        self.keys("Control+s")
        expect(self.page.locator(".tab.active:not(.dirty)")).to_be_visible()

    def lens(self, title: str | re.Pattern[str]) -> Locator:
        """A lens that can be clicked, by its title."""
        return self.lenses.locator("a").filter(has_text=title).first

    def lenses_of(self, number: int) -> Locator:
        """The line of lenses that is the so many-th on the screen, counted from 1."""
        return self.lenses.nth(number - 1)

    def act(self, title: str) -> None:
        """Take the code action of this title where the cursor stands."""
        action = self._actions.filter(has_text=title).first
        self.insist(lambda: self.keys("Control+1", "Control+."), action)
        action.click()
        expect(action).to_be_hidden()

    def show_problems(self) -> None:
        if not self.page.locator(".markers-panel").is_visible():
            self.keys("Control+Shift+m")
        expect(self.page.locator(".markers-panel")).to_be_visible()

    def fix(self, words: str, title: str) -> None:
        """Mend a problem by a code action where it is."""
        self.show_problems()
        problem = self.problems.filter(has_text=words).first
        problem.dblclick()
        expect(self._focused).to_be_visible()
        self.act(title)
        expect(problem).to_have_count(0)

    def hide_panel(self) -> None:
        if self.page.locator(".part.panel").is_visible():
            self.keys("Control+j")
            expect(self.page.locator(".part.panel")).to_be_hidden()

    def toast(self, words: str | re.Pattern[str]) -> Locator:
        return self.toasts.filter(has_text=words).first

    def button(self, words: str) -> Locator:
        """A button of a dialog or of a toast."""
        return self.page.locator(".monaco-dialog-box .monaco-button, .notifications-toasts .monaco-button").filter(
            has_text=words
        )

    def approval(self, agents: int) -> Locator:
        """The button of the approval that has so many agents run."""
        return self.webview().get_by_role("button", name=f"Run {agents} agents")

    def webview(self) -> FrameLocator:
        """What the webview in front shows."""
        return self.page.frame_locator("iframe.webview.ready").frame_locator("#active-frame")

    def press(self, row: Locator, title: str) -> None:
        """Press the button that a row of a tree shows under the mouse."""

        def once() -> None:
            row.hover()
            row.get_by_role("button", name=title).click()

        self.attempt(once)
        self.page.mouse.move(0, 0)

    def row(self, words: str | re.Pattern[str]) -> Locator:
        """A row of the plans, in the side bar."""
        return self.page.locator(".customview-tree [role=treeitem]").filter(has_text=words).first

    def told(self) -> list[str]:
        """All that the status bar has said of plans since the window was opened."""
        said: list[str] = self.page.evaluate("window.agentServerTold")
        return said
