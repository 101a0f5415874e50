"""The phases of a checklist: which tasks stand together, in the order in which their author has put them.

A phase is, in this order:

- the item that the task is nested in together with others, or that has its number (`2.` for `2.1`), where the section
  holds several such groups. Tasks between two groups are a phase, too;
- else the section of the nearest heading above that stands for a phase: of those that are called so (`Phase 2`) where
  any are, else of the second level, or of the third where the second holds everything.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from agent_server.plan.checklists.items import Found, FoundTasks
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


Group: TypeAlias = int | str
"""What several tasks of a section are put together by: the place of the item that is their title, else their number."""


def phased(
    blocks: Blocks, items: Sequence[ListItem], found: FoundTasks, *, by_number: bool
) -> tuple[list[int], list[Phase]]:
    """The number of each task's phase, and the phases, in the order of the text.

    `by_number`: a number such as `2.1` puts a task into the group `2.`, wherever it stands.
    """
    tasks = found.tasks
    sections = _sections_of(blocks, [task.line for task in tasks], found.level)
    homes = _homes(sections, tasks)
    groups: Sequence[Group | None] = [_nesting(items, task, found.groups) for task in tasks]
    if by_number:
        groups = _by_number(found, homes, groups)
    keys = list(_keys(homes, groups))
    together: dict[_Key, list[Found]] = {}
    for key, task in zip(keys, tasks, strict=True):
        together.setdefault(key, []).append(task)
    numbers = {key: number for number, key in enumerate(together)}
    phases = [_phase(blocks, items, sections, key, those) for key, those in together.items()]
    return [numbers[key] for key in keys], phases


class _Key(NamedTuple):
    """What the tasks of one phase have in common: their section, by its number, and what they stand in together.

    `before` is, of tasks in no group whose section holds some, how many in groups stand before them.
    """

    section: int
    group: Group | None
    before: int | None


def _keys(homes: Sequence[int], groups: Sequence[Group | None]) -> Iterator[_Key]:
    """The key of each task."""
    grouped = {home for home, group in zip(homes, groups, strict=True) if group is not None}
    before = 0
    for home, group in zip(homes, groups, strict=True):
        before += group is not None
        yield _Key(home, group, before if group is None and home in grouped else None)


def _phase(
    blocks: Blocks, items: Sequence[ListItem], sections: Sequence[Heading], key: _Key, tasks: Sequence[Found]
) -> Phase:
    """The phase of these tasks, with the title that it has."""
    span = Span(tasks[0].start, tasks[-1].end)
    if isinstance(key.group, int):
        return _of_group(blocks, items[key.group], span)
    if key.group is not None or key.before is not None or key.section < 0:
        return Phase("", Span(span.start, span.start), span)
    return _of_section(blocks, sections, key.section)


def _nesting(items: Sequence[ListItem], task: Found, groups: Mapping[int, str]) -> int | None:
    """The place of the group that a task is nested in; None where it is nested in none."""
    if not groups or task.item < 0:
        return None
    return next((at for at in above(items, task.item) if at in groups), None)


def _by_number(found: FoundTasks, homes: Sequence[int], groups: Sequence[Group | None]) -> list[Group | None]:
    """The groups, with the first part of its number for each task that has none, where its section holds several."""
    titles = {number: at for at, number in found.groups.items()}
    titles |= {task.id: task.item for task in found.tasks if task.item >= 0}
    numbers = [
        _NUMBER.match(task.id) if group is None else None for task, group in zip(found.tasks, groups, strict=True)
    ]
    majors: dict[int, dict[str, bool]] = {}
    for number, home in zip(numbers, homes, strict=True):
        if number is not None:
            known = majors.setdefault(home, {})
            known[number["major"]] = known.get(number["major"], False) or bool(number["minor"])
    return [
        titles.get(number["major"], number["major"])
        if number is not None and len(majors[home]) > 1 and majors[home][number["major"]]
        else group
        for number, home, group in zip(numbers, homes, groups, strict=True)
    ]


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


def _sections_of(blocks: Blocks, lines: Sequence[int], below: int) -> list[Heading]:
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
