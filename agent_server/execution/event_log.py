"""The log of a run: what its agents did, one JSON object a line, read page by page.

A log may have a hundred megabytes, and it grows while it is read. So a page is a bounded part of it, and where the next
one begins is a byte of the file: no reader counts through what it has read before.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from agent_server.agents.backend import Denied, Event, Retrying, Said, ToolCall, ToolStatus, Used

PAGE = 1 << 20
"""How many bytes of a log one page goes through, but for the end of its last line."""

_LONGEST_LINE = 1 << 22  # bytes; an agent says less in one turn

_KINDS: Mapping[str, type[Said | Denied | Used | Retrying]] = {
    "said": Said,
    "denied": Denied,
    "used": Used,
    "retrying": Retrying,
}


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """What an agent did, and when: seconds since the run began."""

    at: float
    event: Event


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events of one task, in their order.

    `next` is the byte of the log where the next page begins. `at_end`: the log holds no more for now.
    """

    events: tuple[LoggedEvent, ...]
    next: int
    at_end: bool


def log_line(task: str, seconds: float, event: Event) -> str:
    """The line of the log for an event; `seconds` since the run began."""
    entry = {"at": round(seconds, 3), "task": task, "event": type(event).__name__.lower(), **asdict(event)}
    return json.dumps(entry) + "\n"


def read_page(log: Path, task: str, after: int = 0) -> EventPage:
    """The events of a task from the byte `after` of a log on. Reads the disk; raises `OSError`.

    Lines that cannot be read are left out, and so are those above four megabytes. One that is still being written is
    left to the next page. An `after` in the middle of a line means the line behind it.
    """
    mark = json.dumps(task).encode()  # a cheap look before a line is read as JSON: most are those of other tasks
    found: list[LoggedEvent] = []
    try:
        file = log.open("rb")
    except FileNotFoundError:  # nothing has happened yet
        return EventPage((), 0, at_end=True)
    with file:
        at = _line_start(file, after)
        end = at + PAGE
        while at < end:
            line = file.readline(_LONGEST_LINE)
            if not line.endswith(b"\n"):
                if len(line) < _LONGEST_LINE or not _skip_line(file):
                    return EventPage(tuple(found), at, at_end=True)
                line = b""
            at = file.tell()
            event = _event_of(line, task) if mark in line else None
            if event is not None:
                found.append(event)
    return EventPage(tuple(found), at, at_end=False)


def _line_start(file: BinaryIO, after: int) -> int:
    """Go to the first line that starts at the byte `after` or behind it; returns where that is."""
    if after > 0:
        file.seek(after - 1)
        _skip_line(file)
    return file.tell()


def _skip_line(file: BinaryIO) -> bool:
    """Go behind the next line end; False where there is none."""
    while part := file.readline(_LONGEST_LINE):
        if part.endswith(b"\n"):
            return True
    return False


def _event_of(line: bytes, task: str) -> LoggedEvent | None:
    """The event of a line; None where it is another task's, or cannot be read."""
    try:
        entry = json.loads(line)
        if entry.pop("task") != task:
            return None
        return LoggedEvent(float(entry.pop("at")), _read(entry.pop("event"), entry))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _read(kind: str, values: dict[str, Any]) -> Event:
    if kind == "toolcall":
        return ToolCall(values["kind"], tuple(values["paths"]), ToolStatus(values["status"]))
    return _KINDS[kind](**values)
