"""JSON values for messages: such as a type asks for, and such as nobody asks for. Pure: all chance is in a `Random`."""

import json
import typing
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from enum import Enum
from functools import cache
from random import Random
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs
from lsprotocol import types

Json = Any
T = TypeVar("T")

_SCALARS: Mapping[type, tuple[Json, ...]] = {
    str: ("", "x", "wörd 🦀", "a\u2028b", "tab\there", "\x00", "x" * 3_000, "`a` [b](c)"),
    int: (0, 1, 2, 5, 40, 2**31 - 1),
    float: (0.0, 0.5, 3.0),
    bool: (True, False),
}
_TOO_DEEP = 6
_SPOILT_DEPTH = 12
_NESTED = '{"a":' * 150 + "1" + "}" * 150
_MESSAGE = {"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": None}

JUNK: tuple[Json, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**31,
    10**30,
    -(10**30),
    "",
    "here",
    "\ud800",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    _MESSAGE,
    [_MESSAGE],
    {"result": 1, "jsonrpc": "2.0", "id": 1},
    json.loads(_NESTED),
)
"""What stands where something else belongs."""

# Where a document position may point to: into a text, between the halves of a surrogate pair, past every end.
_NUMBERS: tuple[Json, ...] = (0, 0, 1, 1, 2, 3, 4, 7, 9, 12, 30, 500, 2**31 - 1, 2**31, 2**53, -1, 0.5, 10**30)
_VERSIONS: tuple[Json, ...] = (-5, 0, 1, 2, 3, 2**31 - 1, 2**31, None)


