"""What a plan names at an offset, and every other place of the plan that names the same: tasks, paths and locks.

A task is named by its heading, by `needs`, and by words that send another task behind it. A path is named by the fields
of files, by an import that means its file, and by words. What editors show, follow and rename is made of these.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from functools import cached_property, lru_cache

from agent_server.analysis.claims import declared, globs, meant_path, path_set
from agent_server.analysis.globs.path_sets import BadGlob, PathSet
from agent_server.analysis.globs.syntax import confined_path
from agent_server.analysis.imports.targets import Target, targets
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Analysis
from agent_server.analysis.words.mention_words import Use
from agent_server.analysis.words.mentions import Mention, task_mentions
from agent_server.analysis.words.task_references import Reference, TaskNames, references
from agent_server.analysis.writers import Writers
from agent_server.plan.fields import PATH_FIELDS
from agent_server.plan.model import Item, Task
from agent_server.plan.moving import moved
from agent_server.plan.text import Span


class Kind(Enum):
    """What is named."""

    TASK = "task"
    PATH = "path"
    LOCK = "lock"


class Role(StrEnum):
    """How it is named: by a heading, by a field of that name, or by words."""

    NAMES = "names"
    NEEDS = "needs"
    RELIES = "relies"
    """Words that say that the work rests on the other task."""
    WRITES = "writes"
    READS = "reads"
    IMPORTS = "imports"
    MIRRORS = "mirrors"
    LOCKS = "locks"
    CITES = "cites"
    """Words that name a path without writing, reading or running it."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place that names something.

    `name` is the id, the path (or glob) or the lock. `span` is in the plan's text, `at` the place in `Plan.tasks` of
    the task that says it. `exact`: the text there is the name itself, so that another name may replace it. An import as
    its language spells it is none, nor are "task 2" and a glob that holds the path.
    """

    kind: Kind
    name: str
    span: Span
    role: Role
    at: int
    exact: bool = True


def is_implicit(task: Task, text: str) -> bool:
    """Whether the task's id is but the slug of its title. `task` stands where it stands in `text`."""
    return task.id_span == task.title_span and text[task.id_span.end : task.id_span.end + 1] != ":"


def normal_path(text: str) -> str:
    """A written path without `!`, `./` and doubled slashes; as it is where it leads out of the workspace.

    One that ends in a slash, and so means all below a folder, goes on doing so.
    """
    try:
        path = confined_path(text.removeprefix("!"))
    except BadGlob:
        return text
    return f"{path}/" if path and text.endswith("/") else path or text


