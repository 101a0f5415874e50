"""Kills landings, in processes forked for that, and looks at what recovery makes of it. Run by `test_landing_kills`.

    python landing_driver.py FOLDER every-step
    python landing_driver.py FOLDER every-step-edited
    python landing_driver.py FOLDER random SEED KILLS

Prints what happened, as JSON: `faults` must be empty, and the counts show that the cases came up.
"""

import json
import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.landing.landing import Lander, LandingConflict, LandingFailed
from tests.execution.trees import Link, Program, Tree, plant, read

OLD: Tree = {
    "README.md": "old\n",
    "run.sh": Program("old"),
    "link": Link("README.md"),
    "src/main.py": "old\n",
    "src/gone.py": "gone\n",
    "src/only/file.py": "gone\n",
    "data/a": "a",
    "data/b": "b",
    "becomes": "a directory",
}
NEW: Tree = {
    "README.md": "new\n",
    "run.sh": "plain",
    "link": Link("src/main.py"),
    "src/main.py": Program("new\n"),
    "src/new/deep/file.py": "new\n",
    "src/new/other.py": "new\n",
    "data": "a file",
    "becomes/one": "1",
}
Step = Callable[[str], None]


class KilledAt:
    """A step function that kills its own process at the step with this number, counted from 0."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        self.seen = 0

    def __call__(self, _: str) -> None:
        if self.seen == self.number:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1


@dataclass
class Round:
    """One landing in a tree of its own, killed, recovered and looked at."""

    folder: Path
    changes: tuple[Change, ...]
    counts: Counter[str]
    edits: dict[str, str] = field(default_factory=dict)

    @property
    def live(self) -> Path:
        return self.folder / "live"

    def begin(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        plant(self.live, OLD)
        self.edits.clear()

    def lander(self, step: Step) -> Lander:
        return Lander(self.live, self.folder / "landing", step)

    def land(self, step: Step) -> bool:
        """Land in a process of its own; whether that was killed."""
        return self._apart(lambda: self.lander(step).land("run", self.changes))

    def recover(self, step: Step) -> bool:
        """Recover in a process of its own; whether that was killed."""
        return self._apart(lambda: self.lander(step).recover())

    def _apart(self, act: Callable[[], object]) -> bool:
        pid = os.fork()
        if pid == 0:
            try:
                act()
            except (LandingConflict, LandingFailed):
                os._exit(3)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return True
        if os.WEXITSTATUS(status) == 3:
            self.counts["conflicts"] += 1
        elif status:
            raise RuntimeError("a landing ended with an error that it should have told")
        return False

    def faults(self) -> list[str]:
        """What must not be: a tree that is neither old nor new, an edit that is not in place, a lost byte."""
        found = read(self.live)
        faults = [f"{path} is {found.get(path)!r}" for path, text in self.edits.items() if found.get(path) != text]
        as_old, as_new = self._differences(found, OLD), self._differences(found, NEW)
        self.counts["new" if not as_new else "old"] += 1
        if as_old and as_new:
            faults.append(f"neither old, by {as_old}, nor new, by {as_new}")
        if list((self.folder / "landing" / "pending").iterdir()):
            faults.append("a journal is left")
        kept = {path.read_text() for path in (self.folder / "landing" / "rescued").rglob("*") if path.is_file()}
        if as_new and (lost := [path for path in self._homeless(found) if str(OLD[path]) not in kept]):
            faults.append(f"lost {lost}")
        return faults

    def _differences(self, found: Mapping[str, object], expected: Mapping[str, object]) -> list[str]:
        apart = {*self.edits, *self._homeless(found)}
        return [path for path in {*found, *expected} - apart if found.get(path) != expected.get(path)]

    def _homeless(self, found: Mapping[str, object]) -> list[str]:
        """The old files that have no place, for the user put a file above them, or a directory where they were."""
        edited = [path for path in self.edits if path in found]
        return [old for old in OLD if any(old.startswith(f"{new}/") or new.startswith(f"{old}/") for new in edited)]


def every_step(folder: Path, *, edited: bool) -> dict[str, object]:
    """Kill one landing at each of its steps, and the recovery from each at a third of its own steps, in turn.

    `edited`: while the first file is being deleted, the user saves the one that comes last, so that all goes back.
    """
    counts: Counter[str] = Counter()
    this = Round(folder / "round", _changes(folder), counts)
    faults: list[str] = []
    step, killed = 0, True
    while killed:
        recovery_step, killed_in_recovery = step % 3, True
        while killed and killed_in_recovery:
            this.begin()
            kill = KilledAt(step)
            killed = this.land(_saving_at_delete(this, kill) if edited else kill)
            if killed:
                killed_in_recovery = this.recover(KilledAt(recovery_step))
                counts["kills in recovery"] += killed_in_recovery
                this.recover(KilledAt(None))
            this.edits = _edits_told(this.folder)
            faults += [f"step {step}, recovery step {recovery_step}: {fault}" for fault in this.faults()]
            recovery_step += 3
        step += 1
    return {"faults": faults, "counts": counts, "steps": step}


def _saving_at_delete(this: Round, kill: Step) -> Step:
    def step(name: str) -> None:
        if name == "delete" and not (this.folder / "edits.json").exists():
            _edit(this, "src/new/other.py", "the user's", by_rename=False)
        kill(name)

    return step


def at_random(folder: Path, seed: int, kills: int) -> dict[str, object]:
    """Kill landings at random steps while the user edits a file, and now and then their recovery too."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    this = Round(folder / "round", _changes(folder), counts)
    faults: list[str] = []
    while counts["kills"] < kills:
        counts["rounds"] += 1
        this.begin()
        killed = this.land(_random_step(this, chance))
        counts["kills"] += killed
        while killed:
            killed = this.recover(KilledAt(chance.randrange(25) if chance.random() < 0.5 else None))
            counts["kills in recovery"] += killed
        # What the user did happened in the process that was killed.
        this.edits = _edits_told(this.folder)
        counts["edits"] += len(this.edits)
        faults += [f"seed {seed}, round {counts['rounds']}: {fault}" for fault in this.faults()]
    return {"faults": faults, "counts": counts}


