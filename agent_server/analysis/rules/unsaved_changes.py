"""`unsaved-changes`: a file that a task would write has unsaved changes in the editor."""

from collections.abc import Iterator

from agent_server.analysis.facts import RunFacts
from agent_server.analysis.model import Diagnostic, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    task, writes = found.task, found.writes
    for path in sorted(around.unsaved) if task.is_open else ():
        if path not in writes.paths:
            continue
        span = next((entry.span for entry in writes.entries if entry.path == path and entry.span), None)
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"`{path}` has unsaved changes in the editor, and `{task.id}` would write it. "
            "Save or discard them first: nothing lands on a file that is being edited.",
            span=span or task.id_span,
            tasks=(task.id,),
            paths=(path,),
        )


RULE = Rule(
    code="unsaved-changes",
    severity=Severity.WARNING,
    summary="A file that a task would write has unsaved changes in the editor.",
    explanation="""\
An agent works on the files as they are on disk, so it does not see what you have typed and not saved; and a landing
never overwrites a file with unsaved changes. Save the file, or discard the changes, before the wave is launched.
""",
    bad="""\
# Clay wiki

## nav: Link the wiki from the navigation
- writes: `src/nav.py`

Link `/clay/` after `/glass/`.
""",
    good="""\
# Clay wiki

## nav: Link the wiki from the navigation
- writes: `src/nav.py`

Link `/clay/` after `/glass/`.
""",
    files={"src/nav.py": 'LINKS = ["/glass/"]\n'},
    facts=RunFacts(unsaved=frozenset({"src/nav.py"})),
    check_task=_check_task,
    guards=True,
)
