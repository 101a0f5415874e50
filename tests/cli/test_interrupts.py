"""Ctrl-C: every command exits with 130, and what must go to its end goes there first."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent_server.cli import main
from agent_server.execution.executor import Executor
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.outcomes import INTERRUPTED
from tests.cli.terminal import terminal
from tests.cli.two_tasks import PLAN, done, last, made
from tests.e2e.raw_client import ENTRY
from tests.execution.agents import states

_AGENTS = ("run", "retry", "repair", "land", "discard", "undo", "demo")
"""The commands that work in an event loop."""

_OTHERS = {
    "lsp": ("agent_server.daemon.forwarder.forward", ()),
    "check": ("agent_server.cli.check.find_plans", (PLAN,)),
    "convert": ("agent_server.cli.convert.read_plan", (PLAN,)),
    "waves": ("agent_server.cli.waves.read_plan", (PLAN,)),
    "brief": ("agent_server.cli.brief.read_plan", (PLAN, "a")),
    "history": ("agent_server.execution.records.record.RunStore.recent", ()),
    "show": ("agent_server.execution.records.record.RunStore.latest", (PLAN,)),
    "diff": ("agent_server.execution.records.record.RunStore.latest", (PLAN,)),
    "rule": ("agent_server.cli.rule.page_of", ("write-conflict",)),
    "rules": ("agent_server.cli.rules.workspace_settings", ()),
    "status": ("agent_server.daemon.control.running", ()),
    "stop": ("agent_server.daemon.hung.serving", ()),
    "logs": ("agent_server.daemon.ownership.state_of", ()),
    "doctor": ("agent_server.cli.doctor.findings", ()),
}
"""For each of the other commands, what it calls on its way, and its arguments."""

_SLOW_LANDING = """
import sys, time
from pathlib import Path
from agent_server.cli import main
from agent_server.execution.landing.landing import Lander

land, undo = Lander.land, Lander.undo

def waiting(do):
    def done(*arguments, **named):
        print("IN THE MIDDLE", flush=True)
        while not Path("go-on").exists():
            time.sleep(0.01)
        return do(*arguments, **named)
    return done

Lander.land, Lander.undo = waiting(land), waiting(undo)
raise SystemExit(main())
"""
"""The command line, with landings that wait for a file."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plan = made(tmp_path / "workspace", tmp_path / "settings.toml")
    monkeypatch.chdir(plan.parent)
    return plan.parent


class Started:
    """A command that has been started without a terminal, and what it prints."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.printed = ""

    def until(self, wanted: str) -> None:
        """Wait until a line with this has been printed."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if wanted in line:
                return
        raise AssertionError(f"{wanted} is not in:\n{self.printed}")

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def status(self) -> int:
        """Wait for its end; its exit status."""
        self.printed += self.process.communicate(timeout=60)[0]
        assert "Traceback" not in self.printed
        return self.process.returncode


@contextmanager
def started(root: Path, *command: str, entry: Sequence[str] = ENTRY) -> Iterator[Started]:
    """The command in that folder, whoever runs the tests and however they take Ctrl-C."""
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*entry, *command],
        cwd=root,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # no threads here
    )
    try:
        yield Started(process)
    finally:
        process.kill()
        process.communicate()


def press(*_: Any, **__: Any) -> None:
    """Press Ctrl-C, as it were."""
    signal.raise_signal(signal.SIGINT)


def test_no_command_is_left_out() -> None:
    from agent_server.cli.main import COMMANDS  # late: where it is imported, `agent_server.cli.main` is a module

    assert {*_AGENTS, *_OTHERS} == set(COMMANDS)


