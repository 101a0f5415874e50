"""The model of our own messages, read and checked: what every generator starts from.

`agent-server.json` has the form of LSP's `metaModel.json`, which writers of clients know. We use the part of that form
for which there are classes here; anything else is refused.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parent


class BadModel(ValueError):
    """The model is not what it must be. The message says where and why, one line for each problem."""


class Base(msgspec.Struct, frozen=True, tag_field="kind", tag="base"):
    """A type of LSP's own, such as `string` or `DocumentUri`."""

    name: str


class Reference(msgspec.Struct, frozen=True, tag_field="kind", tag="reference"):
    """A structure, an enumeration or an alias of the model."""

    name: str


class Array(msgspec.Struct, frozen=True, tag_field="kind", tag="array"):
    """A list."""

    element: "Type"


class Map(msgspec.Struct, frozen=True, tag_field="kind", tag="map"):
    """An object whose keys are data."""

    key: "Type"
    value: "Type"


class Or(msgspec.Struct, frozen=True, tag_field="kind", tag="or"):
    """One of several types."""

    items: tuple["Type", ...]


Type: TypeAlias = Base | Reference | Array | Map | Or


class Property(msgspec.Struct, frozen=True):
    """A field of a structure."""

    name: str
    type: Type
    documentation: str
    optional: bool = False


class Structure(msgspec.Struct, frozen=True):
    """An object."""

    name: str
    properties: tuple[Property, ...]
    documentation: str
    since: str


class Value(msgspec.Struct, frozen=True):
    """One value of an enumeration; without a `since` of its own it is as old as that."""

    name: str
    value: str
    documentation: str
    since: str = ""


class Enumeration(msgspec.Struct, frozen=True):
    """A text that is one of a few."""

    name: str
    values: tuple[Value, ...]
    documentation: str
    since: str


class Alias(msgspec.Struct, frozen=True):
    """Another name for a type."""

    name: str
    type: Type
    documentation: str
    since: str


class Message(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A request, which has a result, or a notification, which has none."""

    method: str
    type_name: str
    message_direction: str
    params: Reference
    result: Type | None = None
    documentation: str
    since: str
    deprecated: str = ""

    @property
    def name(self) -> str:
        """The method without what all of ours begin with: `serverStatus`."""
        return self.method.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Command:
    """What a client sends through `workspace/executeCommand`, with the types of its argument and its result."""

    name: str
    command: str
    documentation: str
    since: str

    @property
    def argument(self) -> str:
        """The name of what it takes."""
        return f"{self.name}Argument"

    @property
    def result(self) -> str:
        """The name of what it answers."""
        return f"{self.name}Result"


class _MetaData(msgspec.Struct, frozen=True):
    version: str


class Model(msgspec.Struct, frozen=True, rename="camel"):
    """All of our own messages."""

    meta_data: _MetaData
    requests: tuple[Message, ...]
    notifications: tuple[Message, ...]
    structures: tuple[Structure, ...]
    enumerations: tuple[Enumeration, ...]
    type_aliases: tuple[Alias, ...]

    @property
    def version(self) -> str:
        """The newest version of the protocol."""
        return self.meta_data.version

    @property
    def messages(self) -> tuple[Message, ...]:
        """Requests, then notifications."""
        return (*self.requests, *self.notifications)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The values of the enumeration `Command`."""
        found = next(each for each in self.enumerations if each.name == "Command")
        return tuple(
            Command(each.name, each.value, each.documentation, each.since or found.since) for each in found.values
        )


def load() -> Model:
    """The model that is committed; raises `BadModel`."""
    return read((FOLDER / "agent-server.json").read_text("utf-8"))


def examples() -> Mapping[str, Mapping[str, Any]]:
    """For each method and command an example: `params` and `result`, or `argument` and `result`."""
    found: Mapping[str, Mapping[str, Any]] = json.loads((FOLDER / "examples.json").read_text("utf-8"))
    return found


def read(source: str) -> Model:
    """The model in `source`, which is JSON; raises `BadModel`."""
    document = json.loads(source)
    _refuse(_against_meta_model(document))
    try:
        model = msgspec.convert(document, Model)
    except msgspec.ValidationError as error:
        raise BadModel(f"Our generators do not know this: {error}") from error
    _refuse(_names(model))
    return model


def _refuse(problems: Iterator[str]) -> None:
    lines = list(problems)
    if lines:
        raise BadModel("\n".join(lines))


def _against_meta_model(document: Any) -> Iterator[str]:
    schema = json.loads((FOLDER / "meta-model.schema.json").read_text("utf-8"))
    for error in Draft202012Validator(schema).iter_errors(document):
        yield f"{error.json_path}: {error.message}"


def _names(model: Model) -> Iterator[str]:
    """Names that are given twice, and names that nothing has."""
    parts = (model.structures, model.enumerations, model.type_aliases)
    names = [each.name for part in parts for each in part]
    counts = Counter([*names, *(each.method for each in model.messages)])
    yield from (f"{name} is there {times} times." for name, times in counts.items() if times > 1)
    for used in (*references(model), *(part for each in model.commands for part in (each.argument, each.result))):
        if used not in counts:
            yield f"{used} is used, but is nowhere."


def references(part: Any) -> Iterator[str]:
    """The names that a part of the model refers to."""
    if isinstance(part, Reference):
        yield part.name
    elif isinstance(part, msgspec.Struct):
        yield from references([getattr(part, field) for field in part.__struct_fields__])
    elif isinstance(part, list | tuple):
        for each in part:
            yield from references(each)
