"""`long-instructions`: one task is told more than one agent keeps in mind."""

from collections.abc import Iterable

from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity, Tier
from agent_server.plan.edits import set_field

MOST_WORDS = 1000
"""Of 4,300 sections in plans that people have published, one in two hundred is longer."""

FAR_TOO_LONG = 4
"""From so many times what a model keeps in mind, it is a warning: the brief crowds out the files that it is about."""

_CHARACTERS_A_TOKEN = 4
"""Of English and of code; a character of most other scripts is a token of its own."""

_TIERS = (Tier.FAST, Tier.DEFAULT, Tier.CAPABLE)


def _check_task(found: TaskAnalysis, around: Around) -> Iterable[Diagnostic]:
    if not found.task.is_open:
        return ()
    return _long_brief(found, around) or _long_instructions(found)


def _long_brief(found: TaskAnalysis, around: Around) -> tuple[Diagnostic, ...]:
    """Whether all that the agent is told is more than its model keeps in mind."""
    most, context = around.settings.brief_tokens[found.model.tier], _tokens(around.context)
    total = context + _tokens(found.task.instructions)
    if total <= most:
        return ()
    shared = f", {context:,} of them context that every agent gets" if context > total // 4 else ""
    remedy = "Shorten the context" if context > total // 2 else "Split the task"
    message = (
        f"The brief of `{found.task.id}` is about {total:,} tokens{shared}: more than the {most:,} that a "
        f"`{found.model.tier}` model keeps in mind. {remedy}, or move data into a file that the task `reads`."
    )
    far = total > FAR_TOO_LONG * most
    return (_diagnostic(found, message, Severity.WARNING if far else RULE.severity),)


def _long_instructions(found: TaskAnalysis) -> tuple[Diagnostic, ...]:
    """Whether the task's own instructions are those of several tasks."""
    instructions = found.task.instructions
    # A word and the space behind it are two characters at least, so short texts need not be split.
    words = len(instructions.split()) if len(instructions) > 2 * MOST_WORDS else 0
    if words <= MOST_WORDS:
        return ()
    message = (
        f"`{found.task.id}` has {words:,} words of instructions, more than an agent keeps in mind. "
        "Split the task, or move what several tasks need above the first one."
    )
    return (_diagnostic(found, message, RULE.severity),)


def _diagnostic(found: TaskAnalysis, message: str, severity: Severity) -> Diagnostic:
    task = found.task
    return Diagnostic(code=RULE.code, severity=severity, message=message, span=task.title_span, tasks=(task.id,))


def _tokens(text: str) -> int:
    """About how many tokens a text is, for no model in particular."""
    if text.isascii():
        return len(text) // _CHARACTERS_A_TOKEN
    ascii_characters = len(text.encode("ascii", "ignore"))
    return ascii_characters // _CHARACTERS_A_TOKEN + len(text) - ascii_characters


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """A model that keeps more in mind, where one does. Only its author can make a text shorter."""
    found = analysis.tasks[diagnostic.tasks[0]]
    total = _tokens(analysis.plan.context) + _tokens(found.task.instructions)
    if total <= analysis.settings.brief_tokens[found.model.tier] or len(found.task.instructions.split()) > MOST_WORDS:
        return ()
    larger = _TIERS[_TIERS.index(found.model.tier) + 1 :]
    enough = next((tier for tier in larger if total <= analysis.settings.brief_tokens[tier]), None)
    if enough is None:
        return ()
    return (Fix(f"Give it to a `{enough}` model", set_field(analysis.plan, found.task, "model", enough.value)),)


RULE = Rule(
    code="long-instructions",
    severity=Severity.INFORMATION,
    summary="A task is told more than its agent keeps in mind.",
    explanation="""\
More than 1,000 words of instructions, or a brief (the plan's context and the instructions) that is longer than
`brief_tokens` of the model's tier: by default about 6,000 tokens for `fast`, 12,000 for `default` and 24,000 for
`capable` models. From four times that on it is a warning.

What stands in the middle of a very long brief is what an agent forgets. A task that needs so many words is usually
several tasks, or it repeats what all of them should know: that belongs above the first task. Data that the agent
should copy is better kept in a file that the task `reads`.
""",
    elsewhere=Severity.OFF,
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write these entries, word for word:

"""
    + "Clay is earth that keeps the shape that a hand gives it, until a kiln makes that shape last.\n" * 60,
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- reads: `texts/clay.txt`

Write the entries of `texts/clay.txt`, word for word.
""",
    files={"texts/clay.txt": "Clay is earth that keeps the shape that a hand gives it.\n"},
    check_task=_check_task,
    fixes=_fixes,
)
