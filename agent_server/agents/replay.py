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
from agent_server.agents.tools import Toolbox
from agent_server.agents.transcript import (
    BadTranscript,
    Transcript,
    UsedTool,
    parse_transcript,
    transcript_path,
)


class ReplayBackend:
    """Plays the transcript of each task.

    `transcripts` maps task ids to files, or is a folder with one `<task>.jsonl` each. `speed` is recorded seconds per
    real second. `clock` and `sleep` count seconds.
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

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Play the task's transcript on `workbench`."""
        return await self.work(brief, Toolbox(ConfinedFiles(workbench.root, brief.writes), emit))

    async def work(self, brief: Brief, tools: Toolbox) -> Outcome:
        """Play the task's transcript with `tools`."""
        start = self._clock()
        try:
            transcript = await asyncio.to_thread(self._read, brief.task)
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

    def _read(self, task: str) -> Transcript:
        path = self._path(task)
        if path is None:
            raise BadTranscript(_missing(task))
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

    def _path(self, task: str) -> Path | None:
        if isinstance(self._transcripts, Path):
            return transcript_path(self._transcripts, task)
        return self._transcripts.get(task)


def _missing(task: str) -> str:
    return (
        f"There is no transcript for the task `{task}`. Set `transcripts` to a folder that holds "
        f"`{transcript_path(Path(), task)}`, or choose another agent."
    )
