"""One round of chaos: a wave, a kill, edits of the user meanwhile, recovery, and a look at what is left.

What must hold afterwards: every file of the wave that the user left alone is as before the wave, or all of them are as
the wave wrote them; every text that the user saved stands in its place or is kept where recovery says; what agents had
finished is held or has landed; and no process and no mount is left.
"""

import asyncio
import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from agent_server.analysis.facts import TaskState
from agent_server.execution import executor as executor_module
from agent_server.execution.executor import Executor
from agent_server.execution.isolation import Isolation
from agent_server.execution.landing import Lander
from agent_server.execution.lifecycle import GOING_ON, RunState
from agent_server.execution.record import RunRecord
from agent_server.execution.state import StateDirectory
from agent_server.settings import ExecutionSettings
from tests.chaos.wave import BESIDE, PATHS, PLAN, TASKS, Agents, environ, path_of, plan, planted, written
from tests.execution.plans import analysed

VICTIMS = ("server", "agent", "verifier", "lander", "keeper")
"""Who is killed: the process of the server at any moment, an agent's program, the build's shell, the server in the
middle of a landing, or the process that starts programs for it."""

_LONGEST = 60.0
_GONE_WITHIN = 10.0
_STEPS = 90  # a landing of this wave has some eighty steps that a kill can separate


@dataclass(slots=True)
class Round:
    """What happened in one round. `faults` must be empty."""

    victim: str
    killed: bool = False
    end: str = ""
    edits: int = 0
    recoveries_killed: int = 0
    faults: list[str] = field(default_factory=list)


