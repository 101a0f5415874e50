"""Who in a sandbox reaches the network, as the base was told."""

import ctypes
import os
import socket
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from agent_server.agents.programs import Program
from agent_server.execution.sandboxes import sandbox as sandboxes
from agent_server.execution.sandboxes.isolation import Isolation, Network, SandboxError
from agent_server.execution.sandboxes.sandbox import Base, freeze
from agent_server.execution.state import StateDirectory
from tests.execution.hosts import NO_NETWORKS, run_on_host

LOOPBACK = """
import socket, threading
with socket.create_server(("127.0.0.1", 0)) as server:
    threading.Thread(target=lambda: server.accept()[0].sendall(b"heard")).start()
    print(socket.create_connection(server.getsockname()).recv(9).decode())
"""

REACHING_OUT = """
import os, socket, sys
name, process = sys.argv[1], int(sys.argv[2])

def connect(to):
    socket.socket(socket.AF_UNIX).connect(to)
    print("reached")

def kill():
    os.kill(process, 0)
    print("reached")

with socket.create_server(f"\\0{name}-inside", family=socket.AF_UNIX) as server:
    connect(server.getsockname())
for attempt in (lambda: connect(f"\\0{name}"), kill):
    try:
        attempt()
    except OSError:
        print("refused")
"""


@pytest.fixture
def host_service() -> Iterator[int]:
    """A port of the host on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def connecting(port: int) -> tuple[str, ...]:
    attempt = f"import socket\ntry: socket.create_connection(('127.0.0.1', {port}), 5); print('reached')"
    return sys.executable, "-c", f"{attempt}\nexcept OSError: print('refused')"


@pytest.mark.parametrize(
    ("network", "command", "program"),
    [("on", "reached", "reached"), ("agents", "refused", "reached"), ("off", "refused", "refused")],
)
async def test_a_base_says_who_reaches_the_network(
    network: str,
    command: str,
    program: str,
    live: Path,
    state: StateDirectory,
    environ: Mapping[str, str],
    host_service: int,
) -> None:
    try:
        base = await freeze(live, state, prefer=Isolation.OVERLAY, network=network)
    except SandboxError as refusal:
        pytest.skip(str(refusal))
    async with base:
        sandbox = await base.fork("task")
        completed = await sandbox.execute(connecting(host_service), env=environ, timeout=30)
        assert completed.output.strip() == command
        async with sandbox.program(Program(connecting(host_service), environ)) as running:
            assert (await running.output.read()).decode().strip() == program


async def test_a_build_may_talk_to_itself_where_the_network_is_cut(
    live: Path, state: StateDirectory, environ: Mapping[str, str]
) -> None:
    try:
        base = await freeze(live, state, prefer=Isolation.OVERLAY, network="off")
    except SandboxError as refusal:
        pytest.skip(str(refusal))
    async with base:
        sandbox = await base.fork("task")
        completed = await sandbox.execute((sys.executable, "-c", LOOPBACK), env=environ, timeout=30)
    assert completed.output == "heard\n"


@pytest.mark.skipif(
    sys.platform != "linux" or ctypes.CDLL(None).syscall(444, None, 0, 1) < 6, reason="the kernel cannot do this"
)
async def test_services_of_the_host_cannot_be_reached_by_abstract_sockets_nor_signals(
    base: Base, environ: Mapping[str, str]
) -> None:
    name = f"agent-server-test-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(f"\0{name}")
        service.listen()
        sandbox = await base.fork("task")
        command = (sys.executable, "-c", REACHING_OUT, name, str(os.getpid()))
        completed = await sandbox.execute(command, env=environ, timeout=30)
    assert completed.output.split() == ["reached", "refused", "refused"]


FREEZE = """
import asyncio, sys
from pathlib import Path
from agent_server.execution.sandboxes.sandbox import SandboxError, freeze
from agent_server.execution.state import STATE_VARIABLE, StateDirectory

async def main():
    place, live = map(Path, sys.argv[1:])
    state = StateDirectory.for_workspace(live, {STATE_VARIABLE: str(place / "state")})
    for network in ("on", "agents"):
        try:
            async with await freeze(live, state, network=network) as base:
                print(base.isolation.value)
        except SandboxError as error:
            print(error)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there are no overlays in the first place")
def test_a_host_that_cannot_cut_the_network_is_found_out_before_anything_runs(live: Path, tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    isolation, refusal = run_on_host(NO_NETWORKS, FREEZE, tmp_path / "place", live).splitlines()
    if isolation == "copy":
        pytest.skip("this host has no overlays")
    assert refusal.startswith("The setting `network` is `agents`, but only overlays can cut the network. Agents work")


@pytest.mark.parametrize("network", ["agents", "off"])
@pytest.mark.parametrize("isolation", [Isolation.COPY, Isolation.WORKTREE])
async def test_what_cannot_be_cut_is_refused_before_anything_is_copied(
    isolation: Isolation, network: str, live: Path, state: StateDirectory
) -> None:
    with pytest.raises(SandboxError, match=f"`network` is `{network}`, but only overlays can cut the network"):
        await freeze(live, state, prefer=isolation, network=network)
    assert list(state.mirror.iterdir()) == list(state.sandboxes.iterdir()) == []


async def test_nor_is_it_cut_in_the_copies_that_stand_in_for_overlays(
    live: Path, state: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandboxes, "installed", lambda: iter(()))
    with pytest.raises(SandboxError, match="cannot be overlaid here"):
        await freeze(live, state, network=Network.OFF)
    async with await freeze(live, state) as base:
        assert base.isolation is Isolation.COPY
        assert "there is no bubblewrap for this platform" in base.reason
