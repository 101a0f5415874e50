"""What a module of TypeScript or JavaScript exports."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent_server.languages.parsing import Parsed, descend, first_named

if TYPE_CHECKING:
    from tree_sitter import Node

_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})
_PATTERNS = frozenset({"array_pattern", "object_pattern", "rest_pattern"})
_ANY_NAME = "*"
"""Exported by a module that gives away a value of which nobody can tell what members it has."""

_FUNCTIONS = frozenset(
    {
        *("arrow_function", "class", "class_declaration", "function_declaration", "function_expression"),
        *("generator_function", "generator_function_declaration"),
    }
)
"""What has no members but those that the module spells, unless it inherits them."""

_COMMONJS = """
(assignment_expression
  left: (member_expression object: [(identifier) (member_expression object: (identifier))]) @left
  right: (_) @right
  (#match? @left "^(module[.])?exports([.]|$)"))
"""


def exports(parsed: Parsed, *, has_commonjs: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that the module exports, and the modules whose names it passes on, each once in the text's order.

    `has_commonjs`: assignments to `exports` and `module.exports` are looked for.
    """
    names: dict[str, None] = {}
    passed_on: dict[str, None] = {}
    for statement in parsed.root.named_children:
        if statement.type == "export_statement":
            names.update(dict.fromkeys(_exported(parsed, statement)))
            passed_on.update(dict.fromkeys(_passed_on(parsed, statement)))
        elif statement.type == "ambient_declaration":
            names.update(dict.fromkeys(_ambient(parsed, statement)))
    if has_commonjs:
        assignments = parsed.matches(_COMMONJS)
        for match in assignments:
            left, right = match["left"][0], match["right"][0]
            names.update(dict.fromkeys(_assigned(parsed, left, right)))
            passed_on.update(dict.fromkeys(_required(parsed, left, right)))
        if assignments:
            names.setdefault("default")  # All that it exports, as a whole.
    return tuple(names), tuple(passed_on)


def pattern_names(parsed: Parsed, pattern: "Node", *, as_taken: bool = False) -> Iterator[str]:
    """The names that a pattern binds; `as_taken`: the keys of the outermost object instead, as its owner calls them."""
    if pattern.type == "identifier":
        yield parsed.text(pattern)
    waiting = pattern.named_children[::-1]
    while waiting:
        node = waiting.pop()
        match node.type:
            case "identifier" | "shorthand_property_identifier_pattern":
                yield parsed.text(node)
            case "object_assignment_pattern" | "assignment_pattern":
                waiting += node.children_by_field_name("left")
            case "pair_pattern":
                key = node.child_by_field_name("key")
                if as_taken and key is not None:
                    yield parsed.text(key)
                else:
                    waiting += node.children_by_field_name("value")
            case kind if kind in _PATTERNS and not (as_taken and kind == "rest_pattern"):
                waiting += node.named_children[::-1]
            case _:
                pass


def _exported(parsed: Parsed, statement: "Node") -> Iterator[str]:
    declaration = statement.child_by_field_name("declaration")
    kinds = {child.type for child in statement.children}
    if not kinds.isdisjoint({"default", "="}):
        yield "default"
        if "=" in kinds:
            yield _ANY_NAME
    elif declaration is not None:
        yield from _declared(parsed, declaration)
    else:
        for clause in statement.named_children:
            if clause.type == "export_clause":
                yield from (_specified(parsed, specifier) for specifier in clause.named_children)
            elif clause.type == "namespace_export":
                yield parsed.text(first_named(clause)).strip("\"'")


def _ambient(parsed: Parsed, statement: "Node") -> Iterator[str]:
    """What `declare module "name" { ... }` exports: the types of a package, bundled into one file."""
    for module in statement.named_children:
        body = module.child_by_field_name("body") if module.type == "module" else None
        if body is not None and parsed.text(module.child_by_field_name("name")).startswith(("'", '"')):
            for member in body.named_children:
                yield from _exported(parsed, member) if member.type == "export_statement" else _declared(parsed, member)


def _specified(parsed: Parsed, specifier: "Node") -> str:
    """The name under which `a as b` is exported."""
    name = specifier.child_by_field_name("alias") or specifier.child_by_field_name("name")
    return parsed.text(name).strip("\"'")


def _declared(parsed: Parsed, declaration: "Node") -> Iterator[str]:
    if declaration.type == "ambient_declaration":
        yield from (name for child in declaration.named_children for name in _plainly_declared(parsed, child))
    else:
        yield from _plainly_declared(parsed, declaration)


def _plainly_declared(parsed: Parsed, declaration: "Node") -> Iterator[str]:
    if declaration.type in _DECLARATIONS:
        for declarator in declaration.named_children:
            pattern = declarator.child_by_field_name("name")
            if pattern is not None:
                yield from pattern_names(parsed, pattern)
        return
    name = declaration.child_by_field_name("name")
    if name is None and declaration.type == "import_alias":
        name = first_named(declaration)
    if name is not None:
        yield parsed.text(name)


def _passed_on(parsed: Parsed, statement: "Node") -> Iterator[str]:
    """The module of `export * from`."""
    source = statement.child_by_field_name("source")
    if source is not None and any(child.type == "*" for child in statement.children):
        yield parsed.text(source)[1:-1]


def _assigned(parsed: Parsed, left: "Node", right: "Node") -> Iterator[str]:
    """The names that an assignment to `exports.name` or `module.exports` exports."""
    target = parsed.text(left).removeprefix("module.")
    if target != "exports":
        yield target.removeprefix("exports.")
        return
    yield "default"
    value = _value(parsed, right)
    if value.type in _FUNCTIONS:
        yield from [_ANY_NAME] if any(child.type == "class_heritage" for child in value.children) else []
    elif value.type == "object":
        yield from _members(parsed, value)
    elif _module_required(parsed, value) is None:
        yield _ANY_NAME


def _value(parsed: Parsed, node: "Node") -> "Node":
    """The value of an expression: of an assignment what is assigned, of a name what the module declares it to be."""
    while node.type == "assignment_expression" and (right := node.child_by_field_name("right")) is not None:
        node = right
    if node.type != "identifier":
        return node
    name = parsed.text(node)
    for statement in parsed.root.named_children:
        for declared in statement.named_children if statement.type in _DECLARATIONS else (statement,):
            if parsed.text(declared.child_by_field_name("name")) == name:
                return declared.child_by_field_name("value") or declared
    return node


def _members(parsed: Parsed, value: "Node") -> Iterator[str]:
    """The keys of an object."""
    for member in value.named_children:
        key = member if member.type == "shorthand_property_identifier" else None
        name = key or member.child_by_field_name("key") or member.child_by_field_name("name")
        if name is not None:
            yield parsed.text(name).strip("\"'")
        elif member.type == "spread_element" and _module_required(parsed, first_named(member)) is None:
            yield _ANY_NAME


def _required(parsed: Parsed, left: "Node", right: "Node") -> Iterator[str]:
    """The modules that `module.exports = require(...)` and `{...require(...)}` pass on."""
    if parsed.text(left) not in {"module.exports", "exports"}:
        return
    value = _value(parsed, right)
    for part in descend(value, {"spread_element"}) if value.type == "object" else (value,):
        module = _module_required(parsed, part)
        if module is not None:
            yield module


def _module_required(parsed: Parsed, value: "Node | None") -> str | None:
    """The module of `require("./module")`; None for any other value."""
    if value is None or parsed.text(value.child_by_field_name("function")) != "require":
        return None
    arguments = value.child_by_field_name("arguments")
    is_one = arguments is not None and arguments.named_child_count == 1
    return parsed.text(first_named(arguments)).strip("\"'`") if is_one else None