class Occurrences:
    """What the plan of one analysis names, and where."""

    def __init__(self, analysis: Analysis) -> None:
        """Nothing is looked for before it is asked for."""
        self._analysis = analysis
        self._tasks = analysis.plan.tasks

    def find(self, offset: int) -> Occurrence | None:
        """What is named at `offset`; None where nothing is. At a module that means no file of ours, nothing is."""
        at = self._analysis.plan.place_at(offset)
        if at is None:
            return None
        task, start = self._tasks.homes[at], self._tasks.places[at]
        found = self._found(at, task, offset - start)
        return None if found is None else replace(found, span=moved(found.span, start))

    def first(self, task_id: str) -> int | None:
        """The place in `Plan.tasks` of the task that an id means: of equal ids, the first."""
        return self._places.get(task_id)

    def target(self, found: Occurrence) -> int | None:
        """The place of the task that an occurrence of a task means."""
        return found.at if found.role is Role.NAMES else self.first(found.name)

    def of(self, found: Occurrence) -> tuple[Occurrence, ...]:
        """Every place that names what `found` names, in the order of the text; that of `found` is one of them."""
        if found.kind is Kind.TASK:
            target = self.target(found)
            return () if target is None else self.of_task(target)
        return self.of_lock(found.name) if found.kind is Kind.LOCK else self.of_path(found.name)

    def of_task(self, at: int) -> tuple[Occurrence, ...]:
        """Every place that names the task at that place. Others of the same id are named by their headings alone."""
        return self._ordered(self._of_task(at))

    def lost(self, at: int, name: str) -> frozenset[Span]:
        """The places that mean a task by a number or by words, and would not if the task was called `name`.

        Ranges of numbers are not among them: they mean other tasks, too.
        """
        homes = [replace(home, id=name) if place == at else home for place, home in enumerate(self._tasks.homes)]
        before, after = self._tasks.homes[at].id, TaskNames(homes)
        return frozenset(
            moved(span, self._tasks.places[place])
            for place, (task, then) in enumerate(zip(self._tasks.homes, homes, strict=True))
            for reference, span in _references(task)
            if self._names.meant(reference, task) == before
            and not _is_spelled(reference, span, before)
            and span.end - span.start == len(reference.spelled)
            and after.meant(reference, then) != name
        )

    def of_lock(self, name: str) -> tuple[Occurrence, ...]:
        """Every place that names the lock."""
        return self._ordered(
            Occurrence(Kind.LOCK, name, item.span, Role.LOCKS, at)
            for at, task in enumerate(self._tasks.homes)
            for item in task.locks
            if item.text == name
        )

    def of_path(self, path: str) -> tuple[Occurrence, ...]:
        """Every place that names the path, or a glob that holds it. Of a glob: all that share a path with it."""
        try:
            wanted = path_set((path,), self._analysis.tree)
        except BadGlob:
            return ()
        return self._ordered(
            found for at, task in enumerate(self._tasks.homes) for found in self._of_path(at, task, path, wanted)
        )

    def creators(self, path: str) -> tuple[int, ...]:
        """The places of the open tasks that would create a missing path; of a glob, some file that it matches."""
        spelled = self._writers.creating(path)
        ids = spelled or [task_id for task_id, paths in self._write_sets.items() if _meets(paths, self._set(path))]
        return tuple(self._places[task_id] for task_id in ids)

    def imported(self, at: int, item: Item) -> str | None:
        """The file that an item of `imports` means: one that is there or, where none is, one that a task creates.

        A package that is a folder ends in a slash.
        """
        files = (self._file(target) for target in self._targets(at) if target.item == item)
        return next(filter(None, files), None)

    def _found(self, at: int, task: Task, offset: int) -> Occurrence | None:
        """What is named at an offset of a task's home."""
        if task.heading.contains(offset):
            named = self._in_words(at, task, offset)
            if named is None and task.id_span.contains(offset):
                return Occurrence(Kind.TASK, task.id, task.id_span, Role.NAMES, at)
            return named
        for name, items in self._items(task):
            for item in items:
                if item.span.contains(offset):
                    return self._of_item(at, name, item)
        return self._in_words(at, task, offset)

    def _items(self, task: Task) -> Iterator[tuple[str, tuple[Item, ...]]]:
        """The lists of a task by their names: those of its fields or, in other formats, all that it says."""
        if self._analysis.plan.has_fields:
            yield from ((field.name, field.items) for field in task.fields)
        else:
            yield from ((name, getattr(task, name)) for name in ("needs", *PATH_FIELDS))

    def _of_item(self, at: int, field: str, item: Item) -> Occurrence | None:
        if field == "needs":
            return Occurrence(Kind.TASK, item.text, item.span, Role.NEEDS, at)
        if field == "locks":
            return Occurrence(Kind.LOCK, item.text, item.span, Role.LOCKS, at)
        if field in PATH_FIELDS and globs((item,)):
            return Occurrence(Kind.PATH, normal_path(item.text), _without_mark(item), Role(field), at)
        if field == "imports":
            path = self.imported(at, item)
            if path is not None:
                return Occurrence(Kind.PATH, path, item.span, Role.IMPORTS, at, normal_path(item.text) == path)
        return None

    def _in_words(self, at: int, task: Task, offset: int) -> Occurrence | None:
        """What the words at an offset name; a task before a path, which has the shape of many things."""
        for reference, span in _references(task):
            on = self._names.meant(reference, task) if span.contains(offset) else None
            if on is not None:
                return Occurrence(Kind.TASK, on, span, Role.RELIES, at, _is_spelled(reference, span, on))
        for mention, span in _mentions(task):
            path = meant_path(mention, self._around, self._analysis.tree) if span.contains(offset) else None
            if path is not None:
                return Occurrence(Kind.PATH, path, span, _ROLES[mention.use], at, mention.path == path)
        return None

    def _of_task(self, at: int) -> Iterator[Occurrence]:
        named = self._tasks.homes[at]
        yield Occurrence(Kind.TASK, named.id, named.id_span, Role.NAMES, at)
        if self._places[named.id] != at:
            return
        for place, task in enumerate(self._tasks.homes):
            for need in task.needs:
                if need.text == named.id:
                    yield Occurrence(Kind.TASK, named.id, need.span, Role.NEEDS, place)
            for reference, span in _references(task):
                if self._names.meant(reference, task) == named.id:
                    exact = _is_spelled(reference, span, named.id)
                    yield Occurrence(Kind.TASK, named.id, span, Role.RELIES, place, exact)

    def _of_path(self, at: int, task: Task, path: str, wanted: PathSet) -> Iterator[Occurrence]:
        """Where a task names a path, in its home."""
        for field in PATH_FIELDS:
            items: tuple[Item, ...] = getattr(task, field)
            if any(self._may_meet(item.text, path) for item in items):
                yield from self._of_items(at, field, items, path, wanted)
        for target in self._targets(at) if task.imports else ():
            imported, exact = self._file(target), normal_path(target.item.text) == path
            if exact or (imported and (imported == path or _holds(imported, path, wanted))):
                yield Occurrence(Kind.PATH, path, target.item.span, Role.IMPORTS, at, exact)
        # Words may leave out the folders of a path, and no more of it.
        name = path.rstrip("/").rpartition("/")[2]
        for mention, span in _mentions(task) if name in task.title or name in task.instructions else ():
            if meant_path(mention, self._around, self._analysis.tree) == path:
                yield Occurrence(Kind.PATH, path, span, _ROLES[mention.use], at, mention.path == path)

    def _of_items(
        self, at: int, field: str, items: tuple[Item, ...], path: str, wanted: PathSet
    ) -> Iterator[Occurrence]:
        for claim in declared(field, items, self._analysis.tree):
            exact = normal_path(claim.text) == path
            if exact or _meets(claim.paths, wanted):
                yield Occurrence(Kind.PATH, path, claim.span, Role(field), at, exact)
        for item in items:
            if item.text.startswith("!") and normal_path(item.text) == path:
                yield Occurrence(Kind.PATH, path, _without_mark(item), Role(field), at)

    def _may_meet(self, text: str, path: str) -> bool:
        """Whether an item may name a path, or one above or below it. Quick, and never a wrong no."""
        if path.startswith(text.rstrip("/")) or text.startswith(path.rstrip("/")):
            return True
        return _is_unusual(text) or _is_unusual(path) or not self._analysis.tree.case_sensitive

    def _targets(self, at: int) -> tuple[Target, ...]:
        """What the imports of a task mean. Of equal ids only the first is analysed, so only that one has any."""
        task = self._tasks.homes[at]
        if not task.imports or self._places[task.id] != at:
            return ()
        return targets(task, self._analysis.at_home[task.id].writes.paths, self._analysis.tree)

    def _file(self, target: Target) -> str | None:
        if target.existing is not None:
            return target.existing
        return next((path for path in target.files if self._is_created(path, target)), None)

    def _is_created(self, path: str, target: Target) -> bool:
        language = target.place.language
        if path.endswith("/") and language is not None:
            return bool(self._writers.creating_in(path, language))
        return bool(self._writers.creating(path))

    def _set(self, path: str) -> PathSet:
        try:
            return path_set((path,), self._analysis.tree)
        except BadGlob:
            return PathSet()

    def _ordered(self, found: Iterator[Occurrence]) -> tuple[Occurrence, ...]:
        """The occurrences at their places in the text, each place once."""
        placed = {
            span: replace(each, span=span)
            for each in found
            for span in (moved(each.span, self._tasks.places[each.at]),)
        }
        return tuple(placed[span] for span in sorted(placed))

    @cached_property
    def _places(self) -> Mapping[str, int]:
        homes = self._tasks.homes
        return {homes[at].id: at for at in range(len(homes) - 1, -1, -1)}

    @cached_property
    def _names(self) -> TaskNames:
        return TaskNames(self._tasks.homes)

    @cached_property
    def _around(self) -> Surroundings:
        return Surroundings(self._analysis.plan)

    @cached_property
    def _write_sets(self) -> Mapping[str, PathSet]:
        known = self._analysis.at_home.items()
        return {task_id: each.writes.paths for task_id, each in known if each.task.is_open}

    @cached_property
    def _writers(self) -> Writers:
        return Writers(self._write_sets, self._analysis.tree)


