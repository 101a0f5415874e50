"""Writes changes back into plans in JSON: the status of a task, and what it waits for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent_server.plan.json_plans.edits import marks_of, with_items, with_member
from agent_server.plan.json_plans.reading import Form
from agent_server.plan.json_plans.text import Kind, Value, read_json
from agent_server.plan.model import Edit, Plan, Status, Task
from agent_server.plan.writing import status_wanted


@dataclass(frozen=True)
class JsonWriter:
    """What a format in JSON can hold.

    `statuses` are its words for each status, as JSON. `needs` is the name of the array of what a task waits for, empty
    where there is none; `spelled` tells how a task, which is an object, writes an id there, as JSON, or None where it
    cannot. `along` gives the edits of what else has to change with a status, and `is_decided` tells whether the group
    of a task decides about it, so that what it says itself counts for nothing.
    """

    form: Form
    statuses: Mapping[Status, str]
    needs: str = ""
    spelled: Callable[[Plan, Task, Value, str], str | None] = lambda _plan, _task, _value, _item: None
    along: Callable[[Value, Status], tuple[Edit, ...]] = lambda _value, _status: ()
    is_decided: Callable[[Plan, Task], bool] = lambda _plan, _task: False
    mark: ClassVar[str] = ""

    @property
    def holds(self) -> frozenset[str]:
        """The names of `WRITABLE` that it can change."""
        return frozenset({"status"} | ({"needs"} if self.needs else set()))

    def set_field(self, plan: Plan, task: Task, name: str, items: Sequence[str]) -> tuple[Edit, ...]:
        """Say another status, or change what the task waits for."""
        value, _ = read_json(plan.text, task.span.start, task.span.end)
        if value is None or not value.items:
            return ()
        return self._status(plan, task, value, items) if name == "status" else self._needs(plan, task, value, items)

    def append_task(self, _plan: Plan, _title: str, _fields: Mapping[str, Sequence[str]]) -> tuple[Edit, ...]:
        """No task is added: it would need what only the format's own tool can tell, such as an id or a date."""
        return ()

    def _status(self, plan: Plan, task: Task, value: Value, items: Sequence[str]) -> tuple[Edit, ...]:
        wanted = status_wanted(items)
        word = self.statuses.get(wanted) if wanted is not None else None
        written = value.get(self.form.status)
        if word is None or wanted is None or task.status is wanted or self.is_decided(plan, task):
            return ()
        along = self.along(value, wanted)
        if written is not None:
            return (Edit(written.span, word), *along)
        titled = next((at for at, (name, _) in enumerate(value.members()) if name in self.form.title), 0)
        return (with_member(value, titled, self.form.status, word), *along)

    def _needs(self, plan: Plan, task: Task, value: Value, items: Sequence[str]) -> tuple[Edit, ...]:
        """Of what is written, keep what the wanted items stand for, and add the rest.

        There is no edit where that is impossible: for what comes from the task's group, or a part of a group.
        """
        wanted = set(items)
        array = value.get(self.needs)
        entries = array.listed() if array is not None else []
        named = [[item.text for item in task.needs if entry.span.contains(item.span.start)] for entry in entries]
        gone = {at for at, ids in enumerate(named) if ids and not wanted.intersection(ids)}
        again = {entries[at].said for at in gone} - {""}
        gone |= {at for at, entry in enumerate(entries) if entry.said in again}
        left = {task_id for at, ids in enumerate(named) if at not in gone for task_id in ids}
        inherited = {item.text for item in task.needs}.difference(*named)
        spelled = [self.spelled(plan, task, value, item) for item in items if item not in left | inherited]
        new = [item for item in spelled if item is not None]
        is_possible = left | inherited <= wanted and len(new) == len(spelled)
        if not is_possible or not (gone or new) or (array is not None and array.kind is not Kind.ARRAY):
            return ()
        _, comma = marks_of(value)
        if array is None:
            return (with_member(value, len(value.items) - 1, self.needs, f"[{comma.join(new)}]"),)
        return tuple(with_items(array, gone, new, comma, on_lines=self._is_on_lines(plan)))

    def _is_on_lines(self, plan: Plan) -> bool:
        """Whether the plan writes what tasks wait for on lines of their own."""
        return re.search(rf'"{re.escape(self.needs)}"\s*+:\s*+\[[ \t]*+\r?+\n', plan.text) is not None
