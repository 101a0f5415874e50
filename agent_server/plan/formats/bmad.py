"""Stories of the BMAD method: `## Tasks / Subtasks`, a box a task with the criteria it meets, subtasks nested in it.

Source: the story templates of bmad-code-org/BMAD-METHOD. The story, its acceptance criteria and the notes that stand
above the tasks are what all of them share; the boxes of criteria and of the agent's own record are no tasks.
"""

import re
from functools import partial

from agent_server.plan.documents.reading import Shape, has_tasks, parse_document
from agent_server.plan.documents.ways import boxes_below, called, coded, inside, listed, numbered
from agent_server.plan.formats.reader import Reader

_TASKS = re.compile(
    r"(?:(?:implementation|development|dev|story) )?(?:tasks(?: ?(?:/|and|&) ?sub-?tasks)?|task list|task breakdown)"
)
_SHAPE = Shape(
    "bmad",
    ways=(
        boxes_below(_TASKS),
        *(inside(_TASKS, way) for way in (called("task", "step"), coded, numbered, listed)),
        called("task"),
        called("phase"),
    ),
)
_SECTION = re.compile(
    r"^#{2,4}[ \t]+(?:\w+ )?(?:Tasks(?:[ \t]*(?:/|and|&)[ \t]*Sub-?tasks)?|Task (?:breakdown|list))[ \t]*:?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_STORY = re.compile(
    r"^#{1,3}[ \t]+(?:User )?Story\b|^#{2,4}[ \t]+(?:Acceptance Criteria|Dev Notes|Dev Agent Record)\b"
    r"|tasks[ \t]*/[ \t]*subtasks",
    re.MULTILINE | re.IGNORECASE,
)

READER = Reader(
    name=_SHAPE.format,
    title="BMAD",
    globs=("**/docs/stories/**/*.md", "**/_bmad-output/implementation-artifacts/**/*.md", "**/*.story.md"),
    parse=partial(parse_document, _SHAPE),
    recognises=lambda text: bool(_SECTION.search(text) and _STORY.search(text)),
    needs_content=True,
    suits=lambda text: has_tasks(text, _SHAPE.ways),
    elsewhere=("**/_bmad-output/**/*.md",),
)
