"""`bad-front-matter`: the settings above the plan cannot be read as YAML."""

from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="bad-front-matter",
    severity=Severity.ERROR,
    summary="The plan's front matter is not valid YAML.",
    explanation="""\
The front matter, between two lines `---` at the very top, holds the plan's own settings as YAML: one `name: value` a
line. While it cannot be read, none of them counts, the verify command and the budget included, so nothing runs.
""",
    bad="""\
---
verify: [npm run build
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
    check=reported("bad-front-matter", Severity.ERROR),
    reads_text=True,
    fixes=suggested,
)
