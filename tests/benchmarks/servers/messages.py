"""A Messages API that costs next to nothing: three turns an agent, each answered when all agents have asked.

`python messages.py AGENTS` prints its port. The first turn reads, the second writes `<words of the prompt>.txt`, the
third is the end. Answers are held back until as many requests are open as there are agents, so that all of them are
under way at the same moment.
"""

import asyncio
import json
import sys
from typing import Any

_TEXT = "I look at what is there, and then write my file as its neighbours are written. " * 4


class Turns:
    """Holds answers back until everybody has asked."""

    def __init__(self, agents: int) -> None:
        self._agents = agents
        self._waiting = 0
        self._all = asyncio.Event()

    async def wait(self) -> None:
        """Return when so many wait here."""
        self._waiting += 1
        everybody = self._all
        if self._waiting == self._agents:
            self._waiting, self._all = 0, asyncio.Event()
            everybody.set()
        await everybody.wait()


def _events(body: dict[str, Any]) -> list[dict[str, Any]]:
    turn = len(body["messages"]) // 2
    name = str(body["messages"][0]["content"]).split()[-1]
    blocks: list[dict[str, Any]] = [{"type": "text", "text": _TEXT}]
    if turn == 0:
        blocks.append({"type": "tool_use", "id": "t0", "name": "read", "input": {"path": "read.txt"}})
    elif turn == 1:
        given = {"path": f"{name}.txt", "content": _TEXT}
        blocks.append({"type": "tool_use", "id": "t1", "name": "write", "input": given})
    usage = {"input_tokens": 1000, "output_tokens": 100}
    message = {"id": "m", "type": "message", "role": "assistant", "model": body["model"], "content": [], "usage": usage}
    stop = "end_turn" if turn == 2 else "tool_use"
    return [
        {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}},
        *(event for number, block in enumerate(blocks) for event in _block(number, block)),
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]


def _block(index: int, block: dict[str, Any]) -> list[dict[str, Any]]:
    is_text = block["type"] == "text"
    start = {**block, "text": ""} if is_text else {**block, "input": {}}
    delta = (
        {"type": "text_delta", "text": block["text"]}
        if is_text
        else {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    )
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        {"type": "content_block_delta", "index": index, "delta": delta},
        {"type": "content_block_stop", "index": index},
    ]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turns: Turns) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().lower().split("\r\n")
            length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
            events = _events(json.loads(await reader.readexactly(length)))
            await turns.wait()
            said = "".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(said) + said
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve until standard input ends."""
    turns = Turns(int(sys.argv[1]))
    server = await asyncio.start_server(
        lambda reader, writer: _serve(reader, writer, turns), "127.0.0.1", 0, limit=1 << 22, backlog=2048
    )
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  # how it is found
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
