"""The backend `replay`: a recorded transcript, played again through the same tools, at a chosen speed.

It is for demonstrations, for tests, and for examining a past run without spending tokens. What the agent reads, writes
and is refused is real; only the model is not there.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Retrying, Said, Used, Workbench
from agent_server.agents.files import ConfinedFiles
from agent_server.agents.meter import Meter, timed_out
from agent_server.agents.tools import PLAYED, TOOLS, Toolbox
from agent_server.agents.transcript import (
    BadTranscript,
    Transcript,
    UsedTool,
    parse_transcript,
    transcript_path,
)

_CHANGING = frozenset(tool.name for tool in (*TOOLS.values(), *PLAYED.values()) if tool.changes)


class ReplayBackend:
    """Plays the transcript of each task.

    `transcripts` maps task ids to files, or is a folder with one `<task>.jsonl` each. More of a task may lie in the
    folder `<task>` there: the first one is played whose writes the task may make, or else the first. `speed` is
    recorded seconds per real second. `clock` and `sleep` count seconds.
    """

    def __init__(
        self,
        transcripts: Mapping[str, Path] | Path,
        speed: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Raises `ValueError` for a speed that is not above 0."""
        if not speed > 0:
            raise ValueError(f"The speed of a replay must be above 0, not {speed:g}")
        self._transcripts = transcripts
        self._speed = speed
        self._clock = clock
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The name that plans and settings use."""
        return "replay"

    @property
    def runs(self) -> str:
        """No program: it works in this process."""
        return ""

    @property
    def problem(self) -> str:
        """None: a transcript that is not there is the affair of its task."""
        return ""

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Play the task's transcript on `workbench`."""
        return await self.work(brief, Toolbox(ConfinedFiles(workbench.root, brief.writes), emit))

    async def work(self, brief: Brief, tools: Toolbox) -> Outcome:
        """Play the task's transcript with `tools`."""
        start = self._clock()
        try:
            transcript = await asyncio.to_thread(self._fitting, brief)
        except BadTranscript as error:
            return Outcome(OutcomeKind.ERROR, str(error))
        try:
            async with asyncio.timeout(brief.limits.seconds):
                return await self._play(transcript, start, brief, tools)
        except TimeoutError:
            return timed_out(brief.limits)

    async def _play(self, transcript: Transcript, start: float, brief: Brief, tools: Toolbox) -> Outcome:
        meter = Meter(brief.limits, tools.emit)
        for moment in transcript.moments:
            # Measured from the start, so that what a tool took is made up for and nothing adds up.
            await self._sleep(max(0.0, start + moment.at / self._speed - self._clock()))
            match moment.what:
                case Outcome() as outcome:
                    return outcome
                case UsedTool(name, given):
                    if over := meter.over_budget():
                        return over
                    await tools.use(name, given)
                case Used() as used:
                    meter.count(used)
                case Said() | Retrying() as event:
                    tools.emit(event)
        raise AssertionError("a transcript ends with an outcome")  # `parse_transcript` sees to it

    def _fitting(self, brief: Brief) -> Transcript:
        """The transcript of the task that keeps to what the task may write, as far as there is one."""
        first, *more = self._paths(brief.task) or (None,)
        if first is None:
            raise BadTranscript(_missing(brief.task))
        found = _read(brief.task, first)
        others = (_read(brief.task, path) for path in more)
        return found if _keeps_to(found, brief) else next((each for each in others if _keeps_to(each, brief)), found)

    def _paths(self, task: str) -> tuple[Path, ...]:
        """Where transcripts of a task lie; what is named here may not be there."""
        if not isinstance(self._transcripts, Path):
            path = self._transcripts.get(task)
            return () if path is None else (path,)
        path = transcript_path(self._transcripts, task)
        more = tuple(sorted(path.with_suffix("").glob("*.jsonl")))
        return more if more and not path.exists() else (path, *more)


def _read(task: str, path: Path) -> Transcript:
    try:
        return parse_transcript(path.read_text(encoding="utf-8"))
    except BadTranscript as error:
        raise BadTranscript(f"The transcript `{path}` cannot be played. {error}.") from None
    except UnicodeDecodeError:
        raise BadTranscript(f"The transcript `{path}` cannot be played. It is not UTF-8 text.") from None
    except FileNotFoundError:
        raise BadTranscript(_missing(task)) from None
    except OSError as error:
        raise BadTranscript(f"The transcript `{path}` cannot be read: {error.strerror}.") from None


def _keeps_to(transcript: Transcript, brief: Brief) -> bool:
    """Whether all that is written in a transcript lies in the task's write set."""
    used = (moment.what for moment in transcript.moments if isinstance(moment.what, UsedTool))
    written = [each.given.get("path") for each in used if each.name in _CHANGING]
    return all(isinstance(path, str) and brief.writes.matches(path) for path in written)


def _missing(task: str) -> str:
    return (
        f"There is no transcript for the task `{task}`. Set `transcripts` to a folder that holds "
        f"`{transcript_path(Path(), task)}`, or choose another agent."
    )
