"""`unknown-task`: `needs` names a task that the plan does not have."""

from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="unknown-task",
    severity=Severity.ERROR,
    summary="A task needs another that is not in the plan.",
    explanation="""\
`needs` puts a task behind others. An id that no task has cannot be waited for, so the task would start too early, on
files that are not there yet. An id is the word before the colon of a heading (`## data: Write the data file`); a
heading without one gets its title as id, in lower case and with dashes.
""",
    elsewhere=Severity.WARNING,
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`
- needs: dta

Build the page that lists every entry.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`
- needs: data

Build the page that lists every entry.
""",
    check=reported("unknown-task", Severity.ERROR),
    reads_text=True,
    fixes=suggested,
)
