"""What of a change set lands: chosen by paths, or piece by piece at the terminal, as `git add -p` does."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from agent_server.cli.diff import coloured
from agent_server.cli.terminal.prompts import ask
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.patches import patch
from agent_server.execution.changes.review import Hunk, hunk_id, hunks
from agent_server.plan.visible import visible

Changes = Mapping[str, Sequence[Change]]

_HELP = """\
y  land this
n  leave this out
a  land this and all that follows in this file
d  leave this out, and all that follows in this file
q  leave this out, and all that follows
?  say what the keys mean
What is left out is given up. Ctrl-C goes back: nothing lands, and nothing is given up.\
"""


@dataclass(frozen=True, slots=True)
class Picked:
    """What lands: something of these `tasks`. Of each (task, path) in `left_out` these hunks do not, by their ids.

    Where the hunks are None the whole file does not.
    """

    tasks: tuple[str, ...]
    left_out: Mapping[tuple[str, str], Collection[str] | None]


def by_paths(changes: Changes, wanted: Collection[str]) -> Picked:
    """Of these tasks' changes those at the paths, or below them."""
    return _picked(
        changes,
        {
            (task, change.path): None
            for task, each in changes.items()
            for change in each
            if not any(change.path == path or change.path.startswith(f"{path}/") for path in wanted)
        },
    )


def by_asking(changes: Changes, console: Console, answer: Callable[[str, str], str] = ask) -> Picked:
    """What whoever sits there chooses. `answer` gives the answer to a question, and what it is where there is none."""
    picker = _Picker(console, answer)
    for task, each in changes.items():
        for change in each:
            picker.pick(task, change)
    return _picked(changes, picker.left_out)


def _picked(changes: Changes, left_out: Mapping[tuple[str, str], Collection[str] | None]) -> Picked:
    """Tasks of which nothing is left are not among those that land, rather than landed without anything."""
    tasks = tuple(
        task
        for task, each in changes.items()
        if not each or any(left_out.get((task, change.path), ()) is not None for change in each)
    )
    return Picked(tasks, {(task, path): ids for (task, path), ids in left_out.items() if task in tasks})


@dataclass(slots=True)
class _Picker:
    """Asks about one file after the other. `rest` is the answer to all that follows, once there is one."""

    console: Console
    answer: Callable[[str, str], str]
    left_out: dict[tuple[str, str], Collection[str] | None] = field(default_factory=dict)
    rest: str = ""

    def pick(self, task: str, change: Change) -> None:
        """Ask about a file."""
        found = hunks(change)
        header = patch(change, ())
        if not self.rest:
            self.console.print(coloured(header), soft_wrap=True, end="")
        dropped = self._dropped_hunks(change, found, len(header))
        if len(dropped) == max(1, len(found)):
            self.left_out[task, change.path] = None
        elif dropped:
            self.left_out[task, change.path] = tuple(hunk_id(hunk) for hunk in dropped if hunk)

    def _dropped_hunks(self, change: Change, found: Sequence[Hunk], header: int) -> list[Hunk | None]:
        """Those of the file that do not land; a file without hunks is asked about as if it were one, None."""
        dropped: list[Hunk | None] = []
        of_file = self.rest
        for number, hunk in enumerate(found or (None,), 1):
            if not of_file and hunk is not None:
                self.console.print(coloured(patch(change, (hunk,))[header:]), soft_wrap=True, end="")
            what = f"({number}/{len(found)}) Land this hunk of" if len(found) > 1 else "Land"
            key = of_file or self._key(f"{what} {visible(change.path)} [y,n,a,d,q,?]?")
            if key in {"n", "d", "q"}:
                dropped.append(hunk)
            if key in {"a", "d", "q"}:
                of_file = key
            if key == "q":
                self.rest = key
        return dropped

    def _key(self, question: str) -> str:
        while (key := self.answer(question, "q").lower()[:1]) not in {"y", "n", "a", "d", "q"}:
            self.console.print(_HELP, markup=False, highlight=False)
        return key
