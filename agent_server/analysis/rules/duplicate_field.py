"""`duplicate-field`: a task says the same field twice."""

from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="duplicate-field",
    severity=Severity.WARNING,
    summary="A task has the same field more than once.",
    explanation="""\
Two bullets of one name are usually the trace of a merge or of a paste, and a reader sees only one of them. Put all
values in one bullet, separated by commas or as a nested list.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- minutes: 10
- minutes: 25

Write 17 entries, each with a title and a body.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- minutes: 25

Write 17 entries, each with a title and a body.
""",
    check=reported("duplicate-field", Severity.WARNING, "The field stands here first."),
    fixes=suggested,
)
