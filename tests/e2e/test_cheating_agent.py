"""An agent of the `anthropic` backend that is told, by a server that speaks the Messages API, to leave its files."""

import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.agents.messages_server import MessagesServer, say, together, use
from tests.e2e.raw_client import RawClient, ResponseError
from tests.e2e.site import Site

PLAN = """\
---
verify: test -f mine.txt && test -f theirs.txt
---
# Two agents

## mine: Write my file
- writes: `mine.txt`

Write the first file of the two. Task one.

## theirs: Write their file
- writes: `theirs.txt`

Write the second file of the two. Task two.
"""


def contents(folder: Path) -> dict[str, str]:
    """What lies in a folder, but for what the server keeps there, at which it may still be at work."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for top in folder.iterdir()
        if top.name not in {"state", "home"}
        for path in (top, *top.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def holders_of(key: bytes, folder: Path) -> Iterator[Path]:
    """The files of a folder that hold a key. Some may vanish meanwhile: the server tidies up behind a run."""
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                path = Path(place, name)
                if path.is_file() and key in path.read_bytes():
                    yield path


async def begin(client: RawClient, site: Site) -> None:
    """Start with a client that marks what landed itself, so that nothing but the landing touches the disk."""
    client.answers["workspace/applyEdit"] = lambda _: {"applied": True}
    await client.initialize(site.root, {"agent": "anthropic"}, workspace={"applyEdit": True})


@pytest.fixture
async def client(site: Site, messages_server: MessagesServer) -> AsyncIterator[RawClient]:
    client = await RawClient.start({**site.env, **messages_server.environ})
    yield client
    await client.kill()


async def test_it_lands_nothing_outside_and_the_plan_says_so(
    client: RawClient, site: Site, messages_server: MessagesServer, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret\n")
    (site.root / "way-out").symlink_to(outside)
    plan = site.root / "two.plan.md"
    plan.write_text(PLAN)
    wanted = [
        "../outside/secret.txt",
        str(outside / "secret.txt"),
        "way-out/secret.txt",
        "theirs.txt",
        ".git/hooks/pre-commit",
        "README.md",
    ]
    messages_server.script(
        together(*(("write", {"path": path, "content": "taken"}) for path in wanted)),
        use("write", path="mine.txt", content="mine\n"),
        say("Done."),
        to="Task one.",
    )
    messages_server.script(use("write", path="theirs.txt", content="theirs\n"), say("Done."), to="Task two.")
    before = contents(tmp_path)

    await begin(client, site)
    uri = client.open(plan)
    await client.diagnostics(uri, lambda codes: True)
    for command in ("agentServer.approve", "agentServer.launch"):
        await client.request("workspace/executeCommand", {"command": command, "arguments": [{"uri": uri}]})
    end = await client.until(
        lambda message: (
            message.get("method") == "agentServer/status" and message["params"]["state"] in ("landed", "held", "failed")
        )
    )
    assert end["params"]["state"] == "landed", end

    after = contents(tmp_path)
    changed = {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)}
    assert changed == {"site/mine.txt", "site/theirs.txt"}
    assert (site.root / "theirs.txt").read_text() == "theirs\n"

    (mine,) = [task for task in end["params"]["tasks"] if task["id"] == "mine"]
    assert {"theirs.txt", "README.md", ".git/hooks/pre-commit"} <= set(mine["undeclared"])
    assert len(mine["undeclared"]) >= 5
    found = await client.diagnostics(uri, lambda codes: "undeclared-write" in codes)
    said = " ".join(each["message"] for each in found if each["code"] == "undeclared-write")
    assert "theirs.txt" in said


async def test_the_key_is_nowhere_on_the_disk(
    client: RawClient, site: Site, messages_server: MessagesServer, tmp_path: Path
) -> None:
    plan = site.root / "two.plan.md"
    plan.write_text(PLAN.replace("test -f mine.txt", 'test -z "$(env | grep -i anthropic)" && test -f mine.txt'))
    messages_server.script(use("write", path="mine.txt", content="mine\n"), say("Done."), to="Task one.")
    messages_server.script(use("write", path="theirs.txt", content="theirs\n"), say("Done."), to="Task two.")
    await begin(client, site)
    uri = client.open(plan)
    await client.diagnostics(uri, lambda codes: True)
    for command in ("agentServer.approve", "agentServer.launch"):
        await client.request("workspace/executeCommand", {"command": command, "arguments": [{"uri": uri}]})
    end = await client.until(
        lambda message: (
            message.get("method") == "agentServer/status" and message["params"]["state"] in ("landed", "held", "failed")
        )
    )
    assert end["params"]["state"] == "landed", end
    key = messages_server.environ["ANTHROPIC_API_KEY"].encode()
    assert list(holders_of(key, tmp_path)) == []


async def test_a_missing_key_is_said_before_anything_is_asked(site: Site) -> None:
    plan = site.root / "two.plan.md"
    plan.write_text(PLAN)
    client = await RawClient.start(site.env)
    try:
        await begin(client, site)
        uri = client.open(plan)
        await client.diagnostics(uri, lambda codes: True)
        for command in ("agentServer.approve", "agentServer.launch"):
            with pytest.raises(ResponseError, match="ANTHROPIC_API_KEY"):
                await client.request("workspace/executeCommand", {"command": command, "arguments": [{"uri": uri}]})
        assert client.of("window/showMessageRequest") == []
    finally:
        await client.kill()
