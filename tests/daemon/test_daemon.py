"""The real thing: forwarders as editors start them, and the daemon behind them."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent_server.daemon import control, place
from tests.e2e.raw_client import DEADLINE, ENTRY, RawClient


def daemons(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return dict(control.running(environ[place.RUNTIME_VARIABLE]))


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not holds():  # noqa: ASYNC110  # processes tell nobody
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def conflicts(client: RawClient, root: Path) -> str:
    """Open the plan, and see that it is analysed."""
    await client.initialize(root)
    uri = client.open(root / "a.plan.md")
    await client.diagnostics(uri, lambda codes: "write-conflict" in codes)
    return uri


def command(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ENTRY, *words], env=dict(environ), capture_output=True, text=True, check=False)


async def test_editors_share_one_daemon_that_is_for_the_user_alone(environ: dict[str, str], workspace: Path) -> None:
    clients = await asyncio.gather(*(RawClient.start(environ) for _ in range(3)))
    await asyncio.gather(*(conflicts(client, workspace) for client in clients))
    [(name, status)] = daemons(environ).items()
    assert len(status["clients"]) == 3
    assert status["workspace"] == str(workspace)
    socket = Path(environ[place.RUNTIME_VARIABLE]) / f"{name}{place.SOCKET_SUFFIX}"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert await clients[0].stop() == 0
    await clients[1].kill()
    await eventually(lambda: len(daemons(environ)[name]["clients"]) == 1)
    await clients[2].diagnostics((workspace / "a.plan.md").as_uri(), lambda codes: "write-conflict" in codes)
    assert await clients[2].stop() == 0


async def test_it_leaves_when_nobody_needs_it(environ: dict[str, str], workspace: Path) -> None:
    environ["AGENT_SERVER_IDLE_SECONDS"] = "1"
    client = await RawClient.start(environ)
    await conflicts(client, workspace)
    [status] = daemons(environ).values()
    await client.stop()
    await eventually(lambda: not is_alive(status["pid"]))
    assert not any(Path(environ[place.RUNTIME_VARIABLE]).iterdir())


async def test_a_crashed_one_is_followed_by_another(environ: dict[str, str], workspace: Path) -> None:
    client = await RawClient.start(environ)
    await conflicts(client, workspace)
    [status] = daemons(environ).values()
    os.kill(status["pid"], signal.SIGKILL)
    assert await client.process.wait() == 1
    await client.kill()
    later = await RawClient.start(environ)
    await conflicts(later, workspace)
    [now] = daemons(environ).values()
    assert now["pid"] != status["pid"]
    assert now["name"] == status["name"]
    assert await later.stop() == 0


async def test_a_busy_one_is_joined_whatever_its_settings(environ: dict[str, str], workspace: Path) -> None:
    first = await RawClient.start(environ)
    await conflicts(first, workspace)
    second = await RawClient.start({**environ, "ANTHROPIC_API_KEY": "another"})
    await conflicts(second, workspace)
    [status] = daemons(environ).values()
    assert len(status["clients"]) == 2
    await asyncio.gather(first.stop(), second.stop())


async def test_an_idle_one_makes_way_for_other_settings(environ: dict[str, str], workspace: Path) -> None:
    first = await RawClient.start(environ)
    await conflicts(first, workspace)
    await first.stop()
    [(name, _)] = daemons(environ).items()
    await eventually(lambda: daemons(environ)[name]["clients"] == [])
    second = await RawClient.start({**environ, "ANTHROPIC_API_KEY": "another"})
    await conflicts(second, workspace)
    [(other, _)] = daemons(environ).items()
    assert other != name
    await second.stop()


async def test_it_outlives_the_editor_that_started_it(environ: dict[str, str], workspace: Path) -> None:
    """Neither the end of the forwarder nor a signal to its process group reaches the daemon."""
    process = await asyncio.create_subprocess_exec(
        *ENTRY,
        "lsp",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environ,
        start_new_session=True,
    )
    client = RawClient.of_process(process)
    await conflicts(client, workspace)
    [status] = daemons(environ).values()
    os.killpg(process.pid, signal.SIGKILL)
    await client.kill()
    await eventually(lambda: daemons(environ)[status["name"]]["clients"] == [])
    assert Path(f"/proc/{status['pid']}/cwd").readlink() == Path("/")
    assert is_alive(status["pid"])


async def test_over_loopback_a_token_is_asked_for(environ: dict[str, str], workspace: Path) -> None:
    environ["AGENT_SERVER_LOOPBACK"] = "1"
    client = await RawClient.start(environ)
    await conflicts(client, workspace)
    folder = Path(environ[place.RUNTIME_VARIABLE])
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    port = int(file.read_text().split()[0])
    for word in (b"-", b"0" * 64):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"%b status %b\n" % (place.PROTOCOL, word))
        assert await reader.read() == b""
        writer.close()
    assert await client.stop() == 0


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"x" * 1000, b"agent-server-daemon/1 what -\n"])
async def test_who_says_something_else_is_hung_up_on(environ: dict[str, str], workspace: Path, said: bytes) -> None:
    client = await RawClient.start(environ)
    await client.initialize(workspace)
    [socket] = Path(environ[place.RUNTIME_VARIABLE]).iterdir()
    reader, writer = await asyncio.open_unix_connection(str(socket))
    writer.write(said)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    assert await client.stop() == 0


async def test_a_place_that_is_not_to_be_had_is_said_in_the_editor(environ: dict[str, str], workspace: Path) -> None:
    (workspace / "file").touch()
    client = await RawClient.start({**environ, place.RUNTIME_VARIABLE: str(workspace / "file" / "run")})
    client.send({"id": 1, "method": "initialize", "params": {"rootUri": workspace.as_uri(), "capabilities": {}}})
    answer = await client.until(lambda message: message.get("id") == 1)
    assert "AGENT_SERVER_RUNTIME_DIR" in answer["error"]["message"]
    assert await client.process.wait() == 1


async def test_the_commands_see_and_stop_it(environ: dict[str, str], workspace: Path) -> None:
    assert "No daemon is running" in command(environ, "status").stdout
    assert "has written anything yet" in command(environ, "logs", str(workspace)).stdout
    client = await RawClient.start(environ)
    await conflicts(client, workspace)
    told = command(environ, "status").stdout
    assert str(workspace) in told
    assert "editors: an editor without a name" in told
    assert f"Serving {workspace}" in command(environ, "logs", str(workspace)).stdout
    checked = command(environ, "doctor", str(workspace))
    assert checked.returncode == 0
    assert "1 editor" in checked.stdout
    assert "No daemon serves" in command(environ, "stop", str(workspace.parent)).stdout
    stopped = command(environ, "stop", str(workspace))
    assert (stopped.returncode, stopped.stdout) == (0, f"Stopped the daemon of `{workspace}`.\n")
    assert await client.process.wait() == 1
    await client.kill()


def test_the_forwarder_imports_next_to_nothing() -> None:
    code = (
        "import sys; from agent_server.cli import main; from agent_server.daemon import forwarder; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, cwd=Path())
    loaded = set(done.stdout.split())
    assert "agent_server.daemon.forwarder" in loaded, done.stderr
    assert not {"argparse", "asyncio", "json", "logging", "lsprotocol", "pathlib", "pygls", "subprocess"} & loaded
