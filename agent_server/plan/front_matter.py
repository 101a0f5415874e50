"""The YAML front matter: the plan's own settings, each with the place where it is written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from agent_server.plan.fields import SETTINGS, did_you_mean
from agent_server.plan.model import Budget, Item, Landing, PlanSettings, Problem
from agent_server.plan.text import Span
from agent_server.plan.values import agent_of, agents_of, command_of, landing_of, model_of, shortened

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

_T = TypeVar("_T")
_OPENING = re.compile(r"---[ \t]*(?:\r\n|\n|\r|\Z)")
_CLOSING = re.compile(r"(?:(?<=\n)|(?<=\r))(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)")
_AMOUNT = re.compile(r"(\$)?[ ]?([0-9]{1,12}(?:\.[0-9]{1,6})?)[ ]?([kKmM]?)[ ]?([A-Za-z$]*)")
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000}
_UNITS = {
    "$": "usd",
    "usd": "usd",
    "token": "tokens",
    "tokens": "tokens",
    "min": "minutes",
    "minute": "minutes",
    "minutes": "minutes",
}
_LARGEST = 64 * 1024
_BUDGET_FORMS = "Write an amount such as `5 USD`, `2M tokens` or `30 min`, or several separated by commas"


def read_front_matter(text: str, start: int) -> tuple[PlanSettings, Span, tuple[Problem, ...]]:
    """The settings in the block that opens at `start`, its span with both fences, and what is wrong with it.

    Without a block the span is empty and stands at 0.
    """
    opening = _OPENING.match(text, start)
    if not opening:
        return PlanSettings(), Span(0, 0), ()
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        message = "The front matter is never closed. End it with a line `---`."
        span = Span(start, start + 3)
        return PlanSettings(), Span(0, 0), (Problem("bad-front-matter", message, span),)
    settings, problems = _read_block(text[opening.end() : closing.start()], opening.end())
    return settings, Span(start, closing.end()), problems


@lru_cache(maxsize=256)
def _read_block(source: str, offset: int) -> tuple[PlanSettings, tuple[Problem, ...]]:
    """Reading YAML takes longer than reading the rest of a plan, and most edits leave the front matter alone."""
    problems: list[Problem] = []
    root = _compose(source, offset, problems)
    if root is None:
        return PlanSettings(), tuple(problems)
    values, spans = _read_keys(root, offset, problems)
    settings = PlanSettings(
        verify=_single(values, "verify", command_of, problems),
        agents=_single(values, "agents", agents_of, problems),
        model=_single(values, "model", model_of, problems),
        agent=_single(values, "agent", agent_of, problems),
        budget=_budget(values, problems),
        land=_single(values, "land", landing_of, problems) or Landing.TREE,
        spans=spans,
    )
    return settings, tuple(problems)


def _compose(source: str, offset: int, problems: list[Problem]) -> "MappingNode | None":
    """The block's mapping. Nodes, not objects: nothing is constructed, and an alias is never expanded."""
    import yaml  # noqa: PLC0415  # 20 ms that a plan without front matter does not pay

    if len(source) > _LARGEST:
        message = "The front matter is too large to be settings. Keep it below 64 KiB."
        problems.append(Problem("bad-front-matter", message, Span(offset, offset + len(source))))
        return None
    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.index if mark else 0
        _report_yaml(source, offset, at, error.problem or error.context or "not valid", problems)
        return None
    except yaml.reader.ReaderError as error:
        _report_yaml(source, offset, int(error.position), "a character that YAML does not allow", problems)
        return None
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        # PyYAML lets these through for impossible escapes, huge version numbers and deep nesting.
        what = "it is nested too deeply" if isinstance(error, RecursionError) else "a value is out of range"
        _report_yaml(source, offset, 0, what, problems)
        return None
    if root is None or isinstance(root, yaml.MappingNode):
        return root
    message = "The front matter must hold settings, one `name: value` a line."
    span = Span(offset + root.start_mark.index, offset + root.end_mark.index)
    problems.append(Problem("bad-front-matter", message, span))
    return None


