"""A plan cut at its headings: which sections are tasks, and which are context that every agent shares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent_server.plan.markdown.blocks import Blocks, Heading
from agent_server.plan.model import Problem
from agent_server.plan.moving import Movable
from agent_server.plan.text import Span

_SHARED_CONTEXT = frozenset({"context", "background", "goal", "goals", "notes"})
_WAVE = re.compile(r"wave[ \t]+([0-9]+)[ \t]*(?:\Z|:|(?<=[ \t])[-(\u2013\u2014])", re.IGNORECASE)
_WHOLE = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class FixedWave(Movable):
    """A wave that a heading fixes for the tasks below it, and where its number stands."""

    FIXED = ("number",)

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Headings(Movable):
    """What the headings above make of a section: on which level tasks stand, and the wave that is fixed for them."""

    FIXED = ("level",)

    level: int = 2
    wave: FixedWave | None = None


@dataclass(frozen=True, slots=True)
class Section(Movable):
    """The lines from `first`, which is the heading's where there is one, to `last`, exclusive.

    `above` is what holds for the section, its own heading included. `problem` is what is wrong with that heading.
    """

    FIXED = ("first", "last", "is_task")

    heading: Heading | None
    first: int
    last: int
    is_task: bool
    above: Headings
    problem: Problem | None = None


def cut(blocks: Blocks, above: Headings = Headings()) -> Iterator[Section]:
    """Every section in order, the text above the first heading included. `above` holds for that text.

    A level-2 heading starts a task, unless its name is one of shared context. A heading `Wave 2` or `Wave 2: pages`
    groups the level-3 headings below it instead; its own prose is shared context.
    """
    start = Section(None, 0, 0, is_task=False, above=above)
    for heading in blocks.headings:
        if heading.level <= start.above.level:
            yield replace(start, last=heading.line)
            start = _section(heading, blocks.text, start.above)
    yield replace(start, last=len(blocks.starts))


def is_shared(content: str) -> bool:
    """Whether a heading that says this starts shared context, and no task."""
    return content.rstrip(": \t").lower() in _SHARED_CONTEXT


def _section(heading: Heading, text: str, above: Headings) -> Section:
    """The section that a heading starts; its end is not known yet."""
    content = heading.content.of(text)
    problem = None
    if heading.level <= 2:
        group = _WAVE.match(content) if heading.level == 2 else None
        wave, problem = _fixed_wave(group, heading.content.start) if group else (None, None)
        above = Headings(3 if group else 2, wave)
    is_task = heading.level == above.level and not is_shared(content)
    return Section(heading, heading.line, heading.line, is_task, above, problem)


def _fixed_wave(group: re.Match[str], offset: int) -> tuple[FixedWave | None, Problem | None]:
    span = Span(offset + group.start(1), offset + group.end(1))
    if _WHOLE.fullmatch(group[1]):
        return FixedWave(int(group[1]), span), None
    return None, Problem("bad-value", "Waves are numbered from 1. The tasks below have no fixed wave.", span)
