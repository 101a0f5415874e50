"""`duplicate-id`: two tasks of one id."""

from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="duplicate-id",
    severity=Severity.ERROR,
    summary="Two tasks have the same id.",
    explanation="""\
`needs`, runs and their records name a task by its id. Of two tasks with one id only the first takes part in the
analysis, so the second would never run. Rename one of them.
""",
    elsewhere=Severity.WARNING,
    bad="""\
# Clay wiki

## page: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.

## page: Build the entry page
- writes: `src/pages/clay_entry.py`

Build the page of one entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.

## entry: Build the entry page
- writes: `src/pages/clay_entry.py`

Build the page of one entry.
""",
    check=reported("duplicate-id", Severity.ERROR, "The first task of this id stands here."),
    reads_text=True,
    fixes=suggested,
)
