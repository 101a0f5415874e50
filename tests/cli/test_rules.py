"""`agent-server rule` and `agent-server rules`: the reference of the rules, as they are here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent_server.analysis.rules import RULES
from agent_server.cli import main
from tests.e2e.raw_client import ENTRY


def rules(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, object]]:
    assert main(["rules", "--format", "json", *options]) == 0
    return {each["code"]: each for each in json.loads(capsys.readouterr().out)}


def test_a_rules_page_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "write-conflict"]) == 0
    page = Path("agent_server/analysis/rules/pages/write-conflict.md").read_text("utf-8")
    assert capsys.readouterr().out == page


def test_programs_get_a_rule_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "--format", "json", "protected-path"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.pop("page").startswith("# protected-path\n")
    assert found == {
        "code": "protected-path",
        "severity": "error",
        "guards": True,
        "summary": RULES["protected-path"].summary,
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("write-conflct", "Did you mean `write-conflict`?"),
        ("NO_VERIFY", "Did you mean `no-verify`"),
        ("nonsense", "`agent-server rules` lists all."),
        ("../pages/cycle", "There is no rule `../pages/cycle`."),
    ],
)
def test_a_rule_that_is_none_is_told_with_those_that_are_near(
    code: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rule", code]) == 2
    assert message in capsys.readouterr().err


def test_all_rules_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)
    assert all(rule.summary in line for rule, line in zip(RULES.values(), lines, strict=True))
    assert not any("set by" in line for line in lines)


def test_what_settings_changed_is_told_with_who_did_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    user = tmp_path / "settings.toml"
    user.write_text('[severities]\nno-verify = "off"\nhot-file = "error"\n')
    site = tmp_path / "site"
    (site / "deep").mkdir(parents=True)
    (site / "agent-server.toml").write_text('[severities]\nhot-file = "hint"\nprotected-path = "off"\n')
    (site / ".git").mkdir()
    monkeypatch.chdir(site / "deep")
    assert main(["rules"]) == 0
    told = capsys.readouterr()
    lines = {line.split()[0]: line for line in told.out.splitlines()}
    assert lines["no-verify"].split()[1] == "off"
    assert f"(warning by default; set by {user})" in lines["no-verify"]
    assert lines["hot-file"].split()[1] == "hint"
    assert "set by agent-server.toml" in lines["hot-file"]
    assert lines["protected-path"].split()[1] == "error"
    assert "agent-server: In `agent-server.toml`, line 3: A workspace cannot make `protected-path` quieter" in told.err


def test_programs_get_the_rules_as_json_of_any_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.agent-server.severities]\nhot-file = "off"\n')
    found = rules(capsys, str(tmp_path))
    assert list(found) == list(RULES)
    assert found["hot-file"] == {
        "code": "hot-file",
        "severity": "off",
        "default": RULES["hot-file"].severity,
        "set_by": "pyproject.toml",
        "guards": False,
        "summary": RULES["hot-file"].summary,
    }
    assert found["cycle"]["set_by"] is None


def test_a_folder_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "/no/such/folder"]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_on_a_terminal_a_page_is_set_as_text(tmp_path: Path) -> None:
    """A pseudo terminal stands in for a person's; there, Markdown's marks are gone."""
    import pty

    reader, writer = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen([*ENTRY, "rule", "cycle"], stdout=writer, env=environ)
    os.close(writer)
    shown = b""
    try:
        while piece := os.read(reader, 65536):
            shown += piece
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(reader)
    assert process.wait() == 0
    assert b"## What raises it" not in shown
    assert b"What raises it" in shown


@pytest.mark.parametrize("arguments", [["rule", "cycle"], ["rules"]])
def test_they_start_without_what_they_do_not_need(arguments: list[str], tmp_path: Path) -> None:
    heavy = "pygls lsprotocol anthropic rich yaml asyncio agent_server.execution agent_server.analysis.analyse"
    code = (
        f"import sys; from agent_server.cli import main; main({arguments!r}); "
        f"print(*sorted(set({heavy!r}.split()) & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stderr.strip() == ""