_UNUSUAL = re.compile(r"[*?\[{!]|(?:^|/)\.{0,2}/")

_ROLES = {Use.WRITES: Role.WRITES, Use.READS: Role.READS, Use.RUNS: Role.READS, Use.CITES: Role.CITES}


@lru_cache(maxsize=16384)
def _is_unusual(text: str) -> bool:
    """Whether an item is more than a path, or spells it in another way: wildcards, `./`, doubled slashes."""
    return _UNUSUAL.search(text) is not None


def _references(task: Task) -> Iterator[tuple[Reference, Span]]:
    """The tasks that a task's words rely on, each with its place in the task."""
    for text, start in task.words:
        for reference in references(text):
            written = reference.span.of(text)
            ticks = len(written) - len(written.lstrip("`"))
            yield reference, Span(start + reference.span.start + ticks, start + reference.span.end - ticks)


def _is_spelled(reference: Reference, span: Span, task_id: str) -> bool:
    """Whether a reference is the id itself; in a range (`T004-T009`) it is not, nor are words of a title."""
    return reference.spelled.lower() == task_id and span.end - span.start == len(task_id)


def _mentions(task: Task) -> Iterator[tuple[Mention, Span]]:
    """The paths that a task's words name, each with its place in the task."""
    for mention, start in task_mentions(task):
        yield mention, moved(mention.span, start)


def _without_mark(item: Item) -> Span:
    """Where the item is without the `!` that excepts it."""
    return Span(item.span.start + item.text.startswith("!"), item.span.end)


def _meets(paths: PathSet, wanted: PathSet) -> bool:
    """Whether two sets share a path."""
    if wanted.is_plain:
        return any(map(paths.matches, wanted.literals))
    return paths.overlap(wanted) is not None


def _holds(imported: str, path: str, wanted: PathSet) -> bool:
    """Whether what is imported is a path of the set, or the folder of a package that the path lies right in."""
    return wanted.matches(imported) or (imported.endswith("/") and f"{path.rpartition('/')[0]}/" == imported)
