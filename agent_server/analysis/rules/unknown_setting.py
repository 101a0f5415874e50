"""`unknown-setting`: a key of the front matter that is no setting."""

from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="unknown-setting",
    severity=Severity.ERROR,
    summary="The front matter has a setting that the format does not know.",
    explanation="""\
A misspelt `verify` or `budget` would be silently ignored: the wave would run unverified, or without a limit. The
settings of a plan are `verify`, `agents`, `model`, `agent`, `budget` and `land`.
""",
    bad="""\
---
verfy: npm run build
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.
""",
    good="""\
---
verify: npm run build
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.
""",
    check=reported("unknown-setting", Severity.ERROR),
    reads_text=True,
    fixes=suggested,
)
