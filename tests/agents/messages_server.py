"""A server that speaks Anthropic's Messages API on a free loopback port, and answers as a test wrote down.

    with MessagesServer() as server:
        server.script(
            use("write", path="a.txt", content="a"),
            fail(529),
            say("Done."),
        )
        ...  # with the environment `server.environ`

Each request takes the next answer of its script. Agents that talk at the same time have a script each:
`server.script(..., to="words of the prompt")`. `server.requests` holds what was asked, `server.problems` what a request
did that no script foresaw; leaving the `with` block fails when there are any.
"""

import json
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "sk-ant-test-key"
"""The key that the server takes, as `Authorization: Bearer` or as `x-api-key`."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer of the model. As a stream, it sends `events` events and then does `then`, or sends them all.

    `pause` is a pause before each event, in seconds. `then` is `cut` (the connection breaks), `end` (it ends as if all
    were said), `hang` (nothing more comes), or the type of an error, which comes as an event.
    """

    content: tuple[Json, ...]
    stop_reason: str
    input_tokens: int = 100
    output_tokens: int = 20
    pause: float = 0.0
    events: int | None = None
    then: str = ""
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True)
class Failure:
    """An answer that is an error. `retry_after` is sent as the header of that name, in seconds."""

    status: int
    type: str
    message: str
    retry_after: float | None = None


@dataclass(frozen=True)
class Request:
    """What was asked. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Json
    at: float = 0.0
    """When it had come, by the monotonic clock."""

    @property
    def prompt(self) -> str:
        """The text of the first message."""
        return _text(self.body["messages"][0]["content"])

    @property
    def tool_results(self) -> list[Json]:
        """The answers of tools in the last message."""
        last = self.body["messages"][-1]["content"]
        return [block for block in last if block["type"] == "tool_result"] if isinstance(last, list) else []


@dataclass
class _Script:
    to: str
    answers: list[Reply | Failure]
    place: int = 0


def say(text: str, *, input_tokens: int = 100, output_tokens: int = 20) -> Reply:
    """The model says something and is done."""
    return Reply(({"type": "text", "text": text},), "end_turn", input_tokens, output_tokens)


def use(tool: str, /, **given: Any) -> Reply:
    """The model calls a tool."""
    return together((tool, given))


def together(*calls: tuple[str, Json], text: str = "", input_tokens: int = 100, output_tokens: int = 20) -> Reply:
    """The model says `text`, if it is any, and calls several tools."""
    said = [{"type": "text", "text": text}] if text else []
    used = [{"type": "tool_use", "name": name, "input": given} for name, given in calls]
    return Reply((*said, *used), "tool_use", input_tokens, output_tokens)


def stop(reason: str, text: str = "Here I stop.") -> Reply:
    """The model stops for a reason of its own: `refusal`, `max_tokens`, ..."""
    return replace(say(text), stop_reason=reason)


def fail(status: int, message: str = "", *, retry_after: float | None = None) -> Failure:
    """The request fails."""
    return Failure(status, _TYPES.get(status, "api_error"), message or f"Status {status}", retry_after)


def cut(reply: Reply, events: int = 4) -> Reply:
    """The stream breaks after some of its events."""
    return replace(reply, events=events, then="cut")


def end_early(reply: Reply, events: int = 4) -> Reply:
    """The stream ends after some of its events, as if all were said."""
    return replace(reply, events=events, then="end")


def hang(reply: Reply | None = None, events: int = 0) -> Reply:
    """Nothing comes any more after some events, until the other side goes away."""
    return replace(reply or say("never"), events=events, then="hang")


def break_off(reply: Reply, error: str, events: int = 4) -> Reply:
    """The stream tells an error (`overloaded_error`, ...) after some of its events."""
    return replace(reply, events=events, then=error)


def slow(reply: Reply, pause: float) -> Reply:
    """The stream takes its time before each event."""
    return replace(reply, pause=pause)


_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


@dataclass
class MessagesServer:
    """The server. It runs in threads of its own between `start` and `close`."""

    requests: list[Request] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    models: frozenset[str] | None = None
    """The models that it knows; None for any."""
    _scripts: list[_Script] = field(default_factory=list)
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _gone: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _closing: threading.Event = field(default_factory=threading.Event)
    _at_once: int = 0
    most_at_once: int = 0
    """The most requests that were open at the same time."""

    def __enter__(self) -> Self:
        self._http = _Http(self)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        assert not self.problems, self.problems

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that lead to it."""
        return {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.url}

    def script(self, *answers: Reply | Failure, to: str = "") -> None:
        """Answer requests whose prompt holds `to` so, in this order. Of several scripts the first that fits wins."""
        with self._lock:
            self._scripts.append(_Script(to, list(answers)))

    def wait_for_leave(self, seconds: float = 60.0) -> bool:
        """Whether a client went away in the middle of an answer within some seconds. Each is counted once. Blocks."""
        return self._gone.acquire(timeout=seconds)

    def wait_for_requests(self, count: int, seconds: float = 60.0) -> bool:
        """Whether that many requests have come within some seconds. Blocks."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self.requests) >= count, timeout=seconds)

    def _next(self, request: Request) -> Reply | Failure:
        with self._lock:
            script = next((each for each in self._scripts if each.to in request.prompt), None)
            if script is None or script.place >= len(script.answers):
                self.problems.append(f"No answer is left for the request {len(self.requests)}: {request.prompt[:80]!r}")
                return fail(400, "the script has no answer left")
            script.place += 1
            return script.answers[script.place - 1]

    def _begun(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self._lock.notify_all()

    def _ended(self) -> None:
        with self._lock:
            self._at_once -= 1


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, messages: MessagesServer) -> None:
        self.messages = messages
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are a part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, body, time.monotonic())
        messages = self.server.messages
        messages._begun(request)
        self._is_open = True
        try:
            self._answer(request)
        finally:
            self._end()

    def _answer(self, request: Request) -> None:
        messages, body = self.server.messages, request.body
        if self.path.partition("?")[0] != "/v1/messages":
            return self._fail(fail(404, "there is no such path"))
        if KEY not in (
            request.headers.get("authorization", "").removeprefix("Bearer "),
            request.headers.get("x-api-key"),
        ):
            return self._fail(fail(401, "invalid x-api-key"))
        if messages.models is not None and body["model"] not in messages.models:
            return self._fail(fail(404, f"model: {body['model']}"))
        if complaint := _complaint(body):
            messages.problems.append(complaint)
            return self._fail(fail(400, complaint))
        answer = messages._next(request)
        if isinstance(answer, Failure):
            return self._fail(answer)
        message = _message(answer, body["model"], f"{len(messages.requests):04}")
        return self._stream(answer, message) if body.get("stream") else self._send(200, message)

    def _end(self) -> None:
        """The request is over. Before its last bytes are sent: who has them asks again at once."""
        if self._is_open:
            self._is_open = False
            self.server.messages._ended()

    def _fail(self, failure: Failure) -> None:
        headers = {} if failure.retry_after is None else {"retry-after": f"{failure.retry_after:g}"}
        self._send(failure.status, _error(failure.type, failure.message), headers)

    def _send(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self._end()
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, reply: Reply, message: Json) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        events = _events(message)
        try:
            self.end_headers()
            for event in events if reply.events is None else events[: reply.events]:
                self._pause(reply.pause)
                if event["type"] == "message_stop":
                    self._end()
                self._event(event)
            self._close_as(reply.then)
        except OSError:
            self.server.messages._gone.release()
            self.close_connection = True

    def _close_as(self, then: str) -> None:
        if then != "hang":
            self._end()
        match then:
            case "" | "end":
                self._chunk(b"")
            case "cut":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            case "hang":
                while not self.server.messages._closing.is_set():
                    self._pause(0.02)
            case error:
                self._event(_error(error, "An error in the middle of a stream"))
                self._chunk(b"")

    def _event(self, event: Json) -> None:
        self._chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _pause(self, seconds: float) -> None:
        """Wait, and raise as soon as the other side is gone."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.connection.settimeout(left)
            with suppress(TimeoutError):
                if not self.connection.recv(1, socket.MSG_PEEK):
                    raise ConnectionResetError
                time.sleep(left)  # bytes are there: the next request of the same connection
        self.connection.settimeout(None)


