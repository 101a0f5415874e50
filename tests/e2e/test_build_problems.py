"""A verification that fails: its problems appear in the files of a real client, and go when the plan runs anew."""

from typing import Any

import pytest

from tests.agents.messages_server import MessagesServer, say, use
from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site

PLAN = """\
---
verify: 'test ! -f theirs.txt || { echo "mine.txt:2:1: error: leaks"; echo "theirs.txt:1:1: error: cold"; exit 1; }'
---
# Two agents

## mine: Write my file
- writes: `mine.txt`

Write the first file of the two. Task one.

## theirs: Write their file
- writes: `theirs.txt`

Write the second file of the two. Task two.
"""


async def run(client: RawClient, uri: str) -> None:
    for command in ("agentServer.approve", "agentServer.launch"):
        await client.request("workspace/executeCommand", {"command": command, "arguments": [{"uri": uri}]})


@pytest.mark.parametrize("asks", [False, True], ids=["pushed", "asked for"])
async def test_problems_of_a_held_run_stand_in_its_files(
    site: Site, messages_server: MessagesServer, asks: bool
) -> None:
    plan, mine = site.root / "two.plan.md", site.root / "mine.txt"
    plan.write_text(PLAN)
    mine.write_text("old\n")
    for name, task in (("mine", "Task one."), ("theirs", "Task two.")):
        write = use("write", path=f"{name}.txt", content=f"{name}\n")
        messages_server.script(use("read", path="mine.txt"), write, say("Done."), to=task)
    client = await RawClient.start({**site.env, **messages_server.environ}, "--standalone")

    async def problems(wanted: str) -> list[dict[str, Any]]:
        """What the client is told of a file, as soon as it is told something."""
        if not asks:
            found = await client.until(
                lambda message: (
                    message.get("method") == "textDocument/publishDiagnostics"
                    and message["params"]["uri"].endswith(wanted)
                )
            )
            return found["params"]["diagnostics"]
        report = await client.request("workspace/diagnostic", {"previousResultIds": []})
        return next((each["items"] for each in report["items"] if each["uri"].partition("?")[0].endswith(wanted)), [])

    try:
        pull = {"workspace": {"diagnostics": {"refreshSupport": True}}, "textDocument": {"diagnostic": {}}}
        await client.initialize(site.root, {"agent": "anthropic"}, **(pull if asks else {}))
        uri = client.open(plan)
        if asks:
            await problems("mine.txt")
        await run(client, uri)
        end = await client.until(
            lambda message: message.get("method") == "agentServer/status" and message["params"]["state"] == "held"
        )
        assert end["params"]["tasks"]
        (leaks,) = await problems("/mine.txt")
        assert (leaks["code"], leaks["source"], leaks["range"]["start"]) == (
            "gcc",
            "agent-server",
            {"line": 1, "character": 0},
        )
        assert "as `mine` would write it" in leaks["message"]
        pushed = {message["params"]["uri"] for message in client.of("textDocument/publishDiagnostics")}
        if asks:
            assert not any(each.endswith(".txt") for each in pushed)
        else:
            proposed = await client.until(
                lambda message: (
                    message.get("method") == "textDocument/publishDiagnostics"
                    and message["params"]["uri"].startswith("agent-server:/proposed/")
                )
            )
            assert [each["message"].split("\n")[0] for each in proposed["params"]["diagnostics"]] == ["cold"]
        await run(client, uri)
        if asks:
            assert await problems("/mine.txt") == []
        else:
            await client.until(
                lambda message: (
                    message.get("method") == "textDocument/publishDiagnostics"
                    and message["params"]["uri"].endswith("/mine.txt")
                    and message["params"]["diagnostics"] == []
                )
            )
    finally:
        await client.kill()
