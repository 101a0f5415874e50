"""`bad-value`: a field or a setting whose value cannot be read."""

from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="bad-value",
    severity=Severity.ERROR,
    summary="A field or a setting has a value that it cannot have.",
    explanation="""\
`minutes` takes a number, `wave` a whole number from 1, `status` one of `todo`, `done` and `skip`. A value that cannot
be read would fall back to its default without a word, so the plan would not do what it says.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- status: finished

Write 17 entries, each with a title and a body.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- status: done

Write 17 entries, each with a title and a body.
""",
    check=reported("bad-value", Severity.ERROR),
    reads_text=True,
    fixes=suggested,
)
