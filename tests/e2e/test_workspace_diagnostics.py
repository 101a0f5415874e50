"""`workspace/diagnostic` is held open for clients that allow it, until there is something to tell, and no longer."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import MODES
from tests.e2e.raw_client import RawClient, ResponseError
from tests.e2e.site import Site
from tests.e2e.test_decisions import eventually

CANCELLED = -32800
BOTH = pytest.mark.parametrize("client", list(MODES), indirect=True)


class Asker:
    """A client that asks what is new about all plans, as VS Code's library does."""

    def __init__(self, client: RawClient) -> None:
        self.client = client
        self.known: dict[str, str] = {}
        self.identity = 0

    async def ask(self) -> dict[str, str]:
        """What kind of report there is about each document, once there is an answer."""
        previous = [{"uri": uri, "value": value} for uri, value in self.known.items()]
        params = {"identifier": "agent-server", "previousResultIds": previous, "partialResultToken": "t"}
        report: dict[str, Any] = await self.client.request("workspace/diagnostic", params)
        self.known = {item["uri"]: item["resultId"] for item in report["items"] if "resultId" in item}
        return {item["uri"]: item["kind"] for item in report["items"]}

    async def held(self) -> "asyncio.Task[dict[str, str]]":
        """The question, once it is held back: what is asked later has been answered by then."""
        asked = asyncio.create_task(self.ask())
        await asyncio.sleep(0)
        self.identity = self.client._next_id
        for _ in range(2):
            await self.client.request("workspace/symbol", {"query": ""})
        assert not asked.done()
        return asked


def replace_text(path: Path, text: str) -> None:
    """Give a file another text in one step: nobody sees it half written."""
    draft = path.parents[1] / "draft"
    draft.write_text(text)
    draft.replace(path)


@pytest.fixture
async def asker(client: RawClient, site: Site) -> Asker:
    await client.initialize(site.root, site.options)
    asker = Asker(client)
    while len(asker.known) < 2:
        await asker.ask()
    return asker


async def test_it_is_answered_when_a_file_or_an_edit_changes_what_is_said(asker: Asker, site: Site) -> None:
    bad, good = site.bad_plan.as_uri(), site.good_plan.as_uri()
    assert asker.known.keys() == {bad, good}
    asked = await asker.held()
    replace_text(site.bad_plan, site.bad_plan.read_text().replace("data.claywiki", "data.clay_wiki"))
    assert await asked == {bad: "full", good: "unchanged"}
    asked = await asker.held()
    asker.client.open(site.good_plan, "# Another plan\n\n## a: Do it\n- needs: nobody\n")
    assert await asked == {bad: "unchanged", good: "full"}
    asked = await asker.held()
    site.bad_plan.unlink()
    assert await asked == {bad: "full", good: "unchanged"}


async def test_one_that_nothing_new_comes_of_stays_held(asker: Asker, site: Site) -> None:
    asked = await asker.held()
    (site.root / "notes.txt").write_text("Nothing that a plan looks at.")
    uri = asker.client.open(site.good_plan)
    assert await asker.client.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
    for _ in range(2):
        await asker.client.request("workspace/symbol", {"query": ""})
    assert not asked.done()
    asked.cancel()


@BOTH
async def test_it_can_be_given_up_and_keeps_nobody_from_leaving(asker: Asker) -> None:
    asked = await asker.held()
    asker.client.notify("$/cancelRequest", {"id": asker.identity})
    with pytest.raises(ResponseError) as given_up:
        await asked
    assert given_up.value.code == CANCELLED
    asked = await asker.held()
    assert await asker.client.stop() == 0
    with pytest.raises(ResponseError) as left:
        await asked
    assert left.value.code == CANCELLED


async def test_an_exit_without_a_word_ends_it(asker: Asker) -> None:
    asked = await asker.held()
    asker.client.notify("exit", None)
    assert await asyncio.wait_for(asker.client.process.wait(), 30) == 1
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_daemon_that_holds_one_for_an_editor_that_has_died_leaves_when_idle(site: Site) -> None:
    env = {**site.env, "AGENT_SERVER_IDLE_SECONDS": "1"}
    client = await RawClient.start(env)
    await client.initialize(site.root, site.options)
    asker = Asker(client)
    while len(asker.known) < 2:
        await asker.ask()
    asked = await asker.held()
    (socket,) = Path(env["AGENT_SERVER_RUNTIME_DIR"]).glob("*.sock")
    await client.kill()
    await asyncio.gather(asked, return_exceptions=True)
    await eventually(lambda: not os.path.lexists(socket))
