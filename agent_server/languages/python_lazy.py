"""Modules of Python that make names when they are asked for: which names, where the source spells them all out.

`__getattr__` may answer to anything. Mostly it does not: it compares what it is asked for with names, or looks for it
in a table of them, and refuses the rest.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from agent_server.languages.parsing import Parsed, descend, first_named

if TYPE_CHECKING:
    from tree_sitter import Node


_TABLES = frozenset({"dictionary", "list", "set", "tuple"})
_FINDS = frozenset({"==", "in"})
_MISSES = frozenset({"!=", "not in"})


def names_made(parsed: Parsed, function: "Node") -> tuple[str, ...] | None:
    """The names that a module's `__getattr__` makes; None where it may make any.

    They are known where it ends in an error, and uses what it is asked for, and returns something, only in branches
    that have found it among names. So they are where it begins by raising an error for all that is not among names.
    """
    asked = _parameter(parsed, function)
    body = function.child_by_field_name("body")
    statements = body.named_children if body else []
    if not asked or not statements:
        return None
    found: list[str] = []
    waiting = statements[::-1]
    while waiting:
        node = waiting.pop()
        if node.type in {"if_statement", "elif_clause"}:
            raises = _raises(node)
            missed = _compared(parsed, node, asked, _MISSES) if raises and node in statements else None
            if missed is not None:
                return (*found, *missed)
            names = _compared(parsed, node, asked, _FINDS)
            if names is not None:
                found += () if raises else names
                waiting += node.children_by_field_name("alternative")[::-1]
                continue
        if node.type == "return_statement" or (node.type == "identifier" and parsed.text(node) == asked):
            return None
        if node.type != "raise_statement":
            waiting += node.named_children[::-1]
    return tuple(found) if statements[-1].type == "raise_statement" else None


def _parameter(parsed: Parsed, function: "Node") -> str:
    first = first_named(function.child_by_field_name("parameters"))
    name = first_named(first) if first is not None and first.type == "typed_parameter" else first
    return parsed.text(name) if name is not None and name.type == "identifier" else ""


def _raises(branch: "Node") -> bool:
    consequence = branch.child_by_field_name("consequence")
    children = consequence.named_children if consequence is not None else []
    return bool(children) and children[-1].type == "raise_statement"


def _compared(parsed: Parsed, branch: "Node", asked: str, operators: Collection[str]) -> list[str] | None:
    """The names that the condition of a branch compares what is asked for with; None where it does anything else."""
    condition = branch.child_by_field_name("condition")
    joined = {"boolean_operator", "parenthesized_expression"}
    compared = [] if condition is None else [*descend(condition, joined)] if condition.type in joined else [condition]
    found: list[str] = []
    for each in compared:
        names = _in_comparison(parsed, each, asked, operators)
        if names is None:
            return None
        found += names
    return found or None


def _in_comparison(parsed: Parsed, node: "Node", asked: str, operators: Collection[str]) -> list[str] | None:
    if node.type != "comparison_operator" or len(node.named_children) != 2:  # Not `a < b < c`.
        return None
    left, right = node.named_children
    operator = " ".join(child.type for child in node.children if not child.is_named)
    if operator not in operators or parsed.text(left) != asked:
        return None
    values = [*_bound_to(parsed, parsed.text(right))] if right.type == "identifier" else [right]
    return [*_spelled(parsed, values)] if values and all(map(_spells_names, values)) else None


def _bound_to(parsed: Parsed, name: str) -> Iterator["Node"]:
    """What the module binds `name` to; nothing where that is changed afterwards."""
    changed = rf"\b{name}\s*(?:\.\s*(?:add|append|extend|insert|setdefault|update)\b|\[[^\]\n]*\]\s*=(?!=)|[|+]=)"
    if re.search(changed.encode(), parsed.source):
        return
    for node in descend(parsed.root, {"expression_statement"}):
        right = node.child_by_field_name("right")
        if node.type == "assignment" and right and parsed.text(node.child_by_field_name("left")) == name:
            yield right


def _spells_names(value: "Node") -> bool:
    """Whether a value is a name, a list of names, or a table by names, all of them spelled out."""
    return value.type == "string" or (
        value.type in _TABLES and all(item.type in {"comment", "string"} for item in _items(value))
    )


def _items(value: "Node") -> Iterator["Node"]:
    return (item.named_children[0] if item.type == "pair" else item for item in value.named_children)


def _spelled(parsed: Parsed, values: Iterable["Node"]) -> Iterator[str]:
    for value in values:
        for item in [value] if value.type == "string" else _items(value):
            yield from (parsed.text(part) for part in item.named_children if part.type == "string_content")
