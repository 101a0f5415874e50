"""`shared-context`: instructions that lean on what only another agent has seen."""

import re
from collections.abc import Iterator

from agent_server.analysis.model import Diagnostic, Related, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.analysis.words.leaning import leaning, pointers
from agent_server.plan.model import Task
from agent_server.plan.text import Span

# Code and quotations are not the author speaking. They are blanked, not removed, so that offsets stay.
_FENCED = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`|\"[^\"\n]{1,200}\"|\u201c[^\u201d\n]{1,200}\u201d")


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    task = found.task
    if not task.is_open:
        return
    named = pointers(task.instructions)
    others = [span for name, span in named if name.isdecimal() or (name in around.ids and name != task.id)]
    for span in sorted({*leaning(task.instructions), *others}):
        yield _diagnostic(task, around, span)


def _diagnostic(task: Task, around: Around, span: Span) -> Diagnostic:
    """The finding about the words at `span` of the task's instructions."""
    words = " ".join(span.of(task.instructions).split())
    other = next((name for name in re.findall(r"[\w-]+", words) if name in around.ids and name != task.id), None)
    related = () if other is None else (Related(around.place_of(other), f"`{other}` stands here."),)
    start = task.instructions_span.start
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f'"{words}" points at words that the agent of `{task.id}` never sees. '
        "Say it again here, or move it above the first task, which every agent gets.",
        span=Span(start + span.start, start + span.end),
        tasks=(task.id,),
        related=related,
    )


RULE = Rule(
    code="shared-context",
    severity=Severity.WARNING,
    summary="Instructions lean on another agent's context.",
    explanation="""\
Agents share nothing but the files. Each gets the plan's shared context (everything above the first task) and its own
section, and none sees what another was told or what it found out. "As above", "same as task 2" and "the previous
task" send an agent to words that it does not have, so it guesses.

Repeat the one sentence that matters, move what several tasks need above the first task, or let the task mirror a
file: `mirrors` shows the agent an example instead of a description.

Words such as "see above" are taken to mean the task's own section from its second paragraph on.
""",
    elsewhere=Severity.INFORMATION,
    bad="""\
---
verify: python build.py
---
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry, two columns wide, with the level in front of each title.

## print: Build the page for printing
- writes: `src/pages/clay_print.py`

Same as `hub`, without the navigation.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry, two columns wide, with the level in front of each title.

## print: Build the page for printing
- writes: `src/pages/clay_print.py`

Build the page that lists every entry, two columns wide, with the level in front of each title, without the navigation.
""",
    check_task=_check_task,
)
