"""`could-be-parallel`: tasks that nothing keeps from running side by side are not marked so."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.rules.marks import marked
from agent_server.analysis.rules.places import stands_here
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity

_FEWEST = 2
_SHORTEST_NAME = 3
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+")
_ABOUT_ALL = re.compile(
    r"run|verify|validate|check|ensure|review|execute|install|init\w*|set ?up|scaffold|bootstrap|configure|commit|merge"
    r"|deploy|release|clean|refactor|rename|move|remove|delete|migrate|integrate|wire|register",
    re.IGNORECASE,
)
"""How tasks begin that are about more than the file that they name."""

_RESTED_ON = frozenset(
    [
        "abstract",
        "app",
        "base",
        "common",
        "config",
        "conftest",
        "constants",
        "core",
        "enums",
        "errors",
        "exceptions",
        "helpers",
        "index",
        "init",
        "interface",
        "interfaces",
        "lib",
        "main",
        "mod",
        "shared",
        "setup",
        "types",
        "util",
        "utils",
    ]
)
"""How files are called that their neighbours rest on."""


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """One hint at each run of such tasks: unmarked, of one phase, and of one kind, each with files of its own.

    The bar is high, since nobody wants to be talked into a mark that turns out to be wrong.
    """
    plan = analysis.plan
    if plan.has_fields or not plan.holds("parallel"):
        return
    tasks = [home for home in analysis.at_home.values() if home.task.is_open]
    runs = [*_runs(tasks)]
    if not runs:
        return
    waits = _waits(analysis)
    marked_ones: dict[int | None, _Several] = {phase: _Several(waits) for phase, _ in runs}
    for home in tasks:
        if home.task.parallel and home.task.phase in marked_ones:
            marked_ones[home.task.phase].add(home)
    for phase, alike in runs:
        run = _Several(waits)
        for home in filter(marked_ones[phase].is_independent_of, alike):
            if not run.is_independent_of(home):
                yield from _diagnostics(analysis, run.names)
                run = _Several(waits)
            run.add(home)
        yield from _diagnostics(analysis, run.names)


def _runs(tasks: Sequence[TaskAnalysis]) -> Iterator[tuple[int | None, Sequence[TaskAnalysis]]]:
    """The runs of tasks of one phase and of one kind, each with its phase. Few stand beside one that begins alike."""
    for (phase, _), near in groupby(tasks, lambda home: (home.task.phase, _verb(home.task.title))):
        beside = [*near]
        for kind, several in groupby(beside, _kind) if len(beside) >= _FEWEST else ():
            alike = [*several]
            if kind and len(alike) >= _FEWEST:
                yield phase, alike


def _waits(analysis: Analysis) -> Mapping[str, set[str]]:
    """For each task all that it waits for, and that wait for it."""
    waits: dict[str, set[str]] = {}
    for each in analysis.dependencies:
        waits.setdefault(each.task, set()).add(each.on)
        waits.setdefault(each.on, set()).add(each.task)
    return waits


def _kind(home: TaskAnalysis) -> tuple[str, ...] | None:
    """What an unmarked task does, in which folder, with files of which ending; None where it is not surely one thing.

    Of tasks that do the same with neighbours, such as "Create ... in src/models/", none rests on another.
    """
    task, paths = home.task, home.writes.paths
    if task.parallel or task.needs or home.writes.unknown or not paths.is_literal or _ABOUT_ALL.match(task.title):
        return None
    verb = _verb(task.title)
    parts = (path.rpartition("/") for path in paths.literals)
    kinds = {(verb, folder, name.partition(".")[2]) for folder, _, name in parts}
    names = {_stem(path) for path in paths.literals}
    return (
        next(iter(kinds))
        if len(kinds) == 1 and names.isdisjoint(map(_singular, _RESTED_ON)) and all(map(_is_told, names))
        else None
    )


def _verb(title: str) -> str:
    return next(iter(title.split(maxsplit=1)), "").lower()


def _is_told(name: str) -> bool:
    """Whether a name is long enough that it would be noticed in the words of another task."""
    return len(name) >= _SHORTEST_NAME


class _Several:
    """Tasks that may run side by side, as far as anybody can tell."""

    def __init__(self, waits: Mapping[str, set[str]]) -> None:
        """None yet. `waits` tells of each task with which others it is in order."""
        self.names: list[str] = []
        self._waits = waits
        self._paths = PathSet()
        self._literals: set[str] = set()
        self._stems: set[str] = set()
        self._words: set[str] = set()

    def add(self, home: TaskAnalysis) -> None:
        """One more."""
        paths = home.writes.paths
        self.names.append(home.task.id)
        self._literals.update(paths.literals)
        self._paths = self._paths if paths.is_literal else self._paths.union(paths)
        self._stems.update(map(_stem, paths.literals))
        self._words |= _phrases(home.task.title, home.task.instructions)

    def is_independent_of(self, home: TaskAnalysis) -> bool:
        """Whether a task neither writes what one of these writes, nor is in order with it, nor speaks of its files."""
        paths, stems = home.writes.paths, {_stem(path) for path in home.writes.paths.literals}
        return (
            self._waits.get(home.task.id, set()).isdisjoint(self.names)
            and self._literals.isdisjoint(paths.literals)
            and (not self._paths or self._paths.overlap(paths) is None)
            and self._words.isdisjoint(stems)
            and self._stems.isdisjoint(_phrases(home.task.title, home.task.instructions))
        )


@lru_cache(maxsize=16384)
def _phrases(title: str, instructions: str) -> frozenset[str]:
    """Each word of the texts, and each two and three of them as one, as the names of files run them together."""
    words = [_singular(word) for text in (title, instructions) for word in _WORD.findall(text)]
    several = ("".join(words[at : at + length]) for length in (1, 2, 3) for at in range(len(words)))
    return frozenset(several)


def _stem(path: str) -> str:
    """The name of a file as `_phrases` has it."""
    return "".join(map(_singular, _WORD.findall(path.rpartition("/")[2].partition(".")[0])))


def _singular(word: str) -> str:
    return word.lower().removesuffix("s")


def _diagnostics(analysis: Analysis, run: Sequence[str]) -> Iterator[Diagnostic]:
    if len(run) < _FEWEST:
        return
    names = tuple(run)
    first, *others = (analysis.tasks[name].task for name in names)
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"{listed(names)} write different files, and none needs another: marked "
        f"{analysis.plan.mark or 'as parallel'}, they could run side by side.",
        span=first.id_span,
        tasks=names,
        related=tuple(map(stands_here, others)),
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    return (marked(analysis, diagnostic.tasks),)


RULE = Rule(
    code="could-be-parallel",
    severity=Severity.HINT,
    summary="Tasks could run side by side, and are not marked so.",
    explanation="""\
In formats with a mark for tasks that may run in parallel, such as spec-kit's `[P]`, all others run one after the
other. Where some stand together, write different files of one folder, and say nothing of one another, they might as
well run side by side, and the phase is done sooner.

It is only a hint, for only who knows the work can tell. Tasks that run or verify something are never meant, nor are
those that others rest on, such as the base class of their folder.

Our own format needs no such mark: there the analysis finds out what can run side by side.
""",
    example="specs/001-wiki/tasks.md",
    bad="""\
# Tasks: Clay wiki

## Phase 1: Pages

- [ ] T001 Write the hub page in src/pages/hub.py
- [ ] T002 Write the search page in src/pages/search.py
""",
    good="""\
# Tasks: Clay wiki

## Phase 1: Pages

- [ ] T001 [P] Write the hub page in src/pages/hub.py
- [ ] T002 [P] Write the search page in src/pages/search.py
""",
    check=_check,
    reads_text=True,
    fixes=_fixes,
)
