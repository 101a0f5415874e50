"""A plan cut at its headings: which sections are tasks, and which are context that every agent shares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from agent_server.plan.markdown import Blocks, Heading
from agent_server.plan.model import Problem
from agent_server.plan.text import Span

_SHARED_CONTEXT = frozenset({"context", "background", "goal", "goals", "notes"})
_WAVE = re.compile(r"wave[ \t]+([0-9]+)[ \t]*(?:\Z|:|(?<=[ \t])[-(\u2013\u2014])", re.IGNORECASE)
_WHOLE = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class FixedWave:
    """A wave that a heading fixes for the tasks below it, and where its number stands."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Section:
    """The lines from `first`, which is the heading's where there is one, to `last`, exclusive."""

    heading: Heading | None
    first: int
    last: int
    is_task: bool
    wave: FixedWave | None


def cut(blocks: Blocks, problems: list[Problem]) -> Iterator[Section]:
    """Every section in order, the text above the first heading included.

    A level-2 heading starts a task, unless its name is one of shared context. A heading `Wave 2` or `Wave 2: pages`
    groups the level-3 headings below it instead; its own prose is shared context.
    """
    starts = [_Start(None, 0, is_task=False, wave=None), *_starts(blocks, problems)]
    end = _Start(None, len(blocks.starts), is_task=False, wave=None)
    for start, after in pairwise((*starts, end)):
        yield Section(start.heading, start.line, after.line, start.is_task, start.wave)


@dataclass(frozen=True, slots=True)
class _Start:
    heading: Heading | None
    line: int
    is_task: bool
    wave: FixedWave | None


def _starts(blocks: Blocks, problems: list[Problem]) -> Iterator[_Start]:
    task_level = 2
    wave: FixedWave | None = None
    for heading in blocks.headings:
        if heading.level > task_level:
            continue
        content = heading.content.of(blocks.text)
        if heading.level <= 2:
            group = _WAVE.match(content) if heading.level == 2 else None
            task_level = 3 if group else 2
            wave = _fixed_wave(group, heading.content.start, problems) if group else None
        is_task = heading.level == task_level and not _is_shared(content)
        yield _Start(heading, heading.line, is_task, wave)


def _is_shared(content: str) -> bool:
    return content.rstrip(": \t").lower() in _SHARED_CONTEXT


def _fixed_wave(group: re.Match[str], offset: int, problems: list[Problem]) -> FixedWave | None:
    span = Span(offset + group.start(1), offset + group.end(1))
    if _WHOLE.fullmatch(group[1]):
        return FixedWave(int(group[1]), span)
    problems.append(Problem("bad-value", "Waves are numbered from 1. The tasks below have no fixed wave.", span))
    return None
