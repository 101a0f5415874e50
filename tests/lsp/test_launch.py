"""The question before a launch, as VS Code shows it: one paragraph, at most 1,000 characters, links in Markdown."""

import pytest

from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.lsp.commands.launch import question
from agent_server.plan.model import Budget


def approval(number: int, verify: str | None = "make check", own: str | None = None) -> Approval:
    tasks = [
        ApprovedTask(f"task-{each}", "Title", (f"src/module_{each}/file.py",), "model", "replay")
        for each in range(number)
    ]
    tasks.append(ApprovedTask("last", "Title", ("last.py",), "model", "replay", own))
    return Approval("a.plan.md", "digest", 1, tuple(tasks), verify, Budget(tokens=5_000))


def test_a_small_wave_is_shown_whole_and_reads_as_one_paragraph() -> None:
    first, *lines = question(approval(1)).split("\n")
    assert first == "Wave 1 of a.plan.md: 2 agents at once."
    assert all(line.startswith("• ") for line in lines)
    assert lines[-2:] == [
        "• task-0 (replay, model) may write src/module_0/file.py",
        "• last (replay, model) may write last.py",
    ]


@pytest.mark.parametrize("number", [5, 20, 1_000])
def test_what_runs_and_what_limits_it_is_never_cut_off(number: int) -> None:
    asked = question(approval(number, own="make last"))
    assert len(asked) <= 1_000
    for told in (
        f"{number + 1} agents",
        "Then verify with: make check",
        "must pass: make last",
        "Budget: 5,000 tokens",
    ):
        assert told in asked


def test_tasks_that_do_not_fit_are_counted() -> None:
    asked = question(approval(100))
    shown = asked.count("may write")
    assert 0 < shown < 101
    assert asked.endswith(f"• and {101 - shown} more tasks, each held to its files in the plan")


def test_a_plan_cannot_put_a_link_into_the_question() -> None:
    asked = question(approval(1, verify="make # [What it does](command:do.something)"))
    assert "make # [What it does] (command:do.something)" in asked
