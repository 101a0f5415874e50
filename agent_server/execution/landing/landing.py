"""Landing: a verified change set goes into the live tree, all of it or nothing, while its user goes on editing.

First everything is staged beside the tree and made durable; until then nothing of the workspace is touched, so a full
disk costs nothing. Then each file is put in its place by one atomic exchange (`placement`), under a journal
(`journal`) that lets `recover` finish, or take back, after a kill at any point. A file that is not, byte for byte, what
the agents started from is never overwritten: the landing is taken back as a whole. What was displaced is kept, so that
a landing can be undone.

What is durable, in this order: the staged contents (synced several at a time) and their directory; the plan; the phase
in which files are touched; then, when all are in place, every directory that changed; and last the phase that says so.
So whatever a loss of power leaves of the exchanges, the journal is there that tells what belongs where, and both
versions of every file are, too.

What holds: every reader of one path sees the old file or the new, never a part. After a kill and `recover` all paths
are old or all new, save those that the user edited meanwhile, whose edits stay. A program that keeps a displaced file
open and writes to it later writes to the kept copy in `landed`. Replacing a file breaks its hard links, as most
editors do.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent_server.execution import file_lock
from agent_server.execution.changes.changes import DIRECTORY, Change, ChangeKind
from agent_server.execution.landing.exchange import is_supported
from agent_server.execution.landing.journal import (
    JournalError,
    Operation,
    Phase,
    Plan,
    Step,
    Transaction,
    no_step,
    sync_directory,
)
from agent_server.execution.landing.placement import ConflictError, Placement
from agent_server.execution.landing.staging import CannotStageError, stage
from agent_server.execution.landing.undo import reversal
from agent_server.execution.paths import UnsafePathError, components, directory, opened
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import in_words

_SHOWN = 5  # as many paths as a message names
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_UNDO = "-undo"


Unsaved = Callable[[], frozenset[str]] | frozenset[str]
"""The paths with unsaved changes in an editor, or what tells them at any moment, in whichever thread lands."""


class LandingFailed(Exception):
    """Nothing was landed, because of the disk, of permissions, or of what was asked. The message is for the user."""


class LandingNotNoted(LandingFailed):
    """All has landed and is durable, but for the note that it has: the next recovery makes it."""


class LandingConflict(Exception):
    """Nothing was landed, because of what the user did to `paths`; `why` is a clause that follows them.

    `rescued` is as in `Recovered`.
    """

    def __init__(
        self, paths: Sequence[str], why: str = "changed since the wave began", rescued: tuple[Path, ...] = ()
    ) -> None:
        super().__init__(tuple(paths), why, rescued)
        self.paths = tuple(paths)
        self.why = why
        self.rescued = rescued

    def __str__(self) -> str:
        shown = ", ".join(f"`{path}`" for path in self.paths[:_SHOWN])
        more = f" and {len(self.paths) - _SHOWN} more" if len(self.paths) > _SHOWN else ""
        kept = f" Older versions are kept in `{self.rescued[0].parent}`." if self.rescued else ""
        return f"{shown}{more} {self.why}. Nothing was landed.{kept}"


class Outcome(StrEnum):
    """What recovery did with a landing that was cut short."""

    DISCARDED = "discarded"
    COMPLETED = "completed"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class Recovered:
    """One landing that recovery brought to its end. DISCARDED: it had not begun to touch the workspace.

    `rescued` are files with bytes that have no place in the tree, because the user put something newer there.
    """

    transaction: str
    outcome: Outcome
    rescued: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Landed:
    """A landing that is complete and durable. `recovered` are earlier ones that had to be finished first."""

    paths: tuple[str, ...]
    recovered: tuple[Recovered, ...] = ()


class Lander:
    """Lands change sets in the tree at `root`. `folder` is for landings alone, on the file system of the tree.

    `landed` in it keeps what landings displaced, until they are forgotten; `rescued` keeps bytes of the user that have
    no place in the tree. All methods block: call them in a thread. Two at once, also of two processes, are refused.
    """

    def __init__(self, root: Path, folder: Path, step: Step = no_step) -> None:
        """`step` is called before each thing that a crash could separate from the next."""
        self._root = root
        self._folder = folder
        self._step = step

    def land(
        self,
        transaction_id: str,
        changes: Sequence[Change],
        *,
        unsaved: Unsaved = frozenset(),
    ) -> Landed:
        """Land `changes`, all of them or none. `unsaved` are the paths with unsaved changes in an editor.

        That is asked twice: before the first file is touched, and when all are in place. If somebody began to type
        meanwhile, the landing is taken back. Landings that were cut short before are brought to their end first.
        Raises `LandingConflict` and `LandingFailed`; the tree is then what it was, but for `LandingNotNoted`.
        """
        with self._claimed() as root:
            return self._land(root, transaction_id, changes, {}, unsaved)

    def recover(self) -> list[Recovered]:
        """Bring every landing that was cut short to its end: complete, or as if it had never begun.

        Can itself be cut short and repeated. Raises `LandingFailed` where the disk does not let it.
        """
        with self._claimed() as root:
            return self._recover(root)

    def undo(self, transaction_id: str, *, unsaved: Unsaved = frozenset()) -> Landed:
        """Take a whole landing back, by landing what it displaced, as the transaction `<id>-undo`.

        Raises as `land`: where one of its files was changed since, nothing is undone.
        """
        with self._claimed() as root:
            done = Transaction(self._folder / "landed" / transaction_id, self._step)
            if not _ID.fullmatch(transaction_id) or not done.folder.is_dir():
                raise LandingFailed(f"There is no landing `{transaction_id}` to undo.")
            changes, modes = reversal(done)
            return self._land(root, f"{transaction_id}{_UNDO}", changes, modes, unsaved)

    def has_landed(self, transaction_id: str) -> bool:
        """Whether that landing is complete, noted as such, and not forgotten. One without changes leaves no trace."""
        return bool(_ID.fullmatch(transaction_id)) and (self._folder / "landed" / transaction_id).is_dir()

    def undone(self) -> tuple[str, ...]:
        """The landings that were taken back, as far as they are not forgotten."""
        done = self._folder / "landed"
        names = sorted(path.name for path in done.iterdir()) if done.is_dir() else []
        return tuple(name.removesuffix(_UNDO) for name in names if name.endswith(_UNDO))

    def forget(self, transaction_id: str) -> None:
        """Remove what a landing displaced; it can then no longer be undone. Nothing there is fine."""
        if _ID.fullmatch(transaction_id):
            remove_tree(self._folder / "landed" / transaction_id)

    def _land(
        self,
        root: int,
        transaction_id: str,
        changes: Sequence[Change],
        modes: Mapping[str, int],
        unsaved: Unsaved,
    ) -> Landed:
        recovered = tuple(self._recover(root))
        self._refuse(transaction_id, changes)
        if not changes:
            return Landed((), recovered)
        transaction = Transaction(self._folder / "pending" / transaction_id, self._step)
        try:
            plan = stage(transaction, root, changes, modes, self._step)
            with self._placing(root, transaction) as placement:
                _expect_base(placement, root, plan)
            _expect_saved(plan, unsaved)
        except BaseException:
            self._discard(transaction)
            raise
        transaction.advance(Phase.PREPARED, Phase.APPLYING)
        self._go_forward(root, transaction, plan, unsaved)
        return Landed(tuple(sorted(each.path for each in changes)), recovered)

    def _recover(self, root: int) -> list[Recovered]:
        return [
            self._finish(root, Transaction(folder, self._step))
            for folder in sorted((self._folder / "pending").iterdir())
            if folder.is_dir()
        ]

    def _finish(self, root: int, transaction: Transaction) -> Recovered:
        phase = transaction.phase
        outcome = Outcome.DISCARDED
        if phase in {None, Phase.PREPARED}:
            self._discard(transaction)
        elif phase is Phase.APPLYING:
            try:
                self._go_forward(root, transaction, transaction.plan())
                outcome = Outcome.COMPLETED
            except (LandingConflict, OSError):
                outcome = Outcome.REVERTED
        elif phase is Phase.LANDED:
            self._tidy(root, transaction, transaction.plan())
            outcome = Outcome.COMPLETED
        else:
            self._go_back(root, transaction, transaction.plan())
            outcome = Outcome.REVERTED
        return Recovered(transaction.id, outcome, self._rescued(transaction))

    def _go_forward(self, root: int, transaction: Transaction, plan: Plan, unsaved: Unsaved = frozenset()) -> None:
        """Apply what is not applied yet; on a conflict or an error go back, and raise."""
        try:
            with self._placing(root, transaction) as placement:
                for number, operation in enumerate(plan.operations):
                    placement.apply(number, operation)
                # Once more, for a program that had a file open while it was displaced, and wrote to it since.
                for number, operation in enumerate(plan.operations):
                    placement.check(number, operation)
            self._sync(root, transaction, plan)
            _expect_saved(plan, unsaved)
        except (ConflictError, LandingConflict, OSError) as error:
            transaction.advance(Phase.APPLYING, Phase.REVERTING)
            self._go_back(root, transaction, plan)
            if isinstance(error, ConflictError):
                raise LandingConflict([error.path], rescued=self._rescued(transaction)) from error
            if isinstance(error, LandingConflict):
                raise LandingConflict(error.paths, error.why, self._rescued(transaction)) from error
            raise
        try:
            transaction.advance(Phase.APPLYING, Phase.LANDED)
        except OSError as error:
            raise LandingNotNoted(
                f"All files are in place, but that could not be noted ({error.strerror}). The next recovery does so."
            ) from error
        # All has landed. Should tidying fail, the next recovery does it.
        with suppress(OSError):
            self._tidy(root, transaction, plan)

    def _tidy(self, root: int, transaction: Transaction, plan: Plan) -> None:
        """Remove directories that our deletes emptied, as Git does, and keep what was displaced."""
        self._step("tidy")
        for operation in plan.operations:
            if operation.kind is ChangeKind.DELETE:
                parents = components(operation.path)[:-1]
                while parents and _remove_directory(root, parents):
                    parents = parents[:-1]
        transaction.retire(self._folder / "landed")

    def _go_back(self, root: int, transaction: Transaction, plan: Plan) -> None:
        """Take back what was applied; raises `LandingFailed` where that has to wait for the next recovery."""
        try:
            if transaction.phase is Phase.REVERTING:
                with self._placing(root, transaction) as placement:
                    for number, operation in reversed(list(enumerate(plan.operations))):
                        placement.revert(number, operation)
                for made in reversed(plan.made):
                    _remove_directory(root, components(made))
                self._sync(root, transaction, plan)
                transaction.advance(Phase.REVERTING, Phase.REVERTED)
            self._discard(transaction)
        except OSError as error:
            raise LandingFailed(
                f"A landing could not be taken back (`{error.filename}`: {error.strerror}). Its journal is kept, and "
                "the next recovery goes on from there."
            ) from error

    def _discard(self, transaction: Transaction) -> None:
        """Remove a transaction whose slots hold nothing but what was staged."""
        self._step("discard")
        remove_tree(transaction.folder)

    def _sync(self, root: int, transaction: Transaction, plan: Plan) -> None:
        """Make all directories that changed durable."""
        sync_directory(transaction.slots, self._step)
        changed = (*(operation.path for operation in plan.operations), *plan.made)
        for parent in sorted({components(path)[:-1] for path in changed}):
            with suppress(FileNotFoundError, NotADirectoryError), directory(root, parent) as descriptor:
                sync_directory(descriptor, self._step)

    def _refuse(self, transaction_id: str, changes: Sequence[Change]) -> None:
        """Raise `LandingFailed` for what cannot be landed at all."""
        if not _ID.fullmatch(transaction_id):
            raise LandingFailed(f"`{transaction_id}` is no name for a landing.")
        if (self._folder / "landed" / transaction_id).exists():
            raise LandingFailed(f"`{transaction_id}` has already landed.")
        paths = [components(change.path) for change in changes]
        if len(set(paths)) < len(paths):
            raise LandingFailed("The change set names a path twice, so nothing was landed.")
        with opened(self._folder) as folder:
            if not is_supported(folder):
                raise LandingFailed(
                    f"The file system of `{self._folder}` cannot exchange two files in one step, so nothing was "
                    "landed: a file that you save at that moment could be lost."
                )

    def _rescued(self, transaction: Transaction) -> tuple[Path, ...]:
        folder = self._folder / "rescued" / transaction.id
        return tuple(sorted(folder.iterdir())) if folder.is_dir() else ()

    @contextmanager
    def _placing(self, root: int, transaction: Transaction) -> Iterator[Placement]:
        with opened(transaction.slots) as slots:
            yield Placement(root, slots, self._folder / "rescued" / transaction.id, self._step)

    @contextmanager
    def _claimed(self) -> Iterator[int]:
        """The open tree, while nobody else lands in it. All errors of the system become `LandingFailed` here."""
        try:
            for name in ("pending", "landed"):
                (self._folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = file_lock.take(self._folder / "lock")
            try:
                with opened(self._root) as root:
                    yield root
            finally:
                file_lock.give_back(lock)
        except file_lock.LockedError as error:
            raise LandingFailed(f"Process {error.pid or 'unknown'} is landing in `{self._root}`. Try again.") from error
        except (UnsafePathError, CannotStageError) as error:
            raise LandingFailed(str(error)) from error
        except OSError as error:
            raise LandingFailed(f"Nothing was landed: {in_words(error)}") from error
        except JournalError as error:
            raise LandingFailed(f"The journals in `{self._folder}` are damaged: {error}.") from error


def _expect_saved(plan: Plan, unsaved: Unsaved) -> None:
    found = unsaved if isinstance(unsaved, frozenset) else unsaved()
    paths = [operation.path for operation in plan.operations if operation.path in found]
    if paths:
        has = "has" if len(paths) == 1 else "have"
        raise LandingConflict(sorted(paths), f"{has} unsaved changes in an editor")


def _expect_base(placement: Placement, root: int, plan: Plan) -> None:
    """Look at all paths before any is touched; raises `LandingConflict` with all that are not what they were."""
    deleted = {operation.path for operation in plan.operations if operation.kind is ChangeKind.DELETE}
    changed = [each.path for each in plan.operations if not _is_as_expected(placement, root, each, deleted)]
    if changed:
        raise LandingConflict(sorted(changed))


def _is_as_expected(placement: Placement, root: int, operation: Operation, deleted: set[str]) -> bool:
    parts = components(operation.path)
    try:
        found = placement.standing(operation.path)
    except NotADirectoryError:  # a file or a link stands where a directory will, if it is deleted first
        return any("/".join(parts[:end]) in deleted for end in range(1, len(parts)))
    if found == DIRECTORY and operation.kind is ChangeKind.CREATE:
        return all(path in deleted for path in _files_below(root, parts))
    return found == operation.base


def _files_below(root: int, parts: tuple[str, ...]) -> Iterator[str]:
    with directory(root, parts) as descriptor, os.scandir(descriptor) as scan:
        for entry in scan:
            inner = (*parts, entry.name)
            if entry.is_dir(follow_symlinks=False):
                yield from _files_below(root, inner)
            else:
                yield "/".join(inner)


def _remove_directory(root: int, parts: tuple[str, ...]) -> bool:
    """Remove a directory if it is empty; whether it was."""
    try:
        with directory(root, parts[:-1]) as parent:
            os.rmdir(parts[-1], dir_fd=parent)
    except OSError:
        return False
    return True
