"""A plan that another tool has written: shown, mended, launched and ticked off where it lies, as the Markdown it is."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.neovim import until
from tests.e2e.search_plan import SEARCH, search_plan, settings_of_search
from tests.e2e.site import Site, environment
from tests.editors.workbench import Workbench


@pytest.fixture
def site(tmp_path: Path, runtime_folder: str) -> Site:
    """A folder of a user's own, with no plan but that one."""
    root = (tmp_path / "shop").resolve()
    root.mkdir()
    plan = search_plan(root)
    return Site(root, plan, plan, environment(tmp_path, runtime_folder), settings_of_search())


def test_a_plan_of_spec_kit_is_mended_launched_and_ticked_off(vscode: Callable[..., Workbench], site: Site) -> None:
    tasks = site.good_plan
    window = vscode(tasks, scale=2)

    # Nothing but where it lies says that it is a plan.
    expect(window.squiggles.first).to_be_visible()
    expect(window.page.locator('[id="status.editor.mode"]')).to_have_text("Markdown")
    expect(window.status).to_contain_text("3 waves")
    window.show_problems()
    expect(window.problems.filter(has_text="both are marked [P]").first).to_be_visible()
    window.picture("spec-kit-conflict")
    window.fix("write-conflict", "Take [P] off")
    window.hide_panel()
    window.save()
    assert tasks.read_text().count("[P]") == 1

    window.command("Agent Server: Show Plans and Runs")
    expect(window.row("Search")).to_contain_text("spec-kit")
    expect(window.row(re.compile("^T001"))).to_be_visible()
    window.picture("spec-kit-plans")

    run = window.webview().get_by_role("button", name="Run 1 agent")
    window.insist(window.lens("Launch wave 1").click, run)
    window.picture("spec-kit-approval")
    run.click()
    expect(window.status).to_contain_text("landed")
    until(lambda: tasks.read_text().startswith(SEARCH[: SEARCH.index("- [ ] T001")] + "- [x] T001"))
    expect(window.lens("Undo")).to_be_visible()
    window.picture("spec-kit-landed")


def test_other_markdown_starts_no_server(vscode: Callable[..., Workbench], site: Site) -> None:
    site.good_plan.unlink()
    notes = site.root / "notes.md"
    notes.write_text("# Notes\n\n- [ ] T001 [P] Add the index to `src/search.py`\n")
    window = vscode(notes)
    expect(window.tab("notes.md")).to_be_visible()
    # The extensions that this file needs have started once it has an outline.
    expect(window.page.locator(".breadcrumbs-control")).to_contain_text("# Notes")
    expect(window.status).to_have_count(0)
