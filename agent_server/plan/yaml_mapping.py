"""A YAML mapping as written: its keys and scalars each with its place. Imported late, since `yaml` is slow."""

from dataclasses import dataclass

import yaml

from agent_server.plan.model import Item, Problem
from agent_server.plan.text import Span

_LARGEST = 16 * 1024
_NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping, and its scalars: of a list all, None where the value holds anything but scalars."""

    key: Item
    values: tuple[Item, ...] | None


def read_mapping(source: str, offset: int, problems: list[Problem]) -> tuple[Entry, ...]:
    """The entries of the mapping in `source`, which stands at `offset`. Bad YAML is a `bad-front-matter` problem.

    YAML is composed, never constructed: no tag makes an object, and an alias stays one node however often it is used.
    """
    if len(source) > _LARGEST:
        message = "The front matter is too large to hold settings alone. Keep it below 16 KiB."
        problems.append(Problem("bad-front-matter", message, Span(offset, offset + len(source))))
        return ()
    root = compose(source, offset, problems)
    if root is None:
        return ()
    if isinstance(root, yaml.MappingNode):
        return tuple(Entry(_key(source, key, offset), _values(source, value, offset)) for key, value in root.value)
    message = "The front matter holds settings, one `name: value` a line."
    span = span_of(source, root)
    problems.append(Problem("bad-front-matter", message, Span(offset + span.start, offset + span.end)))
    return ()


def compose(source: str, offset: int, problems: list[Problem]) -> yaml.Node | None:
    """The tree of the YAML in `source`, which stands at `offset`; None, and a problem, where it is none."""
    try:
        return yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at, what = mark.index if mark else 0, error.problem or error.context or "it cannot be read"
    except yaml.reader.ReaderError as error:
        at, what = int(error.position), "it holds a character that YAML does not allow"
    except RecursionError:
        at, what = 0, "it is nested too deeply"
    except (ValueError, ArithmeticError):
        # PyYAML lets these through for escapes beyond Unicode and for version numbers of thousands of digits.
        at, what = 0, "it holds a number that is out of range"
    message = f"The front matter is not valid YAML: {what}."
    problems.append(Problem("bad-front-matter", message, _rest_of_line(source, at, offset)))
    return None


def _rest_of_line(source: str, at: int, offset: int) -> Span:
    """From `at` to the end of its line, or the line before it where nothing is left of that one."""
    end = at
    while end < len(source) and source[end] not in "\r\n":
        end += 1
    if at >= end:
        end = len(source[:at].rstrip())
        at = max(source.rfind("\n", 0, end), source.rfind("\r", 0, end)) + 1
    return Span(offset + at, offset + end)


def _key(source: str, node: yaml.Node, offset: int) -> Item:
    if isinstance(node, yaml.ScalarNode):
        return scalar_item(source, node, offset)
    span = span_of(source, node)
    return Item(span.of(source), Span(offset + span.start, offset + span.end))


def _values(source: str, node: yaml.Node, offset: int) -> tuple[Item, ...] | None:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    scalars = [scalar_item(source, found, offset) for found in nodes if isinstance(found, yaml.ScalarNode)]
    return tuple(item for item in scalars if item.text) if len(scalars) == len(nodes) else None


def scalar_item(source: str, node: yaml.ScalarNode, offset: int) -> Item:
    """The scalar's value, and its place without quotes and tags where it stands there letter by letter."""
    text = "" if node.tag == _NULL else str(node.value).strip()
    span = span_of(source, node)
    at = source.find(text, span.start, span.end)
    if at >= 0:
        span = Span(at, at + len(text))
    return Item(text, Span(offset + span.start, offset + span.end))


def span_of(source: str, node: yaml.Node) -> Span:
    """Where the node stands in `source`; the end of a block's mark lies on the next line, so white space is cut."""
    start, end = node.start_mark.index, node.end_mark.index
    return Span(start, start + len(source[start:end].rstrip()))
