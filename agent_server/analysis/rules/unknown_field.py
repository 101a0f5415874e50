"""`unknown-field`: a bullet under a task's heading that looks like a field and is none."""

from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="unknown-field",
    severity=Severity.ERROR,
    summary="A task has a field that the format does not know.",
    explanation="""\
A misspelt field would be silently ignored, and with it what it says: a task whose `writes` is spelt `wirtes` looks
safe beside any other. So an unknown field is an error, and its task does not run until it is mended.

Correct the name. If the bullet is an instruction to the agent, put an empty line and a sentence before the list: only
the list that directly follows the heading holds fields.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- mirors: `src/data/knowledge.py`

Write 17 entries, each with a title and a body.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- mirrors: `src/data/knowledge.py`

Write 17 entries, each with a title and a body.
""",
    files={"src/data/knowledge.py": 'ENTRIES = [{"title": "Knowledge"}]\n'},
    check=reported("unknown-field", Severity.ERROR),
    reads_text=True,
    fixes=suggested,
)
