"""`unclosed-block`: a fence or a comment that is never closed takes in the tasks below it."""

from agent_server.analysis.rules.problems import reported
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity

RULE = Rule(
    code="unclosed-block",
    severity=Severity.ERROR,
    summary="A code fence or a comment is never closed, so the tasks below it are not read.",
    explanation="""\
Everything between a fence and its end is code, and everything in a comment is left out. Without an end, that is the
rest of the plan: its tasks would vanish without a word. Close the block where it should end.
""",
    elsewhere=Severity.WARNING,
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries in this form:

```python
Entry("Wedging", "beginner", "...")

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries in this form:

```python
Entry("Wedging", "beginner", "...")
```

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.
""",
    check=reported("unclosed-block", Severity.ERROR),
    reads_text=True,
)