class Chaos:
    """Rounds in one workspace, one after the other, each over what the last one left."""

    def __init__(self, folder: Path, seed: int, isolation: Isolation) -> None:
        self.root = folder / "workspace"
        planted(self.root)
        self.environ = environ(folder)
        self.state = StateDirectory.for_workspace(self.root, self.environ)
        self.isolation = isolation
        self._seed = seed
        self._number = 0
        self._usual_seconds = 1.0
        self._last = ""

    def play(self, victim: str) -> Round:
        """One round."""
        self._number += 1
        chance = random.Random(f"{self._seed} {self._number}")
        mark = uuid.uuid4().hex
        this = Round(victim)
        before = self._texts()
        server = self._forked(partial(self._serve, mark, chance.randrange(1 << 30), self._landing_step(victim, chance)))
        user = _User(self.root, f"{self._seed}.{self._number}", chance)
        this.killed = self._kill(victim, server, mark, chance, user)
        while self._recovery_killed(chance):
            this.recoveries_killed += 1
        user.stop()
        record = asyncio.run(self._recovered(this))
        if record is not None and record.id == self._last:
            record = None  # the kill came before there was a record of this round
        elif record is not None:
            self._last = record.id
        this.edits = len(user.saved)
        this.end = record.state.value if record is not None else "before"
        this.faults += self._faults(before, user, record, mark)
        return this

    # What is killed

    def _kill(self, victim: str, server: int, mark: str, chance: random.Random, user: "_User") -> bool:
        """Let the wave go on, with edits of the user, until the kill; then wait for the end. Whether there was one."""
        began = time.monotonic()
        # Agents and builds are there for a short while: the moment counts from when they are seen.
        appears = victim in ("agent", "verifier")
        at = (
            None if appears else began + chance.uniform(0.0, self._usual_seconds * (1.1 if victim == "server" else 0.5))
        )
        killed = False
        while not _ended(server):
            if time.monotonic() - began > _LONGEST:
                os.kill(server, signal.SIGKILL)
                raise RuntimeError("a wave came to no end")
            user.perhaps_save()
            if at is None and self._found(victim, server, mark):
                at = time.monotonic() + chance.uniform(0.0, 0.05)
            if not killed and victim != "lander" and at is not None and time.monotonic() >= at:
                killed = self._kill_one(victim, server, mark)
            time.sleep(0.001)
        status = _STATUS.pop(server)
        if victim == "lander":
            killed = os.WIFSIGNALED(status)
        if not killed and not os.WIFSIGNALED(status):
            self._usual_seconds = 0.8 * self._usual_seconds + 0.2 * (time.monotonic() - began)
        return killed

    def _kill_one(self, victim: str, server: int, mark: str) -> bool:
        """Kill the victim, if it is there now."""
        found = self._found(victim, server, mark)
        for pid in found[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(found)

    def _found(self, victim: str, server: int, mark: str) -> list[int]:
        match victim:
            case "server":
                return [server]
            case "keeper":
                return [pid for pid in _children(server) if "keeper.py" in _command_line(pid)]
            case _:
                sign = f"{mark} {'agent' if victim == 'agent' else 'build'}"
                return [pid for pid in _processes_with(sign) if "bwrap" not in _command_line(pid)]

    def _landing_step(self, victim: str, chance: random.Random) -> Callable[[str], None]:
        """A step function for the lander; where that is the victim, it kills at some step."""
        deadly = chance.randrange(_STEPS) if victim == "lander" else -1
        seen = 0

        def step(_: str) -> None:
            nonlocal seen
            if seen == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

        return step

    # Processes of their own

    def _forked(self, act: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                act()
                status = 0
            finally:
                os._exit(status)
        return pid

    def _serve(self, mark: str, seed: int, step: Callable[[str], None]) -> None:
        executor_module.Lander = partial(Lander, step=step)  # type: ignore[misc, assignment]  # as a class is called
        asyncio.run(self._wave(mark, seed))

    async def _wave(self, mark: str, seed: int) -> None:
        executor = self._executor(Agents(mark, self._number, seed, self.environ))
        analysis = analysed(self.root, plan(mark, random.Random(seed)))
        executor.approve(executor.propose(PLAN, analysis, 1))
        await executor.launch(PLAN, analysis).wait()
        await executor.close()

    def _recovery_killed(self, chance: random.Random) -> bool:
        """Recover in a process of its own, which is killed at some moment as often as not."""
        if chance.random() < 0.5:
            return False
        recovering = self._forked(self._recover)
        time.sleep(chance.uniform(0.0, 0.012))
        was_there = not _ended(recovering)
        if was_there:
            os.kill(recovering, signal.SIGKILL)
            while not _ended(recovering):
                time.sleep(0.001)
        return os.WIFSIGNALED(_STATUS.pop(recovering))

    def _recover(self) -> None:
        asyncio.run(self._recovered(None))

    async def _recovered(self, this: Round | None) -> RunRecord | None:
        """Recover; the last run's record."""
        executor = self._executor(Agents("", 0, 0, self.environ))
        try:
            said = await executor.recover()
            if this is not None:
                this.faults += [sentence for sentence in said if "could not" in sentence]
            return executor.records().latest(PLAN)
        finally:
            await executor.close()

    def _executor(self, agents: Agents) -> Executor:
        settings = ExecutionSettings(agent="scripted", isolation=self.isolation, bisect=False)
        return Executor(self.root, settings, self.environ, find_backend=lambda *_: agents)

    # What is left

    def _faults(
        self, before: Mapping[str, str | None], user: "_User", record: RunRecord | None, mark: str
    ) -> Iterator[str]:
        now = self._texts()
        new = {path_of(task, number): written(task, number, self._number) for task in TASKS for number in range(4)}
        alone = [path for path in PATHS if path not in user.touched]
        as_new = [path for path in alone if now[path] == new[path] != before[path]]
        as_old = [path for path in alone if now[path] == before[path] != new[path]]
        if as_old and as_new:
            yield f"half landed: {as_new} are new, {as_old} are old"
        for path in alone:
            if now[path] not in (before[path], new[path]):
                yield f"{path} is {now[path]!r}"
        for path in BESIDE:
            if path not in user.touched and now[path] != before[path]:
                yield f"{path}, which no task writes, is {now[path]!r}"
        yield from self._lost(user)
        yield from self._wrong_record(record, as_new, as_old)
        yield from self._left_behind(mark)

    def _lost(self, user: "_User") -> Iterator[str]:
        """What the user saved last at a path, and nobody can find."""
        missing = {path: token for path, token in user.saved.items() if token is not None}
        if missing:
            found = [text for folder in (self.root, self.state.landing) for text in _all_texts(folder)]
            for path, token in missing.items():
                if not any(token in text for text in found):
                    yield f"lost what the user saved at {path}: {token}"

    def _wrong_record(self, record: RunRecord | None, as_new: list[str], as_old: list[str]) -> Iterator[str]:
        if record is None:
            return
        if record.state in GOING_ON:
            yield f"the record says {record.state} after recovery"
        if record.state is RunState.LANDED and as_old:
            yield f"the record says landed, but {as_old} are old"
        if record.state is not RunState.LANDED and as_new:
            yield f"the record says {record.state}, but {as_new} are new"
        store = Executor(self.root, ExecutionSettings(), self.environ).records()
        for name, task in record.tasks.items():
            if task.state is TaskState.HELD and task.changed and not store.changes(record.id, name):
                yield f"what {name} had finished is gone"

    def _left_behind(self, mark: str) -> Iterator[str]:
        until = time.monotonic() + _GONE_WITHIN
        while (left := [*_processes_with(mark), *_processes_with(str(self.state.sandboxes))]) and (
            time.monotonic() < until
        ):
            time.sleep(0.01)
        yield from (f"process {pid} is left: {_command_line(pid)[:200]}" for pid in left)
        mounts = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
        yield from (f"a mount is left: {line}" for line in mounts if str(self.state.root) in line)
        yield from (f"{folder} is left" for folder in self.state.sandboxes.iterdir())

    def _texts(self) -> dict[str, str | None]:
        return {path: _text(self.root / path) for path in (*PATHS, *BESIDE)}


class _User:
    """Somebody who saves files now and then. `saved` is the last token at each path, None where it was deleted."""

    def __init__(self, root: Path, name: str, chance: random.Random) -> None:
        self.saved: dict[str, str | None] = {}
        self._root = root
        self._name = name
        self._chance = chance
        self._edits = chance.choice((0, 1, 1, 2, 4))
        self._next = time.monotonic() + chance.uniform(0.0, 1.0)
        self._count = 0

    @property
    def touched(self) -> set[str]:
        return set(self.saved)

    def perhaps_save(self) -> None:
        """Save something, if it is time."""
        if not self._edits or time.monotonic() < self._next:
            return
        self._edits -= 1
        self._count += 1
        self._next = time.monotonic() + self._chance.uniform(0.0, 0.4)
        path, token = self._chance.choice((*PATHS, *BESIDE)), f"user {self._name}.{self._count}"
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        way = self._chance.randrange(3)
        if way == 0:
            place.write_text(f"{token}\n")
        elif way == 1:
            draft = place.with_name(".draft")
            draft.write_text(f"{token}\n")
            draft.replace(place)
        else:
            place.unlink(missing_ok=True)
        self.saved[path] = token if way < 2 else None

    def stop(self) -> None:
        """Save no more."""
        self._edits = 0


_STATUS: dict[int, int] = {}


def _ended(pid: int) -> bool:
    if pid in _STATUS:
        return True
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        _STATUS[pid] = status
    return bool(ended)


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _all_texts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path.read_text("utf-8", "replace")


def _processes_with(text: str) -> list[int]:
    return [pid for pid in _pids() if text in _command_line(pid)]


def _pids() -> Iterator[int]:
    own = os.getpid()
    return (int(each.name) for each in Path("/proc").glob("[0-9]*") if int(each.name) != own)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found
