"""Watching folders, each for itself, so that ignored ones (`node_modules`, `.venv`, build output) cost nothing.

On Linux every folder has its own inotify watch. Elsewhere the system watches whole trees at the price of one, and what
happens in other folders is dropped here.
"""

import asyncio
import errno
import os
import sys
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from agent_server.workspace import inotify
from agent_server.workspace.inotify import Inotify

QUIET_SECONDS = 0.05
"""A batch is delivered when nothing has happened for so long."""

BATCH_SECONDS = 0.5
"""A batch is delivered no later than this after its first event, however much goes on."""

_LIMITS = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM})


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened, as absolute paths: `names` appeared or vanished (or both), `written` were closed after writing.

    `lost` says that more happened than is known.
    """

    names: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    lost: bool = False

    def __or__(self, other: "Seen") -> "Seen":
        """Both."""
        return Seen(self.names | other.names, self.written | other.written, self.lost or other.lost)

    def __bool__(self) -> bool:
        """Whether anything happened."""
        return bool(self.names or self.written or self.lost)


class Watcher(Protocol):
    """Watches a set of folders, and delivers what happens right in them, in batches, on the event loop."""

    def watch(self, folders: Collection[str]) -> frozenset[str]:
        """Watches exactly `folders` (absolute) from now on, and returns those that were not watched before.

        Blocks, so it is called from another thread, by one at a time. Folders that do not exist or may not be read
        are passed over. Raises `OSError` or `RuntimeError` where watching is not, or no longer, possible.
        """

    def close(self) -> None:
        """Ends all watches. Called on the event loop."""


def open_watcher(deliver: Callable[[Seen], None]) -> Watcher:
    """The watcher that suits this system. Called on the event loop; raises `OSError` where none can be had."""
    return FolderWatcher(deliver) if sys.platform == "linux" else TreeWatcher(deliver)


class FolderWatcher:
    """A watcher with one inotify watch a folder."""

    def __init__(self, deliver: Callable[[Seen], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._batch = _Batch(self._loop, deliver)
        self._inotify = Inotify()
        # Single operations on these are atomic: the loop reads and drops entries while `watch` adds them.
        self._watches: dict[str, int] = {}
        self._folders: dict[int, str] = {}
        self._moved: set[str] = set()
        self._loop.add_reader(self._inotify.fileno(), self._read)

    def watch(self, folders: Collection[str]) -> frozenset[str]:
        """See `Watcher`. Folders that were moved, or whose place others took, are watched anew."""
        moved, self._moved = self._moved, set()
        stale = tuple(f"{folder}/" for folder in moved)
        for folder in self._watches.copy():
            if folder not in folders or f"{folder}/".startswith(stale):
                self._drop(folder)
        known = self._watches.copy()
        return frozenset(folder for folder in folders if folder not in known and self._add(folder))

    def close(self) -> None:
        """See `Watcher`."""
        self._batch.close()
        self._loop.remove_reader(self._inotify.fileno())
        self._inotify.close()

    def _add(self, folder: str) -> bool:
        try:
            watch = self._inotify.add(folder)
        except OSError as error:
            if error.errno in _LIMITS:
                raise
            return False
        self._watches[folder] = watch
        self._folders[watch] = folder
        return True

    def _drop(self, folder: str) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None:
            self._folders.pop(watch, None)
            self._inotify.remove(watch)

    def _read(self) -> None:
        for event in self._inotify.read():
            if event.mask & inotify.Q_OVERFLOW:
                # Any folder may have been moved: all that starts with "/" is watched anew.
                self._moved.add("")
                self._batch.add(lost=True)
            elif folder := self._folders.get(event.watch):
                self._note(folder, event)

    def _note(self, folder: str, event: inotify.Event) -> None:
        path = f"{folder}/{event.name}" if event.name else folder
        if event.mask & inotify.IGNORED:
            # The kernel has ended the watch, because the folder is gone.
            self._folders.pop(event.watch, None)
            self._watches.pop(folder, None)
        if event.mask & inotify.MOVE_SELF or (event.mask & inotify.ISDIR and event.mask & inotify.MOVED_FROM):
            self._moved.add(path)
        if event.mask & inotify.CLOSE_WRITE:
            self._batch.add(written=path)
        else:
            self._batch.add(name=path)


class TreeWatcher:
    """A watcher on `watchfiles`, which watches the trees above the folders whole."""

    def __init__(self, deliver: Callable[[Seen], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._deliver = deliver
        self._folders: frozenset[str] = frozenset()
        self._tops: tuple[str, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._starting: Future[None] | None = None
        self._error: OSError | RuntimeError | None = None

    def watch(self, folders: Collection[str]) -> frozenset[str]:
        """See `Watcher`."""
        if self._error:
            raise self._error
        added = frozenset(folders) - self._folders
        self._folders = frozenset(folders)
        tops = _outermost(filter(os.path.isdir, folders))
        if tops != self._tops:
            self._tops = tops
            self._starting = asyncio.run_coroutine_threadsafe(self._start(tops), self._loop)
            self._starting.result()
        return added

    def close(self) -> None:
        """See `Watcher`."""
        if self._starting:
            self._starting.cancel()
        if self._task:
            self._task.cancel()

    async def _start(self, tops: tuple[str, ...]) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._task = asyncio.create_task(self._follow(tops)) if tops else None
        # One turn of the loop takes the task to its first wait, and by then `awatch` has the trees under watch.
        await asyncio.sleep(0)

    async def _follow(self, tops: tuple[str, ...]) -> None:
        from watchfiles import awatch  # noqa: PLC0415  # not needed on Linux, and slow to import

        try:
            async for changes in awatch(*tops, watch_filter=None, step=_MILLISECONDS, debounce=10 * _MILLISECONDS):
                if seen := self._sort_out(changes):
                    self._deliver(seen)
        except (OSError, RuntimeError) as error:
            self._error = error
            self._deliver(Seen(lost=True))

    def _sort_out(self, changes: Iterable[tuple[int, str]]) -> Seen:
        folders = self._folders
        near = [(kind, path) for kind, path in changes if path in folders or os.path.dirname(path) in folders]
        written = frozenset(path for kind, path in near if kind == _MODIFIED)
        return Seen(frozenset(path for kind, path in near if kind != _MODIFIED), written)


_MILLISECONDS = round(1000 * QUIET_SECONDS)
_MODIFIED = 2  # `watchfiles.Change.modified`


class _Batch:
    """Events that are delivered together."""

    def __init__(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[Seen], None]) -> None:
        self._loop = loop
        self._deliver = deliver
        self._names: set[str] = set()
        self._written: set[str] = set()
        self._lost = False
        self._timer: asyncio.TimerHandle | None = None
        self._first = 0.0
        self._last = 0.0

    def add(self, *, name: str = "", written: str = "", lost: bool = False) -> None:
        """Something happened."""
        if name:
            self._names.add(name)
        if written:
            self._written.add(written)
        self._lost |= lost
        self._last = self._loop.time()
        if self._timer is None:
            self._first = self._last
            self._timer = self._loop.call_later(QUIET_SECONDS, self._tick)

    def close(self) -> None:
        """Delivers nothing any more."""
        if self._timer:
            self._timer.cancel()

    def _tick(self) -> None:
        due = min(self._last + QUIET_SECONDS, self._first + BATCH_SECONDS)
        if self._loop.time() < due:
            self._timer = self._loop.call_at(due, self._tick)
            return
        seen = Seen(frozenset(self._names), frozenset(self._written), self._lost)
        self._timer = None
        self._lost = False
        self._names.clear()
        self._written.clear()
        self._deliver(seen)


def _outermost(folders: Iterable[str]) -> tuple[str, ...]:
    """`folders` without those that lie below another one."""
    kept: list[str] = []
    for folder in sorted(folders, key=lambda folder: folder.split("/")):
        if not kept or not folder.startswith(f"{kept[-1]}/"):
            kept.append(folder)
    return tuple(kept)
