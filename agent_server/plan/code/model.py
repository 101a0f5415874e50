"""The code of one task: its blocks, and what stands in backticks in its sentences."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from agent_server.plan.model import Item
from agent_server.plan.moving import Movable
from agent_server.plan.text import Span


class Role(StrEnum):
    """What a block is there for."""

    WRITTEN = "written"
    """It becomes a file, or a part of one."""

    DIFF = "diff"
    """What is added becomes a part of a file; what is removed was one."""

    SHOWN = "shown"
    """How a file is today, or a pattern to follow."""

    REFUSED = "refused"
    """What is not to be done."""

    EXAMPLE = "example"
    """How something may be used, or may look."""

    OUTPUT = "output"
    """What a program prints, or answers."""

    COMMAND = "command"
    """What is to be run."""

    DATA = "data"
    """Data that is no file's."""


WRITING = frozenset({Role.WRITTEN, Role.DIFF})
"""The roles of code that will be in a file."""


@dataclass(frozen=True, slots=True)
class Excerpt(Movable):
    """Some lines of a block as a source of their own, without the indentation that they share.

    `lines` is where each line of `text` stands in the plan, without its line end. `chosen` says of each whether it is
    what the excerpt is about: in a diff, the lines that are added (or removed) and not those around them.
    """

    FIXED = ("text", "chosen")

    text: str
    lines: tuple[Span, ...]
    chosen: tuple[bool, ...]

    def place(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands in the plan."""
        first = self._line_at(start)
        last = self._line_at(max(start, end - 1))
        starts = self._starts
        return Span(
            min(self.lines[first].start + start - starts[first], self.lines[first].end),
            min(self.lines[last].start + end - starts[last], self.lines[last].end),
        )

    def is_chosen(self, start: int, end: int) -> bool:
        """Whether any line of `text[start:end]` is what the excerpt is about."""
        return any(self.chosen[self._line_at(start) : self._line_at(max(start, end - 1)) + 1])

    @property
    def _starts(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self.text.split("\n")[:-1]), initial=0))

    def _line_at(self, offset: int) -> int:
        return min(bisect_right(self._starts, offset), len(self.lines)) - 1


@dataclass(frozen=True, slots=True)
class CodeBlock(Movable):
    """One block of code; of a diff, what is in it of one file.

    `span` covers its lines, without the fences; `whole` covers these, too. `info` is what stands behind the opening
    fence, `language` the language in its own name (`python`, `tsx`, `shell`), empty where nobody can tell. `file` is
    the path that the plan gives it, as it is written there, without a line number. `creates`: it is all of a new file.

    `code` is what it says; of a diff, what there is after it. `removed` is what a diff takes away.
    """

    FIXED = ("info", "language", "role", "creates")

    span: Span
    whole: Span
    info: str
    language: str
    role: Role
    file: Item | None
    creates: bool
    code: Excerpt
    removed: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class CodeSpan(Movable):
    """Code in backticks within a sentence that is a whole statement or command. `span` is without the backticks."""

    FIXED = ("text", "role")

    text: str
    span: Span
    role: Role
    """`COMMAND`, or `EXAMPLE` for a statement: what becomes of it, the sentence tells."""


@dataclass(frozen=True, slots=True)
class TaskCode:
    """The code of a task, in the order of its text."""

    blocks: tuple[CodeBlock, ...] = ()
    spans: tuple[CodeSpan, ...] = ()

    @property
    def written(self) -> Iterator[CodeBlock]:
        """The blocks that will be in a file."""
        return (block for block in self.blocks if block.role in WRITING)


NO_CODE = TaskCode()
