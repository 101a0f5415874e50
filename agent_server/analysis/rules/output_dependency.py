"""`output-dependency`: a task relies on what another one creates or changes, so it comes after it."""

from collections.abc import Iterator, Sequence

from agent_server.analysis.model import Analysis, Deed, Dependency, Diagnostic, Fix, HazardKind, ImportFinding, Related
from agent_server.analysis.rules.fixed_wave import contradictions, is_fixed
from agent_server.analysis.rules.marks import apart
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.sequencing import run_after
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.scheduling.claimed import Claims
from agent_server.analysis.settings import Severity
from agent_server.plan.text import Span


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """One finding for each item, however many tasks write what it matches; and one for each import that waits.

    In a plan whose tasks stand in the order in which they are to run, there is one at each mark that claims otherwise.
    """
    if Claims.of(analysis.plan).in_order:
        yield from _at_marks(analysis)
        return
    by_item: dict[tuple[str, Span], list[Dependency]] = {}
    for found in _unsaid(analysis):
        by_item.setdefault((found.task, found.span), []).append(found)
    yield from (_diagnostic(found) for found in by_item.values())
    told = {(wait.task, wait.on) for wait, _ in contradictions(analysis)}
    for finding in analysis.imports:
        if finding.producer is not None and not finding.unpredictable and (finding.task, finding.producer) not in told:
            yield _import(analysis, finding, finding.producer)


def _at_marks(analysis: Analysis) -> Iterator[Diagnostic]:
    """One finding at each marked task that needs what another makes which may run at the same time, so the marks say.

    Where unmarked tasks stand between the two, a guess is not worth a word: most authors mean these to be a barrier.
    """
    claims, tasks = Claims.of(analysis.plan), analysis.at_home
    said = {(each.task, each.on) for each in analysis.dependencies if each.kind is HazardKind.NEEDS}
    by_task: dict[str, list[Dependency]] = {}
    for each in analysis.dependencies:
        task, on = tasks[each.task].task, tasks[each.on].task
        is_claimed = claims.together(task, on) and (task.wave == on.wave or _is_certain(analysis, each))
        if is_claimed and each.kind is HazardKind.OUTPUT_DEPENDENCY and (each.task, each.on) not in said:
            by_task.setdefault(each.task, []).append(each)
    yield from (_at_mark(analysis, found) for found in by_task.values())


def _at_mark(analysis: Analysis, found: Sequence[Dependency]) -> Diagnostic:
    task, surest = analysis.tasks[found[0].task].task, max(found, key=lambda each: each.confidence)
    needs = _uses(surest) if surest.name or surest.path else f"builds on `{surest.on}`"
    are = (
        f"are marked {analysis.plan.mark or 'as parallel'}" if task.parallel else f"stand together in wave {task.wave}"
    )
    return Diagnostic(
        code=RULE.code,
        severity=Severity.ERROR if _is_certain(analysis, surest) else Severity.WARNING,
        message=f"`{task.id}` {needs}, yet both {are}: side by side, neither would see the other's work. Let "
        f"`{task.id}` run after `{surest.on}`.",
        span=task.parallel or surest.span,
        tasks=(task.id, *dict.fromkeys(each.on for each in found)),
        paths=tuple(dict.fromkeys(each.path for each in found if each.path)),
        related=tuple(Related(each.on_span, _related(each)) for each in found),
    )


def _uses(found: Dependency) -> str:
    what = found.name or found.path
    if found.does is Deed.USES:
        return f"takes `{what}` away, which `{found.on}` uses"
    return f"uses `{what}`, which `{found.on}` {_does(found, 'makes')}"


def _does(found: Dependency, otherwise: str) -> str:
    """What the other task does with what a task waits for; `otherwise` where it makes that, in whatever way."""
    return found.does if found.does in _BESIDES_MAKING else otherwise


def _is_certain(analysis: Analysis, found: Dependency) -> bool:
    """Whether the task surely cannot do without: it declares a file that is not there before the other makes it."""
    return found.confidence >= 1 and bool(found.path) and found.path not in analysis.tree


def _unsaid(analysis: Analysis) -> Iterator[Dependency]:
    """The dependencies that neither the author, by `needs` or by waves, nor another rule has told."""
    told = {(finding.task, finding.producer) for finding in analysis.imports}
    told |= {(wait.task, wait.on) for wait, _ in contradictions(analysis)}
    cyclic = [frozenset(members) for members in analysis.cycles]
    for found in analysis.dependencies:
        if found.kind is HazardKind.OUTPUT_DEPENDENCY and (found.task, found.on) not in told:
            in_cycle = any(found.task in members and found.on in members for members in cyclic)
            if not in_cycle and not is_fixed(analysis, found):
                yield found


