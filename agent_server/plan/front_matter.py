"""The YAML front matter: the plan's own settings, each with the place where it is written."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from agent_server.plan.fields import SETTINGS, did_you_mean
from agent_server.plan.model import Item, Landing, PlanSettings, Problem
from agent_server.plan.text import Span
from agent_server.plan.values import agent_of, agents_of, budget_of, command_of, landing_of, model_of, shortened, single

if TYPE_CHECKING:
    from agent_server.plan.yaml_mapping import Entry

_LINE_END = re.compile(r"\r\n|\n|\r")
_OPENING = re.compile(r"---[ \t]*(?:\r\n|\n|\r|\Z)")
_CLOSING = re.compile(r"(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)")


def read_front_matter(text: str) -> tuple[PlanSettings, Span, tuple[Problem, ...]]:
    """The settings in the block that opens the text, its span with both fences, and what is wrong with it.

    Without a block the span is empty and stands at 0.
    """
    start = _first(text)
    if _OPENING.match(text, start) is None:
        return PlanSettings(), Span(0, 0), ()
    block, inside = fenced(text)
    if not block.end:
        message = "The front matter is never closed. End it with a line `---`."
        return PlanSettings(), Span(0, 0), (Problem("bad-front-matter", message, Span(start, start + 3)),)
    settings, problems = _read_settings(inside.of(text), inside.start)
    return settings, block, problems


def fenced(text: str) -> tuple[Span, Span]:
    """The block between two lines `---` that opens a text: with both fences, and only what stands between them.

    Both are empty, at 0, where there is none.
    """
    opening = _OPENING.match(text, _first(text))
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return Span(0, 0), Span(0, 0)
    return Span(opening.start(), closing.end()), Span(opening.end(), closing.start())


def body_start(text: str, front_matter: Span) -> int:
    """Where the Markdown starts: on the line behind the front matter, else behind a byte order mark."""
    if not front_matter.end:
        return _first(text)
    line_end = _LINE_END.match(text, front_matter.end)
    return line_end.end() if line_end else front_matter.end


def _first(text: str) -> int:
    return 1 if text.startswith("\ufeff") else 0


@lru_cache(maxsize=64)
def _read_settings(source: str, offset: int) -> tuple[PlanSettings, tuple[Problem, ...]]:
    """Remembered, since YAML takes longer than the rest of a plan, and most edits leave the front matter alone."""
    from agent_server.plan.yaml_mapping import read_mapping  # noqa: PLC0415  # 20 ms that most plans do not need

    problems: list[Problem] = []
    values, spans = _known(read_mapping(source, offset, problems), problems)
    settings = PlanSettings(
        verify=single(values, "verify", command_of, problems),
        agents=single(values, "agents", agents_of, problems),
        model=single(values, "model", model_of, problems),
        agent=single(values, "agent", agent_of, problems),
        budget=budget_of(values.get("budget", ()), problems),
        land=single(values, "land", landing_of, problems) or Landing.TREE,
        spans=spans,
    )
    return settings, tuple(problems)


def _known(
    entries: tuple["Entry", ...],
    problems: list[Problem],
) -> tuple[dict[str, tuple[Item, ...]], dict[str, Span]]:
    """The values of the known keys, and the keys' spans. A key without a value that it can have is a problem."""
    values: dict[str, tuple[Item, ...]] = {}
    spans: dict[str, Span] = {}
    for entry in entries:
        name, span = entry.key.text, entry.key.span
        if name not in SETTINGS:
            problems.append(_unknown(name, span))
        elif name in spans:
            message = f"`{name}` is set twice. The first one counts."
            problems.append(Problem("duplicate-field", message, span, related=spans[name]))
        else:
            spans[name] = span
            values[name] = entry.values or ()
            if not entry.values:
                what = "has no value yet" if entry.values == () else "takes a plain value, not a mapping"
                problems.append(Problem("bad-value", f"`{name}` {what}.", span))
    return values, spans


def _unknown(name: str, span: Span) -> Problem:
    suggestion = did_you_mean(name, SETTINGS)
    known = ", ".join(f"`{setting}`" for setting in SETTINGS)
    rest = f"Did you mean `{suggestion}`?" if suggestion else f"The settings are {known}."
    return Problem("unknown-setting", f"`{shortened(name)}` is not a setting of a plan. {rest}", span, suggestion)
