"""Asking a daemon something from outside: how it is, and to leave."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent_server.daemon import place

SECONDS_TO_TELL = 5.0
"""How long one among several daemons may take to say how it is: the others are to be heard of as well."""

_SECONDS = 10.0


def ask(folder: str, name: str, purpose: bytes, seconds: float = _SECONDS) -> dict[str, Any] | None:
    """The daemon's answer, JSON-like; None where there is none within `seconds`, or none that can be understood."""
    connection = place.connect(folder, name, purpose)
    if connection is None:
        return None
    with contextlib.closing(connection):
        connection.settimeout(seconds)
        said = b""
        try:
            while part := connection.recv(1 << 16):
                said += part
            answer = json.loads(said)
        except (OSError, ValueError):
            return None
    return answer if isinstance(answer, dict) else None


def names(folder: str) -> list[str]:
    """The names of the daemons that have, or had, a socket in the folder."""
    found = (file for file in Path(folder).iterdir() if file.suffix in (place.SOCKET_SUFFIX, place.PORT_SUFFIX))
    return sorted({file.stem for file in found})


def running(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The daemons of a folder that answer: their names, and how they are."""
    for name in names(folder):
        status = ask(folder, name, b"status", SECONDS_TO_TELL)
        if status is not None:
            yield name, status
