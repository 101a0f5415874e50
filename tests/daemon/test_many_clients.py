"""Thirty clients of one daemon at once: what one of them does, or has done to it, costs the others nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agent_server.daemon import control, place
from agent_server.demo.material import materialise, transcripts_folder
from tests.e2e.raw_client import RawClient, ResponseError

CLIENTS = 30
EDITS = 20
FINAL = {"landed", "held", "cancelled", "failed"}
OPTIONS = {"agent": "replay", "transcripts": str(transcripts_folder()), "speed": 300}
REQUEST_FAILED = -32803


@pytest.fixture
def site(tmp_path: Path) -> tuple[Path, Path]:
    demo = materialise(tmp_path / "site")
    return demo.root.resolve(), demo.good_plan.resolve()


async def edit(client: RawClient, root: Path, number: int) -> set[str]:
    """Open a plan of the client's own, type into it, and return what is said of the last version."""
    text = "# P\n\n## a: One\n- writes: `x.py`\n\nDo it.\n\n## b: Two\n- writes: `y.py`\n\nDo it.\n"
    uri = client.open(root / f"own-{number}.plan.md", text)
    for version in range(2, EDITS + 2):
        change = {"range": {"start": {"line": 3, "character": 11}, "end": {"line": 3, "character": 12}}, "text": "x"}
        if version == EDITS + 1:
            change["text"] = "y"  # the last key makes the conflict
        document = {"uri": uri, "version": version}
        client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
    found = await client.diagnostics(uri, lambda codes: "write-conflict" in codes)
    return {each["code"] for each in found}


async def launch(client: RawClient, uri: str) -> str | None:
    """The run that the client has launched; None where it was refused because one goes on."""
    await client.diagnostics(uri, lambda codes: True)
    try:
        for name in ("approve", "launch"):
            argument = {"command": f"agentServer.{name}", "arguments": [{"uri": uri}]}
            result = await client.request("workspace/executeCommand", argument)
    except ResponseError as error:
        if error.code == REQUEST_FAILED:
            return None
        raise
    run: str | None = result["run"]
    return run


async def stuff(client: RawClient, uri: str) -> None:
    """Ask and ask, and never read: until nobody takes any more of it."""
    client._reading.cancel()
    client.outgoing.transport.set_write_buffer_limits(high=1 << 16)
    hover = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 3}}
    try:
        async with asyncio.timeout(3):
            for number in range(200_000):
                client.send({"id": f"never-{number}", "method": "textDocument/hover", "params": hover})
                await client.outgoing.drain()
    except TimeoutError:
        pass


async def test_thirty_clients_at_once(environ: dict[str, str], site: tuple[Path, Path]) -> None:
    root, plan = site
    forwarded = await RawClient.start(environ)
    await forwarded.initialize(root, OPTIONS)
    folder = environ[place.RUNTIME_VARIABLE]
    [name] = control.names(folder)
    socket = Path(folder) / f"{name}{place.SOCKET_SUFFIX}"
    others = [await RawClient.connect(socket) for _ in range(CLIENTS - 1)]
    await asyncio.gather(*(client.initialize(root, OPTIONS) for client in others))
    clients = [forwarded, *others]
    uris = [client.open(plan) for client in clients]
    await asyncio.gather(
        *(client.diagnostics(uri, lambda codes: True) for client, uri in zip(clients, uris, strict=True))
    )
    before = status(folder, name)
    assert len(before["clients"]) == CLIENTS

    silent, killed, *working = others
    stuffing = asyncio.ensure_future(stuff(silent, uris[1]))
    killing = asyncio.ensure_future(edit(killed, root, 99))
    editing = [asyncio.ensure_future(edit(client, root, number)) for number, client in enumerate(working)]
    launching = [asyncio.ensure_future(launch(client, plan.as_uri())) for client in working]
    killing.cancel()
    await killed.kill()
    found = await asyncio.gather(*editing)
    assert all("write-conflict" in codes for codes in found)
    runs = {run for run in await asyncio.gather(*launching) if run}
    assert len(runs) >= 1
    for client in working:
        end = await client.until(
            lambda message: message.get("method") == "agentServer/status" and message["params"]["state"] in FINAL
        )
        assert end["params"]["run"] in runs
        assert end["params"]["state"] == "landed"
    await stuffing
    after = status(folder, name)
    assert len(after["clients"]) == CLIENTS - 1
    assert after["memory"] < before["memory"] + 40e6, "a client that reads nothing makes the daemon grow"
    await silent.kill()
    assert [await client.stop() for client in (forwarded, *working)] == [0] * (CLIENTS - 2)


def status(folder: str, name: str) -> dict[str, Any]:
    found = control.ask(folder, name, b"status")
    assert found is not None
    return found
