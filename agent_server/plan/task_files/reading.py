"""Plans that are folders in which each file is one task: its front matter says what it needs, and its text is the work.

Such formats differ in the names of their keys and files, so each is a `FileDialect`. The text of the plan is all files
one after the other, each with a line end at its end, and the files are its `parts`.

An id is spelled in several ways (`1-2` for `01-02`), so each dialect says which task of the folder is meant. A need of
a task that lies elsewhere (an earlier phase, a folder of completed tasks) is none of this plan's.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from agent_server.plan.assembling import Cut, assembled
from agent_server.plan.ids import check_ids, check_needs, unmet
from agent_server.plan.items import each_once
from agent_server.plan.markdown.conflicts import conflicts_in
from agent_server.plan.model import (
    FileText,
    Item,
    Part,
    Plan,
    PlanSettings,
    Reading,
    Status,
    Task,
    Writer,
    in_order,
)
from agent_server.plan.moving import Placed
from agent_server.plan.task_files.keys import FrontMatter, front_matter
from agent_server.plan.text import Span, trimmed
from agent_server.plan.writing import line_start, line_stop


@dataclass(frozen=True, slots=True)
class Basis:
    """What the reading of a task depends on beside its own file's text.

    `needs` says of each of its needs, as written, which task is meant. `status` is what other files say of it. Its own
    waves are counted from the wave `after` on.
    """

    format: str
    id: str
    needs: tuple[tuple[str, str], ...]
    status: Status | None
    after: int = 0


@dataclass(frozen=True)
class FileDialect:
    """How one format writes tasks as files.

    `id_of` names the task of a file by its path, which may be empty, and its front matter; None where the file is none.
    `needs` are the keys of that list, the one that is written first.
    `meaning` makes, for the ids of a folder's tasks and the paths of the files beside them, what finds the task that an
    id means in the file of another task, which comes second: None for one that lies elsewhere, the id itself for one
    that nobody knows. `statuses` makes what tells by its id and its path what other files say of a task. `reading` is
    the task that a file holds. `title` is the key that titles the plan. `wave` is the key for waves; tasks that
    `is_late` run after all others, and count their waves anew.
    """

    format: str
    id_of: Callable[[str, FrontMatter], str | None]
    needs: tuple[str, ...]
    meaning: Callable[[Sequence[str], Sequence[str]], Callable[[str, str], str | None]]
    statuses: Callable[[Sequence[str]], Callable[[str, str], Status | None]]
    reading: Callable[[str, FrontMatter, Basis], Task]
    title: str = ""
    wave: str = ""
    is_late: Callable[[FrontMatter], bool] = lambda _keys: False
    writer: Writer | None = None


def parse_task_files(
    dialect: FileDialect,
    files: Sequence[FileText],
    beside: Sequence[str] = (),
    before: Plan | None = None,
    *,
    alone: bool = False,
) -> Reading:
    """The plan in the files of a folder, which come in the order of their paths. Never raises, whatever the texts.

    Files `beside` only tell by their names. A file that is read `alone` says nothing of the tasks that it needs, for
    nobody knows whether they are there.
    """
    text, parts = joined(files)
    found = [front_matter(part.span.of(text)) for part in parts]
    ids = [dialect.id_of(part.path, keys) for part, keys in zip(parts, found, strict=True)]
    meant = dialect.meaning([task_id for task_id in ids if task_id is not None], beside)
    status = dialect.statuses(beside)
    last = max((keys.number(dialect.wave) or 0 for keys in found if not dialect.is_late(keys)), default=0)
    cuts = []
    for part, keys, task_id in zip(parts, found, ids, strict=True):
        if task_id is None:
            continue
        written = () if alone else keys.items(keys.present(dialect.needs))
        named = ((item.text, meant(item.text, task_id)) for item in written)
        needs = tuple((word, task) for word, task in named if task is not None and task != task_id)
        after = last if dialect.is_late(keys) else 0
        basis = Basis(dialect.format, task_id, needs, status(task_id, part.path), after)
        cuts.append(Cut(part.span.start, part.span.end, basis))

    def read(source: str, basis: Basis) -> Task:
        return dialect.reading(source, front_matter(source), basis)

    tasks, readings = assembled(text, cuts, read, before)
    return _plan(dialect, text, parts, tasks, readings)


def parse_alone(dialect: FileDialect, text: str, before: Plan | None = None) -> Reading:
    """The plan in one file, without the rest of its folder."""
    return parse_task_files(dialect, [FileText("", text)], before=before, alone=True)


def folder_of(path: str) -> str:
    """The folder that a file lies in, with a slash at its end; empty for the root."""
    return path[: path.rfind("/") + 1]


def joined(files: Sequence[FileText]) -> tuple[str, tuple[Part, ...]]:
    """The files one after the other, each with a line end at its end; and where each stands."""
    texts: list[str] = []
    parts: list[Part] = []
    at = 0
    for path, text in files:
        whole = text if text.endswith(("\n", "\r")) else f"{text}\n"
        texts.append(whole)
        parts.append(Part(path, Span(at, at + len(whole))))
        at += len(whole)
    return "".join(texts), tuple(parts)


def needs_of(keys: FrontMatter, names: Sequence[str], basis: Basis) -> tuple[Item, ...]:
    """The tasks that a file says it needs, each where it is written there."""
    meant = dict(basis.needs)
    written = keys.items(keys.present(names))
    return each_once(Item(meant[item.text], item.span) for item in written if item.text in meant)


def status_span(keys: FrontMatter, basis: Basis) -> Span | None:
    """Where a file says how its task stands; None where that is said by other files."""
    return keys.keys["status"].value if "status" in keys.keys and basis.status is None else None


def body_of(source: str, keys: FrontMatter) -> Span:
    """What a file says below its front matter."""
    return trimmed(source, keys.span.end, len(source))


def line_of(source: str, offset: int) -> Span:
    """The line that holds `offset`, without its end."""
    return Span(line_start(source, offset), line_stop(source, offset))


def without_zeros(number: str) -> str:
    """A number such as `01.02` without the zeros in front of its parts."""
    return ".".join(part.lstrip("0") or "0" for part in number.split("."))


def _plan(
    dialect: FileDialect,
    text: str,
    parts: tuple[Part, ...],
    tasks: Placed[Task],
    readings: Mapping[Hashable, Task],
) -> Reading:
    problems = [*conflicts_in(text)]
    ids = frozenset([task.id for task in tasks.homes])
    check_ids(tasks, ids, problems)
    check_needs(tasks, ids, unmet(tasks, ids), problems)
    titles = front_matter(parts[0].span.of(text)).items(dialect.title) if parts and dialect.title else ()
    plan = Plan(
        text=text,
        format=dialect.format,
        title=titles[0].text if titles else "",
        title_span=titles[0].span if titles else Span(0, 0),
        context="",
        settings=PlanSettings(),
        front_matter=Span(0, 0),
        tasks=tasks,
        parts=parts,
        readings=readings,
        writer=dialect.writer,
    )
    return plan, in_order(problems)
