"""Daemons that do not answer: real ones, stopped by a signal as a debugger or a hung disk stops them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_server.cli import main
from agent_server.daemon import control, hung, ownership
from tests.daemon.test_daemon import conflicts, daemons, eventually, is_alive
from tests.e2e.raw_client import DEADLINE, RawClient, ResponseError

IMPATIENT = (
    sys.executable,
    "-c",
    "from agent_server.cli import main; from agent_server.daemon import forwarder; forwarder._SECONDS = 0.3; main()",
)


@pytest.fixture
async def frozen(environ: dict[str, str], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The process of a daemon that has stopped in the midst of its work, for commands that run in this process."""
    monkeypatch.setattr(hung, "PATIENCE", 0.3)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    client = await RawClient.start(environ)
    await conflicts(client, workspace)
    [status] = daemons(environ).values()
    os.kill(status["pid"], signal.SIGSTOP)
    yield status["pid"]
    await client.kill()
    if is_alive(status["pid"]):
        os.kill(status["pid"], signal.SIGKILL)


async def test_an_editor_that_comes_is_told_instead_of_waiting(
    frozen: int, environ: dict[str, str], workspace: Path
) -> None:
    assert is_alive(frozen)
    client = await RawClient.start_program((*IMPATIENT, "lsp"), environ)
    with pytest.raises(ResponseError, match=r"does not answer\. `agent-server stop --force`"):
        await client.initialize(workspace)
    await client.kill()


async def test_it_is_ended_where_that_is_asked_for_and_another_one_follows(
    frozen: int, environ: dict[str, str], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = workspace / "src"
    inside.mkdir()
    assert main(["stop", str(inside)]) == 1
    assert f"`{workspace}` (process {frozen}) does not answer. `--force` ends it" in capsys.readouterr().err
    assert is_alive(frozen)
    assert main(["stop", "--hung", str(inside)]) == 0
    assert f"Ended the daemon of `{workspace}`" in capsys.readouterr().out
    await eventually(lambda: not is_alive(frozen))  # it lets go of its lock a moment before it is gone

    client = await RawClient.start(environ)
    await conflicts(client, workspace)
    assert await client.stop() == 0


async def test_one_that_answers_is_not_ended_for_hanging(
    frozen: int,
    environ: dict[str, str],
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(hung, "PATIENCE", DEADLINE)
    os.kill(frozen, signal.SIGCONT)
    await eventually(lambda: bool(daemons(environ)))
    assert main(["stop", "--hung", str(workspace)]) == 0
    assert main(["stop", "--hung", "--all"]) == 0
    assert capsys.readouterr().out == ""
    assert is_alive(frozen)


async def test_status_and_doctor_name_it(
    frozen: int, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(control, "SECONDS_TO_TELL", 0.3)
    await asyncio.to_thread(main, ["status"])
    assert f"{workspace}\n  process {frozen} does not answer." in capsys.readouterr().out
    await asyncio.to_thread(main, ["doctor", str(workspace)])
    assert f"process {frozen} does not answer" in capsys.readouterr().out


@pytest.fixture(params=["procfs", "ps"])
def asked_for_commands(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How the command line of a process is found: in `/proc`, or where there is none by `ps`."""
    if request.param == "ps":
        exists = Path.exists
        monkeypatch.setattr(Path, "exists", lambda path: path != Path("/proc/self") and exists(path))


@pytest.mark.usefixtures("asked_for_commands")
@pytest.mark.parametrize("name", ["mine", "other"])
def test_only_the_daemon_of_that_name_is_one(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock may name a process that has nothing to do with it: its own note of it was not written."""
    monkeypatch.setattr(hung, "PATIENCE", 0.0)
    state = hung.state_directory_of(tmp_path, {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state")})
    state.mkdir(parents=True)
    code = "import time; print(flush=True); time.sleep(60)"
    daemon = (sys.executable, "-c", code, "-m", "agent_server.daemon", "/a b/c", name, str(tmp_path), "3")
    with subprocess.Popen(daemon, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        lock = ownership.take(state, ownership.Whereabouts(str(tmp_path), "mine"))
        os.ftruncate(lock, 0)  # its number may be shorter than ours
        os.pwrite(lock, b"%d\n" % process.pid, 0)
        found = hung.serving(tmp_path, {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state")})
        os.close(lock)
        process.kill()
    assert (found.workspace if found else None) == ("/a b/c" if name == "mine" else None)
    assert hung.serving(tmp_path, {"AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}) is None
