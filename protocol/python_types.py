"""Python types of our own messages, from `agent-server.json` (LSP's metaModel form)."""

import json
from textwrap import wrap
from typing import Any

_BASE = {
    "DocumentUri": "str",
    "URI": "str",
    "boolean": "bool",
    "decimal": "float",
    "integer": "int",
    "string": "str",
    "uinteger": "int",
}
_HEAD = '''"""Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`."""

from typing import Final, Literal, {optional}TypedDict
'''


def render(source: str) -> str:
    """The module `agent_server/lsp/messages.py` for the model in `source` (JSON)."""
    model = json.loads(source)
    head = _HEAD.format(optional="NotRequired, " if _has_optional(model) else "")
    blocks = [_method(each) for each in (*model["requests"], *model["notifications"])]
    blocks += [_enumeration(each) for each in model["enumerations"]]
    blocks += [_structure(each) for each in _referenced_first(model["structures"])]
    return head + "\n" + "\n\n".join(blocks).replace("\n\n\n\n", "\n\n\n")


def _has_optional(model: dict[str, Any]) -> bool:
    return any(each.get("optional") for structure in model["structures"] for each in structure["properties"])


def _method(message: dict[str, Any]) -> str:
    name = message["method"].rpartition("/")[2]
    constant = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)
    return f'{constant}: Final = "{message["method"]}"\n{_docstring(message["documentation"], "")}'


def _enumeration(enumeration: dict[str, Any]) -> str:
    values = ", ".join(f'"{value["value"]}"' for value in enumeration["values"])
    line = f"{enumeration['name']} = Literal[{values}]"
    if len(line) > 120:
        values = "\n".join(f'    "{value["value"]}",' for value in enumeration["values"])
        line = f"{enumeration['name']} = Literal[\n{values}\n]"
    return f"{line}\n{_docstring(enumeration['documentation'], '')}"


def _structure(structure: dict[str, Any]) -> str:
    lines = [f"\nclass {structure['name']}(TypedDict):", _docstring(structure["documentation"], "    "), ""]
    for each in structure["properties"]:
        kind = _type(each["type"])
        lines.append(f"    {each['name']}: {f'NotRequired[{kind}]' if each.get('optional') else kind}")
        lines.append(_docstring(each["documentation"], "    "))
    return "\n".join(lines) + "\n"


def _type(kind: dict[str, Any]) -> str:
    match kind["kind"]:
        case "base":
            return _BASE[kind["name"]]
        case "reference":
            return str(kind["name"])
        case "array":
            return f"list[{_type(kind['element'])}]"
        case "map":
            return f"dict[{_type(kind['key'])}, {_type(kind['value'])}]"
        case other:
            raise ValueError(f"The model uses the kind {other!r}, which this generator does not know yet.")


def _referenced_first(structures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Structures in an order in which each stands after those that it refers to."""
    names = {each["name"]: each for each in structures}
    done: dict[str, dict[str, Any]] = {}

    def visit(structure: dict[str, Any]) -> None:
        used = json.dumps(structure["properties"])
        for name, other in names.items():
            if other is not structure and name not in done and f'"{name}"' in used:
                visit(other)
        done[structure["name"]] = structure

    for structure in structures:
        visit(structure)
    return list(done.values())


def _docstring(text: str, indent: str) -> str:
    if len(text) + len(indent) + 6 <= 120:
        return f'{indent}"""{text}"""'
    first, _, rest = text.partition(". ")
    body = "\n".join(wrap(rest, 118 - len(indent), initial_indent=indent, subsequent_indent=indent))
    return f'{indent}"""{first}.\n\n{body}\n{indent}"""'
