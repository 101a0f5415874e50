"""Writes changes back into documents: ticks boxes, and lists files and needs of a task, or takes them off the list.

New text takes over the style of what stands beside it. What would read as anything else than what is meant is not
written at all.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agent_server.plan.documents.file_lists import FileList, NamedFile, file_lists, is_path
from agent_server.plan.documents.section_names import TITLE_WORDS
from agent_server.plan.documents.task_references import is_like, is_reference
from agent_server.plan.documents.task_status import boxes_of, says_done
from agent_server.plan.markdown.blocks import scan
from agent_server.plan.markdown.boxes import status_of_box
from agent_server.plan.markdown.lists import list_items
from agent_server.plan.model import Edit, Item, Plan, Status, Task
from agent_server.plan.moving import moved
from agent_server.plan.text import Span
from agent_server.plan.writing import line_end_of, line_start, next_line, status_wanted

_NEEDS_LINE = re.compile(
    r"[ \t]*+(?:[-*+][ \t]++)?[*_]{0,3}(?:depends[ \t]+on|blocked[ \t]+by|needs)[*_]{0,3}[:\uff1a]", re.IGNORECASE
)
_ONE_CALLED = re.compile(rf"(?:{TITLE_WORDS})[ \t]+#?\Z", re.IGNORECASE)
_KIND = re.compile(r"\W*+(?P<kind>[^\W\d_]++)[ \t]")
_NUMBER = re.compile(r"([ \t]*)(\d{1,9})")
_CHANGES = frozenset({"modify", "update", "change", "edit"})


@dataclass(frozen=True)
class DocumentWriter:
    """What a document can hold. In one that is `listing` a task may get its first file, and its first need.

    `boxes` stand outside of the tasks, by the ids of the tasks that they are named after.
    """

    holds: frozenset[str]
    listing: bool = False
    mark: ClassVar[str] = ""
    boxes: Mapping[str, Sequence[Span]] = field(default_factory=dict, hash=False)

    def set_field(self, plan: Plan, task: Task, name: str, items: Sequence[str]) -> tuple[Edit, ...]:
        """Tick boxes, or change which files or which tasks are listed."""
        section = _Section(plan, task)
        if name == "status":
            boxes = boxes_of(section.items, is_heading=section.is_heading)
            if not boxes and task.id in self.boxes:
                return _ticked(plan.text, section, task, self.boxes[task.id], items)
            edits = _ticked(section.text, section, task, boxes, items)
        elif name == "writes":
            edits = _with_files(section, items, listing=self.listing)
        else:
            edits = _with_needs(section, task, items)
        return tuple(Edit(moved(edit.span, task.span.start), edit.new_text) for edit in edits)

    def append_task(self, _plan: Plan, _title: str, _fields: Mapping[str, Sequence[str]]) -> tuple[Edit, ...]:
        """No task is added to a document."""
        return ()


class _Section:
    """The text of a task, and what its lines hold. All places are counted from its start."""

    def __init__(self, plan: Plan, task: Task) -> None:
        self.text = task.span.of(plan.text)
        self.blocks = scan(self.text)
        self.items = list_items(self.blocks)
        self.lists = file_lists(self.blocks, self.items)
        self.is_heading = bool(self.blocks.headings) and self.blocks.headings[0].line == 0
        self.line_end = line_end_of(plan.text)

    def is_list_at(self, line: int) -> bool:
        """Whether the next thing to be seen from `line` on is a list."""
        while line < len(self.blocks.starts) and self.blocks.is_blank(line):
            line += 1
        return any(item.line == line for item in self.items)

    def below(self, line: int, words: str) -> Edit:
        """Insert lines as a paragraph of their own above `line`, which stands below a line of something else."""
        at = self.blocks.line_start(line)
        is_last = at == len(self.text) and not self.text.endswith(("\n", "\r"))
        touches = line < len(self.blocks.starts) and not self.blocks.is_blank(line)
        before, behind = (2, 0) if is_last else (1, 2 if touches else 1)
        return Edit(Span(at, at), f"{self.line_end * before}{words}{self.line_end * behind}")


def _taken_out(places: Sequence[Span], gone: Collection[Span]) -> Iterator[Edit]:
    """Take some of the things that stand there one behind the other out, with what stands between them."""
    for at, place in enumerate(places):
        if place in gone:
            is_first = all(before in gone for before in places[:at])
            start = place.start if is_first else places[at - 1].end
            yield Edit(Span(start, places[at + 1].start if is_first else place.end), "")


# Boxes


def _ticked(text: str, section: _Section, task: Task, boxes: Sequence[Span], items: Sequence[str]) -> tuple[Edit, ...]:
    """Tick the boxes of a task, which stand in `text`, or take the ticks out."""
    wanted = status_wanted(items)
    is_done = wanted is Status.DONE
    if wanted not in {Status.DONE, Status.TODO}:
        return ()
    if not is_done and (task.status is not Status.DONE or says_done(section.blocks)):
        return ()
    mark, other = ("x", Status.DONE) if is_done else (" ", Status.TODO)
    return tuple(Edit(box, mark) for box in boxes if status_of_box(box.of(text)) is not other)


# Files


def _with_files(section: _Section, items: Sequence[str], *, listing: bool) -> tuple[Edit, ...]:
    named = [file for each in section.lists for file in each.files if not file.reads]
    had = {file.item.text for file in named}
    new = [item for item in items if item not in had]
    if not all(map(is_path, new)) or any("`" in item for item in new):
        return ()
    gone = [file for file in named if file.item.text not in items]
    edits = _without_files(section, named, gone)
    if not new:
        return edits
    lists = [each for each in section.lists if any(not file.reads for file in each.files)] or section.lists
    if lists:
        added = _added_to(section, lists[-1], new, gone)
        return (*edits, added) if added else ()
    if not listing or not section.is_heading:
        return ()
    if section.is_list_at(1):  # which a list would become a part of
        return (section.below(1, f"**Files:** {', '.join(f'`{item}`' for item in new)}"),)
    lines = ["**Files:**", *(f"- Modify: `{item}`" for item in new)]
    return (section.below(1, section.line_end.join(lines)),)


def _without_files(section: _Section, named: Sequence[NamedFile], gone: Sequence[NamedFile]) -> tuple[Edit, ...]:
    """Take files off their lists: the whole entry, or what stands of it beside others."""
    edits: list[Edit] = []
    for lines in dict.fromkeys(file.lines for file in gone):
        entry = [file for file in named if file.lines == lines]
        if all(file in gone for file in entry):
            start, end = section.blocks.line_start(lines.start), section.blocks.line_start(lines.stop)
            edits.append(Edit(Span(start, end), ""))
        else:
            edits += _taken_out([file.place for file in entry], [file.place for file in entry if file in gone])
    return tuple(edits)


def _added_to(section: _Section, files: FileList, new: Sequence[str], gone: Sequence[NamedFile]) -> Edit | None:
    """Add files to a list, in the way its last one is written."""
    last = files.files[-1]
    start = line_start(section.text, last.place.start)
    if section.text[start : last.place.start].lstrip().startswith("|"):
        return None
    if last.lines.start == files.line:
        at = last.place.end
        return None if last in gone else Edit(Span(at, at), "".join(f", `{item}`" for item in new))
    first = next(file for file in files.files if file.lines == last.lines)
    lead = section.text[start : first.place.start]
    if last.verb and last.verb.start >= start:
        behind = section.text[last.verb.end : first.place.start]
        lead = f"{section.text[start : last.verb.start]}{_verb(section, files)}{behind}"
    at = section.blocks.line_start(files.last)
    lines = section.line_end.join(f"{_numbered(lead, 1 + place)}`{item}`" for place, item in enumerate(new))
    is_last = at == len(section.text) and not section.text.endswith(("\n", "\r"))
    return Edit(Span(at, at), f"{section.line_end}{lines}" if is_last else f"{lines}{section.line_end}")


def _numbered(lead: str, further: int) -> str:
    """What stands in front of an item, of a numbered list that is so much further down."""
    number = _NUMBER.match(lead)
    return f"{number[1]}{int(number[2]) + further}{lead[number.end() :]}" if number else lead


def _verb(section: _Section, files: FileList) -> str:
    """The word for a file that is changed, as the list spells it."""
    words = (file.verb.of(section.text) for file in files.files if file.verb)
    return next((word for word in words if word.lower() in _CHANGES), "Modify")


# Needs


def _with_needs(section: _Section, task: Task, items: Sequence[str]) -> tuple[Edit, ...]:
    had = moved(task.needs, -task.span.start)
    gone = [need for need in had if need.text not in items]
    new = [item for item in items if item not in [need.text for need in had]]
    if task.id in new or not all(map(is_reference, new)) or not all(_is_free(section, need) for need in gone):
        return ()
    lines = _needs_lines(section, had)
    edits = [
        edit for line in lines for edit in _without_needs(section, line, gone, keeps=bool(new) and line is lines[-1])
    ]
    if not new:
        return tuple(edits)
    if lines:
        return (*edits, _added_needs(section, lines[-1], new, gone))
    kind = _KIND.match(section.blocks.headings[0].content.of(section.text)) if section.is_heading else None
    if kind is None and not all(is_like(item, task.id) for item in new):
        return ()
    called = f"{kind['kind']} " if kind else ""
    words = "**Depends on:** " + ", ".join(f"{called}{item}" for item in new)
    behind = max((each.last for each in section.lists), default=1)
    return (section.below(behind, words),)


def _is_free(section: _Section, need: Item) -> bool:
    """Whether a need is written by itself, on a line that says nothing else."""
    is_line = _NEEDS_LINE.match(section.text, line_start(section.text, need.span.start)) is not None
    return is_line and need.span.of(section.text) == need.text


def _needs_lines(section: _Section, needs: Sequence[Item]) -> list[list[Item]]:
    """The needs on lines that say nothing else, line by line."""
    lines: dict[int, list[Item]] = {}
    for need in needs:
        if _is_free(section, need):
            lines.setdefault(line_start(section.text, need.span.start), []).append(need)
    return list(lines.values())


def _without_needs(section: _Section, line: Sequence[Item], gone: Sequence[Item], *, keeps: bool) -> Iterator[Edit]:
    """Take needs off a line; with the last of them the line goes, unless something else comes to stand there."""
    if all(need in gone for need in line):
        if not keeps:
            start = line_start(section.text, line[0].span.start)
            yield Edit(Span(start, next_line(section.text, start)), "")
        return
    yield from _taken_out([need.span for need in line], [need.span for need in line if need in gone])


def _added_needs(section: _Section, line: Sequence[Item], new: Sequence[str], gone: Sequence[Item]) -> Edit:
    """Add needs behind those of a line, or in their place where all of these go."""
    first, last = line[0].span, line[-1].span
    called = _ONE_CALLED.search(section.text[line_start(section.text, first.start) : first.start])
    word = called[0] if called else ""
    if all(need in gone for need in line):
        return Edit(Span(first.start, last.end), f", {word}".join(new))
    return Edit(Span(last.end, last.end), "".join(f", {word}{item}" for item in new))
