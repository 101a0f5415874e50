"""Which model a task needs, by its complexity.

- *Copy and adapt*: it mirrors a pattern, writes one or two files, and its instructions are short → `fast`.
- *Creative or wide*: much to compose, something to design, many files or folders, or long instructions → `capable`.
- Everything else is ordinary work → `default`.

The first reason that fits is the one that the user reads.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.footprints import Footprint
from agent_server.analysis.model import ModelChoice
from agent_server.analysis.settings import AnalysisSettings, Tier
from agent_server.plan.model import Plan

FEW_FILES = 2
"""Files that a copy-and-adapt task writes at most."""

SHORT = 150
"""Words of instructions up to which a task is short."""

LONG = 600
"""Words of instructions from which a task is long."""

MANY_FILES = 8
MANY_FOLDERS = 4
"""How many files, or folders, make a task wide."""

MANY_PIECES = 10
"""How many entries, examples or the like make a task a work of composition."""

_CREATIVE = re.compile(
    r"\b(architect(?:ure|ural)?|brainstorm|design(?! tokens?\b| system\b)|devise|explore|from scratch|invent"
    r"|investigate|prototype|redesign|research|rethink)\b",
    re.IGNORECASE,
)
_COMPOSE = re.compile(
    r"\b(?:write|compose|author|draft|create|add|invent|produce)\s+(?:\w+\s+){0,2}?(?P<count>\d{1,5})\s+"
    r"(?:[\w-]+\s+){0,2}?(?P<pieces>articles|cards|chapters|definitions|descriptions|entries|essays|examples|exercises"
    r"|facts|guides|items|lessons|pages|paragraphs|poems|posts|questions|quotes|recipes|records|sections|stories|texts"
    r"|topics|tutorials)\b",
    re.IGNORECASE,
)
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_TIERS: Mapping[str, Tier] = {tier.value: tier for tier in Tier}
_AUTO = "auto"
_PHRASES = {"from scratch": "start from scratch"}


@dataclass(frozen=True, slots=True)
class Complexity:
    """The tier that a task's work asks for, and the reason in words for the user, as a clause."""

    tier: Tier
    because: str


def choose_model(footprint: Footprint, plan: Plan, settings: AnalysisSettings) -> ModelChoice:
    """The model for a task: what the task pins, else what the plan pins, else what its complexity asks for."""
    task = footprint.task
    asked = complexity(footprint, plan)
    pin, who = (task.model, "the task") if task.model is not None else (plan.settings.model, "the plan")
    if pin is None or pin.text.lower() == _AUTO:
        return ModelChoice(asked.tier, settings.models[asked.tier], asked.because, asked.tier)
    because = f"{who} asks for `{pin.text}`; {asked.because}"
    tier = _TIERS.get(pin.text.lower())
    if tier is None:
        return ModelChoice(asked.tier, pin.text, because, asked.tier)
    return ModelChoice(tier, settings.models[tier], because, asked.tier)


def complexity(footprint: Footprint, plan: Plan) -> Complexity:
    """How complex a task is, by what it writes, what it mirrors and what it is told."""
    task, writes = footprint.task, footprint.writes
    wording = _wording(task.title, task.instructions_span.of(plan.text))
    hard = next(_hard(footprint, wording), "")
    if hard:
        return Complexity(Tier.CAPABLE, hard)
    files = len(writes.entries)
    if task.mirrors and files <= FEW_FILES and not writes.unknown and wording.words <= SHORT:
        return Complexity(Tier.FAST, f"it mirrors `{task.mirrors[0].text}` and writes {_count(files, 'file')}")
    return Complexity(Tier.DEFAULT, _ordinary(footprint, files, wording.words))


@dataclass(frozen=True, slots=True)
class _Wording:
    """What the words of a task tell: how many there are, and what makes the work creative, as clauses."""

    words: int
    composes: str
    creative: str


@lru_cache(maxsize=4096)
def _wording(title: str, instructions: str) -> _Wording:
    prose = _FENCED.sub("", instructions)
    pieces = [found for found in _COMPOSE.finditer(prose) if int(found["count"]) >= MANY_PIECES]
    creative = _CREATIVE.search(title) or _CREATIVE.search(prose)
    return _Wording(
        words=len(prose.split()),
        composes=f"it composes {pieces[0]['count']} {pieces[0]['pieces'].lower()}" if pieces else "",
        creative=f"it asks to {_as_work(creative[0].lower())}" if creative else "",
    )


def _hard(footprint: Footprint, wording: _Wording) -> Iterator[str]:
    """What makes a task creative or wide, strongest reason first."""
    if wording.composes:
        yield wording.composes
    if wording.creative and not footprint.task.mirrors:
        yield wording.creative
    entries = footprint.writes.entries
    if len(entries) > MANY_FILES:
        yield f"it writes {_count(len(entries), 'file')}"
    folders = {entry.path.rpartition("/")[0] for entry in entries}
    if len(folders) > MANY_FOLDERS:
        yield f"it writes in {_count(len(folders), 'folder')}"
    if wording.words > LONG:
        yield f"its instructions run to {wording.words} words"


def _as_work(word: str) -> str:
    return "work out an architecture" if word.startswith("architect") else _PHRASES.get(word, word)


def _ordinary(footprint: Footprint, files: int, words: int) -> str:
    if footprint.writes.unknown:
        return "nothing tells which files it writes"
    if not footprint.task.mirrors:
        return f"it writes {_count(files, 'file')} without a pattern to copy"
    if files > FEW_FILES:
        return f"it writes {_count(files, 'file')} after a pattern"
    return f"its instructions run to {words} words"


def _count(number: int, noun: str) -> str:
    words = {0: "no", 1: "one", 2: "two"}
    return f"{words.get(number, number)} {noun}{'' if number == 1 else 's'}"
