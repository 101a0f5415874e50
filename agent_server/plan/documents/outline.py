"""A document as its headings divide it: its lines, its lists and its sections."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.plan.documents.section_names import ASIDE, plain_name
from agent_server.plan.markdown.blocks import Blocks, scan
from agent_server.plan.markdown.lists import list_items
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Section:
    """The section of a heading: its lines from `line` to `last`, exclusive, those of the sections within included.

    `name` is what it is called, without number and decoration. `above` is the section that it stands in. What
    `is_aside` is about something else than the work.
    """

    line: int
    last: int
    level: int
    content: Span
    name: str
    above: int | None
    is_aside: bool


class Outline:
    """A document: its lines, its lists and its sections, from an offset on.

    `title` is the section of its title, in which all others stand; where several are of the first level, none is.
    """

    def __init__(self, text: str, start: int) -> None:
        self.blocks = scan(text, start)
        self.text = self.blocks.text
        self.items = list_items(self.blocks)
        self.sections = _sections(self.blocks)
        self._lines = [section.line for section in self.sections]
        tops = [at for at, section in enumerate(self.sections) if section.level == 1]
        self.title = tops[0] if len(tops) == 1 else None

    def section_at(self, line: int) -> int | None:
        """The innermost section that holds a line."""
        at = bisect_right(self._lines, line) - 1
        return at if at >= 0 else None

    def around(self, at: int | None) -> Iterator[int]:
        """A section, and those that it stands in."""
        while at is not None:
            yield at
            at = self.sections[at].above

    def line_span(self, line: int) -> Span:
        """Where a line stands."""
        return Span(self.blocks.starts[line], self.blocks.ends[line])

    def is_aside(self, line: int) -> bool:
        """Whether a line stands in a section about something else than the work."""
        at = self.section_at(line)
        return at is not None and self.sections[at].is_aside


@dataclass(frozen=True, slots=True)
class Found:
    """A task that was found: its lines from `line` to `last`, exclusive, and what it is called.

    `name` is what stands in front of its title, in which `id` is written; `group` is the section of the phase that it
    belongs to, which may be its own.
    """

    line: int
    last: int
    content: Span
    is_heading: bool
    name: Span
    id: Span | None
    group: int | None = None


def _sections(blocks: Blocks) -> list[Section]:
    lasts: dict[int, int] = {}
    above: list[int | None] = []
    path: list[int] = []
    for at, heading in enumerate(blocks.headings):
        while path and blocks.headings[path[-1]].level >= heading.level:
            lasts[path.pop()] = heading.line
        above.append(path[-1] if path else None)
        path.append(at)
    sections: list[Section] = []
    for at, heading in enumerate(blocks.headings):
        name = plain_name(heading.content.of(blocks.text))
        upper = above[at]
        is_aside = (upper is not None and sections[upper].is_aside) or ASIDE.fullmatch(name) is not None
        last = lasts.get(at, len(blocks.starts))
        # A title tells what the document is about, and not what the section of all the rest is for.
        is_aside = is_aside and heading.level > 1
        sections.append(Section(heading.line, last, heading.level, heading.content, name, upper, is_aside))
    return sections
