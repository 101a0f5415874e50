"""`no-instructions`: a task is only a title."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for task_id, found in analysis.tasks.items():
        if found.task.is_open and not found.task.instructions.strip():
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=f"`{task_id}` has a title and nothing else to go by. "
                "Say below its fields what its agent should do, and how it knows that it is done.",
                span=found.task.title_span,
                tasks=(task_id,),
            )


RULE = Rule(
    code="no-instructions",
    severity=Severity.WARNING,
    summary="A task has no instructions.",
    explanation="""\
An agent starts with nothing in its head: it gets the plan's shared context, its own section and its files. A title
alone leaves it to guess, and a guess costs a whole run. Two or three sentences below the fields usually do: what to
make, what to copy the style from, what must be true at the end.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, from clay body to kiln. Each has a title, a level from 1 to 3 and a body of two paragraphs.
""",
    check=_check,
)
