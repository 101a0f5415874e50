"""`write-conflict`: two tasks would write the same file."""

from collections.abc import Iterator
from itertools import count

from agent_server.analysis.model import Analysis, Contention, Diagnostic, Fix, Related
from agent_server.analysis.rules.contention import (
    HOT,
    clashes,
    contentions,
    found_again,
    in_running_order,
)
from agent_server.analysis.rules.integration import integration
from agent_server.analysis.rules.marks import apart
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.sequencing import move_to_wave, run_after
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Task


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """An error at every task that the author claims may run beside the others; else one warning, at the later task.

    Where marked tasks do not name the file, and only what they do makes them write it, that is a warning too.

    From three tasks on the file itself is the finding of what nobody claimed, and `hot-file` reports it.
    """
    for clash in clashes(analysis):
        yield from (_error(analysis, clash, at) for at in range(len(clash.tasks)))
    yield from (_warning(each) for each in contentions(analysis) if len(each.tasks) < HOT)


def _error(analysis: Analysis, clash: Contention, at: int) -> Diagnostic:
    task = analysis.tasks[clash.tasks[at]].task
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity if task.parallel and clash.implied else Severity.ERROR,
        message=_false_mark(analysis, clash, at) if task.parallel else _false_wave(clash, task.wave),
        span=task.parallel or clash.spans[at],
        tasks=(clash.tasks[at], *_others(clash, at)),
        paths=clash.paths,
        related=_related(clash, at),
    )


def _false_wave(clash: Contention, wave: int | None) -> str:
    return (
        f"{listed(clash.tasks)} write {listed(clash.paths)}, yet stand together in wave {wave}: whoever lands last "
        f"would overwrite the rest. Move one to another wave, or give {_them(clash)} to one of them."
    )


def _false_mark(analysis: Analysis, clash: Contention, at: int) -> str:
    """The same for tasks that are marked, or whose files name the wave: two as a pair, of more each by itself."""
    wave = analysis.tasks[clash.tasks[at]].task.wave
    paths, marked = listed(clash.paths), f"marked {analysis.plan.mark}" if analysis.plan.mark else f"in wave {wave}"
    if len(clash.tasks) < HOT:
        both = f"{listed(clash.tasks)} both write {paths}, yet both are {marked}: two agents at once"
        return f"{both} would overwrite each other. Let one of them run after the other."
    others = listed(_others(clash, at))
    return (
        f"`{clash.tasks[at]}` writes {paths}, and so do {others}, yet all are {marked}: agents at "
        "once would overwrite each other. Let them run one after the other."
    )


def _warning(contention: Contention) -> Diagnostic:
    at = len(contention.tasks) - 1
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"{listed(contention.tasks)} both write {listed(contention.paths)}, so they run one after the other. "
        f"Give {_them(contention)} to one of them, or say with `needs` who comes first.",
        span=contention.spans[at],
        tasks=contention.tasks,
        paths=contention.paths,
        related=_related(contention, at),
    )


def _them(contention: Contention) -> str:
    return "the file" if len(contention.paths) == 1 else "the files"


def _others(contention: Contention, at: int) -> tuple[str, ...]:
    return contention.tasks[:at] + contention.tasks[at + 1 :]


def _related(contention: Contention, at: int) -> tuple[Related, ...]:
    claims = zip(contention.tasks, contention.spans, strict=True)
    return tuple(
        Related(span, f"`{task}` writes it here.") for number, (task, span) in enumerate(claims) if number != at
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    clash = found_again(clashes(analysis), diagnostic)
    if clash is not None:
        task = analysis.tasks[diagnostic.tasks[0]].task
        if task.parallel:
            return apart(analysis, clash.tasks, task.id)
        ways = [move_to_wave(analysis.plan, task, _free_wave(analysis, task)), integration(analysis, clash)]
        return tuple(way for way in ways if way)
    contention = found_again(contentions(analysis), diagnostic)
    if contention is None:
        return ()
    first, second = in_running_order(analysis, contention)
    given = integration(analysis, contention)
    return (run_after(analysis, second, first), *((given,) if given else ()))


def _free_wave(analysis: Analysis, task: Task) -> int:
    """The first wave after the task's own in which the author has put no task that it conflicts with."""
    taken = {
        analysis.tasks[other].task.wave
        for conflict in analysis.conflicts
        if task.id in (conflict.first, conflict.second)
        for other in (conflict.first, conflict.second)
    }
    return next(wave for wave in count((task.wave or 0) + 1) if wave not in taken)


RULE = Rule(
    code="write-conflict",
    severity=Severity.WARNING,
    summary="Two tasks would write the same file.",
    explanation="""\
Agents that work at the same time cannot see each other's changes, so two that write one file would overwrite each
other. They are never put into one wave: they run one after the other, and this warning says so, since it costs time
and the order is nobody's decision. Where you have fixed both to one wave it is an error, for what you ask for cannot
be done; and so it is in a plan of another format, such as spec-kit's, at the mark of each of several tasks of a phase
that are marked to run in parallel.

- Sequencing is often right: decide who comes first with `needs`.
- Or let one task own the file, and tell the others to leave it alone.
- Or let a small integration task own it, which runs after the others and does what each of them needs there.

Files that do not exist yet count, and so do globs that could match the same file. From three tasks on one file,
`hot-file` reports it once instead of pair by pair.
""",
    bad="""\
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`, `src/nav.py`

Build the page that lists every entry. Link it in `src/nav.py`.

## search: Build the search page
- writes: `src/pages/search.py`, `src/nav.py`

Build a page that searches the titles. Link it in `src/nav.py`, after the wikis.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.

## search: Build the search page
- writes: `src/pages/search.py`

Build a page that searches the titles.

## nav: Link the new pages
- writes: `src/nav.py`
- needs: hub, search

Link `/clay/` among the wikis, and `/search/` after them.
""",
    files={"src/nav.py": 'LINKS = ["/glass/"]\n'},
    check=_check,
    about_hazards=True,
    fixes=_fixes,
)
