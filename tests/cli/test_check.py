import json
import os
import subprocess
from pathlib import Path

import pytest

from agent_server.cli import main
from tests.e2e.raw_client import ENTRY

CONFLICT = """\
---
verify: make
---
# Two

## Wave 1

### a: First
- writes: `nav.py`

Add the first link to the navigation.

### b: Second
- writes: `nav.py`

Add the second link to the navigation.
"""
SOUND = (
    CONFLICT.replace("## Wave 1\n\n", "").replace("### ", "## ").replace("`nav.py`\n\nAdd the s", "`b.py`\n\nAdd the s")
)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "nav.py").write_text("LINKS = []\n")
    path = tmp_path / "x.plan.md"
    path.write_text(CONFLICT)
    return path


def test_findings_are_printed_as_compilers_print_them(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(plan)]) == 1
    out = capsys.readouterr().out
    assert f"{plan}:9:12: error[write-conflict]" in out
    assert out.splitlines()[-1].startswith("1 plan checked: 2 errors")


def test_a_sound_plan_passes(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.write_text(SOUND)
    assert main(["check", str(plan)]) == 0
    assert capsys.readouterr().out.endswith("1 plan checked: 0 errors, 0 warnings.\n")


def test_strict_fails_on_warnings_too(plan: Path) -> None:
    plan.write_text(SOUND.replace("---\nverify: make\n---\n", ""))
    assert main(["check", str(plan)]) == 0
    assert main(["check", "--strict", str(plan)]) == 1


def test_json_is_the_report(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--format", "json", str(plan)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["version"] == 1
    assert found["plans"][0]["path"] == "x.plan.md"
    assert found["plans"][0]["diagnostics"][0]["range"]["start"] == {"line": 8, "character": 11}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "There is no file"),
        (lambda path: path.write_bytes(b"# \xff\n"), "is not UTF-8"),
        (lambda path: path.symlink_to(path), "could not be read"),
    ],
)
def test_what_cannot_be_read_is_said_and_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: object, message: str
) -> None:
    path = tmp_path / "y.plan.md"
    assert callable(make)
    make(path)
    assert main(["check", str(path)]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_no_plan_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n")
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr().err
    assert f"`{path}` is not a plan that can be read." in said
    assert "`*.plan.md`" in said
    assert "spec-kit" in said
    assert "the setting `plans`" in said


def test_bad_settings_are_said_and_do_not_stop_the_check(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.toml").write_text('agnets = 3\n[severities]\n"no-verify" = "loud"\n')
    main(["check", str(plan)])
    err = capsys.readouterr().err
    assert "Did you mean `agents`?" in err
    assert "severities" in err


def test_a_severity_can_be_set(plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text('severities = {write-conflict = "off"}\n')
    assert main(["check", str(plan)]) == 0
    assert "write-conflict" not in capsys.readouterr().out


def test_bad_usage_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["chekc"])
    assert caught.value.code == 2
    assert "check" in capsys.readouterr().err


def test_a_report_is_about_one_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plans = [tmp_path / name / "x.plan.md" for name in ("one", "two")]
    for plan in plans:
        plan.parent.mkdir()
        (plan.parent / "pyproject.toml").touch()
        plan.write_text(SOUND)
    assert main(["check", *map(str, plans)]) == 0
    assert main(["check", "--format", "json", *map(str, plans)]) == 2
    assert f"`{tmp_path / 'two'}`" in capsys.readouterr().err


def test_plans_of_one_workspace_do_not_disturb_each_other(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (plan.parent / "pyproject.toml").touch()
    other = plan.with_name("sound.plan.md")
    other.write_text(SOUND)
    assert main(["check", "--format", "json", str(other), str(plan)]) == 1
    found = json.loads(capsys.readouterr().out)["plans"]
    assert [each["path"] for each in found] == ["sound.plan.md", "x.plan.md"]
    assert [bool(each["diagnostics"]) for each in found] == [False, True]


def test_a_reader_that_has_seen_enough_is_no_error(plan: Path) -> None:
    command = [*ENTRY, "check", str(plan)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


def test_an_old_terminal_gets_what_it_can_show(plan: Path) -> None:
    command = [*ENTRY, "waves", str(plan)]
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "2 tasks" in done.stdout
