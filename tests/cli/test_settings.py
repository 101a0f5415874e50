"""Settings: a slip in one of them is said, keeps its default, and takes nothing down."""

from pathlib import Path
from typing import Any

import pytest

from agent_server.analysis.settings import AnalysisSettings
from agent_server.settings import Settings, read_settings, user_layer


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"agnets": 3}, "Did you mean `agents`?"),
        ({"speed": float("inf")}, "`speed` takes a number above 0"),
        ({"speed": float("nan")}, "`speed` takes a number above 0"),
        ({"verify_minutes": 10**400}, "`verify_minutes` takes a number above 0"),
        ({"minutes": {"fast": float("inf")}}, "`minutes.fast` takes a number above 0"),
        ({"minutes": {"quick": 1}}, "takes `fast`, `default` and `capable`"),
        ({"severities": {"no-verify": ["off"]}}, "`severities.no-verify` is one of `error`"),
        ({"severities": "off"}, "takes a table with an entry for each rule"),
        ({"severities": {"no-verfy": "off"}}, "Did you mean `no-verify`?"),
        ({"protected": ["../secrets"]}, "a glob that cannot be used"),
        ({"protected": "secrets"}, "a list of globs"),
        ({"plans": ["tasks.md"]}, "takes a table with an entry for each format"),
        ({"plans": {"speckit": ["a/tasks.md"]}}, "there is no format `speckit`. Did you mean `spec-kit`?"),
        ({"plans": {"xyz": ["a/tasks.md"]}}, "there is no format `xyz`. Known are agent-plan, "),
        ({"plans": {"spec-kit": "a/tasks.md"}}, "`plans.spec-kit` takes a list of globs"),
        ({"plans": {"spec-kit": ["a/**"]}}, "takes any file for a plan"),
        ({"plans": {"spec-kit": ["{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}.md"]}}, "stand for too many globs"),
        ({"plans": {"spec-kit": ["a.md"] * 65}}, "at most 64 globs"),
        ({"isolation": ["copy"]}, "`overlay`, `worktree`, `copy` or `auto`"),
        ({"agents": True}, "a whole number from 1"),
    ],
)
def test_a_slip_is_said_and_keeps_the_default(values: dict[str, Any], message: str) -> None:
    settings, problems = read_settings(values)
    assert message in problems[0]
    assert settings == Settings()


def test_what_a_user_protects_comes_on_top() -> None:
    settings, problems = read_settings({"protected": ["secrets/**"]})
    assert not problems
    assert settings.analysis.protected == (*AnalysisSettings().protected, "secrets/**")


@pytest.mark.parametrize("home", ["~nobody-of-that-name/x", "/no/such/folder"])
def test_a_folder_that_is_not_there_stays_as_it_is_written(home: str) -> None:
    settings, problems = read_settings({"transcripts": home})
    assert not problems
    assert settings.execution.transcripts == Path(home)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"agents = ", "Invalid value"), (b"\xff", "utf-8"), (None, "directory")]
)
def test_a_file_that_cannot_be_read_is_said_without_jargon(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "settings.toml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    layer = user_layer({"AGENT_SERVER_SETTINGS": str(file)})
    assert layer.values == {}
    (problem,) = map(str, layer.problems)
    assert problem.startswith(f"In `{file}`")
    assert "The file could not be read: " in problem
    assert reason in problem
    assert "Errno" not in problem
