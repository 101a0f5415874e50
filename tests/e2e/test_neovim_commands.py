"""`:AgentServer` in the real Neovim: every subcommand once, and what is shown before anything runs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.neovim import CLIENT, Neovim, until
from tests.e2e.site import Site
from tests.e2e.test_neovim import sides
from tests.e2e.two_agents import BASE, UNKIND, plan_of_two, settings_of_two

STATUS = "return require('agent_server').status()"


@pytest.fixture
def two(start_neovim: Callable[..., Neovim], site: Site) -> Neovim:
    """A Neovim with the plan of two agents, of which one fails the verification."""
    plan_of_two(site)
    nvim = start_neovim(**settings_of_two())
    nvim.edit(site.root / "two.plan.md")
    return nvim


def completions(nvim: Neovim, line: str) -> list[str]:
    found: list[str] = nvim.lua(f"return vim.fn.getcompletion('{line}', 'cmdline')")
    return found


def shown(nvim: Neovim) -> str:
    return "\n".join(nvim.lines())


def buffer_name(nvim: Neovim) -> str:
    name: str = nvim.lua("return vim.api.nvim_buf_get_name(0)")
    return name


def test_subcommands_tasks_and_waves_are_completed(fresh: Neovim, quiet_site: Site) -> None:
    fresh.edit(quiet_site.good_plan)
    assert completions(fresh, "AgentServer la") == ["land", "launch"]
    assert {"runs", "new", "stop", "review"} <= set(completions(fresh, "AgentServer "))
    assert completions(fresh, "AgentServer retry ") == ["data", "hub", "entry", "check", "nav"]
    assert completions(fresh, "AgentServer land data h") == ["hub"]
    until(lambda: completions(fresh, "AgentServer launch ") == ["1"])
    fresh.lua("vim.cmd.enew()")
    assert {"runs", "new"} <= set(completions(fresh, "AgentServer "))
    assert completions(fresh, "AgentServer la") == [], "elsewhere there is no plan to launch"


def test_what_would_run_is_shown_and_nothing_does_without_a_yes(two: Neovim, site: Site) -> None:
    two.command("AgentServer launch")
    until(two.floating)
    asked = two.floating()
    for told in ("2 agents at once", "mine.txt", "theirs.txt", "agent.py", "grep -q unkind mine.txt", "at once"):
        assert told in asked
    assert two.lua(STATUS) == "Launch wave 1?"
    two.press("q")
    assert two.floating() == ""
    two.command("AgentServer launch")
    until(two.floating)
    two.command("close")
    until(lambda: two.lua(STATUS) == "")

    two.command("AgentServer launch")
    until(two.floating)
    plan = f"vim.fn.bufadd('{site.root / 'two.plan.md'}')"
    two.lua(f"vim.api.nvim_buf_set_lines({plan}, -1, -1, false, {{ 'And write it twice.' }})")
    two.press("y")
    until(two.told)
    assert len(two.told()[-1]) < 80, "a refusal takes no more than a line, which would have Neovim wait for a key"
    said = two.lua("return require('agent_server.server').said")
    assert "The plan changed after it was approved. Nothing was started." in said[-1]
    assert two.states() == []
    assert not (site.root / "theirs.txt").exists()


def test_a_held_run_is_looked_at_and_decided_about(two: Neovim, site: Site) -> None:
    two.command("AgentServer launch")
    two.agree()
    until(lambda: "held" in two.states())

    two.command("AgentServer transcript mine")
    until(lambda: "Transcript of `mine`" in shown(two))
    assert buffer_name(two).endswith("mine.transcript.md")
    two.press("q")
    two.lua("vim.fn.search('^## theirs')")
    two.command("AgentServer brief")
    until(lambda: buffer_name(two) == "agent-server://brief/two.plan.md/theirs.brief.md")
    until(lambda: "Write the second file of the two" in shown(two))
    two.press("q")

    # What the lens "Show changes" does: diffs, instead of a list of files.
    argument = "{ uri = vim.uri_from_bufnr(0), task = 'mine' }"
    show_changes = f"{{ title = '', command = 'agentServer.showChanges', arguments = {{ {argument} }} }}"
    two.lua(f"vim.lsp.get_clients()[1]:exec_cmd({show_changes}, {{ bufnr = 0 }})")
    until(lambda: sides(two) == [[True, BASE], [True, UNKIND]])
    two.press("q")

    two.command("AgentServer review")
    until(lambda: sides(two) == [[True, BASE], [True, UNKIND]])
    two.press("]f")
    until(lambda: "theirs.txt" in two.lua("return vim.wo.winbar"))
    two.press("[f[f")
    until(lambda: "never lands" in two.lua("return vim.wo.winbar"))
    two.press("x")
    until(lambda: "outside the task's files" in two.told()[-1])
    two.lua("vim.ui.select = function(items, _, choose) choose(items[1], 1) end")
    two.press("o")
    until(lambda: sides(two) == [[True, BASE], [True, UNKIND]])
    two.lua("vim.api.nvim_win_set_cursor(0, { 9, 0 })")
    two.command("AgentServer drop")
    until(lambda: two.told()[-1].endswith("there is no change at the cursor"))
    two.lua("vim.cmd.wincmd('h') vim.api.nvim_win_set_cursor(0, { 20, 0 })")
    two.command("AgentServer drop")
    until(lambda: sides(two) == [[True, BASE], [True, UNKIND.replace("new\n", "old 19\n")]])
    two.command("AgentServer drop!")
    until(lambda: "Nothing of `mine` would be left" in two.told()[-1])
    two.press("q")

    two.command("AgentServer land theirs")
    until((site.root / "theirs.txt").exists)
    until(lambda: two.lines().count("- status: done") == 1)
    two.command("AgentServer discard")
    until(lambda: "You cannot take this back" in two.floating())
    two.press("q")
    two.command("AgentServer discard")
    two.agree()
    until(lambda: any("Discarded" in each for each in two.told()))
    assert (site.root / "mine.txt").read_text() == BASE


def test_a_failed_result_is_repaired_or_landed_all_the_same(two: Neovim, site: Site) -> None:
    two.command("AgentServer launch")
    two.agree()
    until(lambda: "held" in two.states())
    until(two.told)
    assert two.told()[0].endswith(" … :AgentServer messages")
    assert len(two.told()[0]) < 80
    two.command("AgentServer messages")
    assert "failed on the combined result" in shown(two)
    two.press("q")
    two.command("AgentServer repair")
    until(lambda: "verifying" in two.states()[two.states().index("held") :])
    until(lambda: two.states()[-1] == "held")
    two.command("AgentServer land!")
    assert "without verification" in two.agree()
    until(lambda: (site.root / "mine.txt").read_text() == UNKIND)


def test_one_agent_is_stopped_and_tried_again(start_neovim: Callable[..., Neovim], site: Site) -> None:
    nvim = start_neovim(speed=10)  # `nav` works for 53 seconds, and `data` is silent for 14 at most
    nvim.edit(site.good_plan)
    nvim.command("AgentServer stop")
    until(lambda: nvim.told()[-1:] == ["Agent Server: there is nothing to stop"])
    nvim.command("AgentServer launch!")
    nvim.agree()
    state_of_nav = (
        f"local run = require('agent_server').run('{site.good_plan}')"
        " for _, task in ipairs(run and run.tasks or {}) do if task.id == 'nav' then return task.state end end"
    )
    until(lambda: nvim.lua(state_of_nav) == "running")
    nvim.command("AgentServer transcript data")
    until(lambda: "Transcript of `data`" in shown(nvim))
    length = len(nvim.lines())
    nvim.press("G")
    until(lambda: len(nvim.lines()) > length)
    assert nvim.lua("return vim.fn.line('.') == vim.fn.line('$')"), "who is at its end follows it"
    nvim.press("q")
    nvim.command("AgentServer stop nav")
    until(lambda: nvim.lua(state_of_nav) == "cancelled")
    nvim.command("AgentServer stop")
    until(lambda: nvim.states()[-1] == "cancelled")
    nvim.command("AgentServer retry! nav")
    until(lambda: nvim.lua(state_of_nav) in {"running", "finished", "verifying", "held"})


def test_the_other_sides_of_a_conflict_are_places_to_jump_to(fresh: Neovim, quiet_site: Site) -> None:
    fresh.edit(quiet_site.bad_plan)
    until(lambda: any(each["code"] == "hot-file" for each in fresh.diagnostics()))
    hot = next(each for each in fresh.diagnostics() if each["code"] == "hot-file")
    fresh.lua(f"vim.api.nvim_win_set_cursor(0, {{ {hot['lnum'] + 1}, 0 }})")
    fresh.command("AgentServer conflicts")
    texts = fresh.lua("return vim.tbl_map(function(item) return item.text end, vim.fn.getloclist(0))")
    assert "3 tasks write `navigation.py`" in texts[0]
    assert texts[1] == "→ `hub` writes it here."
    fresh.command("ll 2")
    assert fresh.lua("return vim.api.nvim_get_current_line()").startswith("- writes: `pages/clay_wiki/hub.py`")


def test_a_new_plan_is_one_that_can_be_launched(nvim: Neovim, site: Site) -> None:
    nvim.command("AgentServer new try")
    assert buffer_name(nvim) == str(site.root / "try.plan.md")
    assert nvim.lines()[1:4] == ["verify: make test", "---", "# Try"]
    until(lambda: "Launch wave 1 (2 agents)" in nvim.lenses())
    assert not [each for each in nvim.diagnostics() if each["severity"] == 1]
    nvim.command("edit! README.md")
    nvim.command("AgentServer new try.plan.md")
    assert buffer_name(nvim) == str(site.root / "try.plan.md")


def test_the_demo_opens_a_plan_whose_agents_are_recorded(nvim: Neovim, tmp_path: Path) -> None:
    nvim.lua(f"vim.uv.os_setenv('TMPDIR', '{tmp_path}')")
    nvim.command("AgentServer demo")
    until(lambda: buffer_name(nvim).endswith("clay-wiki-first-try.plan.md"))
    assert Path(buffer_name(nvim)).is_relative_to(tmp_path)
    until(nvim.diagnostics)
    nvim.lua("vim.cmd('%s/claywiki/clay_wiki/')")
    until(lambda: not any(each["severity"] == 1 for each in nvim.diagnostics()))
    nvim.command("AgentServer launch")
    until(nvim.floating)
    assert "plays recorded agents" in nvim.floating()


def test_lenses_follow_an_edit_and_what_the_server_says(two: Neovim) -> None:
    until(lambda: "Launch wave 1 (2 agents)" in two.lenses())
    assert two.lenses()[0].startswith("Launch"), "a narrow window cuts the others off"
    two.lua("vim.fn.search('^## theirs') vim.cmd('normal! dG')")
    until(lambda: "Launch wave 1 (1 agent)" in two.lenses())
    two.command("undo")
    two.command("AgentServer launch")
    two.agree()
    until(lambda: "Discard" in two.lenses())  # without a key: the server has said that there are others


def test_a_command_waits_for_a_server_that_is_starting(nvim: Neovim, site: Site) -> None:
    nvim.command(f"edit {site.good_plan.name}")
    nvim.command("AgentServer launch")
    assert "5 agents at once" in nvim.agree()


def test_the_server_is_asked_how_it_is_and_started_anew(nvim: Neovim, site: Site) -> None:
    nvim.command("AgentServer status")
    assert "no server is running" in nvim.told()[-1]
    nvim.edit(site.good_plan)
    status = "vim.cmd('AgentServer status') return _G.told[#_G.told]"
    works = f"Agent Server: works · 0 runs going on · {site.root}"
    until(lambda: nvim.lua(status) == works)
    client = "return (vim.lsp.get_clients()[1] or {}).id"
    known = {None, nvim.lua(client)}
    for command in ("AgentServer restart", "AgentServer restart!"):
        nvim.command(command)
        until(lambda: nvim.lua(client) not in known)
        until(lambda: nvim.lua(status) == works)
        known.add(nvim.lua(client))
    nvim.command("AgentServer log")
    until(lambda: "Serving" in shown(nvim))


def test_what_cannot_be_done_is_said(fresh: Neovim) -> None:
    fresh.command("AgentServer nonsense")
    fresh.command("AgentServer launch")
    assert fresh.told() == [
        "Agent Server: there is no `nonsense`: see :help :AgentServer",
        "Agent Server: `launch` is about a plan: open one first",
    ]


def test_the_pages_name_every_subcommand_and_no_other(fresh: Neovim) -> None:
    names = fresh.lua(
        "local all = require('agent_server.commands')"
        " return vim.list_extend(vim.tbl_keys(all.of_plans), vim.tbl_keys(all.anywhere))"
    )
    pages = ("README.md", "neovim/README.md", "neovim/doc/agent-server.txt")
    named = re.findall(r"AgentServer (\w+)", "".join((CLIENT.parent / page).read_text() for page in pages))
    assert set(named) <= set(names)
    lines = (CLIENT / "doc/agent-server.txt").read_text().splitlines()
    explained = {line[4:].split("[")[0].split()[0] for line in lines if line.startswith("    ") and line[4:5].islower()}
    assert set(names) <= explained
