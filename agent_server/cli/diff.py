"""`agent-server diff`: what a run changes, line by line; piped, it is a patch that `git apply` takes."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from agent_server.analysis.picture import count
from agent_server.cli.main import UsageError
from agent_server.cli.recorded import find
from agent_server.execution.changes.changes import Change, FileType, content_before, content_of
from agent_server.execution.changes.patches import lines_changed, patch
from agent_server.execution.changes.review import hunks, is_binary
from agent_server.plan.visible import visible, visible_lines

_BAR = 40  # as many marks as the longest bar of `--stat` has
_STYLES = {"@": "cyan", "+": "green", "-": "red", "\\": "dim"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("run", metavar="RUN|PLAN", help="a run's id or its beginning, or a plan file: its last run")
    parser.add_argument("task", nargs="?", metavar="TASK", help="one task of it")
    parser.add_argument("--stat", action="store_true", help="only how many lines of each file")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the changes; the exit status is 0."""
    found = find(options.run)
    if options.task is not None and options.task not in found.record.tasks:
        raise UsageError(f"Run `{found.record.id}` has no task `{visible(options.task)}`.")
    tasks = [options.task] if options.task is not None else list(found.record.tasks)
    changes = {task: found.store.changes(found.record.id, task) for task in tasks}
    try:
        if options.stat:
            print("\n".join(stat([change for each in changes.values() for change in each])))
        elif sys.stdout.isatty():
            show(changes, Console())
        else:
            for each in changes.values():
                sys.stdout.buffer.writelines(map(patch, each))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise UsageError(f"What run `{found.record.id}` changed is not kept any more ({error.strerror}).") from None
    return 0


def show(changes: Mapping[str, Sequence[Change]], console: Console) -> None:
    """Print each task's changes in colours. What is in the files cannot give the terminal commands."""
    for task, each in changes.items():
        console.print(Text(f"{visible(task)}: {count(len(each), 'file')}", "bold underline"))
        for change in each:
            console.print(coloured(patch(change)), soft_wrap=True, end="")


def stat(changes: Sequence[Change]) -> Iterator[str]:
    """A line a file with how many of its lines change, and the sum."""
    rows = [(visible(change.path), change, lines_changed(hunks(change))) for change in changes]
    width = max((len(path) for path, _, _ in rows), default=0)
    most = max((come + go for _, _, (come, go) in rows), default=0)
    for path, change, (come, go) in rows:
        told = (
            f"{come + go:>5} {_bar(come, '+', most)}{_bar(go, '-', most)}" if come + go else f"    {_without(change)}"
        )
        yield f" {path.ljust(width)} | {told}".rstrip()
    come, go = (sum(each) for each in zip(*(lines for _, _, lines in rows), strict=True)) if rows else (0, 0)
    yield f" {count(len(rows), 'file')}: {count(come, 'line')} added, {count(go, 'line')} removed"


def coloured(told: bytes) -> Text:
    """A patch, or a part of one, in colours."""
    # By `\n` alone, as patches do; what else ends lines on a screen is made visible.
    lines = told.decode("utf-8", "replace").removesuffix("\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.startswith("@@")), len(lines))
    ends = {line.endswith("\r") for line in lines[start:] if line[0] in " +-"}
    text = Text()
    for number, line in enumerate(lines):
        # Carriage returns are of interest where some lines have them and others have not.
        shown = line.removesuffix("\r") if ends == {True} else line
        text.append(f"{visible_lines(shown)}\n", _STYLES.get(line[:1], "") if number >= start else "bold")
    return text


def _bar(lines: int, mark: str, most: int) -> str:
    return mark * (lines if most <= _BAR else -(-lines * _BAR // most))


def _without(change: Change) -> str:
    """What there is to say of a change that has no lines."""
    if change.base is not None and change.before is None:
        return "what stood here before was not kept"
    if (change.base or "").startswith(FileType.SYMLINK.value) or change.type is FileType.SYMLINK:
        return "link"
    if is_binary(content_before(change)) or is_binary(content_of(change)):
        return "binary"
    return "empty" if None in {change.base, change.new} else "mode"
