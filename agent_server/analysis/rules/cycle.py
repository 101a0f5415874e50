"""`cycle`: tasks that wait for one another, so that none can start."""

from collections.abc import Iterator, Sequence

from agent_server.analysis.model import Analysis, Dependency, Diagnostic, Fix, HazardKind, Related
from agent_server.analysis.rules.places import item_at
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.edits import remove_item


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for members in analysis.cycles:
        links = _links(analysis, members)
        if links:
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=_told(links),
                span=links[0].span,
                tasks=tuple(link.task for link in links),
                related=tuple(
                    Related(link.span, f"Here `{link.task}` says that it waits for `{link.on}`.") for link in links[1:]
                ),
            )


def _told(links: Sequence[Dependency]) -> str:
    if len(links) == 1:
        return f"`{links[0].task}` waits for itself, so it can never start. Take that out."
    first, *rest = (f"`{link.task}` waits for `{link.on}`" for link in links)
    return f"{', '.join([first, *rest[:-1]])} and {rest[-1]}, so none of them can start. Take one of these out."


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """One fix for each wait that is an item of the plan; what follows from instructions a person must reword."""
    plan, found = analysis.plan, []
    for link in _links(analysis, diagnostic.tasks):
        task = analysis.tasks[link.task].task
        if not plan.has_fields:
            edits = remove_item(plan, task, "needs", link.on) if link.kind is HazardKind.NEEDS else ()
            found.append(Fix(f"Let `{link.task}` no longer depend on `{link.on}`", edits))
            continue
        place = item_at(task, link.span)
        if place:
            field, item = place
            title = f"Remove `{item.text}` from what `{link.task}` {field.name}"
            found.append(Fix(title, remove_item(analysis.plan, task, field.name, item.text)))
    return tuple(found)


def _links(analysis: Analysis, members: Sequence[str]) -> tuple[Dependency, ...]:
    """The shortest way from the first member back to itself, wait by wait; a `needs` before anything else."""
    waits: dict[str, dict[str, Dependency]] = {}
    for dependency in sorted(analysis.dependencies, key=lambda each: each.kind is not HazardKind.NEEDS):
        if dependency.task in members and dependency.on in members:
            waits.setdefault(dependency.task, {}).setdefault(dependency.on, dependency)
    start = members[0]
    ways: list[tuple[Dependency, ...]] = [(link,) for link in waits.get(start, {}).values()]
    seen: set[str] = set()
    for way in ways:
        at = way[-1].on
        if at == start:
            return way
        if at not in seen:
            seen.add(at)
            ways += ((*way, link) for link in waits.get(at, {}).values())
    return ()


RULE = Rule(
    code="cycle",
    severity=Severity.ERROR,
    summary="Tasks wait for one another, so none of them can start.",
    explanation="""\
Each task of a cycle waits for the next, and the last for the first. No order satisfies that, so none of them, and
nothing that waits for them, is put into a wave. Waits come from `needs`, and from files: a task that reads, imports
or names what another one creates comes after it.

Take out the wait that matters least. Where two tasks rely on each other's code, let one of them state a contract with
`exports`, which the other may rely on at once.
""",
    bad="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- needs: hub

Write the entries that the hub page lists.

## hub: Build the hub page
- writes: `src/pages/clay.py`
- needs: data

Build the page that lists every entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`
- needs: data

Build the page that lists every entry.
""",
    check=_check,
    about_hazards=True,
    fixes=_fixes,
)
