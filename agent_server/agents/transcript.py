"""Transcripts: what one agent did, as a file that can be played again.

A transcript is JSON Lines in UTF-8. The first line is the header; every other line is one thing that happened, `at` so
many seconds after the agent's start, never earlier than the line before it. The last line is the end.

    {"version": 1, "task": "nav", "model": "claude-sonnet-5-5", "seconds": 512.0}
    {"at": 3.1, "say": "I look at the navigation first."}
    {"at": 3.4, "tool": "read", "input": {"path": "src/nav.tsx"}}
    {"at": 3.4, "usage": {"input_tokens": 1830, "output_tokens": 64, "cache_read_tokens": 1200, "usd": 0.004}}
    {"at": 9.0, "retry": 1, "reason": "The model is overloaded"}
    {"at": 512.0, "end": "done", "message": "", "retryable": false}

`tool` and `input` are one of the tools of `agent_server.agents.tools` and what it was given; its answer is not kept,
since playing gives a new one. `end` is an `OutcomeKind`; `message` and `retryable` may be left out, and so may all of
`usage` but the first two.

What a program that is an agent did to files is not known call by call. So at the end of its transcript stand the tools
that make the same change set: `delete`, and `put` and `link`, which no model is offered.
"""

import asyncio
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from agent_server.agents.backend import (
    Brief,
    Emit,
    Event,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    Used,
    Workbench,
)
from agent_server.agents.files import ConfinedFiles
from agent_server.agents.tools import Input, Toolbox

_log = logging.getLogger(__name__)

VERSION = 1
"""The version of the format that this module writes."""

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 60

_CACHED = ("cache_read_tokens", "cache_write_tokens")


class BadTranscript(ValueError):
    """A file that is no transcript. The message says which line is wrong, and how."""


@dataclass(frozen=True, slots=True)
class UsedTool:
    """The agent used a tool."""

    name: str
    given: Input


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, `at` seconds after the start."""

    at: float
    what: Said | UsedTool | Used | Retrying | Outcome


@dataclass(frozen=True, slots=True)
class Transcript:
    """What one agent did. The last moment is its `Outcome`, and the only one. `seconds` is how long it took."""

    task: str
    model: str
    seconds: float
    moments: tuple[Moment, ...]


def parse_transcript(text: str) -> Transcript:
    """Read a transcript. Raises `BadTranscript`."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise BadTranscript("It is empty")
    (number, first), *rest = lines
    header = _object(number, first)
    if header.get("version") != VERSION:
        raise BadTranscript(f'Line {number}: the header must say `"version": {VERSION}`')
    moments = tuple(_moment(number, _object(number, line)) for number, line in rest)
    for (number, _), moment, following in zip(rest[1:], moments, moments[1:], strict=False):
        if isinstance(moment.what, Outcome):
            raise BadTranscript(f"Line {number}: something follows the end")
        if following.at < moment.at:
            raise BadTranscript(f"Line {number}: it happens before the line above it")
    if not moments or not isinstance(moments[-1].what, Outcome):
        raise BadTranscript("It has no `end` line; the recording was cut short")
    seconds = header.get("seconds")
    took = float(seconds) if isinstance(seconds, int | float) else moments[-1].at
    return Transcript(str(header.get("task", "")), str(header.get("model", "")), took, moments)


def format_transcript(transcript: Transcript) -> str:
    """The text that `parse_transcript` reads."""
    header = {
        "version": VERSION,
        "task": transcript.task,
        "model": transcript.model,
        "seconds": round(transcript.seconds, 3),
    }
    lines = ({"at": round(moment.at, 3), **_fields(moment.what)} for moment in transcript.moments)
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in (header, *lines))


class ToolAgent(Protocol):
    """An agent that works through a toolbox and nothing else, so that what it does can be recorded."""

    @property
    def name(self) -> str:
        """The name that plans and settings use."""

    @property
    def problem(self) -> str:
        """See `Backend.problem`."""

    async def work(self, brief: Brief, tools: Toolbox) -> Outcome:
        """Carry out `brief` with `tools`. As `Backend.run` otherwise."""