def _report_yaml(source: str, offset: int, at: int, what: str, problems: list[Problem]) -> None:
    """Report from `at` to the end of its line; from the line's start where nothing is left of it."""
    at = max(0, min(at, len(source)))
    end = next((found for found in range(at, len(source)) if source[found] in "\r\n"), len(source))
    if at == end:
        at = max(source.rfind("\n", 0, at), source.rfind("\r", 0, at)) + 1
    message = f"The front matter is not valid YAML: {what}."
    problems.append(Problem("bad-front-matter", message, Span(offset + at, offset + end)))


def _read_keys(
    root: "MappingNode", offset: int, problems: list[Problem]
) -> tuple[dict[str, "_Value"], dict[str, Span]]:
    values: dict[str, _Value] = {}
    spans: dict[str, Span] = {}
    for key, node in root.value:
        name, span = str(key.value), Span(offset + key.start_mark.index, offset + key.end_mark.index)
        if name not in SETTINGS:
            suggestion = did_you_mean(name, SETTINGS)
            known = ", ".join(f"`{setting}`" for setting in SETTINGS)
            rest = f"Did you mean `{suggestion}`?" if suggestion else f"The settings are {known}."
            message = f"`{shortened(name)}` is not a setting of a plan. {rest}"
            problems.append(Problem("unknown-setting", message, span, suggestion))
        elif name in spans:
            message = f"`{name}` is set twice. The first one counts."
            problems.append(Problem("duplicate-field", message, span, related=spans[name]))
        else:
            spans[name] = span
            values[name] = _Value(span, _items(node, offset))
    return values, spans


@dataclass(frozen=True, slots=True)
class _Value:
    """A setting's value: its scalars, or None where it is anything but a scalar or a list of scalars."""

    key: Span
    items: tuple[Item, ...] | None


def _items(node: "Node", offset: int) -> tuple[Item, ...] | None:
    if isinstance(node.value, str):
        item = _scalar(node, offset)
        return (item,) if item.text else ()
    if node.tag != "tag:yaml.org,2002:seq" or any(not isinstance(found.value, str) for found in node.value):
        return None
    return tuple(item for found in node.value if (item := _scalar(found, offset)).text)


def _scalar(node: "Node", offset: int) -> Item:
    start, end = offset + node.start_mark.index, offset + node.end_mark.index
    quoted = node.style in ("'", '"') and end - start >= 2
    text = "" if node.tag == "tag:yaml.org,2002:null" else str(node.value).strip()
    return Item(text, Span(start + quoted, end - quoted))


def _single(
    values: Mapping[str, _Value],
    name: str,
    value_of: Callable[[Item, list[Problem]], _T | None],
    problems: list[Problem],
) -> _T | None:
    """The value of a setting that takes one; None where it is not written, or wrong."""
    value = values.get(name)
    if value is None:
        return None
    if value.items is not None and len(value.items) == 1:
        return value_of(value.items[0], problems)
    message = f"`{name}` takes one value." if value.items != () else f"`{name}` has no value yet."
    problems.append(Problem("bad-value", message, value.key))
    return None


def _budget(values: Mapping[str, _Value], problems: list[Problem]) -> Budget:
    value = values.get("budget")
    if value is None:
        return Budget()
    if not value.items:
        problems.append(Problem("bad-value", f"`budget` has no value yet. {_BUDGET_FORMS}.", value.key))
        return Budget()
    amounts: dict[str, float] = {}
    for item in value.items:
        for part in item.text.split(","):
            _read_amount(part.strip(), item, amounts, problems)
    tokens = amounts.get("tokens")
    return Budget(amounts.get("usd"), None if tokens is None else round(tokens), amounts.get("minutes"))


def _read_amount(part: str, item: Item, amounts: dict[str, float], problems: list[Problem]) -> None:
    match = _AMOUNT.fullmatch(part)
    unit = _UNITS.get((match[4] or match[1] or "").lower()) if match and not (match[1] and match[4]) else None
    amount = float(match[2]) * _SCALE[match[3].lower()] if match and unit else 0.0
    if unit is None or amount <= 0:
        problems.append(Problem("bad-value", f"`{shortened(part)}` is not a budget. {_BUDGET_FORMS}.", item.span))
    elif unit in amounts:
        problems.append(Problem("bad-value", f"The budget names {unit} twice. The first one counts.", item.span))
    else:
        amounts[unit] = amount
