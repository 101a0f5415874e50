"""Sessions of a hostile client: from a seed to the bytes that it sends, and what it is owed for them. Pure.

A session is a list of steps. The generator knows how far the session is (before `initialize`, ready, shut down), for a
server handles messages in their order; where it cannot know, it owes less.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from random import Random
from typing import Any

from lsprotocol import types

from tests.fuzz.oracle import (
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    NOT_INITIALIZED,
    ORDINARY,
    PARSE_ERROR,
    Due,
    Json,
    Owed,
)
from tests.fuzz.values import JUNK, Values, is_plain

_NOTHING = Due(Owed.SILENCE)
_LIFECYCLE = {types.INITIALIZE, types.SHUTDOWN, types.EXIT}
# These would need an editor's process, or stop the server at will: they have steps of their own.
_METHODS = tuple(method for method in types.METHOD_TO_TYPES if method not in _LIFECYCLE)
_NAMES = ("agentServer.approve", "agentServer.launch", "agentServer.cancel", "agentServer.land", "nobody", "", "eval")
_NO_METHODS = ("textDocument/nonsense", "x", "", "$/", "__init__", "textDocument/hover ", "rpc.discover", "a" * 5_000)
_LARGE = 30


@dataclass(frozen=True, slots=True)
class Step:
    """What is sent at once, what is owed for it, and a word for who reads a report."""

    data: bytes
    due: Due
    about: str


class Ending(Enum):
    """How the client leaves."""

    POLITELY = auto()  # it waits for all answers, then says `shutdown` and `exit`
    EXIT = auto()  # it says `exit` in the middle
    VANISH = auto()  # its end of the connection closes, perhaps in the middle of a message
    REFUSED = auto()  # it sends what cannot be framed, and the server must close the connection


@dataclass(frozen=True, slots=True)
class Session:
    """All that a client sends. `seed` makes its answers to the server's own requests, see `Replies`."""

    seed: str
    steps: tuple[Step, ...]
    ending: Ending

    @property
    def dues(self) -> tuple[Due, ...]:
        """What is owed for the whole session."""
        return tuple(step.due for step in self.steps)


@dataclass(frozen=True, slots=True)
class Material:
    """What a session is about: a workspace's URI, its documents and their texts, and our own messages' model."""

    root: str
    documents: Mapping[str, str]
    model: Mapping[str, Any]


def session(seed: str, material: Material, length: int) -> Session:
    """The session with that seed, of about so many messages."""
    return _Script(seed, material).written(length)


class _Phase(Enum):
    NEW = auto()
    UNSURE = auto()
    READY = auto()
    DOWN = auto()


