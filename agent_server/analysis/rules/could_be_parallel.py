"""`could-be-parallel`: tasks that nothing keeps from running side by side are not marked so."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from agent_server.analysis.model import Analysis, Diagnostic, Fix, Related, TaskAnalysis
from agent_server.analysis.rules.marks import marked
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Task

_FEWEST = 2
_SHORTEST_NAME = 3
_NOT_WORDS = re.compile(r"[\W_]+")
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
    waits = {(each.task, each.on) for each in analysis.dependencies}
    beside = _marked(analysis)
    tasks = [home for home in analysis.at_home.values() if home.task.is_open]
    for (phase, kind), several in groupby(tasks, lambda home: (home.task.phase, _kind(home))):
        run: list[TaskAnalysis] = []
        for home in several if kind else ():
            if not _may_join(home, beside.get(phase, []), waits):
                continue
            if not _may_join(home, run, waits):
                yield from _diagnostics(analysis, run)
                run = []
            run.append(home)
        yield from _diagnostics(analysis, run)


def _marked(analysis: Analysis) -> Mapping[int | None, list[TaskAnalysis]]:
    """The open tasks that are marked, by their phases."""
    found: dict[int | None, list[TaskAnalysis]] = {}
    for home in analysis.at_home.values():
        if home.task.parallel and home.task.is_open:
            found.setdefault(home.task.phase, []).append(home)
    return found


def _kind(home: TaskAnalysis) -> tuple[str, ...] | None:
    """What an unmarked task does, in which folder, with files of which ending; None where it is not surely one thing.

    Of tasks that do the same with neighbours, such as "Create ... in src/models/", none rests on another.
    """
    task, paths = home.task, home.writes.paths
    if task.parallel or task.needs or home.writes.unknown or not paths.is_literal or _ABOUT_ALL.match(task.title):
        return None
    verb, *_ = task.title.lower().split() or [""]
    parts = (path.rpartition("/") for path in paths.literals)
    kinds = {(verb, folder, name.partition(".")[2]) for folder, _, name in parts}
    names = {_stem(path) for path in paths.literals}
    return next(iter(kinds)) if len(kinds) == 1 and names.isdisjoint(_RESTED_ON) and all(map(_is_told, names)) else None


def _is_told(name: str) -> bool:
    """Whether a name is long enough that it would be noticed in the words of another task."""
    return len(name) >= _SHORTEST_NAME


def _may_join(home: TaskAnalysis, others: list[TaskAnalysis], waits: set[tuple[str, str]]) -> bool:
    """Whether a task is independent of all of these."""
    return all(_are_independent(home, other, waits) for other in others)


def _are_independent(home: TaskAnalysis, other: TaskAnalysis, waits: set[tuple[str, str]]) -> bool:
    one, two = home.task, other.task
    if (one.id, two.id) in waits or (two.id, one.id) in waits:
        return False
    if home.writes.paths.overlap(other.writes.paths) is not None:
        return False
    return not (_speaks_of(one, other) or _speaks_of(two, home))


def _speaks_of(task: Task, other: TaskAnalysis) -> bool:
    """Whether the words of a task name a file of another one, or what is called like it."""
    words = _compact(f"{task.title} {task.instructions}")
    return any(_stem(path) in words for path in other.writes.paths.literals)


def _stem(path: str) -> str:
    return _compact(path.rpartition("/")[2].partition(".")[0])


def _compact(text: str) -> str:
    return _NOT_WORDS.sub("", text).lower()


def _diagnostics(analysis: Analysis, run: list[TaskAnalysis]) -> Iterator[Diagnostic]:
    if len(run) < _FEWEST:
        return
    names = tuple([home.task.id for home in run])
    first, *others = (analysis.tasks[name].task for name in names)
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"{listed(names)} write different files, and none needs another: marked "
        f"{analysis.plan.mark or 'as parallel'}, they could run side by side.",
        span=first.id_span,
        tasks=names,
        related=tuple(Related(other.id_span, f"`{other.id}` stands here.") for other in others),
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
