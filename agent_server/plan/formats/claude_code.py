"""Plans of Claude Code's plan mode: `.claude/plans/*.md`, written as its agent sees fit.

Tasks are the boxes of a to-do list, steps or phases with headings, other boxes, or what a section of changes or of
implementation is divided into. A note or a report in that folder has no tasks.
"""

from agent_server.plan.documents.reading import Shape, parse_document
from agent_server.plan.formats.reader import Reader, Reading
from agent_server.plan.model import Plan

_SHAPE = Shape("claude-code")


def _parse(text: str, before: Plan | None = None) -> Reading:
    return parse_document(_SHAPE, text, before)


READER = Reader(
    name=_SHAPE.format,
    title="Claude Code",
    globs=("**/.claude/plans/**/*.md",),
    parse=_parse,
)
