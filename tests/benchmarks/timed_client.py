"""An LSP client that measures: one thread, blocking reads, and no work between the last byte and the clock.

`tests/e2e/raw_client.py` is for tests of behaviour: it keeps all that it receives, and wakes tasks for it, which would
be a good part of a millisecond's measurement. Here an answer is timed when its last byte has been read, and decoded
afterwards. A server's own requests are answered at once, as `answers` says or with null.
"""

import json
import os
import select
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple

DEADLINE = 60.0
CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "codeDescriptionSupport": True, "versionSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
    },
    "workspace": {"configuration": True, "didChangeConfiguration": {}},
}
"""What an editor says that can show all there is, and wants its diagnostics pushed."""

_READ = 1 << 20
_NO_ANSWERS: Mapping[str, Any] = MappingProxyType({})


class ServerLeft(Exception):
    """The server closed its output, or answered nothing in time."""


class Received(NamedTuple):
    """A message, and when its last byte had been read (as `perf_counter` counts)."""

    at: float
    message: dict[str, Any]


class TimedClient:
    """One server process and the documents that are open in it. All methods that measure return seconds."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], answers: Mapping[str, Any] | None = None
    ) -> None:
        self.began = perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, env=dict(env)
        )
        assert self.process.stdin
        assert self.process.stdout
        self._input, self._output = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self._input, False)
        self._answers = answers or _NO_ANSWERS
        self._buffer = bytearray()
        self._waiting = deque[Received]()
        self._unanswered = deque[Mapping[str, Any]]()
        self._sending = False
        self._next_id = 0
        self._versions: dict[str, int] = {}

    def initialize(self, root: Path) -> tuple[float, dict[str, Any]]:
        """From the start of the process to the answer; and what the server says. `initialized` is the next to send."""
        folder = {"uri": root.as_uri(), "name": root.name}
        params = {
            "processId": None,
            "rootUri": folder["uri"],
            "workspaceFolders": [folder],
            "capabilities": CAPABILITIES,
        }
        answered, result = self._ask("initialize", params)
        return answered - self.began, result

    def begin(self, root: Path) -> dict[str, Any]:
        """Say all that comes before the first document; the server's capabilities."""
        _, said = self.initialize(root)
        self.notify("initialized", {})
        return dict(said["capabilities"])

    def open(self, uri: str, language: str, text: str) -> tuple[float, list[dict[str, Any]]]:
        """From the opening of a document to its diagnostics; and those."""
        version = self._next_version(uri)
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.drop_waiting()
        sent = self.notify("textDocument/didOpen", {"textDocument": document})
        at, diagnostics = self._diagnostics(uri, version)
        return at - sent, diagnostics

    def change(self, uri: str, start: tuple[int, int], end: tuple[int, int], text: str) -> float:
        """From a change of a document to the diagnostics of the version that it makes."""
        version = self._next_version(uri)
        where = {"start": _position(start), "end": _position(end)}
        change = {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": where, "text": text}],
        }
        self.drop_waiting()
        sent = self.notify("textDocument/didChange", change)
        return self._diagnostics(uri, version).at - sent

    def close(self, uri: str) -> None:
        """Close a document, and wait until its diagnostics are cleared."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        self._until(lambda message: _publishes(message, uri) and not message["params"]["diagnostics"])

    def ask_at(self, method: str, uri: str, place: tuple[int, int]) -> tuple[float, Any]:
        """From a request about a place in a document to its answer; and that."""
        self.drop_waiting()
        sent = perf_counter()
        answered, result = self._ask(method, {"textDocument": {"uri": uri}, "position": _position(place)})
        return answered - sent, result

    def notify(self, method: str, params: Any) -> float:
        """Send a notification; returns when its first byte went out."""
        return self._send({"method": method, "params": params})

    def drop_waiting(self) -> None:
        """Take what the server has said unasked, so that nobody mistakes it for an answer to what comes next."""
        self._waiting.clear()
        while self._read_once(0):
            self._waiting.clear()

    def stop(self) -> None:
        """Leave as LSP asks; a server that does not follow is ended."""
        try:
            self._ask("shutdown", None)
            self._send({"method": "exit"})
            self.process.wait(DEADLINE)
        except (ServerLeft, BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()

    def _next_version(self, uri: str) -> int:
        """Versions grow for as long as the client lives, so that one of them names one text."""
        self._versions[uri] = self._versions.get(uri, 0) + 1
        return self._versions[uri]

    def _diagnostics(self, uri: str, version: int) -> "_Diagnostics":
        """Those of that version; the next ones where a server says no versions."""

        def wanted(message: dict[str, Any]) -> bool:
            return _publishes(message, uri) and message["params"].get("version", version) == version

        found = self._until(wanted)
        return _Diagnostics(found.at, found.message["params"]["diagnostics"])

    def _ask(self, method: str, params: Any) -> tuple[float, Any]:
        self._next_id += 1
        identity = self._next_id
        self._send({"id": identity, "method": method, "params": params})
        found = self._until(lambda message: message.get("id") == identity and "method" not in message)
        if "error" in found.message:
            raise ServerLeft(f"{method}: {found.message['error']}")
        return found.at, found.message["result"]

    def _send(self, message: Mapping[str, Any]) -> float:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        data = memoryview(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        sent = perf_counter()
        self._sending = True
        while data:
            try:
                data = data[os.write(self._input, data) :]
            except BlockingIOError:
                select.select([self._output], [self._input], [], DEADLINE)
                self._read_once(0)
        self._sending = False
        while self._unanswered:
            self._answer(self._unanswered.popleft())
        return sent

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> Received:
        deadline = perf_counter() + DEADLINE
        while True:
            while self._waiting:
                received = self._waiting.popleft()
                if wanted(received.message):
                    return received
            if not self._read_once(max(0.0, deadline - perf_counter())):
                raise ServerLeft("There was no answer in time.")

    def _read_once(self, timeout: float) -> bool:
        """Read what there is, waiting so long for it; whether there was something."""
        if not select.select([self._output], [], [], timeout)[0]:
            return False
        data = os.read(self._output, _READ)
        at = perf_counter()
        if not data:
            raise ServerLeft(f"The server has ended with status {self.process.wait()}.")
        self._buffer += data
        while (body := self._next_body()) is not None:
            self._take(Received(at, json.loads(body)))
        return True

    def _next_body(self) -> bytes | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        headers = bytes(self._buffer[:end]).lower().split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in headers if line.startswith(b"content-length:"))
        start = end + 4
        if len(self._buffer) < start + length:
            return None
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return body

    def _take(self, received: Received) -> None:
        message = received.message
        if "method" in message and "id" in message:
            # In the middle of a message there is no room for another one.
            self._unanswered.append(message) if self._sending else self._answer(message)
        else:
            self._waiting.append(received)

    def _answer(self, message: Mapping[str, Any]) -> None:
        answer = self._answers.get(message["method"])
        result = answer(message.get("params")) if callable(answer) else answer
        self._send({"id": message["id"], "result": result})


class _Diagnostics(NamedTuple):
    at: float
    found: list[dict[str, Any]]


def _position(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0], "character": place[1]}


def _publishes(message: dict[str, Any], uri: str) -> bool:
    return message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
