"""`merge-conflict`: Git has left both sides of a change in the plan."""

from agent_server.analysis.rules.problems import reported
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="merge-conflict",
    severity=Severity.ERROR,
    summary="The plan holds a conflict that Git could not merge.",
    explanation="""\
Both sides of the change stand in the plan, between lines that begin with `<<<<<<<` and `>>>>>>>`. Until you choose, it
says two things at once: a task may be there twice, or done on one side and open on the other. Keep what you want, and
take out the lines that mark the conflict.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

<<<<<<< HEAD
Write 17 entries, each with a title and a body.
=======
Write 20 entries, each with a title and a picture.
>>>>>>> pictures
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 20 entries, each with a title and a picture.
""",
    check=reported("merge-conflict", Severity.ERROR),
    reads_text=True,
)