def _random_step(this: Round, chance: random.Random) -> Step:
    """A step in which the user saves some file, and another, often soon after, that kills."""
    edited, soon = chance.randrange(45), chance.random() < 0.5
    kill = KilledAt(edited + chance.randrange(4) if soon else chance.randrange(50))
    path, by_rename = chance.choice([*OLD, *NEW]), chance.random() < 0.5
    text = f"the user's, {chance.random()}"

    def step(name: str) -> None:
        if kill.seen == edited:
            _edit(this, path, text, by_rename=by_rename)
        kill(name)

    return step


def _edit(this: Round, path: str, text: str, *, by_rename: bool) -> None:
    """Let the user save a file, and note that for the process that looks at it in the end."""
    if _save(this.live / path, text, by_rename=by_rename):
        (this.folder / "edits.json").write_text(json.dumps({path: text}))


def _save(place: Path, text: str, *, by_rename: bool) -> bool:
    """Save a file as an editor does: in place, or beside it and then by a rename. Whether there was a place for it."""
    if place.is_symlink() or place.is_dir() or place.parent.is_file():
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    target = place.with_name("saved.tmp") if by_rename else place
    target.write_text(text)
    target.chmod(0o644)
    target.rename(place)
    return True


def _edits_told(folder: Path) -> dict[str, str]:
    told = folder / "edits.json"
    return dict(json.loads(told.read_text())) if told.exists() else {}


def _changes(folder: Path) -> tuple[Change, ...]:
    base, after = plant(folder / "base", OLD), plant(folder / "after", NEW)
    return change_set(base, {path: after / path if path in NEW else None for path in {*OLD, *NEW}}, folder / "store")


if __name__ == "__main__":
    place, mode = Path(sys.argv[1]), sys.argv[2]
    if mode == "random":
        result = at_random(place, *map(int, sys.argv[3:]))
    else:
        result = every_step(place, edited=mode == "every-step-edited")
    json.dump(result, sys.stdout)