def _complaint(body: Json) -> str:
    """What the real API would not take in a conversation: an answer is owed to every tool call, and to no other."""
    for before, message in zip(body["messages"], body["messages"][1:], strict=False):
        if before["role"] == message["role"] == "assistant":
            return "two messages of the assistant follow each other"
        called = [block["id"] for block in _blocks(before) if block["type"] == "tool_use"]
        answered = [block["tool_use_id"] for block in _blocks(message) if block["type"] == "tool_result"]
        if called != answered:
            return f"tools {called} were called, {answered} were answered"
    last = body["messages"][-1]
    return "the last message is the assistant's" if last["role"] == "assistant" else ""


def _blocks(message: Json) -> list[Json]:
    content = message["content"]
    return content if isinstance(content, list) else []


def _text(content: str | list[Json]) -> str:
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


def _error(kind: str, message: str) -> Json:
    return {"type": "error", "error": {"type": kind, "message": message}}


def _message(reply: Reply, model: str, number: str) -> Json:
    content = [
        {**block, "id": f"toolu_{number}_{index}"} if block["type"] == "tool_use" else block
        for index, block in enumerate(reply.content)
    ]
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": reply.stop_reason,
        "stop_sequence": None,
        "usage": {
            "input_tokens": reply.input_tokens,
            "output_tokens": reply.output_tokens,
            "cache_read_input_tokens": reply.cache_read_tokens,
            "cache_creation_input_tokens": reply.cache_write_tokens,
        },
    }


def _events(message: Json) -> list[Json]:
    usage = message["usage"]
    head = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    return [
        {"type": "message_start", "message": head},
        {"type": "ping"},
        *(event for index, block in enumerate(message["content"]) for event in _block_events(index, block)),
        {"type": "message_delta", "delta": delta, "usage": {"output_tokens": usage["output_tokens"]}},
        {"type": "message_stop"},
    ]


def _block_events(index: int, block: Json) -> list[Json]:
    """A block in pieces, as the real API sends it."""
    if block["type"] == "text":
        start, kind, whole = {**block, "text": ""}, "text", block["text"]
    else:
        start, kind, whole = {**block, "input": {}}, "partial_json", json.dumps(block["input"])
    middle = len(whole) // 2
    delta = {"text": "text_delta", "partial_json": "input_json_delta"}[kind]
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *(
            {"type": "content_block_delta", "index": index, "delta": {"type": delta, kind: piece}}
            for piece in (whole[:middle], whole[middle:])
        ),
        {"type": "content_block_stop", "index": index},
    ]
