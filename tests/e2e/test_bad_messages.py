"""Wrong JSON-RPC gets an answer that says what is wrong, and the server goes on."""

import pytest

from tests.e2e.conftest import MODES
from tests.e2e.raw_client import RawClient, ResponseError
from tests.e2e.site import Site

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED = -32002

in_both_modes = pytest.mark.parametrize("client", MODES, indirect=True)


async def refusal(client: RawClient, body: bytes) -> int:
    client.send_bytes(body)
    message = await client.until(lambda message: message.get("id", 0) is None and "error" in message)
    code: int = message["error"]["code"]
    return code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{half", PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (b"\xff\xfe", PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b'{"id": null, "method": "x"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "x"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "method": 7}', INVALID_REQUEST),
    ],
)
async def test_what_is_no_message_is_refused(client: RawClient, site: Site, body: bytes, code: int) -> None:
    await client.initialize(site.root)
    assert await refusal(client, body) == code
    assert await client.stop() == 0


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("textDocument/nonsense", {}, METHOD_NOT_FOUND),
        ("textDocument/hover", {"position": "here"}, INVALID_PARAMS),
        ("workspace/executeCommand", {"command": "agentServer.launch"}, INVALID_PARAMS),
        ("workspace/executeCommand", {"command": "agentServer.launch", "arguments": [{"uri": 1}]}, INVALID_PARAMS),
        ("workspace/executeCommand", {"command": "nobody", "arguments": []}, INVALID_PARAMS),
    ],
)
async def test_a_request_that_does_not_fit_is_refused(
    client: RawClient, site: Site, method: str, params: object, code: int
) -> None:
    await client.initialize(site.root)
    with pytest.raises(ResponseError) as caught:
        await client.request(method, params)
    assert caught.value.code == code


@in_both_modes
async def test_a_first_message_that_is_none_is_refused(client: RawClient, site: Site) -> None:
    assert await refusal(client, b"{half") == PARSE_ERROR
    await client.initialize(site.root)
    assert await client.stop() == 0


@in_both_modes
async def test_requests_wait_for_initialize_and_end_with_shutdown(client: RawClient, site: Site) -> None:
    with pytest.raises(ResponseError) as early:
        await client.request("shutdown", None)
    assert early.value.code == NOT_INITIALIZED
    await client.initialize(site.root)
    await client.request("shutdown", None)
    with pytest.raises(ResponseError) as late:
        await client.request("textDocument/hover", {})
    assert late.value.code == INVALID_REQUEST


@in_both_modes
async def test_exit_without_shutdown_is_an_error(client: RawClient, site: Site) -> None:
    await client.initialize(site.root)
    client.notify("exit", None)
    assert await client.process.wait() == 1


@in_both_modes
async def test_a_client_that_goes_away_ends_the_server(client: RawClient, site: Site) -> None:
    await client.initialize(site.root)
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert await client.process.wait() == 1


async def test_a_command_argument_that_looks_like_a_message_is_only_data(client: RawClient, site: Site) -> None:
    await client.initialize(site.root)
    argument = {"uri": 1, "jsonrpc": "2.0", "id": 3, "method": "shutdown"}
    with pytest.raises(ResponseError) as caught:
        await client.request("workspace/executeCommand", {"command": "agentServer.cancel", "arguments": [argument]})
    assert caught.value.code == INVALID_PARAMS


async def test_changes_to_a_document_that_is_not_open_do_no_harm(client: RawClient, site: Site) -> None:
    await client.initialize(site.root)
    change = {"textDocument": {"uri": "file:///nowhere.plan.md", "version": 2}, "contentChanges": [{"text": "x"}]}
    client.notify("textDocument/didChange", change)
    client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///nowhere.plan.md"}})
    assert await client.stop() == 0
