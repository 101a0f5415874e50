"""`output-dependency`: a task relies on what another one creates or changes, so it comes after it."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Dependency, Diagnostic, Fix, HazardKind, Related
from agent_server.analysis.rules.fixed_wave import is_fixed
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.sequencing import run_after
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """What the author has put in order, by `needs` or by waves, and what another rule tells is not said again."""
    told = {(finding.task, finding.producer) for finding in analysis.imports}
    cyclic = [frozenset(members) for members in analysis.cycles]
    for found in analysis.dependencies:
        if (
            found.kind is not HazardKind.OUTPUT_DEPENDENCY
            or (found.task, found.on) in told
            or is_fixed(analysis, found)
        ):
            continue
        if not any(found.task in members and found.on in members for members in cyclic):
            yield _diagnostic(analysis, found)


def _diagnostic(analysis: Analysis, found: Dependency) -> Diagnostic:
    does = "changes" if found.path in analysis.tree else "creates"
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"`{found.task}` relies on `{found.path}`, which `{found.on}` {does}, so it runs after `{found.on}`. "
        "Say so with `needs`, or take the file out if the task can do without it.",
        span=found.span,
        tasks=(found.task, found.on),
        paths=(found.path,),
        related=(Related(found.on_span, f"`{found.on}` {does} it."),),
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    return (run_after(analysis, *diagnostic.tasks),)


RULE = Rule(
    code="output-dependency",
    severity=Severity.INFORMATION,
    summary="A task relies on a file that another one creates or changes, so it runs after it.",
    explanation="""\
A task that reads what another one writes would, beside it, see the old file or none. So it is put behind the other
one, and each such pair costs a wave on the way. That is often exactly right: then `needs` says it for every reader to
see.

Where it is not meant, take the file out of `reads`. A task that stands *before* the other one in the plan reads the
old version and is not held up. A task that only imports what the other one creates need not wait if the import is
known in advance: see `predictable-import`.
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
    fixes=_fixes,
)
