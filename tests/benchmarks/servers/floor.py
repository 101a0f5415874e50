"""The floor: what a language server in Python takes that has nothing to think about. asyncio and msgspec, by hand.

`python floor.py PAYLOAD` speaks LSP over standard input and output. It keeps each document as a list of lines, applies
incremental changes to it, and joins the lines to the text that an analysis would read. For each version of a document
it encodes and publishes the diagnostics that the file PAYLOAD (JSON: URI to diagnostics) has for it. A hover and a
completion are one constant each. Positions are counted in code points, which is right for the texts that it is asked.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct


class Position(Struct):
    line: int
    character: int


class Range(Struct):
    start: Position
    end: Position


class Location(Struct):
    uri: str
    range: Range


class Related(Struct):
    location: Location
    message: str


class Page(Struct):
    href: str


class Diagnostic(Struct, omit_defaults=True, rename="camel"):
    range: Range
    message: str
    severity: int
    code: str | None = None
    code_description: Page | None = None
    source: str | None = None
    related_information: list[Related] | None = None


Payload = dict[str, list[Diagnostic]]


class Published(Struct):
    uri: str
    diagnostics: list[Diagnostic]
    version: int | None = None


class Notification(Struct):
    method: str
    params: Published
    jsonrpc: str = "2.0"


class Result(Struct):
    id: int | str
    result: Any
    jsonrpc: str = "2.0"


class Message(Struct):
    method: str = ""
    id: int | str | None = None
    params: Raw = Raw(b"null")


class Document(Struct):
    uri: str
    version: int = 0
    text: str = ""


class Change(Struct):
    text: str
    range: Range | None = None


class About(Struct, rename="camel"):
    text_document: Document
    content_changes: list[Change] = []


HOVER = {"contents": {"kind": "markdown", "value": "A task."}}
COMPLETION = [{"label": "a-task", "kind": 18}]
CAPABILITIES = {
    "capabilities": {
        "textDocumentSync": {"openClose": True, "change": 2},
        "hoverProvider": True,
        "completionProvider": {},
    }
}


class Floor(asyncio.Protocol):
    """One client's connection."""

    def __init__(
        self, payload: dict[str, list[Diagnostic]], output: asyncio.WriteTransport, left: asyncio.Event
    ) -> None:
        self.payload, self.output, self.left = payload, output, left
        self.buffer = bytearray()
        self.lines: dict[str, list[str]] = {}
        self.encode = msgspec.json.Encoder().encode
        self.message = msgspec.json.Decoder(Message).decode
        self.about = msgspec.json.Decoder(About).decode

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            start = end + 4
            length = int(self.buffer[:end].partition(b":")[2])
            if len(self.buffer) < start + length:
                return
            body = bytes(self.buffer[start : start + length])
            del self.buffer[: start + length]
            self.take(self.message(body))

    def connection_lost(self, _error: Exception | None) -> None:
        self.left.set()

    def take(self, message: Message) -> None:
        match message.method:
            case "textDocument/didChange":
                self.changed(self.about(message.params))
            case "textDocument/didOpen":
                document = self.about(message.params).text_document
                self.lines[document.uri] = document.text.splitlines(keepends=True)
                self.publish(document)
            case "textDocument/didClose":
                document = self.about(message.params).text_document
                self.send(Notification("textDocument/publishDiagnostics", Published(document.uri, [])))
            case "textDocument/hover":
                self.send(Result(message.id or 0, HOVER))
            case "textDocument/completion":
                self.send(Result(message.id or 0, COMPLETION))
            case "initialize":
                self.send(Result(message.id or 0, CAPABILITIES))
            case "exit":
                self.left.set()
            case _ if message.id is not None:
                self.send(Result(message.id, None))

    def changed(self, about: About) -> None:
        document = about.text_document
        lines = self.lines[document.uri]
        for change in about.content_changes:
            if change.range is None:
                lines[:] = change.text.splitlines(keepends=True)
                continue
            start, end = change.range.start, change.range.end
            new = f"{lines[start.line][: start.character]}{change.text}{lines[end.line][end.character :]}"
            lines[start.line : end.line + 1] = new.splitlines(keepends=True)
        document.text = "".join(lines)
        self.publish(document)

    def publish(self, document: Document) -> None:
        published = Published(document.uri, self.payload.get(document.uri, []), document.version)
        self.send(Notification("textDocument/publishDiagnostics", published))

    def send(self, message: Struct) -> None:
        body = self.encode(message)
        self.output.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def main() -> None:
    payload = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Payload)
    loop, left = asyncio.get_running_loop(), asyncio.Event()
    output, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(1, "wb", buffering=0))
    await loop.connect_read_pipe(lambda: Floor(payload, output, left), os.fdopen(0, "rb", buffering=0))
    await left.wait()


if __name__ == "__main__":
    asyncio.run(main())
