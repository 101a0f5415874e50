"""Todos in the front matter of a plan: a YAML list of mappings, each value with its place.

Imported late, since `yaml` is slow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import yaml

from agent_server.plan.model import Item, Problem
from agent_server.plan.text import Span
from agent_server.plan.writing import line_start, next_line
from agent_server.plan.yaml_mapping import compose, scalar_item, span_of

_LARGEST = 512 * 1024
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one key: its scalars, where it stands with quotes or brackets, and where its key ends.

    `rows` tells a list that has one line an item, `words` where the text of a scalar stands, line by line as written.
    """

    items: tuple[Item, ...]
    span: Span
    key_end: int
    rows: bool
    words: Span


@dataclass(frozen=True, slots=True)
class Todo:
    """One entry of a list of todos, in its own text.

    `indent` is the column of its keys, or None where it is on one line; `end` is the start of the line behind it.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    indent: int | None = None
    end: int = 0

    def first(self, *keys: str) -> Value | None:
        """The value of the first of the keys that it has."""
        return next((self.values[key] for key in keys if key in self.values), None)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The places of the todos in a block of front matter; its name and its overview."""

    todos: tuple[Span, ...] = ()
    name: Item | None = None
    overview: Item | None = None


def read_front_matter(source: str, offset: int, problems: list[Problem]) -> FrontMatter:
    """Where the todos of a plan stand, whose front matter is `source`, which stands at `offset`."""
    root = compose(source, offset, problems) if len(source) <= _LARGEST else None
    if not isinstance(root, yaml.MappingNode):
        return FrontMatter()
    values = {key.value: node for key, node in root.value if isinstance(key, yaml.ScalarNode)}
    name, overview = (_scalar(source, values.get(key), offset) for key in ("name", "overview"))
    todos = values.get("todos")
    if not isinstance(todos, yaml.SequenceNode):
        return FrontMatter((), name, overview)
    spans = [_place(source, node, offset) for node in todos.value if isinstance(node, yaml.MappingNode)]
    # An alias stands where its anchor does.
    in_order = all(one.end <= other.start for one, other in pairwise(spans))
    return FrontMatter(tuple(spans) if in_order else (), name, overview)


def read_todo(source: str) -> Todo:
    """The todo that a text holds which is nothing else."""
    root = compose(source, 0, [])
    if isinstance(root, yaml.SequenceNode) and root.value:
        root = root.value[0]
    if not isinstance(root, yaml.MappingNode):
        return Todo()
    values = {
        key.value: _value(source, key, node) for key, node in reversed(root.value) if isinstance(key, yaml.ScalarNode)
    }
    end = max((value.span.end for value in values.values()), default=0)
    return Todo(values, None if root.flow_style else root.start_mark.column, next_line(source, end))


def _place(source: str, node: yaml.MappingNode, offset: int) -> Span:
    """The lines of a todo; only itself, where it is on a line with others."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.flow_style:
        return Span(offset + start, offset + end)
    last = max((span_of(source, value).end for _, value in node.value), default=start)
    return Span(offset + line_start(source, start), offset + next_line(source, max(start, last)))


def _scalar(source: str, node: yaml.Node | None, offset: int) -> Item | None:
    return scalar_item(source, node, offset) if isinstance(node, yaml.ScalarNode) else None


def _value(source: str, key: yaml.Node, node: yaml.Node) -> Value:
    span = span_of(source, node)
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    items = [scalar_item(source, each, 0) for each in nodes if isinstance(each, yaml.ScalarNode)]
    return Value(
        items=tuple(item for item in items if item.text),
        span=span,
        key_end=span_of(source, key).end,
        rows=isinstance(node, yaml.SequenceNode) and not node.flow_style and bool(node.value),
        words=_words(source, span),
    )


def _words(source: str, span: Span) -> Span:
    """Where the text of a scalar stands: within its quotes, or below the mark of a block."""
    raw = span.of(source)
    if raw[:1] in _QUOTES and raw[-1:] == raw[:1] and len(raw) > 1:
        return Span(span.start + 1, span.end - 1)
    if raw[:1] in ("|", ">"):
        below = next_line(source, span.start)
        return Span(min(below, span.end), span.end)
    return span