class _Script:
    """Writes one session."""

    def __init__(self, seed: str, material: Material) -> None:
        self.seed = seed
        self.chance = Random(seed)
        self.material = material
        self.phase = _Phase.NEW
        self.steps: list[Step] = []
        self.count = 0
        self.used: list[Json] = []
        self.documents = tuple(material.documents)
        self.uris = (*self.documents * 8, *_hostile_uris(material.root))
        texts = (*material.documents.values(), "", "- [", "\ud800 x", "a\r\nb\rc\u2028d", "🦀" * 40, "#" * 4_000)
        self.values = Values(self.chance, self.uris, texts, _NAMES, (1, "t", None, *JUNK[:4]))
        self.model_methods = [
            *((each, True) for each in material.model["requests"]),
            *((each, False) for each in material.model["notifications"]),
        ]

    def written(self, length: int) -> Session:
        ending = self.chance.choices(list(Ending), (60, 10, 10, 20))[0]
        self._begin(length)
        while len(self.steps) < length:
            self._next()
            if self.phase is _Phase.READY and self.chance.random() < 0.3 / length:
                self._shut_down()
            if self.phase is _Phase.DOWN and self.chance.random() < 0.1:
                break
        if ending is Ending.EXIT:
            self._send({"method": "exit"}, _NOTHING, "exit")
        elif ending is Ending.VANISH:
            self._vanish()
        elif ending is Ending.REFUSED:
            self._refuse()
        return Session(self.seed, tuple(self.steps), ending)

    def _begin(self, length: int) -> None:
        kind = self.chance.random()
        if kind < 0.15:
            for _ in range(self.chance.randrange(1, max(2, length // 10))):
                self._next()
        if kind < 0.9:
            self._initialize()
        elif kind < 0.97:
            self._initialize_badly()
        for uri in self.documents[:2]:
            self._open(uri)

    def _initialize(self) -> None:
        params = {
            "processId": None,
            "rootUri": self.material.root,
            "capabilities": self.values.of(types.ClientCapabilities) if self.chance.random() < 0.5 else {},
            "initializationOptions": {"agent": "replay", "speed": 100_000},
            "workspaceFolders": [{"uri": self.material.root, "name": "w"}],
        }
        if not is_plain(params):
            params["capabilities"] = {}
        repeated = self.phase is not _Phase.NEW
        errors = frozenset({INVALID_REQUEST}) if repeated else ORDINARY
        due = Due(Owed.ANSWER, self._id(), errors, result=not repeated or self.phase is _Phase.UNSURE)
        self._send({"id": due.identity, "method": types.INITIALIZE, "params": params}, due, "initialize")
        self._send({"method": types.INITIALIZED, "params": {}}, _NOTHING, "initialized")
        if self.phase is _Phase.NEW:
            self.phase = _Phase.READY

    def _initialize_badly(self) -> None:
        params = self.values.spoilt(self.values.of(types.InitializeParams))
        if isinstance(params, dict):
            params["processId"] = None
        if self.phase is _Phase.NEW:
            self.phase = _Phase.UNSURE
        self._request(types.INITIALIZE, params, "a bad initialize")

    def _open(self, uri: str) -> None:
        text = self.material.documents[uri]
        document = {"uri": uri, "languageId": "markdown", "version": 1, "text": text}
        self._send({"method": types.TEXT_DOCUMENT_DID_OPEN, "params": {"textDocument": document}}, _NOTHING, "didOpen")

    def _shut_down(self) -> None:
        # Under an id that nothing else has: a server refuses one that is being answered, and then goes on.
        self.count += 1
        due = Due(Owed.ANSWER, f"down-{self.count}", result=True)
        self._send({"id": due.identity, "method": types.SHUTDOWN}, due, "shutdown")
        self.phase = _Phase.DOWN

    def _next(self) -> None:
        kinds: Sequence[tuple[int, Callable[[], None]]] = (
            (22, self._a_request),
            (14, self._a_spoilt_request),
            (12, self._a_notification),
            (6, self._a_spoilt_notification),
            (12, self._an_edit),
            (3, self._an_opening),
            (6, self._a_cancellation),
            (5, self._a_command),
            (4, self._an_unknown_method),
            (3, self._one_of_ours),
            (4, self._a_stray_answer),
            (5, self._no_message),
            (3, self._no_json),
            (2, self._an_odd_id),
            (2, self._another_framing),
            (1, self._initialize),
            (1, self._a_wrong_direction),
            (2, self._another_form),
        )
        weights, makers = zip(*kinds, strict=True)
        self.chance.choices(makers, weights)[0]()

    def _a_request(self) -> None:
        method = self._method(answered=True, direction="clientToServer")
        self._request(method, self._params(method), method)

    def _a_spoilt_request(self) -> None:
        method = self._method(answered=True, direction="clientToServer")
        self._request(method, self.values.spoilt(self._params(method)), f"{method}, spoilt")

    def _a_notification(self) -> None:
        method = self._method(answered=False, direction="clientToServer")
        self._notify(method, self._params(method), method)

    def _a_spoilt_notification(self) -> None:
        method = self._method(answered=False, direction="clientToServer")
        self._notify(method, self.values.spoilt(self._params(method)), f"{method}, spoilt")

    def _a_wrong_direction(self) -> None:
        """What only a server may send."""
        answered = self.chance.random() < 0.5
        method = self._method(answered=answered, direction="serverToClient")
        if answered:
            self._request(method, self._params(method), f"{method}, from the wrong side")
        else:
            self._notify(method, self._params(method), f"{method}, from the wrong side")

    def _another_form(self) -> None:
        """A request without an id, which nobody can answer; a notification with one, which somebody must."""
        if self.chance.random() < 0.5:
            method = self._method(answered=True, direction="clientToServer")
            self._notify(method, self._params(method), f"{method}, without an id")
        else:
            method = self._method(answered=False, direction="clientToServer")
            due = self._phased(Due(Owed.ANSWER, self._id(), ORDINARY | {INVALID_REQUEST}, result=True))
            message = {"id": due.identity, "method": method, "params": self._params(method)}
            self._send(message, due, f"{method}, with an id")

    def _an_edit(self) -> None:
        """A change that nearly fits: of an open plan, with a version that follows, at places that may be there."""
        changes = [self.values.of(types.TextDocumentContentChangePartial) for _ in range(self.chance.choice((1, 1, 3)))]
        if self.chance.random() < 0.1:
            changes = [{"text": self.chance.choice(list(self.material.documents.values()))}]
        self.values.version += 1
        uri = self.chance.choice(self.uris if self.chance.random() < 0.1 else self.documents)
        document = {"uri": uri, "version": self.values.version}
        self._notify(types.TEXT_DOCUMENT_DID_CHANGE, {"textDocument": document, "contentChanges": changes}, "an edit")

    def _an_opening(self) -> None:
        uri = self.chance.choice(self.documents)
        if self.chance.random() < 0.3:
            self._notify(types.TEXT_DOCUMENT_DID_CLOSE, {"textDocument": {"uri": uri}}, "didClose")
        self._open(uri)

    def _a_cancellation(self) -> None:
        identity = self.chance.choice(
            (self.count + 1, self.count, self.count - 1, f"s-{self.count}", -1, None, 1.5, [], *self.used[-3:])
        )
        self._notify(types.CANCEL_REQUEST, {"id": identity}, "a cancellation")

    def _a_command(self) -> None:
        uri = self.chance.choice(self.uris)
        hidden = {"jsonrpc": "2.0", "id": self.count, "method": "shutdown", "params": None, "result": 1}
        given = self.chance.choice(
            (
                [{"uri": uri}],
                [{"uri": uri, "wave": self.chance.choice((1, 2, -1, 10**6, True, "1")), "task": "a"}],
                [hidden],
                [{"uri": uri, **hidden}],
                [{"uri": uri, "inner": [hidden, {"deep": hidden}]}],
                [[uri]],
                [],
                None,
                [self.chance.choice(JUNK)],
            )
        )
        params = {"command": self.chance.choice(_NAMES), "arguments": given}
        self._request(types.WORKSPACE_EXECUTE_COMMAND, params, f"the command {params['command']!r}")

    def _an_unknown_method(self) -> None:
        method = self.chance.choice(_NO_METHODS)
        params = self.chance.choice(JUNK)
        kind = self.chance.random()
        if kind < 0.4:
            errors = frozenset({METHOD_NOT_FOUND})
            due = Due(Owed.ANSWER, self._id(), errors)
            self._send({"id": due.identity, "method": method, "params": params}, self._phased(due), "an unknown method")
        elif kind < 0.7:
            self._notify(method, params, "an unknown notification")
        else:
            name = f"$/{self.chance.choice(('nonsense', 'setTrace', 'logTrace', 'progress'))}"
            self._notify(name, params, name)

    def _one_of_ours(self) -> None:
        if not self.model_methods:
            return
        each, answered = self.chance.choice(self.model_methods)
        params = self.values.of_model(each["params"], self.material.model) if "params" in each else None
        if self.chance.random() < 0.4:
            params = self.values.spoilt(params)
        (self._request if answered else self._notify)(each["method"], params, each["method"])

    def _a_stray_answer(self) -> None:
        identity = self.chance.choice((self.count, 99_999_999, "nobody", "00000000-0000-0000-0000-000000000000"))
        body = self.chance.choice(
            (
                {"id": identity, "result": self.chance.choice(JUNK)},
                {"id": identity, "result": None, "error": None},
                {"id": identity, "error": {"code": -32601, "message": "no"}},
                {"id": identity, "error": {"code": "x", "message": None, "data": {}}},
                {"id": identity, "error": self.chance.choice((7, "no", [], {}))},
                {"id": None, "error": {"code": PARSE_ERROR, "message": "no"}},
                {"id": identity, "result": 1, "error": {"code": 1, "message": "both"}},
            )
        )
        self._send(body, _NOTHING, "an answer to nothing")

    def _no_message(self) -> None:
        """JSON that is no JSON-RPC message."""
        identity = self._id()
        whole = {"jsonrpc": "2.0", "id": identity, "method": "textDocument/hover", "params": {}}
        refused = Due(Owed.REFUSAL, errors=frozenset({INVALID_REQUEST}))
        echoed = Due(Owed.EITHER, identity, frozenset({INVALID_REQUEST}))
        body, due = self.chance.choice(
            (
                ([], refused),
                ([whole], refused),
                ([whole, whole, 1], refused),
                (7, refused),
                ("text", refused),
                (None, refused),
                (True, refused),
                ({}, refused),
                ({**whole, "jsonrpc": "1.0"}, echoed),
                ({**whole, "jsonrpc": 2.0}, echoed),
                ({**whole, "jsonrpc": None}, echoed),
                ({key: whole[key] for key in ("id", "method")}, echoed),
                ({**whole, "method": 7}, echoed),
                ({**whole, "method": None}, echoed),
                ({**whole, "method": ["x"]}, echoed),
                ({"jsonrpc": "2.0", "id": identity}, echoed),
                ({"jsonrpc": "2.0", "params": {}}, refused),
            )
        )
        self._send_bytes(_framed(json.dumps(body).encode()), due, "no message")

    def _an_odd_id(self) -> None:
        refused = Due(Owed.REFUSAL, errors=frozenset({INVALID_REQUEST}))
        large = self.chance.choice((2**31 + self.count, 2**53 + self.count, -(2**40) - self.count))
        identity, due = self.chance.choice(
            (
                (True, refused),
                (False, refused),
                ([], refused),
                ([1], refused),
                ({}, refused),
                ({"id": 1}, refused),
                (1.5, refused),
                (None, Due(Owed.AT_MOST_REFUSAL)),
                (large, Due(Owed.EITHER, large, ORDINARY | {INVALID_REQUEST}, result=True)),
            )
        )
        params = {"textDocument": {"uri": self.uris[0]}, "position": {"line": 0, "character": 0}}
        if due.owed is Owed.EITHER:
            due = replace(self._phased(due), owed=Owed.EITHER)
            due = replace(due, errors=due.errors | {INVALID_REQUEST})
        self._send({"id": identity, "method": "textDocument/hover", "params": params}, due, f"the id {identity!r}")

    def _no_json(self) -> None:
        refused = Due(Owed.REFUSAL, errors=frozenset({PARSE_ERROR}))
        whole = json.dumps({"jsonrpc": "2.0", "id": self._id(), "method": "shutdown"}).encode()
        body = self.chance.choice(
            (
                b"",
                b" ",
                b"{half",
                whole[:-1],
                whole + b"}",
                whole + whole,
                b"\xff\xfe" + whole,
                whole.replace(b"shutdown", b"shut\xffdown"),
                whole.replace(b"shutdown", b"shut\xc3(down"),
                whole.replace(b"shutdown", b"shut\ndown"),
                b"[" * 100_000,
                b'{"a":' * 50_000,
                b"undefined",
                b"'text'",
                b"\x00" * 50,
            )
        )
        self._send_bytes(_framed(body), refused, f"no JSON: {body[:20]!r}")

    def _another_framing(self) -> None:
        """A message in an odd frame; some of these a server may also refuse, and then it closes the connection."""
        due = Due(Owed.ANSWER, self._id(), frozenset({METHOD_NOT_FOUND}))
        body = json.dumps({"jsonrpc": "2.0", "id": due.identity, "method": "x/y"}).encode()
        length = str(len(body)).encode()
        sound = (
            b"content-length: %s\r\n\r\n",
            b"CONTENT-LENGTH: %s\r\n\r\n",
            b"Content-Length:%s\r\n\r\n",
            b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %s\r\n\r\n",
            b"Content-Length: %s\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n",
            b"X-Other: a: b\r\nContent-Length: %s\r\n\r\n",
        )
        odd = (
            b"Content-Length: %s\n\n",
            b"Content-Length: 00%s\r\n\r\n",
            b"Content-Length : %s\r\n\r\n",
            b"\r\n\r\nContent-Length: %s\r\n\r\n",
            b"Content-Length: %s\r\nContent-Length: %s\r\n\r\n",
            b"Content-Length: %s\r\nContent-Type: text/plain; charset=latin-1\r\n\r\n",
        )
        header = self.chance.choice(sound if self.chance.random() < 0.8 else odd)
        due = replace(self._phased(due), may_end=header in odd)
        self._send_bytes(header.replace(b"%s", length) + body, due, f"the header {header!r}")

    def _refuse(self) -> None:
        """Bytes after which nobody can say where the next message begins."""
        body = json.dumps({"jsonrpc": "2.0", "method": "x"}).encode()
        header = self.chance.choice(
            (
                b"Content-Length: -1\r\n\r\n",
                b"Content-Length: +30\r\n\r\n",
                b"Content-Length: 3_0\r\n\r\n",
                b"Content-Length: 0x20\r\n\r\n",
                b"Content-Length: 30.0\r\n\r\n",
                b"Content-Length: \r\n\r\n",
                b"Content-Length: many\r\n\r\n",
                b"Content-Length: 99999999999\r\n\r\n",
                b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
                b"Content-Length: 10\r\nContent-Length: 20\r\n\r\n",
                b"Content-Type: text/plain\r\n\r\n",
                b"Content-Len: 30\r\n\r\n",
                b"no header at all\r\n\r\n",
                b"\xef\xbb\xbfContent-Length: 30\r\n\r\n",
                b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                b"X: y\r\n" * 40 + b"\r\n",
                b"A" * 3_000_000,
            )
        )
        end = Due(Owed.END, errors=frozenset({PARSE_ERROR, INVALID_REQUEST}))
        self._send_bytes(header + body, end, f"the header {header[:40]!r}")

    def _vanish(self) -> None:
        whole = _framed(b'{"jsonrpc": "2.0", "method": "x"}')
        self._send_bytes(whole[: self.chance.randrange(len(whole))], _NOTHING, "a part of a message")

    def _method(self, *, answered: bool, direction: str) -> str:
        fitting = [
            method
            for method in _METHODS
            if (types.METHOD_TO_TYPES[method][1] is not None) is answered
            and types.message_direction(method) in {direction, "both"}
        ]
        return self.chance.choice(fitting)

    def _params(self, method: str) -> Json:
        kind = types.METHOD_TO_TYPES[method][2]
        params = None if kind is None else self.values.of(kind)
        if isinstance(params, dict) and method == types.WORKSPACE_DID_CHANGE_CONFIGURATION:
            params["settings"] = self.chance.choice((None, {}, {"agent": "replay"}, {"rules": 7}, *JUNK))
        return params

    def _request(self, method: str, params: Json, about: str) -> None:
        due = self._phased(Due(Owed.ANSWER, self._id(), result=True))
        self._send({"id": due.identity, "method": method, "params": params}, due, about)

    def _notify(self, method: str, params: Json, about: str) -> None:
        self._send({"method": method, "params": params}, _NOTHING, about)

    def _phased(self, due: Due) -> Due:
        """What is owed for a request at this point of the session."""
        match self.phase:
            case _Phase.NEW:
                return replace(due, errors=frozenset({NOT_INITIALIZED}), result=False)
            case _Phase.DOWN:
                return replace(due, errors=frozenset({INVALID_REQUEST}), result=False)
            case _Phase.UNSURE:
                return replace(due, errors=due.errors | ORDINARY | {NOT_INITIALIZED, INVALID_REQUEST})
            case _Phase.READY:
                return due

    def _id(self) -> Json:
        """The id of the next request: mostly new, now and then one that is used already."""
        self.count += 1
        if self.used and self.chance.random() < 0.02:
            return self.chance.choice(self.used[-_LARGE:])
        identity: Json = self.chance.choice(
            (self.count, self.count, self.count, f"s-{self.count}", str(self.count), -self.count)
        )
        self.used.append(identity)
        return identity

    def _send(self, message: Mapping[str, Json], due: Due, about: str) -> None:
        whole = {"jsonrpc": "2.0", **message}
        if not is_plain(whole):  # a reader may refuse it, and then its id is not known
            owed = {Owed.ANSWER: Owed.EITHER, Owed.SILENCE: Owed.AT_MOST_REFUSAL}.get(due.owed, due.owed)
            due = replace(due, owed=owed, errors=due.errors | {PARSE_ERROR, INVALID_REQUEST})
        raw = self.chance.random() < 0.5 and is_plain(whole)
        self._send_bytes(_framed(json.dumps(whole, ensure_ascii=not raw).encode()), due, about)

    def _send_bytes(self, data: bytes, due: Due, about: str) -> None:
        self.steps.append(Step(data, due, about))


class Replies:
    """What the client answers to the server's own requests: right, wrong, twice, late or never."""

    def __init__(self, seed: str) -> None:
        self._chance = Random(f"{seed}, replies")
        self._late: list[bytes] = []

    def to(self, request: Mapping[str, Json]) -> list[bytes]:
        """What to send now that the server has sent this request."""
        identity = request["id"]
        right = _framed(json.dumps({"jsonrpc": "2.0", "id": identity, "result": None}).encode())
        wrong = [
            {"id": identity, "result": self._chance.choice(JUNK)},
            {"id": identity, "error": {"code": METHOD_NOT_FOUND, "message": "no"}},
            {"id": identity, "error": self._chance.choice(JUNK)},
            {"id": identity, "result": 7, "error": {"code": 1, "message": "both"}},
        ]
        other = _framed(json.dumps({"jsonrpc": "2.0", **self._chance.choice(wrong)}).encode())
        due, self._late = self._late, []
        match self._chance.randrange(5):
            case 0:
                return [*due, other]
            case 1:
                return [*due, right, other]
            case 2:
                self._late.append(right)
                return due
            case 3:
                return due
        return [*due, right]


def _framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def _hostile_uris(root: str) -> tuple[str, ...]:
    """URIs that name no document of the workspace, or name one by a way around."""
    return (
        "",
        "file:",
        "file://",
        "file:///",
        "file://../../etc/passwd",
        "file:///../../../etc/passwd",
        "file:///proc/self/mem",
        "file:///dev/zero",
        f"{root}/../../outside.plan.md",
        f"{root}/%00.plan.md",
        f"{root}/%2e%2e/%2e%2e/x.plan.md",
        f"{root}/%ff%fe.plan.md",
        f"{root}/%ED%A0%80.plan.md",
        f"{root}/%zz.plan.md",
        f"{root}/new.plan.md?query#fragment",
        f"{root}/{'a' * 300}.plan.md",
        f"{root}/{'deep/' * 600}x.plan.md",
        f"{root}/{'x' * 100_000}.plan.md",
        "file:///C:/plans/x.plan.md",
        "file:///z%3A/plans/x.plan.md",
        "file://server/share/x.plan.md",
        "FILE:///x.plan.md",
        "untitled:Untitled-1",
        "untitled:x.plan.md",
        "agent-server:brief/x",
        "agent-server://run/../../x",
        "http://localhost/x.plan.md",
        "data:text/plain,x",
        "x.plan.md",
        "/x.plan.md",
        "\x00",
        "file://[::1",
        "file:///\ud800.plan.md",
        "🦀",
    )
