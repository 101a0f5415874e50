"""The reference page of our own messages: who sends what to whom, since when, with which fields, and an example."""

import json
from collections.abc import Mapping
from typing import Any

from protocol.model import Array, Base, Command, Map, Message, Model, Or, Property, Reference, Structure, Type

_DIRECTIONS = {"clientToServer": "client → server", "serverToClient": "server → client", "both": "both ways"}
_HEAD = """\
# Agent Server's own messages, version {version}

<!-- Generated from `protocol/agent-server.json` by `python -m protocol.generate`. -->

Beside LSP itself the server speaks a few methods of its own, which begin with `agentServer/`, and takes commands by
`workspace/executeCommand`. A client that knows none of them has everything else. The model is
[`agent-server.json`](agent-server.json), in the form of LSP's `metaModel.json`. Types are made from it for TypeScript
and Lua: `editor_clients/vscode/src/protocol.ts` and `editor_clients/neovim/lua/agent_server/protocol.lua`.

## Which version is spoken

A client names the newest version that it knows in `initialize`, and the server answers with the one that both will
speak. That is the older of the two sides' newest.

```json
{{"capabilities": {{"experimental": {{"agentServer": {{"version": "{version}"}}}}}}}}
```

Only the first two numbers count. A client that names no version is one of 0.1: it gets `agentServer/status`, unasked,
and none of the other notifications. Whoever reads a message leaves out fields that they do not know, and takes values
of an enumeration that they do not know for text.
"""


def render(model: Model, examples: Mapping[str, Mapping[str, Any]]) -> str:
    """The page `protocol/reference.md`."""
    blocks = [_HEAD.format(version=model.version).rstrip()]
    blocks += ["## Requests", *(_message(each, examples[each.method]) for each in model.requests)]
    blocks += ["## Notifications", *(_message(each, examples[each.method]) for each in model.notifications)]
    blocks += ["## Commands", _commands_words(model)]
    blocks += [_command(each, examples[each.command]) for each in model.commands]
    blocks += ["## Structures", *map(_structure, model.structures)]
    blocks += ["## Enumerations"]
    blocks += [
        f"### {each.name}\n\n{each.documentation} Since {each.since}.\n\n"
        + "\n".join(f"- `{value.value}`: {value.documentation}" for value in each.values)
        for each in model.enumerations
    ]
    blocks += ["## Other names"]
    blocks += ["\n".join(f"- `{each.name}`: {_type(each.type)}. {each.documentation}" for each in model.type_aliases)]
    return "\n\n".join(blocks) + "\n"


def _commands_words(model: Model) -> str:
    return next(each.documentation for each in model.enumerations if each.name == "Command")


def _message(message: Message, example: Mapping[str, Any]) -> str:
    facts = [
        f"{_DIRECTIONS[message.message_direction]}, since {message.since}.",
        f"Params: {_type(message.params)}.",
        f"Result: {_type(message.result)}." if message.result else "",
        f"**Deprecated.** {message.deprecated}" if message.deprecated else "",
    ]
    parts = [f"### {message.method}", message.documentation, " ".join(filter(None, facts)), _example(example)]
    return "\n\n".join(parts)


def _command(command: Command, example: Mapping[str, Any]) -> str:
    facts = f"client → server, since {command.since}. Argument: `{command.argument}`. Result: `{command.result}`."
    return "\n\n".join((f"### {command.command}", command.documentation, facts, _example(example)))


def _example(example: Mapping[str, Any]) -> str:
    blocks = [
        f"```json\n{json.dumps({part: value}, indent=2, ensure_ascii=False)}\n```" for part, value in example.items()
    ]
    return "\n\n".join(blocks)


def _structure(structure: Structure) -> str:
    rows = ["| field | type | what it says |", "| --- | --- | --- |", *map(_row, structure.properties)]
    return "\n\n".join(
        (f"### {structure.name}", f"{structure.documentation} Since {structure.since}.", "\n".join(rows))
    )


def _row(field: Property) -> str:
    mark = "?" if field.optional else ""
    return f"| `{field.name}{mark}` | {_type(field.type)} | {field.documentation} |"


def _type(kind: Type) -> str:
    match kind:
        case Base(name):
            return f"`{name}`"
        case Reference(name):
            return f"[`{name}`](#{name.lower()})"
        case Array(element):
            return f"list of {_type(element)}"
        case Map(key, value):
            return f"object: {_type(key)} → {_type(value)}"
        case Or(items):
            return " or ".join(map(_type, items))
