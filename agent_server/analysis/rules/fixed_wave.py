"""`fixed-wave`: the author's waves contradict what a task waits for."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Dependency, Diagnostic, Fix, HazardKind, Related
from agent_server.analysis.rules.places import item_at, stands_here
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.sequencing import move_to_wave
from agent_server.analysis.settings import Severity
from agent_server.plan.edits import remove_item


def is_fixed(analysis: Analysis, dependency: Dependency) -> bool:
    """Whether the author has fixed the waves of both tasks: then no other rule has to talk about their order."""
    tasks = analysis.at_home
    return tasks[dependency.task].task.wave is not None and tasks[dependency.on].task.wave is not None


def contradictions(analysis: Analysis) -> Iterator[tuple[Dependency, str]]:
    """The waits that the author's waves contradict, each with the task of the later wave that it is for in the end.

    A wait may lead through tasks whose wave is free, so the latest fixed wave is carried along, wave by wave. Where the
    waves follow from phases and marks, the order of the text, only what the author says is waited for contradicts them.
    In other formats `output-dependency` tells of what a wave claims wrongly.
    """
    if analysis.plan.holds("wave"):
        yield from _against_waves(analysis)
        return
    for wait in analysis.dependencies:
        if wait.kind is HazardKind.NEEDS and (_wave(analysis, wait.on) > _wave(analysis, wait.task) > 0):
            yield wait, wait.on


def _against_waves(analysis: Analysis) -> Iterator[tuple[Dependency, str]]:
    if all(home.task.wave is None for home in analysis.at_home.values()):
        return
    waits: dict[str, list[Dependency]] = {}
    for dependency in analysis.dependencies:
        waits.setdefault(dependency.task, []).append(dependency)
    latest: dict[str, str] = {}
    for task_id in (task_id for wave in analysis.schedule.waves for task_id in wave):
        fixed = [(_source(analysis, wait, latest), wait) for wait in waits.get(task_id, ())]
        found = [(_wave(analysis, source), source, wait) for source, wait in fixed if source is not None]
        if not found:
            continue
        wave, source, wait = max(found, key=lambda each: each[0])
        own = analysis.at_home[task_id].task.wave
        if own is None:
            latest[task_id] = source
        elif own < wave or (own == wave and (analysis.plan.has_fields or wait.kind is HazardKind.NEEDS)):
            yield wait, source


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    return (_diagnostic(analysis, wait, source) for wait, source in contradictions(analysis))


def _source(analysis: Analysis, wait: Dependency, latest: dict[str, str]) -> str | None:
    """The task with a fixed wave that a wait is for in the end; None if there is none."""
    return latest.get(wait.on) if analysis.at_home[wait.on].task.wave is None else wait.on


def _wave(analysis: Analysis, task_id: str) -> int:
    return analysis.at_home[task_id].task.wave or 0


def _diagnostic(analysis: Analysis, wait: Dependency, source: str) -> Diagnostic:
    task, own, wave = wait.task, _wave(analysis, wait.task), _wave(analysis, source)
    if not analysis.plan.holds("wave"):
        return _backward(analysis, wait)
    through = "" if source == wait.on else f" by way of `{wait.on}`"
    too = " too" if own == wave else ""
    is_said = analysis.plan.has_fields or wait.kind is HazardKind.NEEDS
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity if is_said else Severity.WARNING,
        message=f"`{task}` is fixed to wave {own}, but{through} it waits for `{source}`, which is fixed to wave "
        f"{wave}{too}. Move `{task}` to wave {wave + 1} or later.",
        span=wait.span,
        tasks=(task, source),
        paths=(wait.path,) if wait.path else (),
        related=(Related(analysis.tasks[source].task.id_span, f"`{source}` is fixed to wave {wave}."),),
    )


def _backward(analysis: Analysis, wait: Dependency) -> Diagnostic:
    """The same in a plan whose order is that of the text."""
    return Diagnostic(
        code=RULE.code,
        severity=Severity.WARNING,
        message=f"`{wait.task}` depends on `{wait.on}`, which comes later in the plan. Move `{wait.task}` behind it, "
        "or take the dependency out.",
        span=wait.span,
        tasks=(wait.task, wait.on),
        related=(stands_here(analysis.tasks[wait.on].task),),
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    task = analysis.tasks[diagnostic.tasks[0]].task
    moved = move_to_wave(analysis.plan, task, _wave(analysis, diagnostic.tasks[1]) + 1)
    if not analysis.plan.has_fields:
        without = remove_item(analysis.plan, task, "needs", diagnostic.span.of(analysis.plan.text))
        return (moved, Fix(f"Let `{task.id}` no longer depend on `{diagnostic.tasks[1]}`", without))
    place = item_at(task, diagnostic.span)
    if place is None or place[0].name != "needs":
        return (moved,)
    item = place[1]
    return (moved, Fix(f"Remove `{item.text}` from `needs`", remove_item(analysis.plan, task, "needs", item.text)))


RULE = Rule(
    code="fixed-wave",
    severity=Severity.ERROR,
    summary="A fixed wave contradicts what the task waits for.",
    explanation="""\
Tasks of one wave run at the same time, and a wave starts when the one before it has landed. A task that waits for
another one can therefore not stand in the same wave or in an earlier one, whether it waits because of `needs` or
because of a file. Move it to a later wave, or leave its wave to the analysis: without a fixed wave every task runs as
early as it can.

In formats whose order is that of the text this is a warning at a dependency on a task that comes later.
""",
    bad="""\
---
verify: python build.py
---
# Clay wiki

## Wave 1

### data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

### hub: Build the hub page
- writes: `src/pages/clay.py`
- needs: data

Build the page that lists every entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## Wave 1

### data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## Wave 2

### hub: Build the hub page
- writes: `src/pages/clay.py`
- needs: data

Build the page that lists every entry.
""",
    check=_check,
    about_hazards=True,
    fixes=_fixes,
)
