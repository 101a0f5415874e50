"""Which items and headings of a text are the tasks of a checklist: see `reading.py` for the rules."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.checklists.first_lines import first_line, mark_of
from agent_server.plan.ids import FreshIds
from agent_server.plan.markdown.blocks import BELOW_ALL_HEADINGS, TEXT, Blocks, Heading
from agent_server.plan.markdown.conflicts import second_sides
from agent_server.plan.markdown.lists import ListItem, above
from agent_server.plan.other_languages import CRITERIA
from agent_server.plan.text import Span

_CHECKS = re.compile(
    r"\W*+(?:\w+\W+){0,4}?(?:criteria|(?<!implementation )(?<!tasks )(?<!task )checklist|definition of done|dod"
    r"|(?:quality|validation|review|success)\s+(?:gates?|metrics))\b"
    rf"|(?:[^\w\r\n]|\d{{1,3}}[.)])*+{CRITERIA}(?!\w)|.{{0,20}}(?:\u9a57\u6536|\u9a8c\u6536|\u6aa2\u67e5|\u68c0\u67e5)",
    re.IGNORECASE,
)
_CRITERIA = re.compile(
    r"(?:[^\w\r\n]|\d{1,3}[.)])*+(?:(?:[^\W\d]++[ \t]++){0,3}?criteria|definition of (?:done|ready)"
    rf"|{CRITERIA})\W*+\Z",
    re.IGNORECASE,
)
"""Of what only checks the outcome, that which says what must be true then."""
_LABEL = re.compile(
    r" {0,3}(?:(?P<bold>\*\*|__)(?P<name>[^*_\r\n]{1,60}+)(?P=bold)[:\uff1a]?"
    r"|(?P<plain>[^\W\d][^*_:\uff1a\r\n]{0,40}+)[:\uff1a]|(?:[-*_][ \t]*+){3,})[ \t]*+\Z"
)
"""A line that is only a name, or a rule."""
_BETWEEN_NAMES = re.compile(r"[/.\\:]++")
_NOTED = re.compile(r"[ \t]*+(?:[-*+][ \t]++_[^_\r\n]*+_?[ \t]*+)?\Z")


class Found(NamedTuple):
    """A task that was found: where it stands, and the place among all items of the one that it is, -1 for a heading.

    `id` is the one that it has, `own` the one that was made for it: it names none, or another's.
    """

    start: int
    end: int
    line: int
    id: str
    own: str | None
    is_marked: bool
    item: int = -1

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading, and no item of a list."""
        return self.item < 0


class FoundTasks(NamedTuple):
    """The tasks in the order of the text, and the items that only group them, by their places, with their ids.

    What groups tasks that are headings is a heading above their `level`.
    """

    tasks: list[Found]
    groups: Mapping[int, str]
    level: int = BELOW_ALL_HEADINGS


def found_tasks(dialect: Dialect, blocks: Blocks, items: Sequence[ListItem]) -> FoundTasks:
    """The tasks of a text."""
    text, match = blocks.text, dialect.name.match
    boxed = [at for at, item in enumerate(items) if item.box_start >= 0]
    names = {at: name for at in boxed if (name := match(text, items[at].start, items[at].end)) is not None}
    criteria = _criteria(blocks, items, [at for at in boxed if at not in names])
    boxed = [at for at in boxed if at not in criteria]
    names = {at: name for at, name in names.items() if criteria.isdisjoint(above(items, at))}
    titled = _titled(blocks, dialect.heading) if not names else []
    if not titled and not boxed:
        titled = _titled(blocks, dialect.numbered)
    if titled:
        return FoundTasks(_headed(dialect, blocks, titled), {}, max(heading.level for heading, _ in titled))
    chosen = list(names)
    if not names or dialect.takes_all:
        names = _outside_steps(items, boxed, names)
        others = _without_checks(blocks, items, _outermost(items, boxed, names))
        chosen = sorted({*names, *others})
    elif dialect.marked is not None:
        marked = (at for at in boxed if dialect.marked.match(text, items[at].start, items[at].end))
        chosen = sorted({*names, *_without_checks(blocks, items, list(marked))})
    if not chosen:
        names = {
            at: name
            for at, item in enumerate(items)
            if (name := match(text, item.start, item.end)) is not None and name["id"]
        }
        chosen = list(names) or _listed_below(dialect, blocks, items)
    if not chosen and (titled := _titled(blocks, dialect.counted)):
        return FoundTasks(_headed(dialect, blocks, titled), {}, max(heading.level for heading, _ in titled))
    groups = _groups(dialect, blocks, items, chosen, names)
    tasks = [at for at in chosen if at not in groups]
    return FoundTasks(_listed(dialect, blocks, items, [(at, names.get(at)) for at in tasks]), groups)


