"""Writes changes back into the front matter of tasks: how one stands, what it needs, its files and its wave."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agent_server.plan.model import Edit, Plan, Status, Task
from agent_server.plan.moving import moved
from agent_server.plan.task_files.edits import with_value, without_key
from agent_server.plan.task_files.keys import FrontMatter, front_matter
from agent_server.plan.writing import status_wanted


@dataclass(frozen=True)
class FileWriter:
    """Writes changes back into the front matter of tasks.

    `done` and `open` are the words for a task's status; without a word for open tasks the key goes. `writes` is the key
    for files, and `elsewhere` finds those that the rest of a file names.
    """

    needs: tuple[str, ...]
    done: str
    open: str = ""
    writes: tuple[str, ...] = ()
    wave: str = ""
    elsewhere: Callable[[str], Sequence[str]] = field(default=lambda _text: ())
    mark: ClassVar[str] = ""

    @property
    def holds(self) -> frozenset[str]:
        """The names of `WRITABLE` that it can change."""
        more = {name for name, key in (("writes", self.writes), ("wave", self.wave)) if key}
        return frozenset({"status", "needs"} | more)

    def set_field(self, plan: Plan, task: Task, name: str, items: Sequence[str]) -> tuple[Edit, ...]:
        """Change a key of the task's file. There is no edit for what another place of the files says, too."""
        text = task.span.of(plan.text)
        found = front_matter(text)
        if name == "status":
            edits = self._with_status(text, found, task, status_wanted(items))
        elif name == "wave":
            edits = self._in_wave(text, found, task, items)
        elif name == "needs":
            edits = self._needing(text, found, task, items)
        else:
            edits = self._writing(text, found, task, items)
        return tuple(Edit(moved(edit.span, task.span.start), edit.new_text) for edit in edits)

    def append_task(self, _plan: Plan, _title: str, _fields: Mapping[str, Sequence[str]]) -> tuple[Edit, ...]:
        """A new task would be a new file."""
        return ()

    def _needing(self, text: str, found: FrontMatter, task: Task, items: Sequence[str]) -> tuple[Edit, ...]:
        """Change the list of needs. What is needed from elsewhere stays, in the words of the author."""
        named = {need.span.start - task.span.start: need.text for need in task.needs}
        key = found.present(self.needs)
        kept = [
            each.text for each in found.items(key) if each.span.start not in named or named[each.span.start] in items
        ]
        new = [item for item in items if item not in named.values()]
        return with_value(text, found, key, [*kept, *new], is_list=True)

    def _writing(self, text: str, found: FrontMatter, task: Task, items: Sequence[str]) -> tuple[Edit, ...]:
        """Change the list of files."""
        elsewhere = self.elsewhere(text)
        if any(item.text in elsewhere and item.text not in items for item in task.writes):
            return ()
        key = found.present(self.writes)
        listed = [item.text for item in found.items(key)]
        kept = [path for path in listed if path in items]
        new = [path for path in items if path not in listed and path not in elsewhere]
        return with_value(text, found, key, [*kept, *new], is_list=True)

    def _in_wave(self, text: str, found: FrontMatter, task: Task, items: Sequence[str]) -> tuple[Edit, ...]:
        if not items or not items[0].isdecimal():
            return () if items else without_key(found, self.wave)
        written = found.number(self.wave)
        after = 0 if written is None or task.wave is None else task.wave - written
        wave = int(items[0]) - after
        return with_value(text, found, self.wave, [str(wave)], is_list=False) if wave > 0 else ()

    def _with_status(self, text: str, found: FrontMatter, task: Task, wanted: Status | None) -> tuple[Edit, ...]:
        is_done, was_done = wanted is Status.DONE, task.status is Status.DONE
        if wanted not in {Status.DONE, Status.TODO} or is_done == was_done or (was_done and task.status_span is None):
            return ()
        if is_done or self.open:
            return with_value(text, found, "status", [self.done if is_done else self.open], is_list=False)
        return without_key(found, "status")
