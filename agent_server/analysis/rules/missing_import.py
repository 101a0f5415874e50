"""`missing-import`: a task imports something that does not exist, and that no task creates."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic, ImportFinding
from agent_server.analysis.rules.nearby import Nearby
from agent_server.analysis.rules.problems import suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    nearby = Nearby(analysis)
    for finding in analysis.imports:
        if finding.producer is None:
            yield _diagnostic(finding, _nearest(finding.module, nearby))


def _diagnostic(finding: ImportFinding, near: str | None) -> Diagnostic:
    hint = (
        f"Did you mean `{near}`?"
        if near
        else "Mend the name, or add the file to the `writes` of the task that creates it."
    )
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"`{finding.task}` imports `{finding.module}`, which does not exist, and no task creates it. {hint}",
        span=finding.span,
        tasks=(finding.task,),
        paths=(finding.module,),
        suggestion=near,
    )


def _nearest(module: str, nearby: Nearby) -> str | None:
    """The file, or Python module, that a mistaken import most likely means; spelled as the import is."""
    if "/" in module:
        return nearby.nearest(module)
    near = nearby.nearest(f"{module.replace('.', '/')}.py")
    if near is None or not near.endswith(".py"):
        return None
    return near.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")


RULE = Rule(
    code="missing-import",
    severity=Severity.ERROR,
    summary="A task imports something that does not exist.",
    explanation="""\
Code that imports a module which nobody creates cannot build. Mostly the name has a slip in it.

A module that another task of the plan creates is not missing: see `output-dependency` and `predictable-import`.
""",
    bad="""\
# Clay wiki

## hub: Build the hub page
- writes: `pages/clay.py`
- imports: `data/caly.py`

Build the page that lists every entry.
""",
    good="""\
# Clay wiki

## hub: Build the hub page
- writes: `pages/clay.py`
- imports: `data/clay.py`

Build the page that lists every entry.
""",
    files={"data/clay.py": "ENTRIES = []\n"},
    check=_check,
    fixes=suggested,
)
