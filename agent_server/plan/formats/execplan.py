"""ExecPlans, the living documents of OpenAI's `PLANS.md`: `## Progress` with a box a step, milestones, a plan of work.

Source: the skeleton in OpenAI's cookbook, where boxes stand under `Progress` alone, each with the time at which it was
ticked. Where there are none, milestones or phases are the tasks.
"""

import re
from functools import partial

from agent_server.plan.documents.reading import Shape, parse_document
from agent_server.plan.documents.ways import FREE, boxes_below
from agent_server.plan.formats.reader import Reader

_PROGRESS = re.compile(r"progress(?: log| tracker| checklist)?")
_SHAPE = Shape("execplan", ways=(boxes_below(_PROGRESS), *FREE))
_SAYS_SO = re.compile(
    r"\bExecPlan is a living document\b|^#{1,3}[ \t]+(?:Surprises & Discoveries|Plan of Work)\b", re.MULTILINE
)
_TRACKED = re.compile(r"^#{1,3}[ \t]+Progress\b", re.MULTILINE)

READER = Reader(
    name=_SHAPE.format,
    title="ExecPlan",
    globs=("**/exec-plans/**/*.md", "**/{execplans,exec_plans,execplan}/**/*.md"),
    parse=partial(parse_document, _SHAPE),
    elsewhere=("**/plans/**/*.md",),
    recognises=lambda text: bool(_SAYS_SO.search(text) and _TRACKED.search(text)),
)
