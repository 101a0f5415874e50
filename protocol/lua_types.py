"""Lua annotations of our own messages, as LuaLS reads them, with the names of methods and commands as values."""

from textwrap import wrap

from protocol.model import Array, Base, Enumeration, Map, Model, Or, Reference, Structure, Type
from protocol.python_types import snake_case

_WIDTH = 120
_CLASS = "agent_server."
_BASE = {
    "DocumentUri": "string",
    "URI": "string",
    "boolean": "boolean",
    "decimal": "number",
    "integer": "integer",
    "null": "nil",
    "string": "string",
    "uinteger": "integer",
}
_HEAD = "-- Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`."


def render(model: Model) -> str:
    """The module `agent_server.protocol` of the Neovim client."""
    blocks = [_HEAD]
    blocks += [_enumeration(each) for each in model.enumerations]
    blocks += [_structure(each) for each in model.structures]
    blocks += [
        f"{_comment(each.documentation)}---@alias {_CLASS}{each.name} {_type(each.type)}" for each in model.type_aliases
    ]
    blocks.append(_values(model))
    return "\n\n".join(blocks) + "\n"


def _enumeration(enumeration: Enumeration) -> str:
    lines = [f"{_comment(enumeration.documentation)}---@alias {_CLASS}{enumeration.name}"]
    lines += [f"---| '\"{each.value}\"' # {each.documentation}" for each in enumeration.values]
    return "\n".join(lines)


def _structure(structure: Structure) -> str:
    lines = [f"{_comment(structure.documentation)}---@class {_CLASS}{structure.name}"]
    for each in structure.properties:
        mark = "?" if each.optional else ""
        lines.append(f"---@field {each.name}{mark} {_type(each.type)} {each.documentation}")
    return "\n".join(lines)


def _values(model: Model) -> str:
    lines = [
        "local M = {}",
        "",
        "--- The newest version of the protocol; a client names it in `capabilities.experimental.agentServer`.",
        f'M.version = "{model.version}"',
        "",
        "--- Methods of requests and notifications.",
        "M.methods = {",
    ]
    for message in model.messages:
        lines.append(_comment(message.documentation, "  ").rstrip("\n"))
        result = f", {_type(message.result)}" if message.result else ""
        lines.append(f"  --- Types: {_CLASS}{message.params.name}{result}")
        lines.append(f'  {snake_case(message.name)} = "{message.method}",')
    lines += ["}", "", "--- Commands, each of which takes one argument.", "M.commands = {"]
    for command in model.commands:
        lines.append(_comment(command.documentation, "  ").rstrip("\n"))
        lines.append(f"  --- Types: {_CLASS}{command.argument}, {_CLASS}{command.result}")
        lines.append(f'  {snake_case(command.name).lstrip("_")} = "{command.command}",')
    return "\n".join((*lines, "}", "", "return M"))


def _type(kind: Type) -> str:
    match kind:
        case Base(name):
            return _BASE[name]
        case Reference(name):
            return f"{_CLASS}{name}"
        case Array(element):
            inner = _type(element)
            return f"({inner})[]" if isinstance(element, Or) else f"{inner}[]"
        case Map(key, value):
            return f"table<{_type(key)}, {_type(value)}>"
        case Or(items):
            return "|".join(map(_type, items))


def _comment(text: str, indent: str = "") -> str:
    return "".join(f"{indent}--- {line}\n" for line in wrap(text, _WIDTH - len(indent) - 4))
