"""`long-instructions`: one task is told more than one agent keeps in mind."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

MOST_WORDS = 1000
"""Of 4,300 sections in plans that people have published, one in two hundred is longer."""


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for task_id, found in analysis.tasks.items():
        instructions = found.task.instructions
        # A word and the space behind it are two characters at least, so short texts need not be split.
        words = len(instructions.split()) if len(instructions) > 2 * MOST_WORDS else 0
        if found.task.is_open and words > MOST_WORDS:
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=f"`{task_id}` has {words:,} words of instructions, more than an agent keeps in mind. "
                "Split the task, or move what several tasks need above the first one.",
                span=found.task.title_span,
                tasks=(task_id,),
            )


RULE = Rule(
    code="long-instructions",
    severity=Severity.INFORMATION,
    summary=f"A task has more than {MOST_WORDS:,} words of instructions.",
    explanation="""\
What stands in the middle of a very long brief is what an agent forgets. A task that needs so many words is usually
several tasks, or it repeats what all of them should know: that belongs above the first task. Data that the agent
should copy is better kept in a file that the task `reads`.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write these entries, word for word:

"""
    + "Clay is earth that keeps the shape that a hand gives it, until a kiln makes that shape last.\n" * 60,
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- reads: `texts/clay.txt`

Write the entries of `texts/clay.txt`, word for word.
""",
    files={"texts/clay.txt": "Clay is earth that keeps the shape that a hand gives it.\n"},
    check=_check,
)
