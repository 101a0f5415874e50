"""`predictable-import`: a task imports what another one creates, and may run beside it all the same."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Contract, Diagnostic, Related
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for contract in analysis.contracts:
        producer = analysis.tasks[contract.producer].task
        exports = producer.field("exports")
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"`{contract.task}` may run beside `{contract.producer}`, which creates `{contract.path}`: "
            f"{_why(contract)}. What `{contract.producer}` really writes is checked before anything lands."
            f"{_otherwise(contract)}",
            span=contract.span,
            tasks=(contract.task, contract.producer),
            paths=(contract.path,),
            related=(
                Related(
                    producer.id_span if exports is None else exports.name_span,
                    f"`{contract.producer}` creates `{contract.path}`.",
                ),
            ),
        )


def _why(contract: Contract) -> str:
    names = f" of {listed(contract.names)}" if contract.names else ""
    if contract.mirror is None:
        return f"`{contract.producer}` promises the export{names}"
    return f"`{contract.mirror}`, which it mirrors, shows what that import{names} will look like"


def _otherwise(contract: Contract) -> str:
    """What the file that the task mirrors would have instead, where the producer promises other names."""
    if not contract.otherwise:
        return ""
    return f" The file that `{contract.task}` mirrors would have {listed(contract.otherwise)} instead: say which it is."


RULE = Rule(
    code="predictable-import",
    severity=Severity.INFORMATION,
    summary="An import of a file that is yet to be created is known in advance.",
    explanation="""\
A task that imports a module which another task is about to create would have to wait for it, unless the import is
known in advance. It is when the task mirrors an existing file whose own imports, with the names substituted, give
exactly this one; or when the other task promises its `exports`. Then both may run at once, each sees the promise in
its brief, and the import is checked against what was really written before the wave lands.
""",
    bad="""\
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
- needs: data

Build the page that lists every entry.
""",
    files={
        "data/glass.py": 'GLASS_ENTRIES = [("Glass", "Sand, melted.")]\n',
        "pages/glass.py": "from data.glass import GLASS_ENTRIES\n\nTITLES = [entry[0] for entry in GLASS_ENTRIES]\n",
    },
    check=_check,
)
