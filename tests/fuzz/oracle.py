"""What a server owes to a client for what it was sent, and what is wrong with what came. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

Json = Any

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED = -32002
REQUEST_FAILED, SERVER_CANCELLED, CONTENT_MODIFIED, REQUEST_CANCELLED = -32803, -32802, -32801, -32800
REFUSALS = frozenset({METHOD_NOT_FOUND, INVALID_PARAMS})
ORDINARY = REFUSALS | {REQUEST_FAILED, SERVER_CANCELLED, CONTENT_MODIFIED, REQUEST_CANCELLED}
"""The errors that a request may meet that came in order. `InternalError` is none of them: it is a fault of ours."""

# What shows a user the inside of the server. No message that is sent holds any of it.
_INSIDE = ("Traceback", 'File "', "fault of its own", "object at 0x")


class Owed(Enum):
    """What a message is owed. Where two readings of it are sound, it is owed either."""

    ANSWER = auto()  # one answer with its id
    REFUSAL = auto()  # one error without an id: what it is an answer to cannot be told
    EITHER = auto()  # one of the two
    SILENCE = auto()  # nothing
    AT_MOST_REFUSAL = auto()  # nothing, or one error without an id
    END = auto()  # one error without an id, and the end of the connection


@dataclass(frozen=True, slots=True)
class Due:
    """What one message is owed: the kind of answer, to which id, and which errors it may hold.

    `result` says whether the answer may be a result. `may_end`: the framing is one that a server may also refuse.
    """

    owed: Owed
    identity: Json = None
    errors: frozenset[int] = ORDINARY
    result: bool = False
    may_end: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What came from the server. `ended`: it closed the connection, unasked. `whole`: the client waited for the end.

    `rest` are bytes at the end of the stream that are no whole message.
    """

    messages: Sequence[Json]
    ended: bool
    whole: bool
    rest: bytes = b""


def faults(dues: Sequence[Due], heard: Heard) -> list[str]:
    """Everything that is wrong with what was heard, one sentence each."""
    found = [fault for message in heard.messages for fault in _ill_formed(message)]
    if heard.rest:
        found.append(f"the stream ends in no whole message: {heard.rest[:200]!r}")
    answers = [message for message in heard.messages if isinstance(message, dict) and "method" not in message]
    found += _miscounted(dues, answers, whole=heard.whole and not heard.ended)
    found += _wrong_answers(dues, answers)
    may_end = [due for due in dues if due.owed is Owed.END or due.may_end]
    if heard.ended and not may_end:
        found.append("the server closed the connection")
    if heard.ended and may_end and not _is_refusal(answers[-1] if answers else None, {PARSE_ERROR, INVALID_REQUEST}):
        found.append("the connection was closed without a word")
    if heard.whole and not heard.ended and any(due.owed is Owed.END for due in dues):
        found.append("the connection was not closed after a message whose end nobody can find")
    return found


def _ill_formed(message: Json) -> Iterable[str]:
    shown = json.dumps(message)[:300]
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        yield f"no JSON-RPC message: {shown}"
        return
    if "method" in message:
        if not isinstance(message["method"], str) or "result" in message or "error" in message:
            yield f"no request and no notification: {shown}"
        if not isinstance(message.get("params", {}), dict | list | None):
            yield f"parameters must be an object or a list: {shown}"
    elif "id" not in message or ("result" in message) == ("error" in message):
        yield f"an answer has an id, and either a result or an error: {shown}"
    elif "error" in message and not _is_error(message["error"]):
        yield f"an error has a code and a message: {shown}"
    text = json.dumps(message, ensure_ascii=False)
    for inside in _INSIDE:
        if inside in text.replace('\\"', '"'):
            yield f"{inside!r} is shown to the user: {text[:2000]}"


def _miscounted(dues: Sequence[Due], answers: Sequence[Json], *, whole: bool) -> Iterable[str]:
    given = Counter(_key(answer.get("id")) for answer in answers)
    nobodys = given.pop("null", 0)
    exact = Counter(_key(due.identity) for due in dues if due.owed is Owed.ANSWER)
    either = Counter(_key(due.identity) for due in dues if due.owed is Owed.EITHER)
    asked = exact + either
    for key in given - asked:
        yield f"{given[key]} answers to {asked[key]} requests with the id {key[:80]}"
    refused = sum(due.owed in {Owed.REFUSAL, Owed.END} for due in dues)
    spare = sum(due.owed is Owed.AT_MOST_REFUSAL for due in dues)
    if not whole:
        if nobodys > refused + spare + either.total() + any(due.may_end for due in dues):
            yield f"{nobodys} errors without an id, which is more than were due"
        return
    for key, missing in (asked - given).items():
        if missing > either[key]:
            yield f"{missing} of {asked[key]} requests with the id {key[:80]} were not answered"
        refused += min(missing, either[key])
    if not refused <= nobodys <= refused + spare:
        yield f"{nobodys} errors without an id, where {refused} to {refused + spare} were due"


def _wrong_answers(dues: Sequence[Due], answers: Sequence[Json]) -> Iterable[str]:
    """Answers that nobody may get for what has their id."""
    asked: dict[str, list[Due]] = {}
    for due in dues:
        if due.owed in {Owed.ANSWER, Owed.EITHER}:
            asked.setdefault(_key(due.identity), []).append(due)
    nobodys = {code for due in dues if due.owed not in {Owed.ANSWER, Owed.SILENCE} for code in due.errors}
    for answer in answers:
        code = _code(answer)
        candidates = asked.get(_key(answer.get("id")), [])
        if answer.get("id") is None:
            if code not in nobodys | {PARSE_ERROR, INVALID_REQUEST}:
                yield f"an answer to nobody: {json.dumps(answer)[:300]}"
        elif code is None:
            if candidates and not any(due.result for due in candidates):
                yield f"a result where an error was due ({sorted(candidates[0].errors)}): {json.dumps(answer)[:300]}"
        elif code == INVALID_REQUEST and len(candidates) > 1:
            continue  # an id that is in use already may be refused
        elif candidates and not any(code in due.errors for due in candidates):
            yield f"an error that is not among {sorted(candidates[0].errors)}: {json.dumps(answer)[:300]}"


def _is_refusal(message: Json, codes: Iterable[int]) -> bool:
    return isinstance(message, dict) and message.get("id", 0) is None and _code(message) in codes


def _code(answer: Mapping[str, Json]) -> Json:
    error = answer.get("error")
    return error.get("code") if isinstance(error, dict) else None


def _is_error(error: Json) -> bool:
    return isinstance(error, dict) and type(error.get("code")) is int and isinstance(error.get("message"), str)


def _key(identity: Json) -> str:
    """An id as text, so that 1, 1.0, "1" and true are four."""
    return json.dumps(identity)
