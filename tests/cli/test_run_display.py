"""What is shown of a run while it goes on."""

import io
from dataclasses import replace

from rich.console import Console

from agent_server.analysis.facts import TaskState
from agent_server.execution.records.record import TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.progress import Progress
from agent_server.plan.model import Budget
from tests.execution.records import RUN, record


def test_attempts_are_counted_and_a_budget_is_warned_of_once() -> None:
    from agent_server.cli.terminal.run_display import RunDisplay

    first = TaskRecord(TaskState.RUNNING, tokens=10)
    run = record(RUN, first, TaskRecord(TaskState.WAITING, attempt=2), state=RunState.RUNNING)
    run = replace(run, approval=replace(run.approval, budget=Budget(tokens=100)))
    used = replace(run, tasks={**run.tasks, "a": replace(first, tokens=85)})
    output = io.StringIO()
    with RunDisplay(Console(file=output, width=80), {}) as display:
        for each in (run, used, used):
            display.update(Progress(each, 50, "[bold]working", {"a": "[red]"}, {}))
    assert output.getvalue() == ("  a: running\n  b (attempt 2): waiting\n85% of the budget of 100 tokens is used.\n")


def test_on_a_terminal_nothing_of_what_agents_say_is_taken_for_ours() -> None:
    from agent_server.cli.terminal.run_display import RunDisplay

    run = record(RUN, TaskRecord(TaskState.RUNNING), state=RunState.RUNNING)
    output = io.StringIO()
    with RunDisplay(Console(file=output, width=120, force_terminal=True, color_system=None), {}) as display:
        display.update(Progress(run, 50, "[bold]1/2\x1b[2J", {"a": "edit [red].py"}, {"a": 0.5}))
    shown = output.getvalue()
    assert "[bold]1/2\\u{1b}[2J" in shown
    assert "running edit [red].py" in shown
    assert "wave 1" in shown
