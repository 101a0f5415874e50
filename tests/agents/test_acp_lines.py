"""The messages of a program that may write anything."""

import asyncio
import json
import socket
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.agents.acp_lines import Lines

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MESSAGES = st.fixed_dictionaries(
    {}, optional={"id": VALUES, "method": VALUES, "params": VALUES, "result": VALUES, "error": VALUES}
)
LINES = st.lists(st.binary(max_size=30) | VALUES.map(json.dumps) | MESSAGES.map(json.dumps), max_size=10)


@settings(max_examples=40)
@given(LINES)
def test_what_comes_through_is_in_the_form_that_is_relied_on(lines: list[bytes | str]) -> None:
    async def received() -> list[dict[str, Any]]:
        ours, theirs = socket.socketpair()
        with theirs:
            _, writer = await asyncio.open_connection(sock=ours)
            output = asyncio.StreamReader()
            for line in lines:
                output.feed_data((line.encode() if isinstance(line, str) else line) + b"\n")
            output.feed_eof()
            channel = Lines(writer, output)
            messages = []
            while (message := await channel.receive()) is not None:
                messages.append(message)
                if "method" in message and "id" in message:
                    await channel.send({"id": message["id"], "result": None})
            await channel.close()
            await writer.wait_closed()
        assert channel.fault == ""
        return messages

    for message in asyncio.run(received()):
        hash(message.get("id"))
        assert isinstance(message.get("method", ""), str)
        assert message.keys() & {"method", "id"}
        assert "method" in message or isinstance(message.get("error"), dict | None)


async def test_no_more_requests_are_taken_than_are_answered() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        _, writer = await asyncio.open_connection(sock=ours)
        output = asyncio.StreamReader()
        for number in range(20):
            output.feed_data(json.dumps({"id": number, "method": "x"}).encode() + b"\n")
        channel = Lines(writer, output)
        taken = [await channel.receive() for _ in range(8)]
        ninth = asyncio.create_task(channel.receive())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not ninth.done()
        await channel.send({"id": 0, "result": None})
        assert (await ninth or {})["id"] == len(taken)
        await channel.close()
        await writer.wait_closed()
