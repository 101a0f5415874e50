"""Indexing as a client sees it: work-done progress, where there is so much to read that somebody might wonder."""

import asyncio
import logging
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.workspace.index.live import Indexing

if TYPE_CHECKING:
    from agent_server.lsp.server import AgentLanguageServer

LEAST_FILES = 200
"""Fewer files are read before anybody could read that they are."""

_INTERVAL = 0.25

_log = logging.getLogger(__name__)


class IndexingProgress:
    """Shows the indexing of one workspace: each time it begins, reports and always ends."""

    def __init__(self, server: "AgentLanguageServer") -> None:
        self._server = server
        self._opening: asyncio.Task[None] | None = None
        self._token = ""
        self._indexing: Indexing | None = None
        self._next = 0.0

    def update(self, indexing: Indexing | None) -> None:
        """Indexing is that far, or None: it is over."""
        self._indexing = indexing
        if indexing is None:
            self._end()
        elif self._opening is None and indexing.files >= LEAST_FILES and self._server.client.shows_progress:
            self._opening = self._server.go(self._open(f"indexing-{uuid4().hex[:8]}"))
        elif self._token and asyncio.get_running_loop().time() >= self._next:
            self._next = asyncio.get_running_loop().time() + _INTERVAL
            report = types.WorkDoneProgressReport(message=_words(indexing), percentage=_percent(indexing))
            self._server.show_progress(self._token, report)

    async def _open(self, token: str) -> None:
        try:
            await self._server.create_progress(token)
        except JsonRpcException as error:
            _log.info("The client wants no progress: %s", error)
            return
        if self._indexing is not None:
            self._token = token
            begin = types.WorkDoneProgressBegin(
                "Indexing", message=_words(self._indexing), percentage=_percent(self._indexing)
            )
            self._server.show_progress(token, begin)

    def _end(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None
        if self._token:
            self._server.show_progress(self._token, types.WorkDoneProgressEnd())
            self._token = ""


def _words(indexing: Indexing) -> str:
    return f"{indexing.done:,} of {indexing.files:,} files"


def _percent(indexing: Indexing) -> int:
    return 100 * indexing.done // max(indexing.files, 1)