class Recorder:
    """A backend that runs another one and writes what it did to `folder`, one transcript a task."""

    def __init__(self, agent: ToolAgent, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._agent = agent
        self._folder = folder
        self._clock = clock

    @property
    def name(self) -> str:
        """The name of the backend that is recorded."""
        return self._agent.name

    @property
    def runs(self) -> str:
        """No program: what is recorded works in this process."""
        return ""

    @property
    def problem(self) -> str:
        """See `Backend.problem`."""
        return self._agent.problem

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Run the agent. The transcript is written when it ends, also when it is cancelled.

        Where that cannot be, the agent's work stands, and its outcome says so.
        """
        recording = Recording(brief, emit, self._clock)
        files = ConfinedFiles(workbench.root, brief.writes)
        outcome = Outcome(OutcomeKind.CANCELLED)
        try:
            outcome = await self._agent.work(brief, Toolbox(files, recording.hear, recording.used_tool))
        finally:
            problem = await asyncio.to_thread(recording.save, transcript_path(self._folder, brief.task), outcome)
        return replace(outcome, message=f"{outcome.message} {problem}".strip()) if problem else outcome


def transcript_path(folder: Path, task: str) -> Path:
    """Where the transcript of a task lies. An id that is no safe file name is made one, with a digest of the id."""
    if _SAFE_NAME.fullmatch(task):
        return folder / f"{task}.jsonl"
    digest = sha256(task.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return folder / f"{_UNSAFE.sub('-', task)[:_LONGEST_NAME].strip('-.')}-{digest}.jsonl"


def save_transcript(path: Path, text: str) -> str:
    """Write the text of a transcript; what kept it from being written, in words for the user, or nothing. Blocks."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        passing = path.with_suffix(f".{os.getpid()}.part")
        # Half of a surrogate pair is written as JSON's own escape for it.
        passing.write_text(text, encoding="utf-8", errors="backslashreplace")
        passing.replace(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the task's id is no file name"
        problem = f"The transcript could not be written to `{path}`: {reason}."
        _log.warning("%s", problem)
        return problem
    return ""


class Recording:
    """What has happened so far, told on to `emit`."""

    def __init__(self, brief: Brief, emit: Emit, clock: Callable[[], float]) -> None:
        """`clock` gives seconds."""
        self.brief = brief
        self._emit = emit
        self._clock = clock
        self._start = clock()
        self._moments: list[Moment] = []

    def hear(self, event: Event) -> None:
        """Take in an event of the agent."""
        # Tool calls come with their input through `used_tool`, and playing them denies anew what was denied.
        if isinstance(event, Said | Used | Retrying):
            self._add(event)
        self._emit(event)

    def used_tool(self, name: str, given: Input) -> None:
        """Take in the use of a tool."""
        self._add(UsedTool(name, given))

    def save(self, path: Path, outcome: Outcome) -> str:
        """Write the transcript; what kept it from being written, in words for the user, or nothing."""
        self._add(outcome)
        moments = tuple(self._moments)
        return save_transcript(
            path, format_transcript(Transcript(self.brief.task, self.brief.model, moments[-1].at, moments))
        )

    def _add(self, what: Said | UsedTool | Used | Retrying | Outcome) -> None:
        self._moments.append(Moment(self._clock() - self._start, what))


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        raise BadTranscript(f"Line {number}: it is not JSON") from None
    if not isinstance(value, dict):
        raise BadTranscript(f"Line {number}: it is not a JSON object")
    return value


def _moment(number: int, line: Mapping[str, Any]) -> Moment:
    try:
        at = float(line["at"])
        what = _what(line)
    except (KeyError, TypeError, ValueError) as error:
        raise BadTranscript(f"Line {number}: {_complaint(error)}") from None
    if not 0 <= at < float("inf"):
        raise BadTranscript(f"Line {number}: `at` must be 0 or more")
    return Moment(at, what)


def _what(line: Mapping[str, Any]) -> Said | UsedTool | Used | Retrying | Outcome:
    match line:
        case {"say": str(text)}:
            return Said(text)
        case {"tool": str(name), "input": dict(given)}:
            return UsedTool(name, given)
        case {"usage": {"input_tokens": int(used_input), "output_tokens": int(used_output), **others}}:
            read, written = (others.get(name, 0) for name in _CACHED)
            usd = others.get("usd")
            if type(read) is int and type(written) is int and (usd is None or isinstance(usd, int | float)):
                return Used(used_input, used_output, read, written, None if usd is None else float(usd))
        case {"retry": int(attempt), "reason": str(reason)}:
            return Retrying(attempt, reason)
        case {"end": str(kind)}:
            return Outcome(OutcomeKind(kind), str(line.get("message", "")), retryable=line.get("retryable") is True)
    raise ValueError("it is none of `say`, `tool` with `input`, `usage`, `retry` with `reason`, `end`")


def _fields(what: Said | UsedTool | Used | Retrying | Outcome) -> dict[str, Any]:
    match what:
        case Said(text):
            return {"say": text}
        case UsedTool(name, given):
            return {"tool": name, "input": dict(given)}
        case Used(used_input, used_output, read, written, usd):
            others = {name: count for name, count in zip(_CACHED, (read, written), strict=True) if count}
            cost = {} if usd is None else {"usd": usd}
            return {"usage": {"input_tokens": used_input, "output_tokens": used_output, **others, **cost}}
        case Retrying(attempt, reason):
            return {"retry": attempt, "reason": reason}
        case Outcome(kind, message, retryable):
            return {"end": kind.value, "message": message, "retryable": retryable}


def _complaint(error: Exception) -> str:
    return f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
