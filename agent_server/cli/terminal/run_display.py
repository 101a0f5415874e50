"""A run on the terminal: one bar for the wave and a line for each agent; plain lines where there is no terminal."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from agent_server.analysis.estimates.prices import Price
from agent_server.analysis.facts import TaskState
from agent_server.execution.records.record import TaskRecord
from agent_server.execution.runs import run as execution
from agent_server.execution.runs.budget import WARNED_AT, shares, spent
from agent_server.execution.runs.lifecycle import RunState
from agent_server.plan.visible import visible

_MARKS = {
    TaskState.WAITING: "[dim]waiting[/]",
    TaskState.PREPARING: "[dim]preparing[/]",
    TaskState.RUNNING: "[cyan]running[/]",
    TaskState.FINISHED: "[green]finished[/]",
    TaskState.VERIFYING: "[yellow]verifying[/]",
    TaskState.LANDED: "[bold green]landed[/]",
    TaskState.FAILED: "[bold red]failed[/]",
    TaskState.CANCELLED: "[red]stopped[/]",
    TaskState.HELD: "[yellow]held[/]",
    TaskState.DISCARDED: "[dim]discarded[/]",
    TaskState.UNDONE: "[dim]undone[/]",
}


class RunDisplay:
    """Shows one run while the context is open. `update` takes each progress; `prices` are those of the models."""

    def __init__(self, console: Console, prices: Mapping[str, Price]) -> None:
        self._console = console
        self._prices = prices
        self._said: dict[str, TaskState] = {}
        self._warned: set[str] = set()
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[words]}", markup=True),
            console=console,
            transient=False,
        )
        self._wave: TaskID | None = None
        self._rows: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def update(self, progress: execution.Progress) -> None:
        """Show how the run stands now."""
        self._warn(progress)
        if self._console.is_terminal:
            self._draw(progress)
        else:
            self._print(progress)

    def _draw(self, progress: execution.Progress) -> None:
        if self._wave is None:
            self._wave = self._bars.add_task(f"[bold]{progress.record.approval.part}[/]", total=100, words="")
            for name, task in progress.record.tasks.items():
                self._rows[name] = self._bars.add_task(f"  {escape(_name(name, task))}", total=1, words="")
        self._bars.update(self._wave, completed=progress.percent, words=escape(visible(progress.message)))
        for name, task in progress.record.tasks.items():
            words = f"{_MARKS[task.state]} {escape(visible(progress.activity.get(name, '')))}"
            self._bars.update(self._rows[name], completed=progress.shares.get(name, 0.0), words=words)

    def _print(self, progress: execution.Progress) -> None:
        for name, task in progress.record.tasks.items():
            if self._said.get(name) is not task.state:
                self._said[name] = task.state
                self._say(f"  {_name(name, task)}: {task.state.word}")

    def _warn(self, progress: execution.Progress) -> None:
        """Say once of each limit of the budget that most of it is used."""
        record = progress.record
        minutes = record.seconds.get(RunState.RUNNING.value, 0.0) / 60
        if record.state is RunState.RUNNING:
            minutes = max(minutes, max(progress.worked.values(), default=0.0) / 60)
        for share, limit in shares(record.approval.budget, spent(record, minutes, self._prices)):
            if share >= WARNED_AT and limit not in self._warned:
                self._warned.add(limit)
                self._say(f"{share:.0%} of the budget of {limit} is used.")

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _name(name: str, task: TaskRecord) -> str:
    """A task, with the number of its attempt where that is not the first."""
    return visible(name) if task.attempt == 1 else f"{visible(name)} (attempt {task.attempt})"
