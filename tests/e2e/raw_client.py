"""A JSON-RPC client written from the specification alone: no pygls, no lsprotocol."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

DEADLINE = 60.0
ENTRY = (sys.executable, "-c", "from agent_server.cli import main; raise SystemExit(main())")
RICH_DIAGNOSTICS = {"publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True}}

T = TypeVar("T")


class ResponseError(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class RawClient:
    """A client of one `agent-server lsp` process, or of a daemon's socket.

    `answers` says what the client answers to the server's own requests; to those in `errors` it answers that it does
    not know them, to those in `silent` nothing.
    """

    def __init__(
        self, process: asyncio.subprocess.Process | None, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    ) -> None:
        self._process = process
        self._incoming, self.outgoing = streams
        self.answers: dict[str, Callable[[Any], Any]] = {}
        self.errors: set[str] = set()
        self.silent: set[str] = set()
        self.received: list[dict[str, Any]] = []
        self._news = asyncio.Condition()
        self._gone = False
        self._next_id = 0
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def start(cls, env: Mapping[str, str], *options: str) -> "RawClient":
        return await cls.start_program((*ENTRY, "lsp", "--stdio", *options), env)

    @classmethod
    async def start_program(cls, program: Sequence[str], env: Mapping[str, str]) -> "RawClient":
        process = await asyncio.create_subprocess_exec(
            *program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=dict(env),
            limit=2**24,
        )
        return cls.of_process(process)

    @classmethod
    def of_process(cls, process: asyncio.subprocess.Process) -> "RawClient":
        assert process.stdin is not None
        assert process.stdout is not None
        return cls(process, (process.stdout, process.stdin))

    @classmethod
    async def connect(cls, socket: Path) -> "RawClient":
        """A client that needs no forwarder."""
        reader, writer = await asyncio.open_unix_connection(str(socket), limit=2**24)
        writer.write(b"agent-server-daemon/1 lsp -\n")
        return cls(None, (reader, writer))

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    async def initialize(self, root: Path, options: Mapping[str, Any] | None = None, **capabilities: Any) -> Any:
        result = await self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri(),
                "capabilities": capabilities,
                "initializationOptions": options,
                "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
            },
        )
        self.notify("initialized", {})
        return result

    def open(self, path: Path, text: str | None = None, version: int = 1) -> str:
        text = path.read_text("utf-8") if text is None else text
        document = {"uri": path.as_uri(), "languageId": "markdown", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return path.as_uri()

    async def request(self, method: str, params: Any) -> Any:
        self._next_id += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[self._next_id] = future
        self.send({"id": self._next_id, "method": method, "params": params})
        async with asyncio.timeout(DEADLINE):
            return await future

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def send(self, *messages: Mapping[str, Any]) -> None:
        """Send messages, all in one piece."""
        self.send_bytes(*(json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages))

    def send_bytes(self, *bodies: bytes) -> None:
        self.outgoing.write(b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies))

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message, already received or still to come, that is wanted."""

        def found() -> dict[str, Any] | None:
            return next(filter(wanted, self.received), None)

        return await self._first(found)

    async def diagnostics(self, uri: str, wanted: Callable[[set[str]], bool]) -> list[dict[str, Any]]:
        """The newest diagnostics of a document, once the set of their codes is as wanted."""

        def newest() -> list[dict[str, Any]] | None:
            pushed = [message["params"] for message in self.of("textDocument/publishDiagnostics")]
            last = next((params for params in reversed(pushed) if params["uri"] == uri), None)
            if last is None or not wanted({diagnostic["code"] for diagnostic in last["diagnostics"]}):
                return None
            return list(last["diagnostics"])

        return await self._first(newest)

    def of(self, method: str) -> list[dict[str, Any]]:
        return [message for message in self.received if message.get("method") == method]

    async def stop(self) -> int:
        """Leave as LSP asks; returns the server's exit status."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        async with asyncio.timeout(DEADLINE):
            await self._reading
            if self._process is not None:
                return await self._process.wait()
            self.outgoing.close()
            await self.outgoing.wait_closed()
            return 0

    async def kill(self) -> None:
        if self._process is None:
            self.outgoing.transport.abort()
            await asyncio.gather(self.outgoing.wait_closed(), return_exceptions=True)
        elif self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _first(self, found: Callable[[], T | None]) -> T:
        """What `found` finds, as soon as it finds something; an error as soon as the server is gone."""
        async with asyncio.timeout(DEADLINE), self._news:
            await self._news.wait_for(lambda: found() is not None or self._gone)
        result = found()
        assert result is not None, "the server has left"
        return result

    async def _read(self) -> None:
        try:
            await self._take_all()
        finally:
            self._gone = True
            for future in self._pending.values():
                future.cancel("the server has left")
            async with self._news:
                self._news.notify_all()

    async def _take_all(self) -> None:
        while header := await self._incoming.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                header = await self._incoming.readline()
            if length:
                await self._take(json.loads(await self._incoming.readexactly(length)))

    async def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            future = self._pending.pop(message["id"], None) if message["id"] is not None else None
            if future is not None and "error" in message:
                future.set_exception(ResponseError(message["error"]))
            elif future is not None:
                future.set_result(message["result"])
        elif message.get("id") is not None and message["method"] in self.errors:
            self.send({"id": message["id"], "error": {"code": -32601, "message": "Method not found"}})
        elif "id" in message and message["method"] not in self.silent:
            answer = self.answers.get(message["method"], lambda _: None)
            self.send({"id": message["id"], "result": answer(message.get("params"))})
        async with self._news:
            self.received.append(message)
            self._news.notify_all()
