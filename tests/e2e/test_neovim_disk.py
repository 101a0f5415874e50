"""Buffers of the real Neovim and their files: what the server edits is saved, and what changes on the disk is shown."""

from collections.abc import Callable

from tests.e2e.neovim import CLIENTS, Neovim, until
from tests.e2e.site import Site
from tests.e2e.test_neovim_runs import SIGNS
from tests.e2e.two_agents import BASE, UNKIND, UNVERIFIED, plan_of_two, settings_of_two

DONE = "- status: done"
MODIFIED = "return vim.bo.modified"
COMPLAINTS = "return vim.v.warningmsg .. vim.fn.execute('messages')"


def start(start_neovim: Callable[..., Neovim], site: Site) -> Neovim:
    """A Neovim that has the plan of two open, which nothing verifies, and the file that one of them writes."""
    plan_of_two(site, UNVERIFIED)
    nvim = start_neovim(**settings_of_two())
    nvim.command("edit mine.txt")
    nvim.edit(site.root / "two.plan.md")
    return nvim


def test_buffers_without_unsaved_changes_and_their_files_stay_the_same(
    start_neovim: Callable[..., Neovim], site: Site
) -> None:
    nvim = start(start_neovim, site)
    plan = site.root / "two.plan.md"
    of_mine = "return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('mine.txt'), 0, -1, false), '\\n') .. '\\n'"
    nvim.command("AgentServer launch")
    nvim.agree()
    nvim.command("split README.md")
    until(lambda: plan.read_text().count(DONE) == 2)
    until(lambda: nvim.lua(of_mine) == UNKIND)
    assert nvim.lua("return vim.fn.expand('%')") == "README.md"
    nvim.command("close")
    assert nvim.lines().count(DONE) == 2
    assert nvim.lua(MODIFIED) is False

    draft = plan.with_name("draft")
    draft.write_text(plan.read_text().replace("# Two agents", "# Two of them"))
    draft.replace(plan)
    until(lambda: "# Two of them" in nvim.lines())
    until(lambda: nvim.lua(SIGNS.format(buffer=0)) == {"mine": "✔", "theirs": "✔"})
    plan.write_text(plan.read_text().replace("# Two of them", "# Two agents"))
    until(lambda: "# Two agents" in nvim.lines())

    nvim.command("split theirs.txt")  # a file that is gone in a moment
    nvim.command("wincmd p")
    nvim.command("AgentServer undo")
    nvim.agree()
    until(lambda: DONE not in plan.read_text())
    until(lambda: nvim.lua(of_mine) == BASE)
    assert nvim.lua(MODIFIED) is False
    assert nvim.lua(COMPLAINTS) == ""


def test_a_plan_with_unsaved_fixes_is_saved_after_the_yes_and_ticked_off_on_the_disk(
    start_neovim: Callable[..., Neovim], site: Site
) -> None:
    nvim = start(start_neovim, site)
    plan = site.root / "two.plan.md"
    before = plan.read_text()
    nvim.lua("vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'Be brief.' })")
    nvim.command("AgentServer launch")
    until(lambda: "The plan has unsaved changes. They are saved first." in nvim.floating())
    nvim.press("n")
    until(lambda: not nvim.floating())
    assert (plan.read_text(), nvim.lua(MODIFIED)) == (before, True)

    nvim.command("AgentServer launch")
    nvim.agree()
    until(lambda: plan.read_text().count(DONE) == 2)
    assert plan.read_text().endswith("Be brief.\n")
    assert nvim.lua(MODIFIED) is False
    assert nvim.lua(COMPLAINTS) == ""


def test_unsaved_changes_are_left_to_the_user(start_neovim: Callable[..., Neovim], site: Site) -> None:
    nvim = start(start_neovim, site)
    plan = site.root / "two.plan.md"
    before = plan.read_text()
    nvim.lua("vim.api.nvim_buf_set_lines(vim.fn.bufnr('mine.txt'), -1, -1, false, { 'My own words.' })")
    nvim.lua(
        "local plan = vim.api.nvim_get_current_buf()"
        " vim.api.nvim_create_autocmd('User', { pattern = 'AgentServerRun', once = true, callback = function()"
        "   vim.api.nvim_buf_set_lines(plan, -1, -1, false, { 'And one more thing.' })"
        " end })"
    )
    nvim.command("AgentServer launch")
    nvim.agree()
    until(lambda: nvim.lines().count(DONE) == 2)
    assert nvim.lua(MODIFIED) is True
    assert plan.read_text() == before
    until(lambda: (site.root / "mine.txt").read_text() == UNKIND)
    assert "My own words." in nvim.lua("return vim.api.nvim_buf_get_lines(vim.fn.bufnr('mine.txt'), 0, -1, false)")
    plan.write_text(before + "\nAnother editor was here.\n")
    nvim.command(f"split {site.good_plan.name}")
    until(lambda: nvim.lua(f"return #{CLIENTS}"))
    site.good_plan.write_text("# Another editor was here\n")
    until(lambda: nvim.lines() == ["# Another editor was here"])  # changed later, so seen later
    nvim.command("close")
    assert "And one more thing." in nvim.lines()
    assert nvim.lua(COMPLAINTS) == ""
