"""Backlog.md's tasks: a folder `backlog/tasks/` is a plan, and each `task-7 - Title.md` in it a task.

Source: MrLesk/Backlog.md. The front matter says `id`, `title`, `status` and `dependencies`; the files that a finished
task changed, or is to change, may stand in `modified_files`. Completed and archived tasks lie in folders of their own;
a need of one of them is met. Ids are spelled in any case, with or without zeros, and under an older prefix.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from agent_server.plan.formats.reader import Reader
from agent_server.plan.model import Status, Task
from agent_server.plan.task_files.keys import FrontMatter, front_matter
from agent_server.plan.task_files.reading import (
    Basis,
    FileDialect,
    body_of,
    folder_of,
    line_of,
    needs_of,
    parse_alone,
    parse_task_files,
    status_span,
    without_zeros,
)
from agent_server.plan.task_files.writer import FileWriter
from agent_server.plan.text import Span

_NEEDS = ("dependencies",)
_WRITES = ("modified_files",)
_NUMBER = re.compile(r"(?:.*[-_ #])?(?P<number>\d+(?:\.\d+)*)\Z", re.DOTALL)
_STATUSES = {
    **dict.fromkeys(("done", "complete", "completed", "closed", "finished"), Status.DONE),
    **dict.fromkeys(("won't do", "wont do", "won\u2019t do", "cancelled", "canceled"), Status.SKIP),
    **dict.fromkeys(("archived", "duplicate", "draft"), Status.SKIP),
}
_FOLDERS = (("/archive/tasks/", Status.SKIP), ("/completed/", Status.DONE))
_WORD = re.compile(r"[^\w']*(?P<word>\w.*)", re.DOTALL)


def _id_of(_path: str, keys: FrontMatter) -> str | None:
    named = keys.text("id")
    return named if named and ("title" in keys.keys or "status" in keys.keys) else None


def _meaning(ids: Sequence[str], beside: Sequence[str]) -> Callable[[str, str], str | None]:
    """What finds the task of the folder that a dependency means; None for one of the folders beside it.

    An id means the task that is spelled so but for case and zeros; else the only one of its number.
    """
    known = frozenset(ids)
    names = [path.rpartition("/")[2].partition(" - ")[0].removesuffix(".md") for path in beside]
    levels = [(same, _only(same, ids), {same(name) for name in names}) for same in (_spelled, _by_number)]

    def meant(written: str, _own: str) -> str | None:
        for same, here, elsewhere in levels if written not in known else ():
            wanted = same(written)
            if found := here.get(wanted):
                return found
            if wanted and wanted in elsewhere:
                return None
        return written

    return meant


def _only(same: Callable[[str], str], ids: Sequence[str]) -> Mapping[str, str]:
    """The ids by what is the same of them, without those of which there are several."""
    counts = Counter(map(same, ids))
    return {key: task_id for task_id in ids if (key := same(task_id)) and counts[key] == 1}


def _spelled(written: str) -> str:
    """An id apart from its case and the zeros in front of its numbers."""
    number = _number(written)
    head = written[: -len(number)] if number else written
    return head.lower() + _by_number(written)


def _by_number(written: str) -> str:
    return without_zeros(_number(written))


def _number(written: str) -> str:
    found = _NUMBER.match(written[-40:])
    return found["number"] if found else ""


def _statuses(_beside: Sequence[str]) -> Callable[[str, str], Status | None]:
    """What tells by the folder of a task that it is completed, or given up."""
    return lambda _task_id, path: next((found for end, found in _FOLDERS if folder_of(path).endswith(end)), None)


def _read(source: str, keys: FrontMatter, basis: Basis) -> Task:
    body = body_of(source, keys)
    named, titles = keys.items("id")[0], keys.items("title")
    title = titles[0].span if titles else named.span
    found = _WORD.match(keys.text("status"))
    said = _STATUSES.get(found["word"].lower(), Status.TODO) if found else Status.TODO
    return Task(
        id=basis.id,
        id_span=named.span,
        title=titles[0].text if titles else named.text,
        title_span=title,
        heading=line_of(source, title.start),
        span=Span(0, len(source)),
        fields=(),
        field_lines=Span(body.start, body.start),
        instructions=body.of(source),
        instructions_span=body,
        writes=keys.items(*_WRITES),
        needs=needs_of(keys, _NEEDS, basis),
        status=said if said is Status.DONE else basis.status or said,
        status_span=status_span(keys, basis),
    )


DIALECT = FileDialect(
    format="backlog",
    id_of=_id_of,
    needs=_NEEDS,
    meaning=_meaning,
    statuses=_statuses,
    reading=_read,
    writer=FileWriter(needs=_NEEDS, done="Done", open="To Do", writes=_WRITES),
)


def _recognises(text: str) -> bool:
    keys = front_matter(text).keys
    return {"id", "title", "status"} <= keys.keys() and bool({"dependencies", "created_date"} & keys.keys())


READER = Reader(
    name=DIALECT.format,
    title="Backlog.md",
    globs=("**/{backlog,.backlog}/{tasks,completed,drafts,archive/tasks}/*-*.md",),
    parse=partial(parse_alone, DIALECT),
    recognises=_recognises,
    parse_files=partial(parse_task_files, DIALECT),
    beside=("../{tasks,completed,drafts,archive/tasks}/*-*.md", "../../{tasks,completed,drafts}/*-*.md"),
)
