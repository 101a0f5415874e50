"""The index of one workspace: brought up to date with a set of files, then asked."""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import Self

from agent_server.analysis.imports.layouts import manifests
from agent_server.analysis.questions import Answer, Question
from agent_server.analysis.tree import Tree
from agent_server.workspace.contents import Contents
from agent_server.workspace.index.answering import answer
from agent_server.workspace.index.place import NoPlace, Place, lasting_place, passing_place
from agent_server.workspace.index.pool import Pool, Progress, WorkersDied
from agent_server.workspace.index.protocol import Report
from agent_server.workspace.index.store import BrokenStore, Store, UnusableStore, code_version
from agent_server.workspace.index.surroundings import Surroundings

LOCK_SECONDS = 60.0
"""How long an index waits for another process that indexes the same workspace. Then it goes on all the same: that
does no harm, only the same work twice."""

MOST_FAULTS = 4
"""So often an index is made anew because it was broken. Then there is none."""

_POLL_SECONDS = 0.05

_log = logging.getLogger(__name__)


class NoIndex(Exception):
    """There is no index, and there will be none."""


class Index:
    """What all sources of the workspace at `root` say, for one thread that refreshes it and one that asks.

    `report` is called with a sentence for the user where the index cannot be kept as it should be. Nothing is read or
    started before `refresh`.
    """

    def __init__(
        self,
        root: Path,
        environ: Mapping[str, str],
        report: Callable[[str], None] = lambda _problem: None,
        *,
        workers: int | None = None,
    ) -> None:
        self.root = Path(os.path.realpath(root))
        self._environ = environ
        self._report = report
        self._most_workers = workers
        self._contents = Contents(self.root)
        self._place: Place | None = None
        self._pool: Pool | None = None
        self._store: Store | None = None
        self._around: Surroundings | None = None
        self._indexed: tuple[str, ...] | None = None
        self._closed = Event()
        self._closing = Lock()
        self._given_up = False
        self._faults = 0
        self._distrusted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that read files for it now."""
        return self._pool.pids if self._pool else ()

    def refresh(
        self,
        paths: tuple[str, ...],
        changed: Collection[str] | None = None,
        progress: Progress = lambda _done, _files: None,
        *,
        history: bool = False,
    ) -> None:
        """Bring the index up to date with `paths`, which are all files of the workspace. Blocks.

        Where an earlier refresh came through, only the files in `changed`, those that are new and those that are gone
        are looked at; None means that any may have changed. With `history`, the commits that are new are learnt too.
        Raises `NoIndex` where there is none to be had.
        """
        while self._faults < MOST_FAULTS:
            if self._given_up or self._closed.is_set():
                raise NoIndex
            try:
                self._refresh(paths, changed, progress, history=history)
            except (NoPlace, UnusableStore) as error:
                self._move(str(error))
            except BrokenStore as error:
                self._distrust(error)
            except WorkersDied as error:
                if not self._closed.is_set():
                    self._give_up(str(error))
            else:
                self._indexed = paths
                return
        self._give_up("it breaks whenever it is made")

    def revision(self) -> int:
        """A number that grows with every change of what is indexed. Raises `NoIndex` before the first refresh."""
        with self._asking() as store:
            return store.revision

    def answers(self, questions: Iterable[Question], tree: Tree) -> Iterator[tuple[Question, Answer]]:
        """The answers to `questions` about `tree`, one by one. Raises `NoIndex` where there are none."""
        around = self._surroundings_of(tree)
        for question in questions:
            with self._asking() as store:
                yield question, answer(question, store, around)

    def rest(self) -> None:
        """Let the processes go, until there is something to do for them."""
        if self._pool is not None and not (self._place and self._place.passing):
            self._pool.rest()

    def close(self) -> None:
        """End everything that goes on, in whatever thread. Closing twice does nothing."""
        with self._closing:
            self._closed.set()
            self._leave()

    def _refresh(
        self, paths: tuple[str, ...], changed: Collection[str] | None, progress: Progress, *, history: bool
    ) -> None:
        place, pool = self._made_ready()
        with self._alone(place):
            if self._distrusted:
                place.clear()
                self._distrusted = False
            Store(place.database, self.root, code_version()).close()  # made by one, before several open it
            if changed is None or self._indexed is None:
                _insist(pool.look_at_all(paths, progress))
            else:
                present, gone = _sorted_out(changed, self._indexed, paths)
                _insist(pool.look_at(present, gone, progress) if present or gone else Report())
            if history:
                self._read_history(pool)

    def _made_ready(self) -> tuple[Place, Pool]:
        """A place and processes for a refresh; none are made once this is closed."""
        with self._closing:
            if self._closed.is_set():
                raise NoIndex
            if self._place is None or not self._place.passing:
                self._place = lasting_place(self.root, self._environ)  # each time: somebody may have emptied the cache
            self._pool = self._pool or Pool(self._place, self.root, self._most_workers)
            return self._place, self._pool

    def _read_history(self, pool: Pool) -> None:
        try:
            _insist(pool.read_history())
        except WorkersDied as error:
            _log.warning("The history of %s is not known, because %s", self.root, error)

    @contextmanager
    def _alone(self, place: Place) -> Iterator[None]:
        """Waits until no other process indexes the same workspace, and keeps others waiting."""
        try:
            descriptor = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise NoPlace(f"`{place.lock}` cannot be made: {error.strerror}") from error
        try:
            deadline = time.monotonic() + LOCK_SECONDS
            while not _locked(descriptor) and time.monotonic() < deadline:
                if self._closed.wait(_POLL_SECONDS):
                    raise NoIndex
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _asking(self) -> Iterator[Store]:
        """The index to be asked. What turns out to be wrong with it is `NoIndex`, until a refresh has mended it."""
        try:
            if self._indexed is None or self._place is None:
                raise NoIndex
            if self._store is None or not self._store.is_current():
                self._store = Store(self._place.database, self.root, code_version())
            yield self._store
        except (BrokenStore, UnusableStore) as error:
            self._distrust(error)
            raise NoIndex from error

    def _surroundings_of(self, tree: Tree) -> Surroundings:
        texts = {path: text for path in manifests(tree) if (text := self._contents.read(path)) is not None}
        if self._around is None or self._around.tree.paths is not tree.paths or self._around.texts != texts:
            self._around = Surroundings(tree, texts)
        return self._around

    def _move(self, reason: str) -> None:
        """Go on in memory, where the user's cache cannot be used."""
        was_passing = self._place is not None and self._place.passing
        self._leave()
        if was_passing:
            self._give_up(reason)
            return
        with self._closing:
            if self._closed.is_set():
                raise NoIndex
            try:
                self._place = passing_place()
            except NoPlace:
                self._give_up(reason)
        self._report(f"The index of `{self.root}` lasts only as long as this process, because {reason}.")

    def _distrust(self, error: Exception) -> None:
        """Have the next refresh make the index anew."""
        _log.warning("The index of %s is made anew: %s", self.root, error)
        self._faults += 1
        self._distrusted = True
        self._indexed = self._store = None

    def _give_up(self, reason: str) -> None:
        self._given_up = True
        self._leave()
        self._report(
            f"`{self.root}` has no index, so what only all its files together can tell is not shown, because {reason}."
        )
        raise NoIndex

    def _leave(self) -> None:
        self._indexed = None
        pool, place = self._pool, self._place
        # The store is not closed, but let go of: another thread may be asking it.
        self._pool = self._place = self._store = None
        if pool is not None:
            pool.close()
        if place is not None:
            place.leave()


def _insist(report: Report) -> None:
    if report.broken:
        raise BrokenStore(report.broken)
    if report.unusable:
        raise UnusableStore(report.unusable)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sorted_out(changed: Collection[str], before: tuple[str, ...], now: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Of what changed, and of what came and went besides: what is there to be read, and what is gone. Both sorted."""
    files = frozenset(now)
    touched = set(changed)
    if before is not now:
        touched |= files.symmetric_difference(before)
    return sorted(touched & files), sorted(touched - files)