def _titled(blocks: Blocks, pattern: re.Pattern[str] | None) -> list[tuple[Heading, re.Match[str]]]:
    """The headings that a pattern takes for the names of tasks."""
    if pattern is None:
        return []
    names = ((heading, pattern.match(blocks.text, *heading.content.bounds)) for heading in blocks.headings)
    return [(heading, name) for heading, name in names if name is not None]


def boxes_below(items: Sequence[ListItem]) -> list[Span]:
    """The boxes in the section of a task that is a heading, which together say how it stands."""
    return [item.box for item in items if item.box is not None]


def _outside_steps(
    items: Sequence[ListItem], boxed: Sequence[int], names: Mapping[int, re.Match[str]]
) -> dict[int, re.Match[str]]:
    """The names of all but those that stand among the steps of a task without a name."""
    tasks = {items[at].above for at in boxed if at not in names}.intersection(boxed).difference(names)
    return {at: name for at, name in names.items() if tasks.isdisjoint(above(items, at))}


def _outermost(items: Sequence[ListItem], boxed: Sequence[int], names: Mapping[int, re.Match[str]]) -> list[int]:
    """The items with a box that are nested in no other, and in which no named one is nested."""
    among = frozenset(boxed)
    named = {outer for at in names for outer in above(items, at)}
    return [at for at in boxed if at not in named and among.isdisjoint(above(items, at))]


def _listed_below(dialect: Dialect, blocks: Blocks, items: Sequence[ListItem]) -> list[int]:
    """The outermost items of the sections that list what is to be done."""
    if dialect.listed is None:
        return []
    lines = [heading.line for heading in blocks.headings]
    lists = [dialect.listed.match(blocks.text, *heading.content.bounds) is not None for heading in blocks.headings]
    outermost = (at for at, item in enumerate(items) if item.above < 0)
    return [at for at in outermost if (place := bisect_right(lines, items[at].line)) and lists[place - 1]]


def _without_checks(blocks: Blocks, items: Sequence[ListItem], chosen: Sequence[int]) -> list[int]:
    """Those that stand in no section which only checks the outcome, if any do, nor in a part of one."""
    lines = [heading.line for heading in blocks.headings]
    checks = _in_sections(blocks, _CHECKS)
    kept = [at for at in chosen if not ((place := bisect_right(lines, items[at].line)) and checks[place - 1])]
    return kept or list(chosen)


def _in_sections(blocks: Blocks, names: re.Pattern[str]) -> list[bool]:
    """Of each heading, whether it opens a section of such a name, or a part of one."""
    found: list[bool] = []
    level = BELOW_ALL_HEADINGS
    for heading in blocks.headings:
        if heading.level <= level:
            is_called = heading.level > 1 and names.match(blocks.text, *heading.content.bounds) is not None
            level = heading.level if is_called else BELOW_ALL_HEADINGS
        found.append(level < BELOW_ALL_HEADINGS)
    return found


def _criteria(blocks: Blocks, items: Sequence[ListItem], boxed: Sequence[int]) -> frozenset[int]:
    """Those that stand in a section of criteria, or below a line outside of lists that is only called so.

    Such a line reaches to the next that is only a name, to the next heading, or to a rule.
    """
    if not boxed:
        return frozenset()
    among = {items[at].line: at for at in boxed}
    ends = {item.line: item.last for item in items if item.above < 0}
    found: list[int] = []
    sections = dict(zip([each.line for each in blocks.headings], _in_sections(blocks, _CRITERIA), strict=True))
    is_section = is_here = False
    reach = 0
    for line, bounds in enumerate(zip(blocks.starts, blocks.ends, strict=True)):
        reach = ends.get(line, reach)
        if line in sections:
            is_section = is_here = sections[line]
        elif is_here and line in among:
            found.append(among[line])
        elif line >= reach and blocks.kinds[line] == TEXT and (label := _LABEL.match(blocks.text, *bounds)):
            name = label["name"] or label["plain"] or ""
            is_here = is_section or _CRITERIA.match(name) is not None
    return frozenset(found)


