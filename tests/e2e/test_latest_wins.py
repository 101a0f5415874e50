"""Of many edits only the last counts, and a request about an older version is told so."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks.large_plans import plan_text
from tests.e2e.raw_client import RawClient, ResponseError
from tests.e2e.site import Site

EDITS = 60
SMALL = plan_text(100, 100)
"""A plan that a pipe holds whole, with what is said behind it."""

CONTENT_MODIFIED, CANCELLED = -32801, -32800


@contextmanager
def in_one_breath(client: RawClient) -> Iterator[None]:
    """Have the server hear all at once what is said within."""
    os.kill(client.process.pid, signal.SIGSTOP)
    yield
    transport = client.outgoing.transport
    assert transport.get_write_buffer_size() == 0, "a pipe holds less"
    os.kill(client.process.pid, signal.SIGCONT)


def type_at_the_start(client: RawClient, uri: str, version: int) -> None:
    start = {"line": 5, "character": 0}
    change = {"range": {"start": start, "end": start}, "text": "x"}
    document = {"uri": uri, "version": version}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})


async def test_versions_that_nobody_waits_for_are_not_analysed(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    uri = client.open(site.root / "large.plan.md", plan_text(500, 500))
    for version in range(2, EDITS + 2):
        type_at_the_start(client, uri, version)  # while the first analysis is under way, which takes the longest
    await client.until(lambda message: message.get("params", {}).get("version") == EDITS + 1)
    pushed = [message["params"]["version"] for message in client.of("textDocument/publishDiagnostics")]
    assert pushed == sorted(set(pushed))
    assert len(pushed) < EDITS / 4


async def test_a_request_about_an_older_version_is_told_so(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    with in_one_breath(client):
        uri = client.open(site.root / "large.plan.md", SMALL)
        asked = asyncio.ensure_future(client.request("textDocument/codeLens", {"textDocument": {"uri": uri}}))
        await asyncio.sleep(0)
        type_at_the_start(client, uri, 2)
    with pytest.raises(ResponseError) as caught:
        await asked
    assert caught.value.code == CONTENT_MODIFIED
    assert await client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})


async def test_a_cancelled_request_is_answered_at_once(client: RawClient, site: Site) -> None:
    await client.initialize(site.root, site.options)
    with in_one_breath(client):
        uri = client.open(site.root / "large.plan.md", SMALL)
        asked = asyncio.ensure_future(client.request("textDocument/codeLens", {"textDocument": {"uri": uri}}))
        await asyncio.sleep(0)
        client.notify("$/cancelRequest", {"id": client._next_id})
    with pytest.raises(ResponseError) as caught:
        await asked
    assert caught.value.code == CANCELLED
    # Nothing has been analysed by then: it was not waited for.
    answer = next(each for each in client.received if "error" in each)
    before = client.received[: client.received.index(answer)]
    assert not [each for each in before if each.get("method") == "textDocument/publishDiagnostics"]


async def test_what_is_asked_about_a_plan_that_is_closed_at_once_is_answered(
    client: RawClient, site: Site, tmp_path: Path
) -> None:
    """Also where its project, which is no workspace folder, is closed with it, listed or not."""
    await client.initialize(site.root, site.options)
    elsewhere = tmp_path / "elsewhere" / "a.plan.md"
    (elsewhere.parent / ".git").mkdir(parents=True)
    for _ in range(5):
        uri = client.open(elsewhere, plan_text(50, 50))
        document = {"uri": uri}
        asked = [
            asyncio.ensure_future(client.request("textDocument/codeLens", {"textDocument": document})),
            asyncio.ensure_future(client.request("textDocument/foldingRange", {"textDocument": document})),
            asyncio.ensure_future(
                client.request(
                    "workspace/executeCommand",
                    {"command": "agentServer.showBrief", "arguments": [{**document, "task": "no-such"}]},
                )
            ),
        ]
        await asyncio.sleep(0)
        client.notify("textDocument/didClose", {"textDocument": document})
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert not [each for each in answers if isinstance(each, TimeoutError)]
    assert await client.stop() == 0
