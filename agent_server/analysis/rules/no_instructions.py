"""`no-instructions`: a task is only a title."""

from collections.abc import Iterator

from agent_server.analysis.model import Diagnostic, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity


def _check_task(found: TaskAnalysis, _around: Around) -> Iterator[Diagnostic]:
    task = found.task
    if task.is_open and not task.instructions.strip():
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"`{task.id}` has a title and nothing else to go by. "
            "Say below its fields what its agent should do, and how it knows that it is done.",
            span=task.title_span,
            tasks=(task.id,),
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
    elsewhere=Severity.OFF,
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
    check_task=_check_task,
)