@pytest.mark.parametrize("command", _OTHERS)
def test_a_command_that_is_broken_off_exits_with_130(
    root: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place, arguments = _OTHERS[command]
    monkeypatch.setattr("agent_server.daemon.forwarder.is_for_editors", lambda: True)
    monkeypatch.setattr(place, press)
    assert main([command, *arguments]) == INTERRUPTED
    assert "Traceback" not in capsys.readouterr().err


def test_a_server_of_its_own_is_broken_off_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def served() -> None:
        press()
        await asyncio.sleep(60)

    monkeypatch.setattr("agent_server.daemon.forwarder.is_for_editors", lambda: True)
    monkeypatch.setattr("agent_server.daemon.sessions.serve_standard_streams", served)
    assert main(["lsp", "--standalone"]) == INTERRUPTED


@pytest.mark.parametrize("command", _AGENTS)
def test_a_command_with_a_loop_is_broken_off_before_it_has_begun(
    root: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command not in {"run", "demo"}:
        assert main(["run", PLAN, "--approve"]) == 1
    before = (root / PLAN).read_text()

    async def recovering(_: Executor) -> tuple[str, ...]:
        press()
        await asyncio.sleep(60)
        return ()

    monkeypatch.setattr(Executor, "recover", recovering)
    arguments = ["--folder", str(tmp_path / "demo")] if command == "demo" else [PLAN]
    assert main([command, *arguments]) == INTERRUPTED
    assert (root / PLAN).read_text() == before


@pytest.mark.parametrize("place", ["Launch? [y/N]", "[v/r/l/p/a/d/q]"])
async def test_at_a_question_nothing_is_begun(root: Path, place: str) -> None:
    async with terminal([*ENTRY, "run", PLAN], root) as shown:
        await shown.until("Launch? [y/N]")
        if place != "Launch? [y/N]":
            shown.type("y")
            await shown.until(place)
        assert await shown.interrupted() == INTERRUPTED
        assert "Traceback" not in shown.text
    assert done(root / PLAN) == 0


async def test_while_pieces_are_chosen_nothing_lands_and_nothing_is_given_up(root: Path) -> None:
    assert subprocess.run([*ENTRY, "run", PLAN, "--approve"], cwd=root, check=False).returncode == 1
    async with terminal([*ENTRY, "land", PLAN, "-p"], root) as shown:
        await shown.until("Land a.txt [y,n,a,d,q,?]?")
        shown.type("n")
        await shown.until("Land more/1.txt")
        assert await shown.interrupted() == INTERRUPTED
        assert "Traceback" not in shown.text
    assert last(root).tasks["a"].changed == ("a.txt", "more/1.txt", "more/2.txt")
    assert states(last(root)) == {"a": "held", "b": "held"}


def test_agents_are_stopped_and_what_is_done_is_kept(root: Path) -> None:
    (root / "wait").touch()
    with started(root, "run", PLAN, "--approve") as run:
        run.until("a: finished")
        run.interrupt()
        assert run.status() == INTERRUPTED
    assert "Stopping the agents. What is done by now is kept." in run.printed
    assert "What can be done now:" in run.printed
    assert last(root).state is RunState.CANCELLED
    assert states(last(root)) == {"a": "held", "b": "cancelled"}
    with started(root, "retry", PLAN) as retry:
        retry.until("b (attempt 2): running")
        retry.interrupt()
        assert retry.status() == INTERRUPTED
    assert states(last(root)) == {"a": "held", "b": "cancelled"}
    assert done(root / PLAN) == 0


def test_a_verification_is_broken_off_and_the_work_is_kept(root: Path) -> None:
    plan = root / PLAN
    plan.write_text(plan.read_text().replace("! grep -Hn bad *.txt", "sleep 600"))
    with started(root, "run", PLAN, "--approve") as run:
        run.until("b: verifying")
        run.interrupt()
        assert run.status() == INTERRUPTED
    assert "Stopping. What the agents made is kept." in run.printed
    assert states(last(root)) == {"a": "held", "b": "held"}
    with started(root, "land", PLAN) as land:
        land.until("b: verifying")
        land.interrupt()
        assert land.status() == INTERRUPTED
    assert states(last(root)) == {"a": "held", "b": "held"}


def test_a_landing_and_an_undoing_go_to_their_end_and_the_plan_says_so(root: Path) -> None:
    plan, driver = root / PLAN, (sys.executable, "-c", _SLOW_LANDING)
    text = plan.read_text().replace('verify: "! grep -Hn bad *.txt"', 'verify: "true"')
    plan.write_text(text.replace("- writes: `b.txt`\n", "- writes: `b.txt`\n- needs: a\n"))
    with started(root, "run", PLAN, "--approve", entry=driver) as run:
        run.until("IN THE MIDDLE")
        run.interrupt()
        run.until("It is landing, which goes to its end.")
        (root / "go-on").touch()
        assert run.status() == INTERRUPTED
    assert "The next wave was not started." in run.printed
    assert last(root).state is RunState.LANDED
    assert (root / "a.txt").exists()
    assert not (root / "b.txt").exists()
    assert done(plan) == 1

    (root / "go-on").unlink()
    with started(root, "undo", PLAN, entry=driver) as undo:
        undo.until("IN THE MIDDLE")
        undo.interrupt()
        (root / "go-on").touch()
        assert undo.status() == INTERRUPTED
    assert last(root).state is RunState.UNDONE
    assert not (root / "a.txt").exists()
    assert done(plan) == 0
