"""Who has read what tells of a run is told when there is more of it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from lsprotocol import types

from agent_server.lsp.features import text_document_content as module
from tests.e2e.raw_client import DEADLINE

URI = "agent-server:/transcript/1/a.transcript.md"


class Played:
    """What stands in for a run that goes on: the test says when something happens."""

    def __init__(self) -> None:
        self.watchers: list[Callable[[object], None]] = []

    def watch(self, watcher: Callable[[object], None]) -> Callable[[], None]:
        self.watchers.append(watcher)
        return lambda: self.watchers.remove(watcher)

    async def wait(self) -> None:
        await asyncio.Event().wait()

    def go_on(self) -> None:
        for watcher in self.watchers:
            watcher(None)


class Session:
    """What stands in for a session."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[types.TextDocumentContentRefreshParams] = asyncio.Queue()
        self.tasks: list[asyncio.Task[None]] = []

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.create_task(work))

    def workspace_text_document_content_refresh(self, params: types.TextDocumentContentRefreshParams) -> None:
        self.told.put_nowait(params)


async def test_what_happens_while_it_is_read_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    run, session = Played(), Session()

    async def text_of(_session: object, _uri: str) -> str:
        await asyncio.sleep(0)
        run.go_on()  # it is not in the text any more
        return "text"

    monkeypatch.setattr(module, "run_behind", lambda *_: run)
    monkeypatch.setattr(module, "text_of", text_of)
    monkeypatch.setattr(module, "_INTERVAL", 0.0)
    read: Any = module.text_document_content
    assert await read(session, types.TextDocumentContentParams(URI)) == types.TextDocumentContentResult("text")
    async with asyncio.timeout(DEADLINE):
        assert (await session.told.get()).uri == URI
    assert run.watchers == []
