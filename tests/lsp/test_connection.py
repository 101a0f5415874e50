"""One client's connection, without a process and without a transport: what goes in, and what comes out."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.lsp import connection as module
from agent_server.lsp.connection import NoAnswer
from agent_server.lsp.framing import Frames, framed
from agent_server.lsp.handlers import command, notification, session_request
from agent_server.lsp.projects import Projects
from agent_server.lsp.server import AgentLanguageServer
from agent_server.lsp.table import Table, table_of

PARSE, INVALID, NO_METHOD, BAD_PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603
NOT_INITIALIZED, CANCELLED = -32002, -32800

pytestmark = pytest.mark.timeout(30)


class Transport(asyncio.Transport):
    """Takes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = Frames()
        self.said: list[dict[str, Any]] = []
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.said += map(json.loads, self.frames.feed(bytes(data)))

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


@session_request(types.INITIALIZE)
def initialize(_session: Any, _params: types.InitializeParams) -> None:
    pass


@session_request(types.SHUTDOWN)
def shutdown(_session: Any, _params: None) -> None:
    pass


@session_request(types.TEXT_DOCUMENT_HOVER)
async def hover(_session: Any, params: types.HoverParams) -> str:
    """Takes as long as line 1 asks for."""
    if params.position.line:
        await asyncio.Event().wait()
    return "a hover"


@session_request(types.TEXT_DOCUMENT_DEFINITION)
def definition(_session: Any, params: types.DefinitionParams) -> None:
    if params.position.line:
        raise JsonRpcException("Not now.", 7, {"why": "so"})
    raise ZeroDivisionError("a secret of the server's")


@notification(types.TEXT_DOCUMENT_DID_SAVE)
def did_save(_session: Any, _params: types.DidSaveTextDocumentParams) -> None:
    raise ZeroDivisionError("a secret of the server's")


@command("repeat")
def repeat(_session: Any, *arguments: Any) -> list[Any]:
    return list(arguments)


def table() -> Table:
    functions = (initialize, shutdown, hover, definition, did_save, repeat)
    return table_of(function.__handler__ for function in functions)


class Client:
    """A client of one connection."""

    def __init__(self, directory: Path) -> None:
        environ = {"AGENT_SERVER_STATE_DIR": str(directory)}
        self.session = AgentLanguageServer(table(), Projects(environ), environ)
        self.transport = Transport()
        self.wire = self.session.connect()
        self.wire.connection_made(self.transport)

    @property
    def said(self) -> list[dict[str, Any]]:
        return self.transport.said

    def send(self, message: Any) -> None:
        self.wire.data_received(framed(message if isinstance(message, bytes) else json.dumps(message).encode()))

    def ask(self, method: str, params: Any = None, identity: Any = 1) -> None:
        self.send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})

    def begin(self) -> None:
        self.ask("initialize", {"capabilities": {}}, 0)
        assert self.said.pop() == {"jsonrpc": "2.0", "id": 0, "result": None}

    async def let_go(self) -> None:
        """Cancel what it waits for, which has begun by then."""
        await asyncio.sleep(0)
        self.session.protocol.abandon()
        await asyncio.sleep(0)

    def refusals(self) -> list[tuple[Any, int]]:
        return [(message["id"], message["error"]["code"]) for message in self.said]


@pytest.fixture
async def client(tmp_path: Path) -> Client:
    return Client(tmp_path)


def at(line: int) -> Mapping[str, Any]:
    return {"textDocument": {"uri": "file:///a.plan.md"}, "position": {"line": line, "character": 0}}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"{half", (None, PARSE)),
        (b"[" * 100_000, (None, PARSE)),
        (b"\xff", (None, PARSE)),
        (b"", (None, PARSE)),
        (b"[]", (None, INVALID)),
        (b"7", (None, INVALID)),
        (b'{"id": 4, "method": "shutdown"}', (4, INVALID)),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', (None, INVALID)),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', (None, INVALID)),
        (b'{"jsonrpc": "2.0", "id": "a", "method": 7}', ("a", INVALID)),
        (b'{"jsonrpc": "2.0", "id": "a"}', ("a", INVALID)),
    ],
)
async def test_what_is_no_message_is_refused(client: Client, body: bytes, refusal: tuple[Any, int]) -> None:
    client.send(body)
    assert client.refusals() == [refusal]


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "id": None, "result": 1},
        {"jsonrpc": "2.0", "error": {"code": 1, "message": "x"}},
        {"jsonrpc": "2.0", "id": 99, "result": 1},
        {"jsonrpc": "2.0", "method": "textDocument/didSave", "params": 7},
        {"jsonrpc": "2.0", "method": "nobody/knows"},
        {"jsonrpc": "2.0", "method": "textDocument/hover", "params": at(0)},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 99}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": [1]}},
    ],
)
async def test_what_asks_for_nothing_gets_nothing(client: Client, message: object) -> None:
    client.begin()
    client.send(message)
    assert client.said == []


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("nobody/knows", {}, NO_METHOD),
        ("textDocument/didSave", {}, NO_METHOD),
        ("textDocument/hover", {}, BAD_PARAMS),
        ("textDocument/hover", [1], BAD_PARAMS),
        ("workspace/executeCommand", None, BAD_PARAMS),
        ("workspace/executeCommand", {"command": "nobody"}, BAD_PARAMS),
        ("workspace/executeCommand", {"command": "repeat", "arguments": 7}, BAD_PARAMS),
        ("initialize", {"capabilities": {}}, INVALID),
        ("textDocument/definition", at(0), INTERNAL),
        ("textDocument/definition", at(1), 7),
    ],
)
async def test_each_refusal_of_a_request(client: Client, method: str, params: object, code: int) -> None:
    client.begin()
    client.ask(method, params)
    assert client.refusals() == [(1, code)]
    assert "secret" not in json.dumps(client.said)


