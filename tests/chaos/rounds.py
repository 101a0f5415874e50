"""One round of chaos: a wave, a kill, edits of the user meanwhile, recovery, decisions, and a look at what is left.

A round has stages. In each, one server does something and then the next one recovers: first the wave is launched, then
people decide about what stopped or landed. Somebody is killed in one of the stages; the others show that what a kill
left behind can still be landed, tried again, discarded and undone.
"""

import asyncio
import os
import random
import signal
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from agent_server.analysis.facts import TaskState
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import STOPPED, RunState
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.state import StateDirectory
from tests.chaos import processes
from tests.chaos.oracle import Snapshot, Stage, Texts, faults
from tests.chaos.server import REFUSED, Act, Death, Scene, Shape
from tests.chaos.user import User
from tests.chaos.wave import PATHS, TASKS, commit_all, environ, new_texts, planted

_AT_LAUNCH = ("server", "agent", "verifier", "lander", "keeper", "recorder", "drift")
_DECISIONS = ("land", "retry", "discard", "undo")
VICTIMS = (*_AT_LAUNCH, *_DECISIONS)
"""Who is killed. While a wave goes on: the process of the server at any moment, an agent's program, the build's shell,
the server in the middle of a landing, the process that starts programs for it, the server in the middle of writing its
record, the server when it verifies again because the workspace has moved on. Then the server of the next day, that
lands what was held, tries again, discards, or undoes."""

_LONGEST = 60.0
# A landing of this wave has some eighty steps that a kill can separate, one as commits some fifty.
_STEPS, _COMMIT_STEPS = 85, 50
_PLACINGS = 14
_WRITINGS = 50
_PAUSES = 0.6  # in how many stages the user saves in the middle of a landing


@dataclass(slots=True)
class Round:
    """What happened in one round. `faults` must be empty."""

    victim: str
    killed: bool = False
    end: str = ""
    edits: int = 0
    recoveries_killed: int = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)


class Chaos:
    """Rounds in one workspace, one after the other, each over what the last one left."""

    def __init__(self, folder: Path, seed: int, isolations: Sequence[Isolation]) -> None:
        self.root = folder / "workspace"
        planted(self.root)
        self.environ = environ(folder)
        self.state = StateDirectory.for_workspace(self.root, self.environ)
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        tempfile.tempdir = str(self._temporary)
        os.environ["TMPDIR"] = str(self._temporary)
        self._isolations = isolations
        self._seed = seed
        self._number = 0
        self._usual_seconds: dict[tuple[str, Shape], float] = {}
        self._last = ""

    def play(self, victim: str) -> Round:
        """One round."""
        self._number += 1
        chance = random.Random(f"{self._seed} {self._number}")
        shape = self._shape(victim, chance)
        if shape.commits:
            commit_all(self.root)
        scene = Scene(self.root, self.environ, uuid.uuid4().hex, self._number, chance.randrange(1 << 30), shape)
        return _Play(self, scene, chance, Round(victim), self._usual_seconds).through()

    def is_new(self, record: RunRecord | None) -> bool:
        """Whether the record is of another run than the one of the last round."""
        return record is not None and record.id != self._last

    def remember(self, record: RunRecord | None) -> None:
        """The last run of a round."""
        self._last = record.id if record is not None else self._last

    @property
    def temporary(self) -> Path:
        """Where temporary files of servers lie."""
        return self._temporary

    def _shape(self, victim: str, chance: random.Random) -> Shape:
        held = victim in ("land", "retry", "discard")
        return Shape(
            chance.choice(self._isolations),
            stream=chance.random() < 0.35,
            commits=chance.random() < (0.5 if victim in ("lander", "undo") else 0.25),
            failing=frozenset(chance.sample(TASKS, chance.choice((1, 1, 2)))) if held else frozenset(),
        )


