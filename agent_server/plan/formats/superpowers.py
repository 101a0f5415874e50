"""Plans of superpowers' skill `writing-plans`: `### Task N: Title`, below it `**Files:**`, and steps with boxes.

Source: obra/superpowers. Older plans have steps without boxes, and so no place that says whether a task is done. The
header (goal, architecture, tech stack, constraints) is what all tasks share. Other documents in such a folder are plans
where headings call parts of them tasks, steps or phases, or where they have boxes.
"""

import re
from functools import partial

from agent_server.plan.documents.reading import Shape, has_tasks, parse_document
from agent_server.plan.documents.section_names import CALLED
from agent_server.plan.documents.ways import FREE, boxes, called
from agent_server.plan.formats.reader import Reader

_SKILL = re.compile(r"^>[^\r\n]*\bREQUIRED SUB-SKILL\b[^\r\n]*(?:\n>[^\r\n]*)*+\n*+", re.MULTILINE)
_SHAPE = Shape("superpowers", ways=(called("task"), *FREE), listing=True, only_once=_SKILL)
_TASK = re.compile(rf"^#{{2,4}}[ \t]++{CALLED['task'].pattern}", re.MULTILINE)
_FILES = re.compile(r"^(?:[*_]{2}Files?:?[*_]{2}:?|.*superpowers:)", re.MULTILINE)
_FIELDS = re.compile(r"^[-*] (?:writes|reads|needs): ", re.MULTILINE)


def _recognises(text: str) -> bool:
    """Whether a text has tasks of this kind, and no fields, which are of our own format."""
    tasks = len(_TASK.findall(text))
    is_one = tasks > 1 or (tasks == 1 and _FILES.search(text) is not None)
    return is_one and not _FIELDS.search(text)


def _suits(text: str) -> bool:
    """Whether parts of a text are called so that they must be tasks."""
    return has_tasks(text, (called("task", "step", "phase"), boxes))


READER = Reader(
    name=_SHAPE.format,
    title="superpowers",
    globs=("**/docs/**/plans/**/*.md",),
    parse=partial(parse_document, _SHAPE),
    recognises=_recognises,
    needs_content=True,
    suits=_suits,
)
