"""What `agent-server check` prints for programs: SARIF, GitHub's annotations, statistics."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft7Validator

from agent_server.analysis.rules import RULES
from agent_server.cli import main
from agent_server.plan.formats import reader_for
from agent_server.plan.model import Edit, apply_edits
from agent_server.plan.text import LineIndex, Position, Span

TASKS = """\
# Tasks: 🧱

## Phase 1: Setup

- [ ] T001 [P] Create the 🧱 in `app/ab.py`
- [ ] T002 [P] Create `app/ab.py`
- [x] T003 Create `c.py`
"""
PLAN = """\
---
verify: make
---
# Two 🧱

## a: 🧱 First
- writes: `a.py`

Write it.

## b: Second
- writes: `🧱.txt`, `a.py`
- reads: `gone.py`

Write it.
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "a workspace"
    (root / "specs/001 🧱").mkdir(parents=True)
    (root / "specs/001 🧱/tasks.md").write_text(TASKS)
    (root / "x.plan.md").write_text(PLAN)
    (root / "pyproject.toml").touch()
    monkeypatch.chdir(root)
    return root


def sarif(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    main(["check", "--output-format", "sarif", *arguments])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def region_in(text: str, region: dict[str, int]) -> Span:
    lines = LineIndex(text)
    start = lines.offset(Position(region["startLine"] - 1, region["startColumn"] - 1))
    return Span(start, lines.offset(Position(region["endLine"] - 1, region["endColumn"] - 1)))


def test_sarif_points_at_what_the_text_points_at(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [run] = sarif(capsys)["runs"]
    told = {(result["ruleId"], place(workspace, result["locations"][0])) for result in run["results"]}
    assert ("write-conflict", ("specs/001 🧱/tasks.md", "[P]")) in told
    assert ("write-conflict", ("x.plan.md", "a.py")) in told
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == f"{workspace.as_uri()}/"
    assert run["invocations"] == [{"executionSuccessful": True}]


def place(root: Path, location: dict[str, Any]) -> tuple[str, str]:
    """The file that a location is in, and what the text says there."""
    physical = location["physicalLocation"]
    assert physical["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    file = unquote(physical["artifactLocation"]["uri"])
    text = (root / file).read_text()
    return file, region_in(text, physical["region"]).of(text)


def test_sarif_tells_rules_levels_and_related_places(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [run] = sarif(capsys, "specs")["runs"]
    rules = run["tool"]["driver"]["rules"]
    conflict = next(result for result in run["results"] if result["ruleId"] == "write-conflict")
    rule = rules[conflict["ruleIndex"]]
    assert (rule["id"], rule["shortDescription"]["text"]) == ("write-conflict", RULES["write-conflict"].summary)
    assert rule["help"]["markdown"].startswith("# write-conflict")
    assert conflict["level"] == "error"
    assert {each["name"] for each in conflict["locations"][0]["logicalLocations"]} == {"T001", "T002"}
    assert [place(workspace, each) for each in conflict["relatedLocations"]] == [("specs/001 🧱/tasks.md", "app/ab.py")]
    assert conflict["message"]["text"].endswith("](1)")


def test_each_fix_of_sarif_is_the_editors(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [run] = sarif(capsys, "x.plan.md", "--select", "write-conflict")["runs"]
    fix = run["results"][0]["fixes"][0]
    assert fix["description"]["text"] == "Run `b` after `a`"
    [change] = fix["artifactChanges"]
    edits = tuple(
        Edit(region_in(PLAN, each["deletedRegion"]), each["insertedContent"]["text"]) for each in change["replacements"]
    )
    after = apply_edits(PLAN, edits)
    reader = reader_for("x.plan.md", after)
    assert reader is not None
    assert [item.text for item in reader.parse(after)[0].tasks[1].needs] == ["a"]


def test_a_finding_is_known_again_when_lines_are_added_above(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def known() -> list[str]:
        results = sarif(capsys, "x.plan.md")["runs"][0]["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    before = known()
    (workspace / "x.plan.md").write_text(PLAN.replace("# Two", "\n\n# Two"))
    assert before
    assert known() == before


# Computed by the reference implementation, which GitHub runs where a file has no fingerprints.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (" a l p h a \r\n\tbeta\r\nalpha\r", ["8d07ce75f7b3af45:1", "ca140c3f893ffa65:1", "26f09ff008857193:1"]),
    ],
)
def test_fingerprints_are_githubs(text: str, expected: list[str]) -> None:
    from agent_server.cli.outputs.fingerprints import LineFingerprints

    fingerprints = LineFingerprints(text)
    assert [fingerprints.of(line) for line in range(len(expected))] == expected


def test_alike_lines_are_counted() -> None:
    from agent_server.cli.outputs.fingerprints import LineFingerprints

    fingerprints = LineFingerprints(("x" * 200 + "\n") * 2)
    first, second = fingerprints.of(0), fingerprints.of(1)
    assert first.removesuffix(":1") == second.removesuffix(":2")


def test_nothing_in_a_message_is_taken_for_a_link() -> None:
    from agent_server.cli.outputs.sarif import _in_link, _plain  # late: as in the other tests of commands

    assert _plain("`app/[id]/x.py` is written") == "`app/[id]/x.py` is written"
    assert _plain("see [x](1)") == r"see \[x\](1)"
    assert _in_link("`[id].py`") == r"`\[id\].py`"


def test_what_cannot_be_read_is_told_in_the_log(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [run] = sarif(capsys, "x.plan.md", "gone.plan.md")["runs"]
    [invocation] = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "There is no file `gone.plan.md`."


@pytest.mark.skipif("AGENT_SERVER_SARIF_SCHEMA" not in os.environ, reason="it takes the official schema of SARIF 2.1.0")
def test_sarif_fits_its_schema(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads(Path(os.environ["AGENT_SERVER_SARIF_SCHEMA"]).read_text())
    for arguments in ([], ["gone.plan.md", "x.plan.md"], ["--select", "no-verify"]):
        Draft7Validator(schema).validate(sarif(capsys, *arguments))


def test_annotations_are_githubs(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output-format", "github", "specs", "--select", "write-conflict"]) == 1
    line, _ = capsys.readouterr().out.splitlines()
    path = workspace / "specs/001 🧱/tasks.md"
    head, message = line.removeprefix("::").split("::", 1)
    assert head == (f"error title=Agent Server (write-conflict),file={path},line=5,endLine=5,col=12,endColumn=14")
    assert message.startswith("`T001` and `T002` both write `app/ab.py`, yet both are marked [P]")


def test_annotations_keep_to_one_line_and_their_properties(
    tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = workspace / "50%,a:b.plan.md"
    odd.write_text("# T\n\n## a: A\n- writes: `100%.py`\n- reads: `gone/100%.py`\n\nWrite it.\n")
    main(["check", "--output-format", "github", str(odd)])
    lines = capsys.readouterr().out.splitlines()
    assert lines
    for line in lines:
        assert "50%25%2Ca%3Ab.plan.md" in line
        assert line.split("::")[1].split(" ")[0] in {"error", "warning", "notice"}
    assert any("100%25.py" in line for line in lines)


def test_statistics_count_by_format_and_rule(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics", "--select", "write-conflict"]) == 1
    head, *rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert head == ["format", "plans", "tasks", "done", "parallel", "conflicts", "plans", "in", "conflict"]
    assert rows[:3] == [
        ["Agent", "Server", "1", "2", "0", "0", "0", "0"],
        ["spec-kit", "1", "3", "1", "2", "1", "1"],
        ["all", "2", "5", "1", "2", "1", "1"],
    ]
    assert ["write-conflict", "3"] in rows


def test_statistics_are_json_where_the_output_is(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics", "--output-format", "json"]) == 1
    counted = json.loads(capsys.readouterr().out)["statistics"]
    assert counted["formats"]["spec-kit"] == {
        "plans": 1,
        "tasks": 3,
        "done": 1,
        "parallel": 2,
        "conflicts": 1,
        "plans_in_conflict": 1,
    }
    assert counted["total"]["tasks"] == 5
    assert counted["rules"]["write-conflict"] == 3
    assert main(["check", "--statistics", "--output-format", "sarif"]) == 2
