"""The wave that is killed: four agents, two in the server's own process and two that are programs, and a build.

What a round writes says which round it was, so that old and new can be told apart. Files have some lines that nobody
changes, so that what a user adds at their end can be merged with what an agent changes at their start.
"""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.agents.programs import Program, ProgramError
from tests.execution.repositories import NOTHING_LATER

TASKS = ("one", "two", "three", "four")
PLAN = "chaos.plan.md"
# What each task does to its own folder: two files change, one is made, one goes and comes in turn.
_FILES = ("changed.txt", "deep/er/changed.txt", "made.txt", "now-and-then.txt")
BESIDE = ("kept.txt", "notes/mine.txt")
"""Files that no task writes."""

_REST = "".join(f"line {number}\n" for number in range(8))
_BUILD = """\
: {mark} build
grep -rq round . || exit 1
(setsid sh -c 'sleep 1000; : {mark} left behind' >/dev/null 2>&1 &)
sleep {seconds}
"""
# In a stream, whose work each task begins with.
_NEEDS = {"three": "one", "four": "two"}


def path_of(task: str, number: int) -> str:
    """A file of a task's folder, by its number."""
    return f"{task}/{_FILES[number]}"


PATHS = tuple(path_of(task, number) for task in TASKS for number in range(len(_FILES)))
"""All files that the wave may write."""


def plan(mark: str, chance: random.Random, *, stream: bool = False, commits: bool = False) -> str:
    """The text of the plan. `mark` stands in the command line of the build."""
    seconds = f"{chance.uniform(0.0, 0.15):.3f}"
    build = _BUILD.format(mark=mark, seconds=seconds)
    indented = "".join(f"  {line}\n" for line in build.splitlines())
    land = "land: commit\n" if commits else ""
    tasks = "".join(map(_section, TASKS, (_NEEDS.get(task, "") if stream else "" for task in TASKS)))
    return f"---\n{land}verify: |\n{indented}---\n# Chaos\n\n{tasks}"


def _section(task: str, needs: str) -> str:
    after = f"- needs: {needs}\n" if needs else ""
    return f"## {task}: Write {task}\n- writes: `{task}/`\n{after}\nWrite what the folder needs.\n\n"


def planted(root: Path) -> None:
    """The workspace before the first round: a repository in which all is committed."""
    for path in (*PATHS, *BESIDE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"round 0\n{_REST}")
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "The User")
    git(root, "config", "user.email", "user@example.com")
    commit_all(root)


def commit_all(root: Path) -> None:
    """What the user does now and then: commit all that stands there."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "all")


def git(root: Path, *arguments: str) -> str:
    """What Git prints."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", *NOTHING_LATER, *arguments], cwd=root, env=environment, check=True, capture_output=True, text=True
    ).stdout


def written(task: str, number: int, round_: int) -> str | None:
    """What a round makes of a file; None where it deletes it."""
    return None if number == 3 and round_ % 2 else f"round {round_} by {task}\n{_REST}"


def new_texts(round_: int) -> dict[str, str | None]:
    """What a round makes of all files."""
    return {path_of(task, number): written(task, number, round_) for task in TASKS for number in range(len(_FILES))}


@dataclass(frozen=True)
class Agents:
    """The backend of the wave. `mark` stands in the command line of all that its programs start.

    The agents of the tasks that are `failing` do fail.
    """

    mark: str
    round: int
    seed: int
    environ: Mapping[str, str]
    failing: frozenset[str] = frozenset()
    name: str = "scripted"
    runs: str = ""
    problem: str = ""

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Write a task's files, with pauses."""
        chance = random.Random(f"{self.seed} {brief.task}")
        if TASKS.index(brief.task) % 2:
            outcome = await self._program(brief, workbench, chance)
        else:
            for number in range(len(_FILES)):
                await asyncio.sleep(chance.uniform(0.0, 0.03))
                _write(workbench.root / path_of(brief.task, number), written(brief.task, number, self.round))
            outcome = Outcome(OutcomeKind.DONE)
        return Outcome(OutcomeKind.ERROR, "The model is away.") if brief.task in self.failing else outcome

    async def _program(self, brief: Brief, workbench: Workbench, chance: random.Random) -> Outcome:
        """An agent that is a program, and leaves a process behind that has gone its own way."""
        lines = [
            f": {self.mark} agent",
            "set -e",
            f"(setsid sh -c 'sleep 1000; : {self.mark} left behind' >/dev/null 2>&1 &)",
        ]
        for number in range(len(_FILES)):
            path, text = path_of(brief.task, number), written(brief.task, number, self.round)
            lines.append(f"sleep {chance.uniform(0.0, 0.03):.3f}")
            writing = f"mkdir -p {path.rpartition('/')[0]} && cat > {path} <<'END'\n{text}END"
            lines.append(f"rm -f {path}" if text is None else writing)
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
