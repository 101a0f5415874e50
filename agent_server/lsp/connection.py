"""JSON-RPC with one client: what comes in is handled, what goes out is encoded, and what is asked is answered once.

This is the only module that works around pygls. Of pygls 2.1.1 it keeps the types, the converter, the client's methods
(`window/showMessage`, ...) and the capabilities; each of the following it does itself, and could give back when pygls
has mended it: broken JSON, invalid requests, bad parameters and requests after `shutdown` are never answered; a nested
object that holds `jsonrpc` is taken for a message; a cancelled request is answered while its handler runs on, and a
running one is not cancelled; a handler's traceback goes to the client; `exit` raises `SystemExit` in a callback; a send
after the client has gone recurses into the error reporter; `shutdown` iterates over a dictionary that its own
cancellations change; documents are kept and split into lines a second time; requests to the client never time out;
`lru_cache` on methods keeps every connection that ever was.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutine
from typing import Any

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from agent_server.lsp.bodies import decoded, fault_in, identity_of
from agent_server.lsp.encoded import Encoded
from agent_server.lsp.framing import FramingError
from agent_server.lsp.handlers import Handler, Needs
from agent_server.lsp.table import Table
from agent_server.lsp.wire import Wire

SECONDS_TO_ANSWER = 60.0
"""How long a client has for what no person has to think about."""

SECONDS_TO_SETTLE = 5.0
"""How long commands have to answer when the client leaves. They only start things."""

MOST_REQUESTS = 10_000
"""So many requests of one client are worked on at once; more are refused."""

_A_PERSON_ANSWERS = frozenset({types.WINDOW_SHOW_MESSAGE_REQUEST})
_SHOWN = 2_000  # characters of an error; what a client sent may be in it
_ENCODER = msgspec.json.Encoder()

_log = logging.getLogger(__name__)


class ContentModified(JsonRpcException):
    """The document has changed since the request was sent, so that its answer would be about another text."""

    CODE = types.LSPErrorCodes.ContentModified.value
    MESSAGE = "The document has changed."


class NoAnswer(JsonRpcException):
    """The client has not answered a request of ours in time, or has gone."""

    CODE = types.LSPErrorCodes.RequestCancelled.value
    MESSAGE = "The editor did not answer."


@dataclass(eq=False, slots=True)
class Request:
    """A request of the client's that is being worked on. It is answered once, by whoever is first."""

    id: int | str
    method: str
    answered: bool = False
    task: asyncio.Task[Any] | None = None


@dataclass(slots=True)
class _Asked:
    """A request of ours that waits for the client's answer."""

    answer: asyncio.Future[Any]
    result_type: Any