class _Play:
    """A round that is being played."""

    def __init__(
        self,
        chaos: Chaos,
        scene: Scene,
        chance: random.Random,
        this: Round,
        usual_seconds: dict[tuple[str, Shape], float],
    ) -> None:
        self._chaos = chaos
        self._scene = scene
        self._chance = chance
        self._round = this
        self._usual_seconds = usual_seconds
        self._displaced: dict[str, str | None] = {}
        self._touched: set[str] = set()
        self._record: RunRecord | None = None

    def through(self) -> Round:
        victim = self._round.victim
        self._stage(Act("launch"), victim if victim in _AT_LAUNCH else None)
        if victim in _DECISIONS:
            self._stage(self._decision(victim), victim)
        for _ in range(self._chance.choice((0, 1, 2))):
            self._stage(self._next_decision(), None)
        self._chaos.remember(self._record)
        self._round.end = self._record.state.value if self._record is not None else "before"
        return self._round

    # Stages

    def _stage(self, act: Act | None, victim: str | None) -> None:
        """Let a server do `act`, with `victim` killed in it, and the next one recover; look at what is left."""
        if act is None:
            return
        before, held = Snapshot.of(self._chaos.root), self._record
        user = User(self._chaos.root, f"{self._scene.seed}.{act.name}", self._chance)
        server = processes.forked(partial(self._scene.serve, act, self._death(act, victim)))
        ended = self._watched(act, victim, server, user)
        while self._recovery_killed():
            self._round.recoveries_killed += 1
        said, record = asyncio.run(self._scene.recovered())
        self._round.faults += [sentence for sentence in said if "could not" in sentence]
        self._record = record if self._chaos.is_new(record) else None
        moving = self._moving(act, held)
        shape = self._scene.shape
        stage = Stage(
            act.name,
            self._scene.number,
            shape.commits,
            moving,
            before,
            (held, self._record),
            user,
            dict(self._displaced),
            frozenset(self._touched),
        )
        self._touched |= set(user.saved)
        chaos = self._chaos
        found = list(faults(stage, chaos.root, chaos.state, chaos.temporary, self._scene.mark))
        if os.WIFEXITED(ended) and not user.saved and not self._round.edits and not self._round.killed:
            found += self._undone_work(act, ended)
        self._round.edits += user.edits
        self._round.refused += os.WIFEXITED(ended) and os.WEXITSTATUS(ended) == REFUSED
        if os.WIFEXITED(ended) and os.WEXITSTATUS(ended) not in (0, REFUSED):
            found.append(f"the server that was to {act.name} broke down")
        self._round.faults += [f"round {self._scene.number}, {act.name} of {victim}: {each}" for each in found]
        self._keep_displaced(before.texts, stage, user)

    def _keep_displaced(self, before: Texts, stage: Stage, user: User) -> None:
        for path in PATHS:
            if path in user.saved:
                self._displaced.pop(path, None)
            elif path.partition("/")[0] in stage.landed:
                self._displaced[path] = before[path]

    def _moving(self, act: Act, before: RunRecord | None) -> frozenset[str]:
        """The tasks that were to land, or to be undone, together."""
        if act.name in ("launch", "retry"):
            landed = () if before is None else before.landed
            return frozenset(TASKS) - frozenset(landed)
        if act.name == "undo" and before is not None:
            last = before.landings[-1]
            return frozenset(name for name, task in before.tasks.items() if task.landing == last)
        return act.tasks or self._held() if act.name == "land" else frozenset()

    def _undone_work(self, act: Act, ended: int) -> list[str]:
        """What was not done although nobody was killed and nobody edited."""
        record, failing = self._record, self._scene.shape.failing
        wanted = {
            "launch": RunState.HELD if failing else RunState.LANDED,
            "retry": RunState.LANDED,
            "land": RunState.HELD if failing else RunState.LANDED,
            "discard": RunState.DISCARDED,
            "undo": RunState.UNDONE,
        }[act.name]
        if os.WEXITSTATUS(ended) == REFUSED:
            return [f"nobody was killed and nothing edited, and still {act.name} was refused"]
        if act.name == "land" or (act.name == "undo" and record is not None and record.state is RunState.HELD):
            return []  # what is left decides
        if record is None or record.state is not wanted:
            tasks = record.tasks.items() if record is not None else ()
            messages = "; ".join(f"{name}: {task.message}" for name, task in tasks if task.message)
            how = f"{record.state}: {record.problem} {messages}" if record is not None else "without a record"
            return [f"nobody was killed and nothing edited, and {act.name} ended {how}"]
        return []

    # Decisions

    def _held(self) -> frozenset[str]:
        tasks = self._record.tasks if self._record is not None else {}
        return frozenset(name for name, task in tasks.items() if task.state is TaskState.HELD)

    def _decision(self, name: str) -> Act | None:
        """The decision of that name; None where there is nothing to decide."""
        record = self._record
        if record is None:
            return None
        if name == "undo":
            return Act(name) if record.landed else None
        if record.state not in STOPPED:
            return None
        if name == "land":
            if not self._held():
                return None
            some = self._chance.random() < 0.5 and not self._scene.shape.stream
            chosen = self._chance.sample(sorted(self._held()), self._chance.randint(1, len(self._held())))
            return Act(name, frozenset(chosen) if some else None, unverified=self._chance.random() < 0.3)
        return Act(name)

    def _next_decision(self) -> Act | None:
        """Something that can be decided now."""
        possible = [self._decision(name) for name in _DECISIONS]
        # Who is done has nothing to try again.
        acts = [act for act in possible if act is not None and (act.name != "retry" or not self._all_held())]
        return self._chance.choice(acts) if acts else None

    def _all_held(self) -> bool:
        tasks = self._record.tasks if self._record is not None else {}
        done = (TaskState.HELD, TaskState.LANDED)
        return all(task.state in done and not task.failed_check for task in tasks.values())

    # Kills

    def _death(self, act: Act, victim: str | None) -> Death:
        """How the server is to kill itself, where that is how the victim dies."""
        chance, commits = self._chance, self._scene.shape.commits
        steps = _COMMIT_STEPS if commits else _STEPS
        landing, record = Death(landing=chance.randrange(steps)), Death(record=chance.randrange(_WRITINGS))
        at_once, early = Death(record=chance.randrange(2)), Death(record=record.record // 3)
        placing = Death(placing=0 if commits else chance.randrange(_PLACINGS))
        ways = {
            "lander": (landing, placing),
            "recorder": (record,),
            "discard": (at_once,),
            "undo": (at_once,) if commits else (landing, placing, placing, at_once),
            "land": (Death(landing=landing.landing // 2), placing, early, Death()),
            "retry": (early, Death(), Death()),
        }
        chosen = chance.choice(ways.get(victim or "", (Death(),)))
        return replace(chosen, pause=chance.randrange(_PLACINGS)) if chance.random() < _PAUSES else chosen

    def _watched(self, act: Act, victim: str | None, server: int, user: User) -> int:
        """Let the server go on, with edits of the user, until the kill and its end; how it ended."""
        hunt = _Hunt(victim, server, self._scene.mark, self._chance, self._usual(act), user)
        killed = False
        while not processes.has_ended(server):
            if hunt.seconds > _LONGEST:
                os.kill(server, signal.SIGKILL)
                raise RuntimeError(f"{act.name} came to no end")
            user.perhaps_save()
            if processes.has_stopped(server):
                user.save_late(self._being_placed(act))
                os.kill(server, signal.SIGCONT)
            if not killed and hunt.is_time():
                killed = hunt.kill()
            time.sleep(0.001)
        ended = processes.status_of(server)
        if victim is not None:
            self._round.killed = killed or os.WIFSIGNALED(ended)
        elif os.WIFSIGNALED(ended):
            raise RuntimeError(f"nobody was to kill the server in {act.name}")
        if not os.WIFSIGNALED(ended) and not killed:
            self._usual_seconds[act.name, self._kind] = 0.8 * self._usual(act) + 0.2 * hunt.seconds
        return ended

    def _being_placed(self, act: Act) -> str | None:
        """The file that is most likely put in its place now, more often than not."""
        new, texts = new_texts(self._scene.number), Snapshot.of(self._chaos.root).texts
        moving = self._moving(act, self._record)
        left = [path for path in PATHS if path.partition("/")[0] in moving and texts[path] != new[path]]
        left.sort(key=lambda path: (new[path] is not None, path))  # as a landing goes about it
        return left[0] if left and act.name != "undo" and self._chance.random() < 0.7 else None

    @property
    def _kind(self) -> Shape:
        """What the time that something takes depends on."""
        shape = self._scene.shape
        return Shape(shape.isolation, shape.stream)

    def _usual(self, act: Act) -> float:
        return self._usual_seconds.get((act.name, self._kind), 1.0)

    def _recovery_killed(self) -> bool:
        """Recover in a process of its own, which is killed at some moment as often as not."""
        if self._chance.random() < 0.5:
            return False
        recovering = processes.forked(lambda: asyncio.run(self._scene.recovered()) and None)
        time.sleep(self._chance.uniform(0.0, 0.012))
        if not processes.has_ended(recovering):
            os.kill(recovering, signal.SIGKILL)
            while not processes.has_ended(recovering):
                time.sleep(0.001)
        return os.WIFSIGNALED(processes.status_of(recovering))


class _Hunt:
    """The moment at which a victim is killed, and who that is."""

    def __init__(
        self, victim: str | None, server: int, mark: str, chance: random.Random, usual: float, user: User
    ) -> None:
        self._victim = victim
        self._server = server
        self._mark = mark
        self._chance = chance
        self._usual = usual
        self._user = user
        self._began = time.monotonic()
        self._at: float | None = None
        self._has_edited = False
        match victim:
            case "server" | "retry" | "land":
                self._at = self._began + chance.uniform(0.0, usual * 1.1)
            case "keeper":
                self._at = self._began + chance.uniform(0.0, usual * 0.5)
            case _:  # one that is there for a short while, or kills itself: see `is_time`
                pass

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return time.monotonic() - self._began

    def is_time(self) -> bool:
        """Whether to kill now."""
        if self._at is None and self._victim in ("agent", "verifier") and self._found():
            self._at = time.monotonic() + self._chance.uniform(0.0, 0.05)
        if self._at is None and self._victim == "drift":
            self._look_for_drift()
        return self._at is not None and time.monotonic() >= self._at

    def _look_for_drift(self) -> None:
        """The user saves while the first build goes on; the kill comes when that has ended."""
        is_building = bool(self._processes("build"))
        if is_building and not self._has_edited:
            self._user.save()
            self._has_edited = True
        elif self._has_edited and not is_building:
            self._at = time.monotonic() + self._chance.uniform(0.0, self._usual * 0.6)

    def kill(self) -> bool:
        """Kill the victim, if it is there now."""
        found = self._found()
        for pid in found[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(found)

    def _found(self) -> list[int]:
        match self._victim:
            case "agent":
                return self._processes("agent")
            case "verifier":
                return self._processes("build")
            case "keeper":
                return [pid for pid in processes.children(self._server) if "keeper.py" in processes.command_line(pid)]
            case _:
                return [self._server]

    def _processes(self, what: str) -> list[int]:
        sign = f"{self._mark} {what}"
        return [pid for pid in processes.with_text(sign) if "bwrap" not in processes.command_line(pid)]
