"""JSON-RPC over a pair of streams, and what pygls 2.1 leaves to us at that level.

`Connection` answers these faults of pygls 2.1.1, each of which could go when pygls mends it: header names are matched
by case and a bad length desynchronises for good; there is no limit on a message's size; broken JSON, invalid requests
and requests after `shutdown` are never answered; a nested object that holds `jsonrpc` is taken for a message; `exit`
raises `SystemExit` in the middle of a callback; a send after the client has gone recurses into the error reporter;
`shutdown` iterates over a dictionary that its own cancellations change; every document is kept and split into lines a
second time; an answer to a request that was given up raises, as does a workspace folder that it does not know; a
refusal is logged as a fault, with its traceback.
"""

import asyncio
import json
import logging
from collections.abc import Generator
from typing import Any, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

MAX_MESSAGE = 64 * 1024 * 1024
_MAX_HEADER_LINES = 32

_log = logging.getLogger(__name__)


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether pygls logs something else than an error that we answer on purpose: those are no news for a log."""
    return record.exc_info is None or not isinstance(record.exc_info[1], JsonRpcException)


logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_fault)


class ByteWriter(Protocol):
    """Where messages go: `asyncio.StreamWriter`, in short."""

    def write(self, data: bytes) -> None:
        """Queue bytes for the client."""

    def close(self) -> None:
        """Say no more."""


class FramingError(Exception):
    """The bytes are not framed as LSP's base protocol asks, so that the next message cannot be found either."""


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """The body of the next message, None at the end of the stream; raises `FramingError`."""
    length: int | None = None
    for _ in range(_MAX_HEADER_LINES):
        try:
            line = await reader.readline()
        except ValueError as error:
            raise FramingError("A header line is too long.") from error
        if not line:
            return None
        if not line.strip():
            if length is None:
                continue  # stray blank lines between messages do no harm
            try:
                return await reader.readexactly(length)
            except asyncio.IncompleteReadError:
                return None
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = _length(value.strip())
    raise FramingError("A message has no Content-Length header.")


def _length(value: bytes) -> int:
    if not value.isdigit():
        raise FramingError(f"Content-Length is {value[:40]!r}, not a number of bytes.")
    length = int(value)
    if length > MAX_MESSAGE:
        raise FramingError(f"A message of {length:,} bytes is over the limit of {MAX_MESSAGE:,}.")
    return length


class Connection(LanguageServerProtocol):
    """One client's JSON-RPC connection."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._initialized = False
        self._closed = False
        self._exit = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: ByteWriter) -> int:
        """Answer messages until the client says `exit` or goes away; returns the exit status that LSP asks for."""
        self.set_writer(writer)
        leaving = asyncio.ensure_future(self._exit.wait())
        try:
            while not self._exit.is_set():
                reading = asyncio.ensure_future(read_message(reader))
                await asyncio.wait((reading, leaving), return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    reading.cancel()
                    break
                body = reading.result()
                if body is None:
                    break
                self.receive(body)
        except FramingError as error:
            self._refuse(None, types.ErrorCodes.ParseError, f"{error} The connection is closed.")
        finally:
            leaving.cancel()
            self._closed = True
        return 0 if self._shutdown else 1

    def receive(self, body: bytes) -> None:
        """Handle one message. Whatever is wrong with it is answered, never raised."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, types.ErrorCodes.ParseError, f"This is not JSON: {error}")
            return
        if isinstance(message, dict) and message.get("error", message) is None:
            del message["error"]  # some clients say `"error": null` beside the result, for which pygls drops the result
        fault = _invalid(message)
        if fault:
            self._refuse(_identity(message), types.ErrorCodes.InvalidRequest, fault)
            return
        identity = _identity(message)
        method = message.get("method")
        if method and not self._admits(identity, method):
            return
        try:
            structured = self.structure_message(message)
        except JsonRpcException as error:
            self._reject(message, error)
            return
        self._initialized |= method == types.INITIALIZE
        self.handle_message(structured)

    def _admits(self, identity: Any, method: str) -> bool:
        """Whether a message may be handled now; a request that may not is answered."""
        if self._shutdown and method != types.EXIT:
            if identity is not None:
                self._refuse(identity, types.ErrorCodes.InvalidRequest, "The server is shutting down.")
            return False
        if not self._initialized and method not in (types.INITIALIZE, types.EXIT):
            if identity is not None:
                self._refuse(identity, types.ErrorCodes.ServerNotInitialized, "Send `initialize` first.")
            return False
        if method == types.INITIALIZE and self._initialized:
            self._refuse(identity, types.ErrorCodes.InvalidRequest, "`initialize` was sent before.")
            return False
        return True

    def _reject(self, message: dict[str, Any], error: JsonRpcException) -> None:
        method, identity = message.get("method"), message.get("id")
        if method and identity is not None:
            self._refuse(identity, types.ErrorCodes.InvalidParams, f"The parameters of `{method}` do not fit: {error}")
        elif method:
            _log.warning("A notification %s with bad parameters was left out", method)
        elif identity is not None:
            future = self._request_futures.pop(identity, None)
            if future and not future.done():
                future.set_exception(JsonRpcInvalidParams("The client's answer does not fit the request."))

    def _handle_response(self, msg_id: Any, result: Any = None, error: Any = None) -> None:
        future = self._request_futures.get(msg_id)
        if future is not None and future.cancelled():
            del self._request_futures[msg_id]  # nobody waits for this answer any more
        else:
            super()._handle_response(msg_id, result, error)

    def _refuse(self, identity: Any, code: types.ErrorCodes, message: str) -> None:
        self._send_data({"jsonrpc": "2.0", "id": identity, "error": {"code": code.value, "message": message}})

    def _send_data(self, data: Any) -> None:
        if not self._closed:
            super()._send_data(data)

    def leave(self) -> None:
        """Leave the loop of `serve`."""
        self._exit.set()

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> Generator[Any, Any, None]:
        """Leave at once, even where `shutdown` is not through yet."""
        self.leave()
        yield from ()

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: Any) -> Generator[Any, Any, None]:
        """Refuse everything but `exit` from now on, and let the server wind down before it answers."""
        self._shutdown = True
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, (None,), None
        for identity, future in list(self._request_futures.items()):
            if identity != self.msg_id and not future.done():
                future.cancel()

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(
        self, params: types.DidChangeWorkspaceFoldersParams
    ) -> Generator[Any, Any, None]:
        """Leave folders to `server.py`: pygls fails on one that it does not know."""
        yield self.fm.features[types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """Leave documents to `documents.py`."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Leave documents to `documents.py`."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """Leave documents to `documents.py`."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None


def _identity(message: Any) -> int | str | None:
    """The id of a message, None where it has none that JSON-RPC knows."""
    identity = message.get("id") if isinstance(message, dict) else None
    return identity if isinstance(identity, int | str) and not isinstance(identity, bool) else None


def _invalid(message: Any) -> str:
    """What makes a decoded body no JSON-RPC 2.0 message; empty when it is one."""
    if not isinstance(message, dict):
        return "A message is a JSON object; LSP knows no batches."
    if message.get("jsonrpc") != "2.0":
        return '`jsonrpc` must be "2.0".'
    identity = _identity(message)
    if identity is None and message.get("id") is not None:
        return "`id` must be a number or a text."
    method = message.get("method")
    if method is None:
        return "" if identity is not None and ("result" in message or "error" in message) else "`method` is missing."
    return "" if isinstance(method, str) else "`method` must be a text."