def _diagnostic(found: Sequence[Dependency]) -> Diagnostic:
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=_message(found),
        span=found[0].span,
        tasks=(found[0].task, *(each.on for each in found)),
        paths=tuple(dict.fromkeys(each.path for each in found if each.path)),
        related=tuple(Related(each.on_span, _related(each)) for each in found),
    )


def _message(found: Sequence[Dependency]) -> str:
    first, writers = found[0], [each.on for each in found]
    if first.name and first.path:
        return (
            f"`{first.task}` imports `{first.name}` from `{first.path}`, where {listed(writers)} is yet to add it, "
            "so it runs afterwards. Say so with `needs`."
        )
    if first.name:
        if first.does is Deed.USES:
            return (
                f"`{first.task}` takes `{first.name}` away, which `{first.on}` uses, so it runs afterwards. Say so "
                "with `needs`."
            )
        return (
            f"`{first.task}` uses `{first.name}`, which `{first.on}` {_does(first, 'creates')}, so it runs afterwards. "
            "Say so with `needs`, or give the task all that it has to know of that name."
        )
    if not first.path:
        return f"`{first.task}` says that it builds on {listed(writers)}, so it runs afterwards. Say so with `needs`."
    paths = tuple(dict.fromkeys(each.path for each in found))
    verb = f"{first.does}" if len(writers) == 1 else f"{first.does}".removesuffix("s")
    return (
        f"`{first.task}` relies on {listed(paths)}, which {listed(writers)} {verb}, so it runs afterwards. "
        "Say so with `needs`, or take the file out if the task can do without it."
    )


_BESIDES_MAKING = frozenset({Deed.CHANGES, Deed.SENDS, Deed.DESCRIBES})
"""What a task may do with a name or a file that another one uses, besides making it."""


def _related(found: Dependency) -> str:
    if found.name:
        return f"`{found.on}` names `{found.name}` here."
    return f"`{found.on}` writes it here." if found.path else f"This is `{found.on}`."


def _import(analysis: Analysis, finding: ImportFinding, producer: str) -> Diagnostic:
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"`{finding.task}` imports `{finding.subject}`, which `{producer}` is yet to create, so it waits. "
        f"To run both at once, list in `{producer}` what it `exports`, or let `{finding.task}` mirror a file with "
        "such an import.",
        span=finding.span,
        tasks=(finding.task, producer),
        paths=(finding.module,),
        related=(Related(analysis.tasks[producer].task.id_span, f"`{producer}` creates it."),),
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    task, *others = diagnostic.tasks
    if analysis.tasks[task].task.parallel:
        return apart(analysis, (*others, task), task) if len(others) == 1 else ()
    return (run_after(analysis, *diagnostic.tasks),)


RULE = Rule(
    code="output-dependency",
    severity=Severity.INFORMATION,
    summary="A task relies on a file that another one creates or changes, so it runs after it.",
    explanation="""\
A task that reads what another one writes would, beside it, see the old file or none. So it is put behind the other
one, and each such pair costs a wave on the way. That is often exactly right: then `needs` says it for every reader to
see.

The same holds for a name: a task that is told to call `parse_plan`, which the words or the `exports` of another one
create, comes after it, and so does one that handles its event; "the status badge" is `StatusBadge`. Whoever deletes or
renames something comes after those before it that use it. And a task that says "after task `parser`", "depends on T012"
or "the parser (T012)" comes after that one.

Where it is not meant, take the file out of `reads`. A task that stands *before* the other one in the plan reads the
old version and is not held up.

A task that only imports what the other one creates need not wait if the import is known in advance. List in the other
task what it `exports`, or let this one mirror an existing file that imports its own module in the same way; then both
run at once: see `predictable-import`.

In other formats the order of the text is the author's, and nothing is told of it. Only where two tasks are marked to
run in parallel, or share a wave that the author has given them, and one needs what the other makes, the mark is wrong:
an error where the task declares that file, a warning where its words say so.
""",
    bad="""\
---
verify: python build.py
---
# Clay wiki

## hub: Build the hub page
- writes: `pages/clay.py`

Build the page that lists every entry.

## sitemap: Add the wiki to the site map
- writes: `sitemap.xml`
- reads: `pages/clay.py`

Add one address for each section of the page.

## style: Style the wiki
- writes: `styles/clay.css`

Give the entries more room.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## hub: Build the hub page
- writes: `pages/clay.py`

Build the page that lists every entry.

## sitemap: Add the wiki to the site map
- writes: `sitemap.xml`
- reads: `pages/clay.py`
- needs: hub

Add one address for each section of the page.

## style: Style the wiki
- writes: `styles/clay.css`

Give the entries more room.
""",
    files={"sitemap.xml": "<urlset/>\n"},
    check=_check,
    about_hazards=True,
    fixes=_fixes,
)
