"""Recording an agent that is a program: what it told, and in the end the files that it made.

How it came to them is its own affair, so they all stand at the end of the transcript. What it changed outside its write
set is in there as well: played again, it is refused and told.
"""

import asyncio
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent_server.agents.backend import Backend, Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.agents.files import MAX_BYTES
from agent_server.agents.programs import Written
from agent_server.agents.transcript import Recording, UsedTool, transcript_path


class ProgramRecorder:
    """A backend that runs one whose agent is a program, and writes what that did to `folder`, one transcript a task."""

    def __init__(self, backend: Backend, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._backend = backend
        self._folder = folder
        self._clock = clock

    @property
    def name(self) -> str:
        """The name of the backend that is recorded."""
        return self._backend.name

    @property
    def runs(self) -> str:
        """See `Backend.runs`."""
        return self._backend.runs

    @property
    def problem(self) -> str:
        """See `Backend.problem`."""
        return self._backend.problem

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Run the agent. The transcript is written when it ends, also when it is cancelled.

        Where that cannot be, the agent's work stands, and its outcome says so.
        """
        recording = Recording(brief, emit, self._clock)
        outcome = Outcome(OutcomeKind.CANCELLED)
        try:
            outcome = await self._backend.run(brief, workbench, recording.hear)
        finally:
            problem = await self._keep(recording, workbench, outcome, transcript_path(self._folder, brief.task))
        return replace(outcome, message=f"{outcome.message} {problem}".strip()) if problem else outcome

    async def _keep(self, recording: Recording, workbench: Workbench, outcome: Outcome, path: Path) -> str:
        """Write the transcript; what kept that from being whole, in words for the user."""
        try:
            with tempfile.TemporaryDirectory(prefix="agent-server-") as store:
                changed = await workbench.changes(Path(store) / "changes")
                left_out = await asyncio.to_thread(_note, changed, recording)
        except Exception as error:  # noqa: BLE001  # whatever it is, whoever harvests the sandbox meets it as well
            return f"There is no transcript, for what the agent wrote could not be read: {error}"
        problem = await asyncio.to_thread(recording.save, path, outcome)
        names = ", ".join(f"`{each}`" for each in left_out)
        return problem or (f"The transcript leaves out {names}, which no replay can make." if names else "")


def _note(changed: Iterable[Written], recording: Recording) -> tuple[str, ...]:
    """Note the tools that make those files again, and return the paths that none of them makes. Reads the disk."""
    left_out = []
    for each in sorted(changed, key=lambda each: each.kind != "delete"):  # a file may have become a folder
        used = _played(each, is_kept=recording.brief.writes.matches(each.path))
        if used is None:
            left_out.append(each.path)
        else:
            recording.used_tool(used.name, used.given)
    return tuple(left_out)


def _played(changed: Written, *, is_kept: bool) -> UsedTool | None:
    """The tool that makes that change again; None where there is none. What is refused needs no content."""
    if changed.content is None:
        return UsedTool("delete", {"path": changed.path})
    if not is_kept:
        return UsedTool("put", {"path": changed.path})
    data = changed.content.read_bytes()
    if len(data) > MAX_BYTES:
        return None
    if changed.type == "symlink":
        return UsedTool("link", {"path": changed.path, "target": os.fsdecode(data)})
    executable = {"executable": True} if changed.type == "executable" else {}
    return UsedTool("put", {"path": changed.path, **_spelled(data), **executable})


def _spelled(data: bytes) -> dict[str, Any]:
    try:
        return {"content": data.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