async def test_requests_come_between_initialize_and_shutdown(client: Client) -> None:
    client.ask("shutdown")
    assert client.refusals() == [(1, NOT_INITIALIZED)]
    client.said.clear()
    client.begin()
    client.ask("shutdown")
    assert client.said.pop() == {"jsonrpc": "2.0", "id": 1, "result": None}
    client.ask("textDocument/hover", at(0), 2)
    assert client.refusals() == [(2, INVALID)]


async def test_an_id_is_used_by_one_request_at_a_time(client: Client) -> None:
    client.begin()
    client.ask("textDocument/hover", at(1))
    client.ask("textDocument/hover", at(0))
    assert client.refusals() == [(1, INVALID)]
    await client.let_go()


async def test_no_more_requests_than_so_many(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REQUESTS", 3)
    client.begin()
    for number in range(5):
        client.ask("textDocument/hover", at(1), number)
    assert client.refusals() == [(3, INVALID), (4, INVALID)]
    await client.let_go()


@pytest.mark.parametrize("identity", [7, "seven", 2**70, -1])
async def test_a_request_is_answered_once(client: Client, identity: int | str) -> None:
    client.begin()
    client.ask("textDocument/hover", at(1), identity)
    await asyncio.sleep(0)
    for _ in range(2):
        client.send({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": identity}})
    await asyncio.sleep(0)
    assert client.refusals() == [(identity, CANCELLED)]
    client.said.clear()
    client.ask("textDocument/hover", at(0), identity)
    await answered(client)
    assert client.said == [{"jsonrpc": "2.0", "id": identity, "result": "a hover"}]


async def test_half_an_emoji_is_replaced(client: Client) -> None:
    client.begin()
    client.ask("workspace/executeCommand", {"command": "repeat", "arguments": ["\ud83d", {"\ude00": 1}]})
    assert client.said[0]["result"] == ["\ufffd", {"\ufffd": 1}]


async def test_a_fault_in_a_notification_is_shown_without_its_words(client: Client) -> None:
    client.begin()
    client.send({"jsonrpc": "2.0", "method": "textDocument/didSave", "params": {"textDocument": {"uri": "file:///a"}}})
    [shown] = client.said
    assert shown["method"] == "window/showMessage"
    assert "ZeroDivisionError" in shown["params"]["message"]
    assert "secret" not in shown["params"]["message"]


async def test_an_answer_reaches_who_asked(client: Client) -> None:
    asked = client.session.protocol.send_request("window/workDoneProgress/create", {"token": "t"})
    [question] = client.said
    assert question == {"jsonrpc": "2.0", "id": 1, "method": "window/workDoneProgress/create", "params": {"token": "t"}}
    for _ in range(2):
        client.send({"jsonrpc": "2.0", "id": 1, "result": None})
    assert await asked is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"error": {"code": -1, "message": "no"}}, -1),
        ({"error": "no"}, INTERNAL),
        ({"error": {"code": "no"}}, INTERNAL),
        ({"result": {"applied": "perhaps", "failedChange": []}}, BAD_PARAMS),
    ],
)
async def test_an_answer_that_is_none_is_raised_where_it_is_awaited(
    client: Client, answer: Mapping[str, Any], code: int
) -> None:
    asked = client.session.protocol.send_request("workspace/applyEdit", {"edit": {}})
    client.send({"jsonrpc": "2.0", "id": 1, **answer})
    with pytest.raises(JsonRpcException) as caught:
        await asked
    assert caught.value.code == code


async def test_nobody_waits_for_a_client_that_is_silent_or_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_TO_ANSWER", 0.0)
    with pytest.raises(NoAnswer):
        await client.session.protocol.send_request("workspace/codeLens/refresh")
    monkeypatch.undo()
    asked = client.session.protocol.send_request("workspace/codeLens/refresh")
    client.wire.connection_lost(None)
    client.session.protocol.abandon()
    with pytest.raises(NoAnswer):
        await asked
    with pytest.raises(NoAnswer):
        await client.session.protocol.send_request("workspace/codeLens/refresh")


async def test_bytes_that_are_no_frames_end_the_connection(client: Client) -> None:
    client.wire.data_received(b"Content-Length: much\r\n\r\n")
    assert client.refusals() == [(None, PARSE)]
    assert client.transport.is_closed
    assert client.wire.closed.done()


async def answered(client: Client) -> None:
    while not client.said:  # noqa: ASYNC110  # the transport tells nobody
        await asyncio.sleep(0)
