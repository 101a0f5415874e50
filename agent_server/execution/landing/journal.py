"""The journal of one landing: a folder that says, at any moment and after any crash, what is to be done next.

    <transaction>/slots/0, 1, ...   new contents before they are applied, displaced contents afterwards
    <transaction>/<phase>.json      the plan; the name of this one file is the phase

The phase changes by renaming that file, which is atomic and needs no room on a full disk.

    (none) ─ staged ─▶ prepared ─▶ applying ─▶ landed
                                      └─▶ reverting ─▶ reverted

Up to `prepared` the workspace is untouched, and recovery throws the transaction away. From `applying` it goes forward,
or back where somebody changed a file meanwhile. `landed` and `reverted` are done.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from agent_server.execution.changes.changes import ChangeKind

Step = Callable[[str], None]
"""Called before each thing that a crash could separate from the next. Tests crash there."""


def no_step(_: str) -> None:
    """What production runs with: nothing happens between two steps."""


class JournalError(Exception):
    """A journal is not what this program writes. The message is a clause for the user."""


class Phase(StrEnum):
    """How far a transaction is, see the module."""

    PREPARED = "prepared"
    APPLYING = "applying"
    LANDED = "landed"
    REVERTING = "reverting"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class Operation:
    """One path of a landing. `base` and `new` are fingerprints, None where nothing stands before or afterwards.

    `inode` is that of the staged file in its slot, None for a delete. It tells, after a crash, whether the operation
    was applied: while both files exist, no other has that number. Device numbers are not used, for they may change
    when a file system is mounted again.
    """

    path: str
    base: str | None
    new: str | None
    inode: int | None

    @property
    def kind(self) -> ChangeKind:
        """What happens to the path."""
        if self.base is None:
            return ChangeKind.CREATE
        return ChangeKind.DELETE if self.new is None else ChangeKind.MODIFY


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a landing, in the order in which it is applied. `made` are the directories that did not exist before."""

    operations: tuple[Operation, ...]
    made: tuple[str, ...]


class Transaction:
    """The folder of one landing."""

    def __init__(self, folder: Path, step: Step) -> None:
        """The transaction in `folder`, which may not exist yet."""
        self.folder = folder
        self.id = folder.name
        self.slots = folder / "slots"
        self._step = step

    def begin(self) -> None:
        """Make the folder. Raises `OSError`."""
        self.slots.mkdir(mode=0o700, parents=True)

    def prepare(self, plan: Plan) -> None:
        """Note durably that all is staged. Raises `OSError`."""
        sync_directory(self.slots, self._step)
        partial = self.folder / "plan.partial"
        self._step("write plan")
        with partial.open("x", encoding="ascii") as file:
            file.write(json.dumps(asdict(plan)))
            file.flush()
            os.fsync(file.fileno())
        self._rename(partial, Phase.PREPARED)
        sync_directory(self.folder.parent, self._step)

    @property
    def phase(self) -> Phase | None:
        """How far this is; None before the plan is written. Raises `OSError`."""
        names = {path.name for path in self.folder.iterdir()}
        return next((phase for phase in Phase if f"{phase}.json" in names), None)

    def advance(self, before: Phase, after: Phase) -> None:
        """Enter the next phase, durably. Raises `OSError`."""
        self._rename(self._file(before), after)

    def plan(self) -> Plan:
        """The plan, in a phase that has one. Raises `OSError`, and `JournalError` where it cannot be understood."""
        phase = self.phase
        if phase is None:
            raise JournalError(f"`{self.folder}` has no plan")
        try:
            data = json.loads(self._file(phase).read_text("ascii"))
            return Plan(tuple(Operation(**each) for each in data["operations"]), tuple(data["made"]))
        except (ValueError, TypeError, KeyError) as error:
            raise JournalError(f"`{self._file(phase)}` is no plan") from error

    def retire(self, place: Path) -> None:
        """Move the whole folder below `place`. Raises `OSError`."""
        self._step("retire")
        old = self.folder.parent
        self.folder.rename(place / self.id)
        sync_directory(place, self._step)
        sync_directory(old, self._step)

    def _rename(self, path: Path, phase: Phase) -> None:
        self._step(f"enter {phase}")
        path.rename(self._file(phase))
        sync_directory(self.folder, self._step)

    def _file(self, phase: Phase) -> Path:
        return self.folder / f"{phase}.json"


def sync_directory(folder: Path | int, step: Step) -> None:
    """Make the entries of a directory, open or named, durable. Raises `OSError`."""
    step("sync directory")
    descriptor = os.dup(folder) if isinstance(folder, int) else os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
