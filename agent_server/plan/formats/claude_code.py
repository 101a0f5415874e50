"""Plans of Claude Code's plan mode: `.claude/plans/*.md`, written as its agent sees fit.

Tasks are the boxes of a to-do list, steps or phases with headings, other boxes, or what a section of changes or of
implementation is divided into. A note or a report in that folder has no tasks.
"""

from functools import partial

from agent_server.plan.documents.reading import Shape, parse_document
from agent_server.plan.formats.reader import Reader

_SHAPE = Shape("claude-code")

READER = Reader(
    name=_SHAPE.format,
    title="Claude Code",
    globs=("**/.claude/plans/**/*.md",),
    parse=partial(parse_document, _SHAPE),
)