def _groups(
    dialect: Dialect,
    blocks: Blocks,
    items: Sequence[ListItem],
    chosen: Sequence[int],
    names: Mapping[int, re.Match[str]],
) -> dict[int, str]:
    """The items that are no tasks but groups of them, with their ids: others are nested in them.

    Or others follow and carry their number, and the item itself says nothing of what is to be done.
    """
    if dialect.is_flat or not names:
        return {}
    among = frozenset(chosen)
    nested = (at for at in chosen if items[at].above >= 0)
    groups = {outer for at in nested for outer in above(items, at) if outer in among}
    for at, behind in pairwise(chosen) if dialect.groups_by_number else ():
        number = (names[at]["id"] or "") if at in names else ""
        if not number.isdecimal() or behind not in names or items[at].indent != items[behind].indent:
            continue
        if (names[behind]["id"] or "").startswith(f"{number}.") and is_bare(blocks, items[at]):
            groups.add(at)
    return {at: names[at]["id"] or "" for at in groups if at in names}


def is_bare(blocks: Blocks, item: ListItem) -> bool:
    """Whether nothing stands below an item, but for what is noted about it (`- _Requirements: 1.2_`)."""
    lines = range(item.line + 1, item.last)
    return all(_NOTED.match(blocks.text, blocks.starts[line], blocks.ends[line]) for line in lines)


def _listed(
    dialect: Dialect,
    blocks: Blocks,
    items: Sequence[ListItem],
    tasks: Sequence[tuple[int, re.Match[str] | None]],
) -> list[Found]:
    """Tasks that are items of lists."""
    found: list[Found] = []
    ids = _Ids(name["id"] for _, name in tasks if name is not None and name["id"])
    repeated = second_sides(blocks)
    reach = 0
    for place, (at, name) in enumerate(tasks):
        item = items[at]
        named = name["id"] if name is not None else None
        if name is not None and named:
            task_id = ids.unlike(named, blocks.text[name.end() : item.end], is_second_side=item.line in repeated)
        else:
            line = first_line(dialect, blocks.text, item.start, item.end, name)
            task_id = ids.made(blocks.text[line.start : line.end], len(found) + 1)
        if task_id is None:
            continue
        last = item.last
        if dialect.is_flat:
            last = reach = max(last, reach)
            if place + 1 < len(tasks):
                last = min(last, items[tasks[place + 1][0]].line)
        start, end = blocks.starts[item.line], blocks.line_start(last)
        own = None if task_id == named else task_id
        is_marked = mark_of(dialect, blocks.text, item.start, item.end, name) is not None
        found.append(Found(start, end, item.line, task_id, own, is_marked, at))
    return found


def _headed(dialect: Dialect, blocks: Blocks, titled: Sequence[tuple[Heading, re.Match[str]]]) -> list[Found]:
    """Tasks that are headings. Each reaches to the next heading of its level or above, or of another task."""
    found: list[Found] = []
    ids = _Ids(name["id"] for _, name in titled if name["id"])
    lines = {heading.line for heading, _ in titled}
    open_tasks: list[tuple[Heading, re.Match[str]]] = []
    names = dict(titled)
    ends: dict[int, int] = {}
    for heading in blocks.headings:
        while open_tasks and (heading.level <= open_tasks[-1][0].level or heading.line in lines):
            ends[open_tasks.pop()[0].line] = heading.line
        if heading.line in lines:
            open_tasks.append((heading, names[heading]))
    for heading, name in titled:
        line = first_line(dialect, blocks.text, *heading.content.bounds, name)
        title = blocks.text[line.start : line.end]
        task_id = ids.unlike(name["id"], title) if name["id"] else ids.made(title, len(found) + 1)
        if task_id is None:
            continue
        end = blocks.line_start(ends.get(heading.line, len(blocks.starts)))
        own = None if task_id == name["id"] else task_id
        found.append(Found(heading.span.start, end, heading.line, task_id, own, line.mark_start >= 0))
    return found


class _Ids:
    """The ids that tasks have so far. None is read twice, and none has the id of another."""

    def __init__(self, named: Iterable[str]) -> None:
        self._titles: dict[str, set[str]] = {}
        self._fresh = FreshIds(named)

    def made(self, title: str, ordinal: int) -> str:
        """An id of a title, for a task that names none."""
        return self._fresh.made(_BETWEEN_NAMES.sub(" ", title), ordinal)

    def unlike(self, task_id: str, title: str, *, is_second_side: bool = False) -> str | None:
        """The id that a task names, with a number behind it where another task has it.

        None where the very task was read before, or another version of it, on the first side of a conflict.
        """
        titles = self._titles.setdefault(task_id, set())
        if title in titles or (titles and is_second_side):
            return None
        titles.add(title)
        return task_id if len(titles) == 1 else self._fresh.unlike(task_id)
