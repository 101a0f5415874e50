"""Python types of our own messages: msgspec structs, which check what they are made from."""

import re
from collections.abc import Iterable
from itertools import pairwise
from textwrap import wrap

from protocol.model import Array, Base, Enumeration, Map, Message, Model, Or, Reference, Structure, Type, references

_WIDTH = 120
_BASE = {
    "DocumentUri": "str",
    "URI": "str",
    "boolean": "bool",
    "decimal": "float",
    "integer": "int",
    "null": "None",
    "string": "str",
    "uinteger": "UInteger",
}
_HEAD = '''"""Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`.

A field that may be left out is None where it is, and is not sent then. `msgspec.convert` makes a message from decoded
JSON, and raises `msgspec.ValidationError` where that does not fit.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

VERSION: Final = "{version}"
"""The newest version of the protocol."""

UInteger = Annotated[int, Meta(ge=0, le=2_147_483_647)]
"""LSP's `uinteger`."""
'''


def render(model: Model) -> str:
    """The module `agent_server/lsp/messages.py`."""
    blocks = [_HEAD.format(version=model.version).rstrip()]
    blocks += [_method(each) for each in model.messages]
    blocks += [_enumeration(each) for each in model.enumerations]
    blocks += [_structure(each) for each in _referenced_first(model.structures)]
    blocks += [f"{each.name} = {_type(each.type)}\n{_docstring(each.documentation, '')}" for each in model.type_aliases]
    blocks += _tables(model)
    text = blocks[0]
    for before, block in pairwise(blocks):
        # A class stands two lines apart from what is around it, everything else one.
        text += ("\n\n\n" if "class " in (before[:6], block[:6]) else "\n\n") + block
    return text + "\n"


def _method(message: Message) -> str:
    return f'{_constant(message.name)}: Final = "{message.method}"\n{_docstring(message.documentation, "")}'


def _constant(name: str) -> str:
    return snake_case(name).upper()


def snake_case(name: str) -> str:
    """`serverStatus` as `server_status`."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _enumeration(enumeration: Enumeration) -> str:
    values = [f'"{value.value}"' for value in enumeration.values]
    return f"{_literal(enumeration.name, values)}\n{_docstring(enumeration.documentation, '')}"


def _literal(name: str, values: list[str]) -> str:
    line = f"{name} = Literal[{', '.join(values)}]"
    if len(line) <= _WIDTH:
        return line
    return f"{name} = Literal[\n" + "".join(f"    {value},\n" for value in values) + "]"


def _structure(structure: Structure) -> str:
    lines = [
        f'class {structure.name}(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):',
        _docstring(structure.documentation, "    "),
        "",
    ]
    for each in structure.properties:
        kind = _type(each.type)
        lines.append(f"    {snake_case(each.name)}: {f'{kind} | None = None' if each.optional else kind}")
        lines.append(_docstring(each.documentation, "    "))
    return "\n".join(lines)


def _tables(model: Model) -> list[str]:
    """What a dispatcher looks a message up in."""
    requests = [
        f"    {_constant(each.name)}: ({each.params.name}, {_type(_result(each))}),\n" for each in model.requests
    ]
    notifications = [f"    {_constant(each.name)}: {each.params.name},\n" for each in model.notifications]
    commands = [f'    "{each.command}": ({each.argument}, {each.result}),\n' for each in model.commands]
    since = [f'    {_constant(each.name)}: "{each.since}",\n' for each in model.messages]
    return [
        _table("REQUESTS", "tuple[type[Struct], Any]", requests, "For each request of ours its params and its result."),
        _table("NOTIFICATIONS", "type[Struct]", notifications, "For each notification of ours its params."),
        _table("COMMANDS", "tuple[type[Struct], Any]", commands, "For each command its argument and its result."),
        _table("SINCE", "str", since, "For each message of ours the version that brought it."),
        _table(
            "ADDED", "Mapping[str, str]", _added(model), "For each enumeration the values that came after it, and when."
        ),
    ]


def _added(model: Model) -> list[str]:
    lines = []
    for each in model.enumerations:
        later = [f'"{value.value}": "{value.since}"' for value in each.values if value.since]
        if later:
            lines.append(f'    "{each.name}": {{\n' + "".join(f"        {value},\n" for value in later) + "    },\n")
    return lines


def _table(name: str, values: str, lines: list[str], documentation: str) -> str:
    return f'{name}: Final[Mapping[str, {values}]] = {{\n{"".join(lines)}}}\n"""{documentation}"""'


def _result(request: Message) -> Type:
    if request.result is None:
        raise ValueError(f"{request.method} has no result.")
    return request.result


def _type(kind: Type) -> str:
    match kind:
        case Base(name):
            return _BASE[name]
        case Reference(name):
            return name
        case Array(element):
            return f"Sequence[{_type(element)}]"
        case Map(key, value):
            return f"Mapping[{_type(key)}, {_type(value)}]"
        case Or(items):
            return " | ".join(map(_type, items))


def _referenced_first(structures: Iterable[Structure]) -> list[Structure]:
    """Structures in an order in which each stands after those that it refers to."""
    known = {each.name: each for each in structures}
    done: dict[str, Structure] = {}

    def visit(structure: Structure) -> None:
        for name in references(structure):
            if name in known and name not in done:
                visit(known[name])
        done[structure.name] = structure

    for structure in known.values():
        visit(structure)
    return list(done.values())


def _docstring(text: str, indent: str) -> str:
    if len(text) + len(indent) + 6 <= _WIDTH:
        return f'{indent}"""{text}"""'
    first, _, rest = text.partition(". ")
    if not rest:
        raise ValueError(f"This needs a short first sentence: {text}")
    body = "\n".join(wrap(rest, _WIDTH - 2, initial_indent=indent, subsequent_indent=indent))
    return f'{indent}"""{first}.\n\n{body}\n{indent}"""'
