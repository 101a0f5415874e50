import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent_server.cli import main
from agent_server.demo.material import GOOD_PLAN, materialise, transcripts_folder
from tests.e2e.raw_client import ENTRY


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return materialise(tmp_path / "site").good_plan


def replayed(plan: Path, *options: str) -> list[str]:
    played = ["--agent", "replay", "--transcripts", str(transcripts_folder()), "--speed", "2000"]
    return ["run", str(plan), *played, *options]


def test_the_demo_runs_to_the_end_and_says_what_was_gained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--speed", "600", "--folder", str(tmp_path / "demo")]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert re.search(r"(?<![/\w])clay-wiki-first-try.plan.md:\d+:\d+: error\[missing-import\]", out)
    assert "hot-file" in out
    gained = re.search(r"45 min of recorded work, one agent after another, took ([\d.]+) min side by side", out)
    assert gained is not None
    assert (tmp_path / "demo/data/clay_wiki.py").is_file()
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=tmp_path / "demo", capture_output=True, text=True, check=True
    )
    assert "data/clay_wiki.py" in status.stdout
    assert subprocess.run([sys.executable, "build.py"], cwd=tmp_path / "demo", check=False).returncode == 0
    take_back = out.partition("Take it back: agent-server ")[2].split()[:2]
    assert main(take_back) == 0
    assert not (tmp_path / "demo/data/clay_wiki.py").exists()


def test_the_demo_does_not_touch_a_folder_that_is_not_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine\n")
    assert main(["demo", "--folder", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err


def test_run_lands_the_plan_and_ticks_it_off(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = plan.read_text("utf-8")
    assert main(replayed(plan, "--approve")) == 0
    out = capsys.readouterr().out
    assert "Wave 1 of clay-wiki.plan.md: 5 agents at once." in out
    assert "data/clay_wiki.py" in out
    after = plan.read_text("utf-8")
    assert after.replace("- status: done\n", "") == before
    assert after.count("- status: done\n") == 5
    assert main(replayed(plan, "--approve")) == 0
    assert "Every task of the plan is done." in capsys.readouterr().out


def test_nothing_runs_without_an_approval(plan: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    command = [*ENTRY, *replayed(plan)]
    asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert asked.returncode == 2
    assert "pass `--approve`" in asked.stderr
    assert not (plan.parent / "data/clay_wiki.py").exists()


def test_an_agent_without_a_key_is_told_before_anybody_is_asked(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(plan), "--agent", "anthropic"]) == 1
    told = capsys.readouterr().out
    assert "The agent `anthropic` cannot work. There is no key for the model." in told
    assert "Wave 1" not in told


def test_recorded_agents_play_in_the_folder_of_a_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the server has them there, whatever agent the user has; what the command line says is said for this run."""
    (tmp_path / "settings.toml").write_text('agent = "claude"\nspeed = 2000\n')
    folder = tmp_path / "demo"
    assert main(["demo", "--only-files", str(folder)]) == 0
    plan = folder / GOOD_PLAN
    plan.write_text(plan.read_text("utf-8").replace("verify: python3 build.py\n", ""), "utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["run", str(plan), "--agent", "anthropic"]) == 1
    assert "The agent `anthropic` cannot work" in capsys.readouterr().out
    assert main(["run", str(plan)]) == 2
    asked = capsys.readouterr().out
    assert "plays recorded agents: no model is asked" in asked
    assert "Then verify with: python3 build.py --draft" in asked
    assert main(["run", str(plan), "--approve"]) == 0
    assert "`python3 build.py --draft` passed" in capsys.readouterr().out


def test_a_plan_with_an_error_does_not_run(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.write_text(plan.read_text("utf-8").replace("imports: `data.clay_wiki`", "imports: `data.claywiki`"))
    assert main(replayed(plan, "--approve")) == 1
    assert "Mend this first" in capsys.readouterr().out


def test_a_build_that_fails_lands_nothing(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan.write_text(plan.read_text("utf-8").replace("verify: python3 build.py", "verify: echo no luck; false"))
    assert main(replayed(plan, "--approve")) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "no luck It fails in the workspace as it is, too" in out
    assert "Nothing landed" in out
    assert not (plan.parent / "data/clay_wiki.py").exists()


async def test_an_interrupt_cancels_the_run(plan: Path) -> None:
    command = [*ENTRY, *replayed(plan, "--approve", "--speed", "1")]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while b"running" not in await process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        rest = (await process.stdout.read()).decode()
        assert await process.wait() == 130
    assert "Stopped" in rest
    assert not (plan.parent / "data/clay_wiki.py").exists()


def test_waves_shows_the_picture(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waves", str(plan)]) == 0
    out = capsys.readouterr().out
    assert "5 tasks · 1 wave · 45 min one by one, 9.4 min in parallel (4.8x)" in out
    assert re.search(r"wave 1 +\* data +█", out)
    assert "critical path: data (9.4 min)" in out


def test_json_names_the_workspace(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--format", "json", str(plan)])
    assert json.loads(capsys.readouterr().out)["workspace"] == str(plan.parent.resolve())


@pytest.mark.parametrize("speed", ["0", "-1", "inf", "nan", "fast"])
def test_a_speed_that_is_none_is_refused(plan: Path, speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*replayed(plan), "--speed", speed])
    assert caught.value.code == 2
    assert "a number above 0" in capsys.readouterr().err
