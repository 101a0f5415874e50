import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from protocol import generate, model

SOURCE = Path("protocol/agent-server.json").read_text("utf-8")
SCHEMA = json.loads(Path("protocol/meta-model.schema.json").read_text("utf-8"))
EMPTY = {
    "metaData": {"version": "1.0.0"},
    "requests": [],
    "notifications": [],
    "structures": [],
    "enumerations": [],
    "typeAliases": [],
}


def broken(change: Callable[[Any], object]) -> str:
    document = json.loads(SOURCE)
    change(document)
    return json.dumps(document)


def test_the_meta_schema_is_a_schema_and_applies_to_the_root() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert Draft202012Validator(SCHEMA).is_valid(EMPTY)
    assert not Draft202012Validator(SCHEMA).is_valid({})
    without = {name: value for name, value in SCHEMA.items() if name != "$ref"}
    assert Draft202012Validator(without).is_valid({}), "the root `$ref` is what does it"


def test_the_meta_schema_takes_all_that_the_form_has() -> None:
    text, none = {"kind": "base", "name": "string"}, {"kind": "base", "name": "null"}
    field = {"name": "a", "type": text, "optional": True, "since": "1", "sinceTags": ["1"], "proposed": True}
    kinds = [
        {"kind": "reference", "name": "A"},
        {"kind": "array", "element": text},
        {"kind": "map", "key": text, "value": none},
        {"kind": "map", "key": {"kind": "reference", "name": "A"}, "value": none},
        {"kind": "and", "items": [text]},
        {"kind": "or", "items": [text, none]},
        {"kind": "tuple", "items": [text, text]},
        {"kind": "literal", "value": {"properties": [field]}},
        {"kind": "stringLiteral", "value": "a"},
        {"kind": "integerLiteral", "value": 1},
        {"kind": "booleanLiteral", "value": True},
    ]
    request = {"method": "a/b", "messageDirection": "both", "params": kinds, "result": none, "errorData": text}
    document = {
        **EMPTY,
        "requests": [{**request, "partialResult": text, "registrationMethod": "a", "registrationOptions": text}],
        "notifications": [{"method": "a/c", "messageDirection": "both", "deprecated": "No more."}],
        "structures": [{"name": "A", "properties": [field], "extends": kinds[:1], "mixins": kinds[:1]}],
        "enumerations": [
            {
                "name": "E",
                "type": {"kind": "base", "name": "uinteger"},
                "values": [{"name": "One", "value": 1}],
                "supportsCustomValues": True,
            }
        ],
        "typeAliases": [{"name": "B", "type": kind} for kind in kinds],
    }
    assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda it: it.clear(), "$: 'metaData' is a required property"),
        (lambda it: it.update(extra=1), "$: Additional properties are not allowed ('extra' was unexpected)"),
        (lambda it: it["requests"][0].pop("result"), "$.requests[0]: 'result' is a required property"),
        (lambda it: it["requests"][0].update(messageDirection="up"), "$.requests[0].messageDirection: 'up' is not"),
        (lambda it: it["notifications"][0].update(result=None), "$.notifications[0]: Unevaluated properties"),
        (lambda it: it["structures"][0]["properties"][0].update(typ=1), "$.structures[0].properties[0]: Unevaluated"),
        (
            lambda it: it["structures"][0]["properties"][0].update(type={"kind": "base", "name": "int"}),
            "$.structures[0].properties[0].type.name: 'int' is not one of",
        ),
        (
            lambda it: it["structures"][0]["properties"][0].update(type={"kind": "array"}),
            "$.structures[0].properties[0].type: 'element' is a required property",
        ),
        (lambda it: it["enumerations"][0].update(type={"kind": "base", "name": "URI"}), "$.enumerations[0].type.name"),
        (lambda it: it["typeAliases"][0]["type"].update(name="Nobody"), "Nobody is used, but is nowhere."),
        (lambda it: it["structures"].append(it["structures"][0]), "StatusParams is there 2 times."),
        (
            lambda it: it["enumerations"][-1]["values"][0].update(name="Bless"),
            "BlessArgument is used, but is nowhere.\nBlessResult is used, but is nowhere.",
        ),
        (
            lambda it: it["structures"][0]["properties"][0].update(type={"kind": "tuple", "items": []}),
            "Our generators do not know this: Invalid value 'tuple'",
        ),
        (lambda it: it["structures"][0].pop("documentation"), "Our generators do not know this: Object missing"),
    ],
)
def test_a_broken_model_is_refused_with_its_place(change: Callable[[Any], object], told: str) -> None:
    with pytest.raises(model.BadModel) as refused:
        model.read(broken(change))
    assert told in str(refused.value)


def test_check_fails_on_a_broken_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "agent-server.json").write_text("{}")
    (tmp_path / "meta-model.schema.json").write_text(json.dumps(SCHEMA))
    monkeypatch.setattr(model, "FOLDER", tmp_path)
    assert generate.main(["--check"]) == 1
    assert "'metaData' is a required property" in capsys.readouterr().out
