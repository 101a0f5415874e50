"""Where in a document the tasks are: one function for each way in which people write them.

People write plans of this kind as they like, so there are several ways to find tasks, from those that leave no doubt to
those that are a good guess. A format names the ways that it takes, and the first that finds any tasks is the one.
Nothing is a task that stands in a section about something else, such as how the work is verified.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from agent_server.plan.documents.file_lists import file_lists
from agent_server.plan.documents.outline import Found, Outline
from agent_server.plan.documents.section_names import (
    ASIDE,
    ASIDE_CODE,
    BEFORE_WORK,
    CALLED,
    CODED,
    CRITERIA,
    IMPERATIVE,
    LISTED,
    NAMED_ITEM,
    NOT_NOW,
    NUMBERED,
    STAMP,
    WORK,
    WORK_CODE,
    plain_name,
)
from agent_server.plan.documents.task_status import is_marked_done
from agent_server.plan.markdown.lists import ListItem, above
from agent_server.plan.text import Span

_LONGEST_LABEL = 80

Way: TypeAlias = Callable[[Outline], list[Found]]


def called(*kinds: str) -> Way:
    """Headings that are called tasks: `### Task 3: Title`, or steps, or phases.

    One in which others of its kind stand is a group of them. A phase in which no task stands is a task of its own: its
    author has not divided it any further.
    """

    def way(outline: Outline) -> list[Found]:
        for kind in kinds:
            if found := _called(outline, kind):
                return found
        return []

    return way


def boxes_below(name: re.Pattern[str]) -> Way:
    """The boxes in the sections of that name, in which no heading is called a task."""

    def way(outline: Outline) -> list[Found]:
        sections = [section for section in outline.sections if name.fullmatch(section.name)]
        lines = {line for section in sections for line in range(section.line, section.last)}
        called_so = (pattern for kind, pattern in CALLED.items() if kind != "phase")
        titles = [section.content for section in outline.sections if section.line in lines]
        if any(pattern.match(outline.text, *title.bounds) for pattern in called_so for title in titles):
            return []
        if any(task.line in lines for task in coded(outline)):
            return []
        return _boxed(outline, [at for at, item in _boxes(outline) if item.line in lines], ASIDE)

    return way


def inside(name: re.Pattern[str], way: Way) -> Way:
    """What another way finds in the sections of that name."""

    def found(outline: Outline) -> list[Found]:
        sections = [section for section in outline.sections if name.fullmatch(section.name)]
        lines = {line for section in sections for line in range(section.line, section.last)}
        return [task for task in way(outline) if task.line in lines]

    return found


def boxes(outline: Outline) -> list[Found]:
    """The boxes of the outermost level, but for those that stand beside the work; and phases that have none."""
    found = _boxed(outline, [at for at, item in _boxes(outline) if not outline.is_aside(item.line)], ASIDE)
    return sorted([*found, *_undivided(outline, found)], key=lambda task: task.line) if found else []


def any_boxes(outline: Outline) -> list[Found]:
    """The boxes of the outermost level, also of a checklist for when the work is done; but criteria are never tasks."""
    return _boxed(outline, [at for at, item in _boxes(outline) if not _is_criterion(outline, item.line)], CRITERIA)


def numbered(outline: Outline) -> list[Found]:
    """Headings with numbers, `### 1. Title`: those of sections that hold the work, or else all of one level.

    Many documents have their sections numbered. So a whole document is taken for a list of tasks only where at least
    half of its numbered titles say what is to be done; and the parts of one section, or of the document, where at least
    half of them list files of their own or say that they are done.
    """
    chosen = [
        at for at, section in enumerate(outline.sections) if NUMBERED.match(outline.text, *section.content.bounds)
    ]
    inside = [at for at in chosen if _is_work(outline, outline.sections[at].above)]
    if inside:
        level = min(outline.sections[at].level for at in inside)
        inside = [at for at in inside if outline.sections[at].level == level]
        return _headed(outline, inside, NUMBERED) if len(inside) > 1 else []
    top = min((outline.sections[at].level for at in chosen), default=0)
    chosen = [at for at in chosen if outline.sections[at].level == top]
    saying = [at for at in chosen if IMPERATIVE.match(outline.sections[at].name)]
    if len(saying) > 1 and 2 * len(saying) >= len(chosen):
        return _headed(outline, chosen, NUMBERED)
    return _headed(outline, _told_as_work(outline), NUMBERED)


def coded(outline: Outline) -> list[Found]:
    """Headings of one level with codes whose numbers rise: `## PR-1: Title`, `## PR-2: Title`.

    Criteria, decisions and findings have codes, too. So letters that do not name work (`F4`) do so only where at least
    half of the titles say what is to be done, and no box does. Boxes elsewhere are the tasks, wherever they stand.
    """
    series: dict[tuple[int, str], list[tuple[int, re.Match[str]]]] = {}
    for at, section in enumerate(outline.sections):
        code = CODED.match(outline.text, *section.content.bounds) if at != outline.title else None
        if code is not None and not section.is_aside:
            series.setdefault((section.level, code["code"]), []).append((at, code))
    chosen = [at for (_, letters), each in series.items() if _is_series(outline, letters, each) for at, _ in each]
    level = min((outline.sections[at].level for at in chosen), default=0)
    found = _headed(outline, sorted(at for at in chosen if outline.sections[at].level == level), CODED)
    lines = {line for task in found for line in range(task.line, task.last)}
    return found if all(box.line in lines for box in (boxes(outline) if found else ())) else []


def subsections(outline: Outline) -> list[Found]:
    """The sections directly within one that holds the work, such as `## Changes`."""
    chosen = [
        at
        for at, section in enumerate(outline.sections)
        if section.above is not None
        and outline.sections[section.above].level > 1
        and WORK.fullmatch(outline.sections[section.above].name)
        and not section.is_aside
    ]
    return _headed(outline, chosen, None) if len(chosen) > 1 else []


def listed(outline: Outline) -> list[Found]:
    """The items of the numbered lists in a section that holds the work."""
    found = [
        _item(outline, at)
        for at, item in enumerate(outline.items)
        if item.above < 0
        and LISTED.match(outline.text, outline.blocks.starts[item.line])
        and _is_work(outline, outline.section_at(item.line))
    ]
    return found if len(found) > 1 else []


def imperative(outline: Outline) -> list[Found]:
    """Sections of the second level whose titles say what is to be done: `## Replace the parser`."""
    chosen = [
        at
        for at, section in enumerate(outline.sections)
        if section.level == 2 and not section.is_aside and IMPERATIVE.match(section.name)
    ]
    return _headed(outline, chosen, None) if len(chosen) > 1 else []


FREE: Sequence[Way] = (
    boxes_below(re.compile(r"to-?dos?(?: list)?|task ?list|tasks")),
    called("task", "step"),
    coded,
    boxes,
    called("phase"),
    numbered,
    subsections,
    listed,
    imperative,
    any_boxes,
)
"""All ways, the surest first: for documents whose authors write as they like."""


def _uppers(outline: Outline, at: int) -> Iterator[int]:
    return outline.around(outline.sections[at].above)


def _told_as_work(outline: Outline) -> list[int]:
    """The first sections with numbers from 1 on that stand side by side, and tell of work by what they say."""
    together: dict[tuple[int | None, int], list[int]] = {}
    for at, section in enumerate(outline.sections):
        if not section.is_aside and NUMBERED.match(outline.text, *section.content.bounds):
            together.setdefault((section.above, section.level), []).append(at)
    several = [chosen for chosen in together.values() if len(chosen) > 1 and _counts(outline, chosen)]
    lists = [each.line for each in file_lists(outline.blocks, outline.items)] if several else []
    lists = sorted([*lists, *(section.line for section in outline.sections if section.name == "files")])
    for chosen in several:
        sections = [outline.sections[at] for at in chosen]
        telling = [
            is_marked_done(section.content.of(outline.text))
            or bisect_right(lists, section.line) < bisect_left(lists, section.last)
            for section in sections
        ]
        if 2 * sum(telling) >= len(telling):
            return chosen
    return []


def _counts(outline: Outline, chosen: Sequence[int]) -> bool:
    """Whether the numbers of sections are 1, 2 and so on."""
    names = (NUMBERED.match(outline.text, *outline.sections[at].content.bounds) for at in chosen)
    return [name["id"] for name in names if name] == [str(number) for number in range(1, len(chosen) + 1)]


def _is_work(outline: Outline, at: int | None) -> bool:
    """Whether a section, or one around it, is called like one that holds the work."""
    around = [outline.sections[up] for up in outline.around(at)]
    return any(section.level > 1 and WORK.fullmatch(section.name) for section in around) and not around[0].is_aside


def _called(outline: Outline, kind: str) -> list[Found]:
    pattern = CALLED[kind]
    series = {
        at: called["id"]
        for at, section in enumerate(outline.sections)
        if at != outline.title and (called := pattern.match(outline.text, *section.content.bounds)) is not None
    }
    chosen = [at for at in series if not _stands_aside(outline, at)]
    chosen = sorted([*chosen, *_below_others(outline, kind, series, chosen)])
    groups = {up for at in chosen for up in _uppers(outline, at)}.intersection(chosen)
    chosen = [at for at in chosen if at not in groups]
    if kind == "phase":
        return _phases(outline, chosen) if len(chosen) > 1 else []
    found = _headed(outline, chosen, pattern)
    return sorted([*found, *_undivided(outline, found)], key=lambda task: task.line)


def _below_others(outline: Outline, kind: str, series: Mapping[int, str], chosen: Sequence[int]) -> list[int]:
    """The tasks that stand below a section about something else, and go on with the series or are all of it.

    Many plans begin with `## Context`, and have the tasks below it without a section of their own.
    """
    ids = {series[at] for at in chosen}
    levels = {outline.sections[at].level for at in chosen}
    asides = {
        at: [name for up in _uppers(outline, at) if ASIDE.fullmatch(name := outline.sections[up].name)]
        for at in series.keys() - set(chosen)
    }
    before = [at for at, names in asides.items() if all(map(BEFORE_WORK.fullmatch, names))]
    if chosen:
        return [at for at in before if series[at] not in ids and outline.sections[at].level in levels]
    if before or kind != "task":
        return before
    return [at for at, names in asides.items() if not any(map(NOT_NOW.fullmatch, names))]


def _is_series(outline: Outline, letters: str, each: Sequence[tuple[int, re.Match[str]]]) -> bool:
    """Whether sections with codes of these letters are tasks."""
    numbers = [[int(number) for number in re.findall(r"\d+", code["numbers"])] for _, code in each]
    if len(each) < 2 or numbers != sorted(numbers):
        return False
    if WORK_CODE.fullmatch(letters) or (letters == "P" and all(len(number) > 1 for number in numbers)):
        return True
    if ASIDE_CODE.fullmatch(letters) or boxes(outline):
        return False
    titles = [plain_name(outline.text[code.end() : outline.sections[at].content.end]) for at, code in each]
    return 2 * sum(IMPERATIVE.match(title) is not None for title in titles) >= len(titles)


def _phases(outline: Outline, chosen: Sequence[int]) -> list[Found]:
    """Phases that are tasks, and so their own groups."""
    found = _headed(outline, chosen, CALLED["phase"])
    return [replace(task, group=at) for task, at in zip(found, chosen, strict=True)]


def _undivided(outline: Outline, tasks: Sequence[Found]) -> list[Found]:
    """The phases that hold none of the tasks, where others do."""
    holding = {task.group for task in tasks if task.group is not None}
    levels = {outline.sections[at].level for at in holding}
    around = {up for task in tasks for up in outline.around(outline.section_at(task.line))}
    chosen = [
        at
        for at, section in enumerate(outline.sections)
        if section.level in levels
        and at not in around
        and CALLED["phase"].match(outline.text, *section.content.bounds)
        and not _stands_aside(outline, at)
    ]
    return _phases(outline, chosen)


def _stands_aside(outline: Outline, at: int) -> bool:
    upper = outline.sections[at].above
    return upper is not None and outline.sections[upper].is_aside


def _headed(outline: Outline, chosen: Sequence[int], pattern: re.Pattern[str] | None) -> list[Found]:
    """Tasks that are sections; each ends where the next begins, at the latest."""
    found: list[Found] = []
    lines = [outline.sections[at].line for at in chosen]
    for at, following in zip(chosen, [*lines[1:], len(outline.blocks.starts)], strict=False):
        section = outline.sections[at]
        name = pattern.match(outline.text, *section.content.bounds) if pattern else None
        start = section.content.start
        found.append(
            Found(
                section.line,
                min(section.last, following),
                section.content,
                is_heading=True,
                name=Span(start, min(name.end(), section.content.end) if name else start),
                id=Span(*name.span("id")) if name else None,
                group=_group(outline, section.above),
            )
        )
    return found


def _group(outline: Outline, at: int | None) -> int | None:
    """The innermost section around that is called a phase."""
    pattern = CALLED["phase"]
    around = ((up, outline.sections[up].content) for up in outline.around(at) if up != outline.title)
    return next((up for up, title in around if pattern.match(outline.text, *title.bounds)), None)


def _boxes(outline: Outline) -> Iterator[tuple[int, ListItem]]:
    return ((at, item) for at, item in enumerate(outline.items) if item.box is not None)


def _boxed(outline: Outline, chosen: Sequence[int], aside: re.Pattern[str]) -> list[Found]:
    """The items, but for those that are nested in another of them, or stand below a line that calls them something."""
    known = set(chosen)
    outermost = [at for at in chosen if known.isdisjoint(above(outline.items, at))]
    labelled = _labelled(outline, aside) if outermost else set()
    return [_item(outline, at) for at in outermost if at not in labelled]


def _labelled(outline: Outline, label: re.Pattern[str]) -> set[int]:
    """The items below a paragraph or an item of such a name, as in `Acceptance criteria:`."""
    found: set[int] = set()
    before: dict[int, int] = {}
    for at, item in enumerate(outline.items):
        sibling = before.get(item.above)
        line = _line_above(outline, item.line)
        if item.above >= 0 and (item.above in found or _is_called(outline, outline.items[item.above].content, label)):
            found.add(at)
        elif sibling is not None and line is not None and line < outline.items[sibling].last:
            found.update([at] if sibling in found else [])
        elif line is not None and _is_called(outline, outline.line_span(line), label):
            found.add(at)
        before[item.above] = at
    return found


def _line_above(outline: Outline, line: int) -> int | None:
    line -= 1
    while line >= 0 and outline.blocks.is_blank(line):
        line -= 1
    return line if line >= 0 else None


def _is_called(outline: Outline, place: Span, label: re.Pattern[str]) -> bool:
    words = place.of(outline.text)
    return len(words) <= _LONGEST_LABEL and label.fullmatch(plain_name(words)) is not None


def _is_criterion(outline: Outline, line: int) -> bool:
    return any(CRITERIA.fullmatch(outline.sections[up].name) for up in outline.around(outline.section_at(line)))


def _item(outline: Outline, at: int) -> Found:
    item = outline.items[at]
    start, end = item.content.bounds
    stamp = STAMP.match(outline.text, start, end)
    title = stamp.end() if stamp else start
    named = NAMED_ITEM.match(outline.text, title, end)
    written = named or (None if item.box else LISTED.match(outline.text, outline.blocks.starts[item.line], start))
    return Found(
        item.line,
        item.last,
        item.content,
        is_heading=False,
        name=Span(start, min(named.end(), end) if named else title),
        id=Span(*written.span(written.lastgroup or 0)) if written else None,
        group=_group(outline, outline.section_at(item.line)),
    )
