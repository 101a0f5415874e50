"""`unpredictable-import`: a task mirrors a file, but that file does not show what the import will look like."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic, Fix, Related
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.sequencing import run_after
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for finding in analysis.imports:
        if finding.producer is None or not finding.unpredictable:
            continue
        task = analysis.tasks[finding.task].task
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"`{finding.task}` waits for `{finding.producer}`, since nobody can tell in advance what the "
            f"import of `{finding.subject}` will look like: {finding.unpredictable}. List in `{finding.producer}` all "
            "that it `exports`, or mirror another file.",
            span=finding.span,
            tasks=(finding.task, finding.producer),
            paths=(finding.module,),
            related=tuple(Related(item.span, f"`{finding.task}` mirrors this.") for item in task.mirrors),
        )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    return (run_after(analysis, *diagnostic.tasks),)


RULE = Rule(
    code="unpredictable-import",
    severity=Severity.WARNING,
    summary="A mirrored file does not predict an import of what is yet to be created.",
    explanation="""\
A task may run beside the one that creates a module which it imports, if it mirrors a file whose own imports give that
import once the names are substituted: `pages/glass.py` imports `data.glass`, so `pages/clay.py` will import
`data.clay`. Here the mirrored file imports something else, so the agent would have to guess the module's shape. The
two tasks run one after the other instead.

Mirror a file of the same shape, or list in the other task what it `exports`. If waiting is right, say so with
`needs`.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `pages/clay.py`
- imports: `data/clay.py`
- mirrors: `pages/about.py`

Build the page that lists every entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `pages/clay.py`
- imports: `data/clay.py`
- mirrors: `pages/glass.py`

Build the page that lists every entry.
""",
    files={
        "data/glass.py": 'GLASS_ENTRIES = [("Glass", "Sand, melted.")]\n',
        "pages/about.py": "from site_text import ABOUT\n\nTEXT = ABOUT\n",
        "pages/glass.py": "from data.glass import GLASS_ENTRIES\n\nTITLES = [entry[0] for entry in GLASS_ENTRIES]\n",
        "site_text.py": 'ABOUT = "About"\n',
    },
    check=_check,
    fixes=_fixes,
)