class Values:
    """Values for one session. `uris` and `texts` are what documents may be called and hold; `commands` are names."""

    def __init__(
        self, chance: Random, uris: Sequence[str], texts: Sequence[str], commands: Sequence[str], tokens: Sequence[Json]
    ) -> None:
        self.chance = chance
        self.version = 1
        self._named: Mapping[str, Callable[[], Json]] = {
            "uri": lambda: chance.choice(uris),
            "targetUri": lambda: chance.choice(uris),
            "oldUri": lambda: chance.choice(uris),
            "newUri": lambda: chance.choice(uris),
            "text": lambda: chance.choice(texts),
            "newText": lambda: chance.choice(texts),
            "line": lambda: chance.choice(_NUMBERS[: self._reach()]),
            "character": lambda: chance.choice(_NUMBERS[: self._reach()]),
            "version": self._version,
            "command": lambda: chance.choice(commands),
            "arguments": lambda: [{"uri": chance.choice(uris), "wave": chance.choice((1, 2, 0, "1"))}],
            "processId": lambda: None,
            "languageId": lambda: chance.choice(("markdown", "plaintext", "agent-plan", "")),
            "token": lambda: chance.choice(tokens),
        }

    def of(self, wanted: Any, depth: int = 0) -> Json:
        """A value that fits a type of lsprotocol, or nearly: positions, versions and names are from hostile pools."""
        if get_origin(wanted) is not None:
            return self._of_generic(get_origin(wanted), get_args(wanted), depth)
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return self.chance.choice(list(wanted)).value
        if isinstance(wanted, type) and attrs.has(wanted):
            return self._object(wanted, depth)
        if wanted in _SCALARS:
            return self.chance.choice(_SCALARS[wanted])
        return self.chance.choice(JUNK) if wanted in {Any, object} else None

    def of_model(self, wanted: Mapping[str, Any], model: Mapping[str, Any], depth: int = 0) -> Json:
        """A value that fits a type in the form of LSP's metaModel; references are looked up in `model`."""

        def inner(kind: Mapping[str, Any]) -> Json:
            return self.of_model(kind, model, depth + 1)

        value: Json = self.chance.choice(JUNK)
        match wanted["kind"]:
            case "base":
                kinds = {"integer": int, "uinteger": int, "decimal": float, "boolean": bool, "null": NoneType}
                uri = wanted["name"] in {"DocumentUri", "URI"}
                value = self._named["uri"]() if uri else self.of(kinds.get(wanted["name"], str))
            case "array":
                count = self.chance.choice((0, 1, 2)) if depth < _TOO_DEEP else 0
                value = [inner(wanted["element"]) for _ in range(count)]
            case "map":
                value = {"key": inner(wanted["value"])}
            case "or":
                value = inner(self.chance.choice(wanted["items"]))
            case "reference":
                value = self._of_reference(wanted["name"], model, inner)
            case "literal":
                value = {each["name"]: inner(each["type"]) for each in wanted["value"]["properties"]}
        return value

    def spoilt(self, value: Json) -> Json:
        """The value with one to three faults: parts missing, of another type, doubled, too many, too deep."""
        whole = [json.loads(json.dumps(value))]
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            holder, key = self.chance.choice(list(_places(whole)))
            self._spoil(holder, key)
        return whole[0] if whole else None

    def _of_generic(self, origin: Any, options: Sequence[Any], depth: int) -> Json:
        if origin in {Union, UnionType}:
            kinds = [option for option in options if option is not NoneType] if depth < _TOO_DEEP else options[-1:]
            return self.of(self.chance.choice(kinds), depth + 1)
        if origin is typing.Literal:
            return self.chance.choice(options)
        if origin is tuple:
            return [self.of(option, depth + 1) for option in options if option is not Ellipsis]
        if issubclass(origin, Mapping):
            return {"key": self.of(options[1], depth + 1)} if depth < _TOO_DEEP else {}
        count = self.chance.choice((0, 1, 1, 2)) if depth < _TOO_DEEP else 0
        return [self.of(options[0], depth + 1) for _ in range(count)]

    def _spoil(self, holder: Any, key: Any) -> None:
        kind = self.chance.randrange(6)
        if kind == 0 and isinstance(holder, dict):
            del holder[key]
        elif kind == 1 and isinstance(holder[key], dict):
            holder[key] = {**holder[key], "more": deepcopy(self.chance.choice(JUNK))}
        elif kind == 2:
            holder[key] = [holder[key]]
        elif kind == 3 and isinstance(holder[key], list):
            holder[key] = holder[key] * self.chance.choice((2, 40))
        else:
            holder[key] = deepcopy(self.chance.choice(JUNK))

    def _object(self, kind: type, depth: int) -> Json:
        found: dict[str, Json] = {}
        for name, wanted, optional in _fields(kind):
            if optional and (depth > 3 or self.chance.random() < 0.6):
                continue
            special = self._named.get(name)
            found[name] = special() if special else self.of(wanted, depth + 1)
        if kind is types.Range and self.chance.random() < 0.1:
            found["start"], found["end"] = found["end"], found["start"]
        return found

    def _of_reference(self, name: str, model: Mapping[str, Any], inner: Callable[[Any], Json]) -> Json:
        for each in model["structures"]:
            if each["name"] == name:
                return {part["name"]: inner(part["type"]) for part in each["properties"]}
        for each in model["enumerations"]:
            if each["name"] == name:
                return self.chance.choice(each["values"])["value"]
        for each in model["typeAliases"]:
            if each["name"] == name:
                return inner(each["type"])
        return None

    def _reach(self) -> int:
        """How far into the pool of numbers this one may come from: mostly not to those that never fit."""
        return len(_NUMBERS) if self.chance.random() < 0.06 else 13

    def _version(self) -> Json:
        if self.chance.random() < 0.2:
            return self.chance.choice(_VERSIONS)
        self.version += 1
        return self.version


def is_plain(value: Json, depth: int = 0) -> bool:
    """Whether every JSON reader can take the value: no lone surrogates, no numbers over 64 bits, not nested deeply."""
    if depth > 100:
        return False
    if isinstance(value, dict):
        return all(is_plain(key) and is_plain(each, depth + 1) for key, each in value.items())
    if isinstance(value, list):
        return all(is_plain(each, depth + 1) for each in value)
    if isinstance(value, str):
        return not any("\ud800" <= each <= "\udfff" for each in value)
    return not isinstance(value, int) or -(2**63) <= value < 2**63


def _places(value: Json, depth: int = 0) -> typing.Iterator[tuple[Any, Any]]:
    """Every place in a value, not too deep, as a container and a key or an index."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        if depth < _SPOILT_DEPTH:
            yield from _places(value[key], depth + 1)


@cache
def _fields(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    """The fields of a class of lsprotocol: their names in JSON, their types, and whether they may be left out."""
    attrs.resolve_types(kind)
    return tuple((_camel(each.name), each.type, each.default is not attrs.NOTHING) for each in attrs.fields(kind))


def _camel(name: str) -> str:
    first, *others = name.rstrip("_").split("_")
    return first + "".join(map(str.capitalize, others))
