"""The wave that is killed: four agents, two in the server's own process and two that are programs, and a build.

What a round writes says which round it was, so that old and new can be told apart.
"""

import asyncio
import os
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.agents.programs import Program, ProgramError

TASKS = ("one", "two", "three", "four")
PLAN = "chaos.plan.md"
# What each task does to its own folder: two files change, one is made, one goes and comes in turn.
_FILES = ("changed.txt", "deep/er/changed.txt", "made.txt", "now-and-then.txt")
BESIDE = ("kept.txt", "notes/mine.txt")
"""Files that no task writes."""

_BUILD = """\
: {mark} build
for task in {tasks}; do grep -q . $task/changed.txt || exit 1; done
(setsid sh -c 'sleep 1000; : {mark} left behind' >/dev/null 2>&1 &)
sleep {seconds}
"""


def path_of(task: str, number: int) -> str:
    """A file of a task's folder, by its number."""
    return f"{task}/{_FILES[number]}"


PATHS = tuple(path_of(task, number) for task in TASKS for number in range(len(_FILES)))
"""All files that the wave may write."""


def plan(mark: str, chance: random.Random) -> str:
    """The text of the plan. `mark` stands in the command line of the build."""
    seconds = f"{chance.uniform(0.0, 0.15):.3f}"
    build = _BUILD.format(mark=mark, tasks=" ".join(TASKS), seconds=seconds)
    tasks = "".join(
        f"## {task}: Write {task}\n- writes: `{task}/`\n\nWrite what the folder needs.\n\n" for task in TASKS
    )
    indented = "".join(f"  {line}\n" for line in build.splitlines())
    return f"---\nverify: |\n{indented}---\n# Chaos\n\n{tasks}"


def planted(root: Path) -> None:
    """The workspace before the first round."""
    for path in (*PATHS, *BESIDE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("round 0\n")


def written(task: str, number: int, round_: int) -> str | None:
    """What a round makes of a file; None where it deletes it."""
    return None if number == 3 and round_ % 2 else f"round {round_} by {task}\n"


@dataclass(frozen=True)
class Agents:
    """The backend of the wave. `mark` stands in the command line of all that its programs start."""

    mark: str
    round: int
    seed: int
    environ: Mapping[str, str]
    name: str = "scripted"
    runs: str = ""

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Write a task's files, with pauses."""
        chance = random.Random(f"{self.seed} {brief.task}")
        if TASKS.index(brief.task) % 2:
            return await self._program(brief, workbench, chance)
        for number in range(len(_FILES)):
            await asyncio.sleep(chance.uniform(0.0, 0.03))
            _write(workbench.root / path_of(brief.task, number), written(brief.task, number, self.round))
        return Outcome(OutcomeKind.DONE)

    async def _program(self, brief: Brief, workbench: Workbench, chance: random.Random) -> Outcome:
        """An agent that is a program, and leaves a process behind that has gone its own way."""
        lines = [f": {self.mark} agent", f"(setsid sh -c 'sleep 1000; : {self.mark} left behind' >/dev/null 2>&1 &)"]
        for number in range(len(_FILES)):
            path, text = path_of(brief.task, number), written(brief.task, number, self.round)
            lines.append(f"sleep {chance.uniform(0.0, 0.03):.3f}")
            lines.append(f"rm -f {path}" if text is None else f"printf '{text.strip()}\\n' > {path}")
        try:
            async with workbench.program(Program(("sh", "-c", "\n".join(lines)), self.environ)) as running:
                status = await running.wait()
        except ProgramError as error:
            return Outcome(OutcomeKind.ERROR, str(error))
        return Outcome(OutcomeKind.ERROR if status else OutcomeKind.DONE, running.errors)


def _write(place: Path, text: str | None) -> None:
    if text is None:
        place.unlink(missing_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def environ(folder: Path) -> dict[str, str]:
    """The environment of a server, with its state below `folder`."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**os.environ, "AGENT_SERVER_STATE_DIR": str(folder / "state"), "PYTHONPATH": path}
