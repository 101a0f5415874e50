"""The phases of a checklist: which tasks stand together, in the order in which their author has put them.

A phase is, in this order:

- the item that the task is nested in together with others, or that has its number (`2.` for `2.1`), where the section
  holds several such groups. Tasks between two groups are a phase, too;
- else the section of the nearest heading above that stands for a phase: of those that are called so (`Phase 2`) where
  any are, else of the second level, or of the third where the second holds everything.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agent_server.plan.markdown.blocks import Blocks, Heading
from agent_server.plan.markdown.lists import ListItem, above
from agent_server.plan.model import Phase
from agent_server.plan.text import Span

_CALLED_PHASE = re.compile(
    r"\W*+(?:\d+[.)]?\s*)?(?:(?:final|implementation|development)\s+)?"
    r"(?:phase|stage|step|sprint|milestone|iteration|wave|week|fase|etapa|\u00e9tape|schritt|\u0444\u0430\u0437\u0430|\u044d\u0442\u0430\u043f"
    r"|\u9636\u6bb5|\u968e\u6bb5|\u30d5\u30a7\u30fc\u30ba|\ub2e8\uacc4|\u7b2c.{1,3}[\u9636\u968e]\u6bb5)(?:\b|(?=\d))",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<major>\d+)(?P<minor>(?:\.\d+)*)\Z")


class Found(NamedTuple):
    """A task that was found: where it stands and how it was found (`item` is its place among items, or -1).

    `id` is the one that it has, `own` the one that was made for it because it names none, or another task's.
    """

    start: int
    end: int
    line: int
    kind: str
    id: str
    own: str | None
    is_marked: bool
    item: int = -1


def phased(
    blocks: Blocks,
    items: Sequence[ListItem],
    found: Sequence[Found],
    sections: Sequence[Heading],
    within: Sequence[int],
) -> tuple[list[int], list[Phase]]:
    """The number of each task's phase, and the phases, in the order of the text.

    `within` is the group of each task: the place of the item that is its title, -1 for none, less for one without.
    """
    homes = _homes(sections, found)
    grouped = {home for home, group in zip(homes, within, strict=True) if group != -1}
    numbers: dict[tuple[int, int, int], int] = {}
    members: list[list[Found]] = []
    places: list[int] = []
    run = 0
    for task, home, group in zip(found, homes, within, strict=True):
        run += group != -1
        key = (home, group, run if group == -1 and home in grouped else 0)
        if key not in numbers:
            numbers[key] = len(members)
            members.append([])
        members[numbers[key]].append(task)
        places.append(numbers[key])
    phases: list[Phase] = []
    for (home, group, _), tasks in zip(numbers, members, strict=True):
        span = Span(tasks[0].start, tasks[-1].end)
        if group >= 0:
            phases.append(_of_group(blocks, items[group], span))
        elif group < -1 or home < 0 or home in grouped:
            phases.append(Phase("", Span(span.start, span.start), span))
        else:
            phases.append(_of_section(blocks, sections, home))
    return places, phases


def nested_in(items: Sequence[ListItem], found: Sequence[Found], groups: frozenset[int]) -> list[int]:
    """The place of the group that each task is nested in; -1 for one that is nested in none."""
    if not groups:
        return [-1] * len(found)
    return [
        next((at for at in above(items, task.item) if at in groups), -1) if task.item >= 0 else -1 for task in found
    ]


def group_by_number(
    found: Sequence[Found], sections: Sequence[Heading], within: list[int], groups: Mapping[int, str]
) -> None:
    """Put tasks that are nested in nothing into groups by the first part of their number, where sections hold several.

    `groups` are the items that are no tasks, with their ids.
    """
    titles = {number: at for at, number in groups.items()} | {task.id: task.item for task in found if task.item >= 0}
    numbers = [_NUMBER.match(task.id) if group == -1 else None for task, group in zip(found, within, strict=True)]
    homes = _homes(sections, found)
    majors: dict[int, dict[str, bool]] = {}
    for number, home in zip(numbers, homes, strict=True):
        if number is not None:
            known = majors.setdefault(home, {})
            known[number["major"]] = known.get(number["major"], False) or bool(number["minor"])
    for at, (number, home) in enumerate(zip(numbers, homes, strict=True)):
        if number is not None and len(majors[home]) > 1 and majors[home][number["major"]]:
            within[at] = titles.get(number["major"], -2 - int(number["major"]))


def _homes(sections: Sequence[Heading], found: Sequence[Found]) -> list[int]:
    """The number of the section that each task stands in, -1 above the first."""
    starts = [heading.line for heading in sections]
    return [bisect_right(starts, task.line) - 1 for task in found]


def _of_group(blocks: Blocks, title: ListItem, span: Span) -> Phase:
    start, end = blocks.line_start(title.line), blocks.line_start(title.last)
    return Phase(title.content.of(blocks.text), title.content, Span(min(span.start, start), max(span.end, end)))


def _of_section(blocks: Blocks, sections: Sequence[Heading], at: int) -> Phase:
    heading = sections[at]
    end = sections[at + 1].span.start if at + 1 < len(sections) else len(blocks.text)
    return Phase(heading.content.of(blocks.text), heading.content, Span(heading.span.start, end))


def sections_of(blocks: Blocks, lines: Sequence[int], below: int) -> list[Heading]:
    """The headings that stand for phases. `lines` are those of tasks, `below` the level of tasks that are headings."""
    tasks = frozenset(lines)
    higher = [heading for heading in blocks.headings if heading.level < below and heading.line not in tasks]
    called = [heading for heading in higher if _CALLED_PHASE.match(heading.content.of(blocks.text))]
    holding = _holding(called, lines)
    if holding and min(holding) <= lines[0] and (len(holding) > 1 or not _is_divided(higher, lines)):
        level = min(heading.level for heading in called if heading.line in holding)
        # A section beside the phases, such as the notes behind them, ends the last of them.
        return [heading for heading in higher if heading.line in holding or heading.level <= level]
    for level in (2, 3, 4):
        candidates = [heading for heading in higher if heading.level <= level]
        if len(_holding(candidates, lines)) > 1:
            return candidates
    return [heading for heading in higher if heading.level <= 2]


def _is_divided(headings: Sequence[Heading], lines: Sequence[int]) -> bool:
    """Whether sections of the second level hold tasks."""
    return len(_holding([heading for heading in headings if heading.level <= 2], lines)) > 1


def _holding(headings: Sequence[Heading], lines: Sequence[int]) -> set[int]:
    """The lines of the headings that are the nearest above one of `lines`."""
    starts = [heading.line for heading in headings]
    places = {bisect_right(starts, line) for line in lines}
    return {starts[place - 1] for place in places if place}
