"""The events of a run: what its agents did, as rows of the database, read page by page.

A run may have a million events, and they grow while they are read. So a page is a bounded part of them, and where the
next one begins is the number of the last event that was read: no reader counts through what it has read before.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agent_server.agents.backend import Denied, Event, Retrying, Said, ToolCall, ToolStatus, Used
from agent_server.execution.records.database import spelled

PAGE = 1 << 20
"""How many characters of events one page holds, but for its last event."""

_MOST_EVENTS = 1_000
_KINDS: Mapping[str, type[Said | Denied | Used | Retrying]] = {
    "said": Said,
    "denied": Denied,
    "used": Used,
    "retrying": Retrying,
}

EventRow = tuple[str, str, int, float, str, str]
"""Run, task, attempt, seconds, kind, and what it says as JSON."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """What an agent did, and when: seconds since the run began."""

    at: float
    event: Event


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events of one task, in their order.

    `next` is where the next page begins: a number that means nothing else. `at_end`: there are no more for now.
    """

    events: tuple[LoggedEvent, ...]
    next: int
    at_end: bool


def event_row(run: str, task: str, attempt: int, seconds: float, event: Event) -> EventRow:
    """The row of an event; `seconds` since the run began."""
    return run, spelled(task), attempt, round(seconds, 3), type(event).__name__.lower(), json.dumps(asdict(event))


def add(connection: sqlite3.Connection, rows: Iterable[EventRow]) -> None:
    """Add events, in their order."""
    connection.executemany("INSERT INTO event (run, task, attempt, at, kind, data) VALUES (?, ?, ?, ?, ?, ?)", rows)


def read_page(connection: sqlite3.Connection, run: str, task: str, after: int = 0) -> EventPage:
    """The events of a task behind the number `after`. What cannot be read is left out."""
    rows = connection.execute(
        "SELECT number, at, kind, data FROM event WHERE run = ? AND task = ? AND number > ? ORDER BY number LIMIT ?",
        (run, spelled(task), min(max(after, 0), (1 << 63) - 1), _MOST_EVENTS),
    )
    found: list[LoggedEvent] = []
    room, read = PAGE, 0
    for number, at, kind, data in rows:
        after, room, read = number, room - len(data), read + 1
        event = event_of(kind, data)
        if event is not None:
            found.append(LoggedEvent(float(at), event))
        if room <= 0:
            break
    rows.close()
    return EventPage(tuple(found), after, at_end=room > 0 and read < _MOST_EVENTS)


def event_of(kind: str, data: str) -> Event | None:
    """The event of a row; None where it cannot be read."""
    try:
        return _read(kind, json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _read(kind: str, values: dict[str, Any]) -> Event:
    if kind == "toolcall":
        return ToolCall(values["kind"], tuple(values["paths"]), ToolStatus(values["status"]))
    return _KINDS[kind](**values)
