"""`missing-import`: a task imports something that does not exist yet."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic, Fix, ImportFinding, Related
from agent_server.analysis.rules.nearby import Nearby
from agent_server.analysis.rules.problems import suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.sequencing import run_after
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    nearby = Nearby(analysis)
    for finding in analysis.imports:
        if finding.producer is None:
            yield _nobody_creates_it(finding, _nearest(finding.module, nearby))
        elif not finding.unpredictable:
            yield _sequenced(analysis, finding, finding.producer)


def _nobody_creates_it(finding: ImportFinding, near: str | None) -> Diagnostic:
    hint = (
        f"Did you mean `{near}`?"
        if near
        else "Mend the name, or add the file to the `writes` of the task that creates it."
    )
    return Diagnostic(
        code=RULE.code,
        severity=Severity.ERROR,
        message=f"`{finding.task}` imports `{finding.module}`, which does not exist, and no task creates it. {hint}",
        span=finding.span,
        tasks=(finding.task,),
        paths=(finding.module,),
        suggestion=near,
    )


def _sequenced(analysis: Analysis, finding: ImportFinding, producer: str) -> Diagnostic:
    return Diagnostic(
        code=RULE.code,
        severity=Severity.INFORMATION,
        message=f"`{finding.task}` imports `{finding.module}`, which `{producer}` is yet to create, so it waits. "
        f"To run both at once, list in `{producer}` what it `exports`, or let `{finding.task}` mirror a file with "
        "such an import.",
        span=finding.span,
        tasks=(finding.task, producer),
        paths=(finding.module,),
        related=(Related(analysis.tasks[producer].task.id_span, f"`{producer}` creates it."),),
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    if len(diagnostic.tasks) == 1:
        return suggested(analysis, diagnostic)
    return (run_after(analysis, *diagnostic.tasks),)


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

Where another task of the plan creates the module, this is an information: the importing task waits for the other one.
It need not, if the import is known in advance. List in the other task what it `exports`, or let this one mirror an
existing file that imports its own module in the same way; then both run at once. If waiting is what you want, say so
with `needs`.
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
    fixes=_fixes,
)
