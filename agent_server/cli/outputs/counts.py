"""Statistics, as a table for people and as plain JSON values."""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from agent_server.analysis.statistics import FormatCounts, Statistics
from agent_server.plan.formats import READERS

_COLUMNS = ("plans", "tasks", "done", "parallel", "conflicts", "plans in conflict")


class CountsJson(TypedDict):
    """The plans of one format, or all."""

    plans: int
    tasks: int
    done: int
    parallel: int
    conflicts: int
    plans_in_conflict: int


class StatisticsJson(TypedDict):
    """Plans by the names of their formats, all together, and findings by their codes."""

    formats: dict[str, CountsJson]
    total: CountsJson
    rules: dict[str, int]


def counts_json(counted: Statistics) -> StatisticsJson:
    """The statistics for programs."""
    return {
        "formats": {name: _json(counts) for name, counts in sorted(counted.formats.items())},
        "total": _json(counted.total),
        "rules": dict(counted.rules.most_common()),
    }


def in_words(counted: Statistics) -> Iterator[str]:
    """The statistics for people: a table of formats, and one of rules."""
    rows = [(READERS[name].title, counts) for name, counts in counted.formats.items()]
    rows.sort(key=lambda row: (-row[1].plans, row[0]))
    if len(rows) > 1:
        rows.append(("all", counted.total))
    yield from _table([("format", *_COLUMNS), *((title, *_numbers(counts)) for title, counts in rows)])
    if counted.rules:
        yield ""
        yield from _table([("rule", "findings"), *((code, str(many)) for code, many in counted.rules.most_common())])


def _numbers(counts: FormatCounts) -> tuple[str, ...]:
    return tuple(f"{number:,}" for number in _json(counts).values())


def _json(counts: FormatCounts) -> CountsJson:
    return {
        "plans": counts.plans,
        "tasks": counts.tasks,
        "done": counts.done,
        "parallel": counts.parallel,
        "conflicts": counts.conflicts,
        "plans_in_conflict": counts.plans_in_conflict,
    }


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = (number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
        yield "  ".join((name.ljust(widths[0]), *cells))
