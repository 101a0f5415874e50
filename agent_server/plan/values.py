"""What a single item may say: a model, a number, a state. A value that is none of these is a `bad-value` problem.

Every reader here takes the item and the list to which it adds its problem, and answers None for a bad value.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from agent_server.plan.fields import MODEL_TIERS, did_you_mean
from agent_server.plan.model import Budget, Item, Landing, Problem, Status
from agent_server.plan.text import Span

_T = TypeVar("_T")

_POSITIVE = re.compile(r"(?=[0-9.]*[1-9])[0-9]{1,9}(?:\.[0-9]{1,6})?")
_WHOLE = re.compile(r"[1-9][0-9]{0,5}")
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}
_UNITS = {
    "$": ("USD", 1),
    "usd": ("USD", 1),
    "token": ("tokens", 1),
    "tokens": ("tokens", 1),
    "min": ("minutes", 1),
    "minute": ("minutes", 1),
    "minutes": ("minutes", 1),
    "h": ("minutes", 60),
    "hour": ("minutes", 60),
    "hours": ("minutes", 60),
}
_AMOUNT = re.compile(rf"([0-9.]+)[ ]?(k|m|)[ ]?({'|'.join(map(re.escape, _UNITS))})", re.IGNORECASE)
_MINUTES = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)[ ]?m[a-z]*", re.IGNORECASE)


def command_of(item: Item, _problems: list[Problem]) -> Item:
    """A command: any text."""
    return item


def model_of(item: Item, problems: list[Problem]) -> Item | None:
    """A model: one of the tiers, or a model's id, which has no spaces and is not just a misspelt tier."""
    if item.text in MODEL_TIERS:
        return item
    near = did_you_mean(item.text, MODEL_TIERS, cutoff=0.8) if item.text.isalpha() else None
    if near is None and len(item.text.split()) == 1:
        return item
    _report(item, "model", f"{_any_of(MODEL_TIERS)}, or a model's id", near, problems)
    return None


def agent_of(item: Item, problems: list[Problem]) -> Item | None:
    """An agent: one word. Which agents there are is configuration, which a plan does not know."""
    if len(item.text.split()) == 1:
        return item
    _report(item, "agent", "the name of a configured agent, which has no spaces", None, problems)
    return None


def minutes_of(item: Item, problems: list[Problem]) -> float | None:
    """A number of minutes above 0."""
    if _POSITIVE.fullmatch(item.text):
        return float(item.text)
    with_unit = _MINUTES.fullmatch(item.text)
    suggestion = with_unit[1] if with_unit and _POSITIVE.fullmatch(with_unit[1]) else None
    _report(item, "number of minutes", "a number above 0, such as `10` or `2.5`", suggestion, problems)
    return None


def wave_of(item: Item, problems: list[Problem]) -> int | None:
    """The number of a wave: whole, from 1 on."""
    if _WHOLE.fullmatch(item.text):
        return int(item.text)
    _report(item, "wave", "a whole number from 1 on", None, problems)
    return None


def agents_of(item: Item, problems: list[Problem]) -> int | None:
    """How many agents: whole, from 1 on."""
    if _WHOLE.fullmatch(item.text):
        return int(item.text)
    _report(item, "number of agents", "a whole number from 1 on", None, problems)
    return None


def status_of(item: Item, problems: list[Problem]) -> Status | None:
    """Where a task stands."""
    if item.text in tuple(Status):
        return Status(item.text)
    _report(item, "status", _any_of(Status), did_you_mean(item.text, [str(status) for status in Status]), problems)
    return None


def landing_of(item: Item, problems: list[Problem]) -> Landing | None:
    """How a wave lands."""
    if item.text in tuple(Landing):
        return Landing(item.text)
    _report(
        item, "way to land", _any_of(Landing), did_you_mean(item.text, [str(landing) for landing in Landing]), problems
    )
    return None


def budget_of(items: Iterable[Item], problems: list[Problem]) -> Budget:
    """What a wave may use: amounts of money, tokens and time, each at most once, as items or separated by commas."""
    amounts: dict[str, float] = {}
    for item in items:
        for part in item.text.split(","):
            amount = _amount_of(part.strip())
            if amount is None:
                _report(item, "budget", "amounts such as `5 USD`, `2M tokens` or `30 min`", None, problems)
            elif amount[0] in amounts:
                message = f"The budget names {amount[0]} twice. The first one counts."
                problems.append(Problem("bad-value", message, item.span))
            else:
                amounts[amount[0]] = amount[1]
    tokens = amounts.get("tokens")
    return Budget(amounts.get("USD"), None if tokens is None else round(tokens), amounts.get("minutes"))


def single(
    values: Mapping[str, tuple[Item, ...]],
    name: str,
    value_of: Callable[[Item, list[Problem]], _T | None],
    problems: list[Problem],
) -> _T | None:
    """The value of a field or a setting that takes one; None where it is not written, or wrong."""
    items = values.get(name)
    if not items:
        return None
    if len(items) == 1:
        return value_of(items[0], problems)
    span = Span(items[1].span.start, items[-1].span.end)
    problems.append(Problem("bad-value", f"`{name}` takes one value.", span))
    return None


def shortened(text: str) -> str:
    """`text`, cut to what a message can hold."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def _amount_of(text: str) -> tuple[str, float] | None:
    """A unit and how much of it: `$5`, `5 USD`, `500k tokens`, `2M tokens`, `30 min`, `1.5 h`."""
    match = _AMOUNT.fullmatch(f"{text[1:].lstrip()} $" if text.startswith("$") else text)
    if match is None or not _POSITIVE.fullmatch(match[1]):
        return None
    unit, factor = _UNITS[match[3].lower()]
    return unit, float(match[1]) * factor * _SCALES[match[2].lower()]


def _any_of(words: Iterable[str]) -> str:
    """The words as an enumeration: `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _report(item: Item, what: str, allowed: str, suggestion: str | None, problems: list[Problem]) -> None:
    message = f"`{shortened(item.text)}` is not a valid {what}. Write {allowed}."
    problems.append(Problem("bad-value", message, item.span, suggestion))
