"""A run on the terminal: one bar for the wave and a line for each agent; plain lines where there is no terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from agent_server.analysis.facts import TaskState
from agent_server.execution import run as execution

_MARKS = {
    TaskState.WAITING: "[dim]waiting[/]",
    TaskState.PREPARING: "[dim]preparing[/]",
    TaskState.RUNNING: "[cyan]running[/]",
    TaskState.FINISHED: "[green]finished[/]",
    TaskState.VERIFYING: "[yellow]verifying[/]",
    TaskState.LANDED: "[bold green]landed[/]",
    TaskState.FAILED: "[bold red]failed[/]",
    TaskState.CANCELLED: "[red]cancelled[/]",
    TaskState.HELD: "[yellow]held[/]",
    TaskState.DISCARDED: "[dim]discarded[/]",
    TaskState.UNDONE: "[dim]undone[/]",
}


class RunDisplay:
    """Shows one run while the context is open. `update` takes each progress."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: dict[str, TaskState] = {}
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
        if self._console.is_terminal:
            self._draw(progress)
        else:
            self._print(progress)

    def _draw(self, progress: execution.Progress) -> None:
        if self._wave is None:
            wave = progress.record.approval.wave
            self._wave = self._bars.add_task(f"[bold]wave {wave}[/]", total=100, words="")
            for name in progress.record.tasks:
                self._rows[name] = self._bars.add_task(f"  {name}", total=1, words="")
        self._bars.update(self._wave, completed=progress.percent, words=_plain(progress.message))
        for name, task in progress.record.tasks.items():
            words = f"{_MARKS[task.state]} {_plain(progress.activity.get(name, ''))}"
            self._bars.update(self._rows[name], completed=progress.shares.get(name, 0.0), words=words)

    def _print(self, progress: execution.Progress) -> None:
        for name, task in progress.record.tasks.items():
            if self._said.get(name) is not task.state:
                self._said[name] = task.state
                self._console.print(f"  {name}: {task.state.value}", markup=False, highlight=False)


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
