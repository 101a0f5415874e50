"""Whether a value, as it stands in a message, is what the model in `protocol/` promises: read from the model itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

MODEL = json.loads(Path("protocol/agent-server.json").read_text("utf-8"))
STRUCTURES = {each["name"]: each for each in MODEL["structures"]}
ENUMERATIONS = {each["name"]: {value["value"] for value in each["values"]} for each in MODEL["enumerations"]}
ALIASES = {each["name"]: each["type"] for each in MODEL["typeAliases"]}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return _is_number(value) and isinstance(value, int)


BASE: dict[str, Callable[[object], bool]] = {
    "integer": _is_whole,
    "uinteger": lambda value: _is_whole(value) and value >= 0,  # type: ignore[operator]
    "decimal": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    **dict.fromkeys(("string", "DocumentUri", "URI"), lambda value: isinstance(value, str)),
}


def reference(name: str) -> dict[str, str]:
    return {"kind": "reference", "name": name}


def conforms(value: object, kind: dict[str, Any]) -> bool:
    match kind:
        case {"kind": "base", "name": name}:
            return BASE[name](value)
        case {"kind": "array", "element": element}:
            return isinstance(value, list) and all(conforms(each, element) for each in value)
        case {"kind": "map", "value": element}:
            return isinstance(value, dict) and all(conforms(each, element) for each in value.values())
        case {"kind": "or", "items": items}:
            return any(conforms(value, each) for each in items)
        case {"kind": "reference", "name": name}:
            return _is_a(value, name)
    raise AssertionError(kind)


def _is_a(value: object, name: str) -> bool:
    if name in ALIASES:
        return conforms(value, ALIASES[name])
    if name in ENUMERATIONS:
        return value in ENUMERATIONS[name]
    return isinstance(value, dict) and _has_the_fields(value, STRUCTURES[name]["properties"])


def _has_the_fields(value: dict[str, object], properties: list[dict[str, Any]]) -> bool:
    needed = {each["name"] for each in properties if not each.get("optional")}
    types = {each["name"]: each["type"] for each in properties}
    return needed <= set(value) <= set(types) and all(conforms(value[name], types[name]) for name in value)