class Connection(LanguageServerProtocol):
    """One client's JSON-RPC connection. `table` and `wire` are given by the server before the first message."""

    table: Table
    wire: Wire
    farewell = b""
    """What is sent last of all where a client leaves as LSP asks."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._initialized = False
        self._running: dict[int | str, Request] = {}
        self._asked: dict[int | str, _Asked] = {}
        self._number = 0
        self.answer: Callable[[Request, Handler, Any], None] = self._answer_nothing

    def _register_builtin_features(self) -> None:
        """Nothing is built in: all messages have handlers of ours."""

    # What comes in

    def receive(self, body: bytes) -> None:
        """Handle one message. Whatever is wrong with it is answered, never raised."""
        try:
            message = decoded(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, types.ErrorCodes.ParseError, f"This is not JSON: {error}")
            return
        fault = fault_in(message)
        if fault:
            if isinstance(message, dict) and "method" not in message and ("result" in message or "error" in message):
                return  # an answer that says to nothing which: to answer it might go on for ever
            self._refuse(identity_of(message), types.ErrorCodes.InvalidRequest, fault)
            return
        identity, method = message.get("id"), message.get("method")
        if method is None:
            self._take_answer(identity, message)
        elif identity is None:
            self._take_notification(method, message.get("params"))
        else:
            self._take_request(identity, method, message.get("params"))

    def refuse_frames(self, error: FramingError) -> None:
        """Say that nothing more can be read."""
        self._refuse(None, types.ErrorCodes.ParseError, f"{error} The connection is closed.")

    def abandon(self) -> None:
        """The client has gone: nobody waits for its answers any more, nor for ours."""
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(NoAnswer())
                asked.answer.exception()  # where nobody awaits it, that is no news
        self._asked.clear()
        for request in tuple(self._running.values()):
            request.answered = True
            if request.task is not None:
                request.task.cancel()
        self._running.clear()

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has said that it leaves."""
        return bool(self._shutdown)

    def _take_notification(self, method: str, params: Any) -> None:
        if method == types.EXIT:
            self._exit()
        elif self._shutdown or not self._initialized:
            pass  # LSP: such notifications are dropped
        elif method == types.CANCEL_REQUEST:
            self._cancel(params.get("id") if isinstance(params, dict) else None)
        elif (handler := self.table.notification(method)) is not None:
            try:
                given = self.table.structured(method, params)
            except JsonRpcException:
                _log.warning("A notification %s with bad parameters was left out", method)
                return
            try:
                handler.function(self._server, given)
            except Exception as error:  # noqa: BLE001  # the boundary between a handler and everything else
                _log.exception("A notification %s could not be handled", method)
                self._server.report_server_error(error, JsonRpcException)

    def _exit(self) -> None:
        """Let the client go; one that says `exit` right behind `shutdown` gets its answers first."""
        shutdown = next((each for each in self._running.values() if each.method == types.SHUTDOWN), None)
        if shutdown is not None and shutdown.task is not None:
            shutdown.task.add_done_callback(lambda _: self.wire.close(self.farewell))
        else:
            self.wire.close(self.farewell if self._shutdown else b"")

    async def settle(self) -> None:
        """Give up what is asked about plans, and let commands answer that were sent before."""
        commands = [each.task for each in self._running.values() if each.method == types.WORKSPACE_EXECUTE_COMMAND]
        for request in tuple(self._running.values()):
            if request.method not in _NOT_CANCELLED:
                self.fail(request, _cancelled())
                if request.task is not None:
                    request.task.cancel()
        waiting = [task for task in commands if task is not None]
        if waiting:
            await asyncio.wait(waiting, timeout=SECONDS_TO_SETTLE)

    def _take_request(self, identity: int | str, method: str, params: Any) -> None:
        fault = self._inadmissible(identity, method)
        if fault:
            self._refuse(identity, *fault)
            return
        handler = self.table.request(method, params)
        if handler is None:
            self._refuse(identity, types.ErrorCodes.MethodNotFound, f"There is no method `{method[:_SHOWN]}`.")
            return
        request = self._running[identity] = Request(identity, method)
        try:
            given = self.table.structured(method, params)
        except JsonRpcException as error:
            self.fail(request, error)
        else:
            self._initialized |= method == types.INITIALIZE
            self._shutdown |= method == types.SHUTDOWN
            self._begin(request, handler, given)

    def _begin(self, request: Request, handler: Handler, given: Any) -> None:
        if handler.needs is not Needs.SESSION:
            self.answer(request, handler, given)
            return
        arguments = given if handler.is_command else (given,)
        try:
            result = handler.function(self._server, *arguments)
        except Exception as error:  # noqa: BLE001  # the boundary between a handler and everything else
            self.fail(request, error)
            return
        if iscoroutine(result):
            request.task = asyncio.get_running_loop().create_task(result)
            request.task.add_done_callback(partial(self._finish, request))
        else:
            self.succeed(request, self.encoded(result))

    def _finish(self, request: Request, work: asyncio.Task[Any]) -> None:
        try:
            self.succeed(request, self.encoded(work.result()))
        except asyncio.CancelledError:
            self.fail(request, _cancelled())
        except Exception as error:  # noqa: BLE001  # the boundary between a handler and everything else
            self.fail(request, error)

    def _cancel(self, identity: Any) -> None:
        """Give up a request. LSP: it is answered all the same, at once and with an error."""
        request = self._running.get(identity) if isinstance(identity, int | str) else None
        # A command is not cancelled: it only starts what it has already been decided to start.
        if request is not None and request.method not in _NOT_CANCELLED:
            self.fail(request, _cancelled())
            if request.task is not None:
                request.task.cancel()

    def _inadmissible(self, identity: int | str, method: str) -> tuple[types.ErrorCodes, str] | None:
        """Why a request may not be handled now."""
        if self._shutdown:
            return types.ErrorCodes.InvalidRequest, "The server is shutting down."
        if method == types.INITIALIZE and self._initialized:
            return types.ErrorCodes.InvalidRequest, "`initialize` was sent before."
        if method != types.INITIALIZE and not self._initialized:
            return types.ErrorCodes.ServerNotInitialized, "Send `initialize` first."
        if identity in self._running:
            return types.ErrorCodes.InvalidRequest, "A request with this id is still being answered."
        if len(self._running) >= MOST_REQUESTS:
            return types.ErrorCodes.InvalidRequest, "Too many requests are being answered. Wait for some of them."
        return None

    # What is answered

    def succeed(self, request: Request, result: bytes) -> None:
        """Answer a request with a result that is encoded already; does nothing where it was answered before."""
        if self._close(request):
            identity = _ENCODER.encode(request.id)
            self.wire.send(b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (identity, result))

    def fail(self, request: Request, error: Exception) -> None:
        """Answer a request with an error; does nothing where it was answered before."""
        if not self._close(request):
            return
        if isinstance(error, JsonRpcException):
            self._refuse(request.id, error.code or types.ErrorCodes.InternalError.value, error.message, error.data)
        else:
            _log.error("A request %s could not be answered", request.method, exc_info=error)
            words = f"Agent Server met a fault of its own ({type(error).__name__}). Its log says more."
            self._refuse(request.id, types.ErrorCodes.InternalError, words)

    def encoded(self, value: Any) -> bytes:
        """A value as JSON: LSP's types, structs of our own, or what JSON knows. May be called in any thread."""
        if isinstance(value, Encoded):
            return value.json
        plain = self._converter.unstructure(value)
        try:
            return _ENCODER.encode(plain)
        except UnicodeEncodeError:  # half an emoji, which JSON can say and UTF-8 cannot
            return json.dumps(plain, default=msgspec.to_builtins).encode()

    def _close(self, request: Request) -> bool:
        """Whether the request still waits for its answer, which it does no longer then."""
        if request.answered:
            return False
        request.answered = True
        self._running.pop(request.id, None)
        return True

    def _refuse(self, identity: Any, code: types.ErrorCodes | int, message: str, data: Any = None) -> None:
        error = {"code": int(code), "message": _sendable(message), **({} if data is None else {"data": data})}
        self.wire.send(_ENCODER.encode({"jsonrpc": "2.0", "id": identity, "error": error}))

    def _answer_nothing(self, request: Request, _handler: Handler, _params: Any) -> None:
        self.succeed(request, b"null")

    # What the client is told and asked

    def notify(self, method: str, params: Any | None = None, *, replaces: Hashable = None) -> None:
        """Send a notification. `replaces` is what it makes another one superfluous by, while that still waits."""
        self.notify_encoded(method, self.encoded(params), replaces=replaces)

    def notify_encoded(self, method: str, params: bytes, *, replaces: Hashable = None) -> None:
        """Send a notification whose parameters are encoded already."""
        self.wire.send(b'{"jsonrpc":"2.0","method":%b,"params":%b}' % (_ENCODER.encode(method), params), replaces)

    def send_request(  # type: ignore[override]  # an asyncio future: nothing here has threads
        self,
        method: str,
        params: Any | None = None,
        callback: Callable[[Any], None] | None = None,
        msg_id: Any = None,
    ) -> asyncio.Future[Any]:
        """Ask the client; the future ends with its answer, or with a `JsonRpcException`."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.wire.closed.done():
            answer.set_exception(NoAnswer())
        else:
            self._number += 1
            identity = msg_id if msg_id is not None else self._number
            self._asked[identity] = _Asked(answer, types.METHOD_TO_TYPES.get(method, (None, None))[1])
            message = {"jsonrpc": "2.0", "id": identity, "method": method}
            given = self._converter.unstructure(params)
            self.wire.send(self.encoded(message if given is None else {**message, "params": given}))
            answer.add_done_callback(lambda _: self._asked.pop(identity, None))
            if method not in _A_PERSON_ANSWERS:
                timer = asyncio.get_running_loop().call_later(SECONDS_TO_ANSWER, _give_up, answer)
                answer.add_done_callback(lambda _: timer.cancel())
        answer.add_done_callback(lambda done: _told(done, callback))
        return answer

    async def send_request_async(self, method: str, params: Any | None = None, msg_id: Any = None) -> Any:
        """Ask the client; returns its answer, or raises a `JsonRpcException`."""
        return await self.send_request(method, params, msg_id=msg_id)

    def _take_answer(self, identity: int | str, message: Mapping[str, Any]) -> None:
        asked = self._asked.pop(identity, None)
        if asked is None or asked.answer.done():
            return  # nobody waits for this answer, or no longer
        # Some clients say `"error": null` beside the result.
        if (error := message.get("error")) is not None:
            code, words = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
            asked.answer.set_exception(
                JsonRpcException(str(words), code if isinstance(code, int) else types.ErrorCodes.InternalError.value)
            )
            return
        try:
            response = {"id": identity, "jsonrpc": "2.0", "result": message.get("result")}
            kind = asked.result_type
            result = response["result"] if kind is None else self._converter.structure(response, kind).result
        except Exception:  # noqa: BLE001  # cattrs raises what it likes
            words = "The editor's answer does not fit the request."
            asked.answer.set_exception(JsonRpcException(words, types.ErrorCodes.InvalidParams.value))
        else:
            asked.answer.set_result(result)


_NOT_CANCELLED = frozenset({types.INITIALIZE, types.SHUTDOWN, types.WORKSPACE_EXECUTE_COMMAND})


def _cancelled() -> JsonRpcException:
    return JsonRpcException("The request was cancelled.", types.LSPErrorCodes.RequestCancelled.value)


def _sendable(message: str) -> str:
    """An error's words: no longer than anybody reads, and without what UTF-8 cannot hold."""
    shown = message if len(message) <= _SHOWN else f"{message[:_SHOWN]} …"
    return shown.encode("utf-8", "replace").decode()


def _give_up(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(NoAnswer())


def _told(answer: asyncio.Future[Any], callback: Callable[[Any], None] | None) -> None:
    """Call back with an answer. An error that nobody awaits is no news."""
    if answer.cancelled() or answer.exception() is not None:
        return
    if callback is not None:
        with contextlib.suppress(JsonRpcException):
            callback(answer.result())
