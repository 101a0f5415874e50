"""What JSON-RPC makes of the body of a message. Knows no LSP and no I/O."""

import json
from typing import Any

import msgspec


def decoded(body: bytes) -> Any:
    """The JSON of a body; raises `ValueError`, or `RecursionError`."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        # Python's reader takes what JavaScript's writer makes of half an emoji, and says where a fault is.
        return _without_halves(json.loads(body))


def _without_halves(value: Any) -> Any:
    """The value with U+FFFD for each half of a surrogate pair: no file, and no other message, could hold that."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_without_halves(each) for each in value]
    if isinstance(value, dict):
        return {_without_halves(key): _without_halves(each) for key, each in value.items()}
    return value


def identity_of(message: Any) -> int | str | None:
    """The id of a message, None where it has none that JSON-RPC knows."""
    identity = message.get("id") if isinstance(message, dict) else None
    return identity if isinstance(identity, int | str) and not isinstance(identity, bool) else None


def fault_in(message: Any) -> str:
    """What makes a decoded body no JSON-RPC 2.0 message; empty when it is one."""
    if not isinstance(message, dict):
        return "A message is a JSON object; LSP knows no batches."
    if message.get("jsonrpc") != "2.0":
        return '`jsonrpc` must be "2.0".'
    identity = identity_of(message)
    if identity is None and message.get("id") is not None:
        return "`id` must be a whole number or a text."
    method = message.get("method")
    if method is None:
        return "" if identity is not None and ("result" in message or "error" in message) else "`method` is missing."
    return "" if isinstance(method, str) else "`method` must be a text."
