"""What the VS Code extension says of the server and of plans: the same as they say themselves."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import BUILT_IN_AGENTS, Severity, Tier
from agent_server.cli import main
from agent_server.plan.fields import FIELDS, Shape
from agent_server.plan.native import parse
from agent_server.settings import NAMES, read_settings
from agent_server.settings.layers import OPEN_TO_WORKSPACES
from agent_server.settings.readers import TABLES, TRUSTED

CLIENT = Path("editor_clients/vscode").resolve()
OFFERED: dict[str, dict[str, Any]] = {
    name.removeprefix("agentServer."): schema
    for group in json.loads((CLIENT / "package.json").read_text())["contributes"]["configuration"]
    for name, schema in group["properties"].items()
}
OF_TYPE: dict[str, Any] = {"boolean": True, "integer": 3, "number": 2.5, "string": "text"}
SAMPLES: dict[str, Any] = {
    "protected": ["secrets/**"],
    "plans": {"spec-kit": ["docs/features/**/tasks.md"]},
    "prices": {"a-model": {"input": 1, "output": 2, "cache_read": 0.1, "cache_write": 1.2, "tier": "fast"}},
    "backends": {
        "mine": {
            "protocol": "acp",
            "command": ["mine"],
            "prompt": "stdin",
            "output": "text",
            "mode": "code",
            "variables": ["KEY"],
            "logins": [".mine"],
            "unseen": [".mine.toml"],
        }
    },
}


def in_editor(name: str) -> str:
    return re.sub(r"_(.)", lambda found: found[1].upper(), name)


def names_sent() -> set[str]:
    source = (CLIENT / "src/server/settings.ts").read_text()
    listed = source[source.index("SERVER_SETTINGS = [") : source.index("] as const")]
    return set(re.findall(r'"(\w+)"', listed))


def values(name: str, schema: dict[str, Any]) -> Iterator[Any]:
    """Values that VS Code would let pass."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if name in SAMPLES:
        yield SAMPLES[name]
    elif "enum" in schema:
        yield from (value for value in schema["enum"] if value is not None)
    elif "object" in kinds:
        for key, entry in schema["properties"].items():
            yield from ({key: value} for value in entry.get("enum") or [OF_TYPE[entry["type"]]])
    else:
        yield OF_TYPE[kinds[0]]


def test_the_extension_sends_every_setting_and_no_other() -> None:
    assert names_sent() == NAMES - {TRUSTED}
    assert {in_editor(name) for name in names_sent()} <= OFFERED.keys()


@pytest.mark.parametrize("name", sorted(NAMES - {TRUSTED}))
def test_the_server_takes_what_vscode_lets_pass(name: str) -> None:
    for value in [OFFERED[in_editor(name)]["default"], *values(name, OFFERED[in_editor(name)])]:
        assert read_settings({name: value})[1] == ()


def test_a_workspace_can_set_no_more_than_in_a_file_of_its_own() -> None:
    open_in_editor = {name for name in NAMES - {TRUSTED} if OFFERED[in_editor(name)]["scope"] != "machine"}
    # What a workspace says in VS Code comes as the editor's word, so its rules could be made quieter.
    assert open_in_editor == OPEN_TO_WORKSPACES - {"severities"}


def test_rules_tiers_and_agents_are_the_servers() -> None:
    severities = OFFERED["severities"]["properties"]
    assert {code: each["description"] for code, each in severities.items()} == {
        code: rule.summary for code, rule in RULES.items()
    }
    assert all(each["enum"] == [str(severity) for severity in Severity] for each in severities.values())
    for name in TABLES.keys() - {"severities", "prices", "backends", "plans"}:
        assert list(OFFERED[in_editor(name)]["properties"]) == [str(tier) for tier in Tier], name
    assert set(OFFERED["agent"]["examples"]) == set(BUILT_IN_AGENTS)


def test_the_program_says_its_version_as_the_extension_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    [pattern] = re.findall(r"= /(\^agent-server .*)/m\.exec", (CLIENT / "src/server/finding.ts").read_text())
    assert re.search(pattern, capsys.readouterr().out, re.MULTILINE)


def test_the_demo_is_made_as_the_extension_asks_and_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENT_SERVER_STATE_DIR", str(tmp_path / "state"))
    [words] = re.findall(r"const given = \[(.*)\];", (CLIENT / "src/start/demo.ts").read_text())
    folder = tmp_path / "site"
    folder.mkdir()
    assert main([str(folder) if word == "folder" else json.loads(word) for word in words.split(", ")]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert Path(said["folder"]).samefile(folder)
    assert Path(said["firstTry"]).is_file()


@pytest.mark.parametrize("name", ["Plan", "Task", "Task after another", "Wave"])
def test_snippets_make_plans_without_a_problem(name: str) -> None:
    snippet = json.loads((CLIENT / "snippets/plan.json").read_text())[name]
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", "\n".join(snippet["body"])).replace("other-task", "other")
    plan, problems = parse(f"{text}\n\n## other: Do more\n- writes: `more`\n\nDo it.\n")
    assert len(plan.tasks) > 1
    assert problems == ()


def test_the_grammar_knows_the_fields() -> None:
    grammar = json.loads((CLIENT / "syntaxes/plan.tmLanguage.json").read_text())
    assert fields_in(grammar["repository"]["field"]["begin"]) == list(FIELDS)


def test_a_list_goes_on_below_the_fields_that_take_one() -> None:
    [rule] = json.loads((CLIENT / "language-configuration.json").read_text())["onEnterRules"]
    assert fields_in(rule["beforeText"]) == [name for name, kind in FIELDS.items() if kind.shape is Shape.LIST]


def fields_in(pattern: str) -> list[str]:
    [names] = re.findall(r"\((\w+(?:\|\w+)+)\)", pattern)
    return str(names).split("|")
