"""`shared-context`: instructions that lean on what only another agent has seen."""

import re
from collections.abc import Iterator
from functools import lru_cache

from agent_server.analysis.model import Diagnostic, Related, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Task
from agent_server.plan.text import Span

# Code and quotations are not the author speaking. They are blanked, not removed, so that offsets stay.
_FENCED = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`|\"[^\"\n]{1,200}\"|\u201c[^\u201d\n]{1,200}\u201d")

# These never mean the agent's own instructions. Where a sentence names the file that holds the words, they can be read.
_ANYWHERE = re.compile(
    r"""
    \b(?:
        (?: the | your | our | my ) \s+ (?: previous | preceding | prior | earlier | last ) \s+
        (?: task | agent | wave | phase | session | conversation | chat ) s? \b
        (?! \s+ (?: in | of | on | is | are | gets? | has | should | must | will | can | button | item | list ) \b )
      | (?: described | discussed | mentioned | explained | agreed | decided ) \s+
        (?: earlier | before | previously ) \b
      | (?: as | what ) \s+ (?: we | you | i ) \s+ (?: (?: have | had ) \s+ )?
        (?: discussed | agreed | decided | talked \s+ about ) \b
      | as \s+ (?: already \s+ )? (?: discussed | agreed ) \b (?! \s+ (?: in | on | at | by | with | upon ) \b )
      | the \s+ other \s+ agents? (?: 's | ' )? \s+
        (?: work | output | result | notes | code | changes | version | approach | did | has | have | wrote | made ) \b
      | (?: ask | tell | wait \s+ for | check \s+ with | coordinate \s+ with | talk \s+ to | like | as )
        \s+ the \s+ other \s+ agents? \b
      | where \s+ (?: the \s+ )? (?: last | previous | other | first | task ) \s+ (?: \w+ \s+ )? left \s+ off \b
      | (?: continue | start | carry \s+ on | pick \s+ up ) \s+ where \s+ (?: we | you | i ) \s+ left \s+ off \b
      | (?: continue | carry \s+ on | pick \s+ up ) \s+ (?: from | with ) \s+ (?: the | our | your ) \s+
        (?: previous | last | earlier | other | first ) \s+ (?: task | step | agent | part | work | session )s? \b
      | (?: same \s+ as | as \s+ in | as \s+ for | like | see ) \s+ (?: in \s+ )? (?: wave | phase ) \s+ \d+ \b
      | the \s+ (?: new \s+ )? (?: file | module | component | function | class | page | table | script | code ) s?
        \s+ (?: that \s+ )? (?: we | you | i ) (?: 've | \s+ have )?
        \s+ (?: just | already | previously | earlier ) \s+ (?: created | wrote | written | made | added | built ) \b
      | (?: do \s+ (?: it | this | that | so ) | (?: the \s+ )? same \s+ (?: thing \s+ )? | just )
        \s* (?: like | as ) \s+ (?: we \s+ did \s+ | you \s+ did \s+ )? before \b
    )
    | (?: ^ | (?<= [.!?] \s ) ) [ \t]* (?: [-*+] [ \t]+ )? (?P<start> ditto | like \s+ before | as \s+ before ) \b
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)

# These point at the lines above: at other tasks, unless the section itself has lines above.
_UPWARDS = re.compile(
    r"""
    \b(?:
        (?: as | like | see | per | described | mentioned | explained | listed | shown | defined ) \s+
        (?: \w+ \s+ ){0,2}? above \b (?! [-\w] )
      | the \s+ above \b (?! [-\w] )
      | (?: the | see | your ) \s+ (?: previous | preceding | prior | last ) \s+ (?: step | section ) s? \b
      | (?: same \s+ as | as \s+ in | see ) \s+ (?: step \s+ \d+ | (?: the \s+ )? (?: previous | earlier ) ) \b
      | (?: see | as ) \s+ earlier \b
      | (?: continue | carry \s+ on ) \s+ (?: from | with ) \s+ (?: the \s+ )? step \s+ \d+ \b
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_ANOTHER_TASK = re.compile(
    r"\b(?:same as|as in|as for|like|see|follow)\s+(?:the\s+)?(?P<task>tasks?\s+)?"
    r"(?P<tick>`?)#?(?P<name>[\w-]+)(?P=tick)",
    re.IGNORECASE,
)


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    task = found.task
    if not task.is_open:
        return
    leaning, named = _words(task.instructions)
    others = [span for name, span in named if name.isdecimal() or (name in around.ids and name != task.id)]
    for span in sorted({*leaning, *others}):
        yield _diagnostic(task, around, span)


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[tuple[Span, ...], tuple[tuple[str, Span], ...]]:
    """Where the text leans on what its reader cannot see, and where it sends the reader to what may be a task."""
    fenced = _FENCED.sub(_blank, text)
    prose = _CODE.sub(_blank, fenced)
    first_paragraph = prose.find("\n\n") if "\n\n" in prose else len(prose)
    leaning = (*_ANYWHERE.finditer(prose), *_UPWARDS.finditer(prose, 0, first_paragraph))
    named = (
        (match["name"], Span(*match.span()))
        for match in _ANOTHER_TASK.finditer(fenced)
        if match["task"] or (match["tick"] and not match["name"].isdecimal())
    )
    return tuple(Span(*match.span("start" if match.groupdict().get("start") else 0)) for match in leaning), tuple(named)


def _blank(code: re.Match[str]) -> str:
    return " " * len(code[0])


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
