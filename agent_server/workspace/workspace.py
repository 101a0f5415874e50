"""The live workspace: an immutable tree that is replaced whenever the disk changes, and the texts laid over it."""

import asyncio
import errno
import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from agent_server.analysis.tree import Tree
from agent_server.workspace.buffers import Buffers
from agent_server.workspace.contents import CLOCK_TICK_NS, Contents
from agent_server.workspace.listing import Listing, Method, list_roughly
from agent_server.workspace.paths import is_case_sensitive
from agent_server.workspace.updating import update
from agent_server.workspace.watching import Seen, Watcher, open_watcher

ROUGH_SECONDS = 0.5
"""A rough listing is followed by a careful one after so long: what the user waits for comes first."""

RESCAN_SECONDS = 5.0
"""How often the disk is looked through where it cannot be watched."""

_ROOT_SECONDS = 1.0
# A listing that takes long is repeated more rarely: at most one twentieth of the time goes into it.
_RESCAN_SHARE = 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at the disk found. `tree` is None where the paths are as before.

    `late` are folders in which something happened before they were watched. `error` ended the watching.
    """

    listing: Listing
    tree: Tree | None
    late: frozenset[str]
    seconds: float
    error: OSError | RuntimeError | None = None


class Workspace:
    """The files below `root` as they are now, on disk and in open documents.

    `tree` is immutable: take it, and it stays as it is. `revision` grows, and subscribers are called, when the set of
    paths changed, or the text of a file that `tree_with` was asked for; of one that `text_of` was asked for, when the
    file on the disk changed. Everything but `tree_with`, `text_of` and `unsaved` is called on the event loop. Listing
    and reading after events happen in a thread of the workspace's own. `listed` is set once all files are listed with
    care.

    `report` is called with a sentence for the user when a problem comes up. `root` may be a symlink.
    """

    def __init__(
        self,
        root: Path,
        *,
        report: Callable[[str], None] = lambda _problem: None,
        open_watcher: Callable[[Callable[[Seen], None]], Watcher] = open_watcher,
        rescan_seconds: float = RESCAN_SECONDS,
    ) -> None:
        self.root = Path(os.path.realpath(root))
        self.revision = 0
        self.tree = Tree()
        self.listed = asyncio.Event()
        self._listing = Listing(self.root, Method.WALK)
        self._contents = Contents(self.root)
        self._buffers = Buffers(self.root, self._contents)
        self._asked: set[str] = set()
        self._looked_at: set[str] = set()
        self._kept_current: set[str] = set()
        self._told = 0
        self._case_sensitive: bool | None = None
        self._subscribers: list[Callable[[], None]] = []
        self._followers: list[Callable[[Seen], None]] = []
        self._announcing = False
        self._report = report
        self._watching_problems: tuple[str, ...] = ()
        self._open_watcher = open_watcher
        self._watcher: Watcher | None = None
        self._rescan_seconds = rescan_seconds
        self._listing_seconds = 0.0
        self._pending = Seen(lost=True)
        self._wake = asyncio.Event()
        self._stopped = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._executor = ThreadPoolExecutor(1, "workspace")
        self._task: asyncio.Task[None] | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong now, in full sentences for the user: the listing is cut off, watching is not possible, ..."""
        return (*self._watching_problems, *self._listing.problems)

    async def start(self) -> None:
        """List the files, and follow what happens from then on. Returns when `tree` is right for the first time.

        In a large repository that is a rough listing, and `listed` is set a little later, by a careful one.
        """
        self._loop = asyncio.get_running_loop()
        try:
            self._watcher = self._open_watcher(self._seen)
        except OSError as error:
            self._cannot_watch(error)
        rough = await self._loop.run_in_executor(self._executor, self._look_roughly)
        if rough is not None:
            self._listing, self.tree = rough
            self._announce()
            self._loop.call_later(ROUGH_SECONDS, self._wake.set)
        else:
            await self._catch_up()
        self._task = self._loop.create_task(self._follow())

    async def stop(self) -> None:
        """Follow nothing any more. The last `tree` stays. Stopping twice does nothing."""
        self._stopped.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        self._executor.shutdown(wait=False, cancel_futures=True)

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Call `changed` on the event loop after `revision` has grown; several steps may give one call."""
        self._subscribers.append(changed)

    def follow(self, seen: Callable[[Seen], None]) -> None:
        """Call `seen` on the event loop with all that happens in the workspace, once `tree` is right about it."""
        self._followers.append(seen)

    def tree_with(self, sources: Iterable[str]) -> Tree:
        """The present tree with the texts of `sources`, as far as they can be read; open documents come first.

        A file that is not in the tree is not read: it may be ignored because it holds secrets.
        """
        tree, wanted = self.tree, frozenset(sources)
        self._asked |= wanted
        texts = {path: self._text(path, tree) for path in wanted}
        return tree.with_contents({path: text for path, text in texts.items() if text is not None})

    def text_of(self, path: str) -> str | None:
        """What one file says, as in `tree_with`, where who asks hears otherwise of what somebody types into it."""
        self._looked_at.add(path)
        return self._text(path, self.tree)

    def unsaved(self) -> frozenset[str]:
        """The open documents whose text is not what the disk holds. Can be called in any thread."""
        return self._buffers.unsaved()

    def open_buffer(self, path: str, text: str) -> None:
        """The document `path` (relative) is open in an editor, and its text is now `text`."""
        before = self._buffers.get(path, self._contents.last_read(path))
        self._buffers.open(path, text)
        if path in self._asked and text != before:
            self._announce()

    def close_buffer(self, path: str) -> None:
        """The document `path` is no longer open: the disk says again what the file holds."""
        before = self._buffers.get(path)
        self._buffers.close(path)
        if path in self._asked and before != self._contents.last_read(path):
            self._announce()

    def files_changed(self, paths: Iterable[str]) -> None:
        """An editor saw these paths (relative) appear, vanish or change."""
        absolute = frozenset(f"{self.root}/{path}" for path in paths)
        self._seen(Seen(names=absolute, written=absolute))

    def _text(self, path: str, tree: Tree) -> str | None:
        # One look at the documents: this may be another thread than the one that closes them.
        text = self._buffers.get(path)
        if text is not None or path not in tree:
            return text
        # Where every change is heard of, what was read is right until then: hundreds of manifests cost no `stat` each.
        # Not so what was read before anybody asked: no look at the disk has kept that current.
        is_current = self._watcher is not None and path in self._kept_current
        text = self._contents.read(path, again=not is_current)
        self._kept_current.add(path)
        return text

    def _seen(self, seen: Seen) -> None:
        self._pending |= seen
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._patience()):
                    await self._wake.wait()
            except TimeoutError:
                self._pending |= Seen(lost=True)
            try:
                await self._catch_up()
            except Exception:  # noqa: BLE001  # a look that fails must not end the following: the next event tries again
                _log.exception("A look at `%s` failed", self.root)
                self._pending |= Seen(lost=True)

    def _patience(self) -> float | None:
        """After how many quiet seconds the disk is looked at all the same; None where every change is heard of."""
        if not self._listing.folders:
            return _ROOT_SECONDS
        if self._watcher is None:
            return max(self._rescan_seconds, _RESCAN_SHARE * self._listing_seconds)
        return None

    async def _catch_up(self) -> None:
        """Look at the disk until nothing is pending that a look could have missed."""
        while self._pending:
            self._wake.clear()
            seen, self._pending = self._pending, Seen()
            look = await asyncio.get_running_loop().run_in_executor(self._executor, self._look, seen)
            self._take(look)
            self.listed.set()
            for follower in self._followers:
                follower(seen)

    def _look_roughly(self) -> tuple[Listing, Tree] | None:
        listing = list_roughly(self.root, cancelled=self._stopped.is_set)
        if listing is None:
            return None
        self._case_sensitive = is_case_sensitive(self.root, listing.files)
        return listing, _made_ready(Tree(listing.files, case_sensitive=self._case_sensitive, name=self.root.name))

    def _look(self, seen: Seen) -> _Look:
        """In the workspace's thread: list what must be listed, watch what is to be watched, read what was asked for."""
        began, clock = time.time_ns(), time.monotonic()
        listing = update(self._listing, seen, cancelled=self._stopped.is_set)
        seconds = time.monotonic() - clock
        late, error = frozenset[str](), None
        if self._watcher is not None:
            try:
                added = self._watcher.watch(_folders_of(listing))
                late = frozenset(folder for folder in added if _changed_since(folder, began - CLOCK_TICK_NS))
            except (OSError, RuntimeError) as raised:
                error = raised
        # Behind the watching, so that what changes later is heard of. All of them, since a folder above or the target
        # of a symlink may have changed; those that did not cost a `stat` each.
        for path in filter(listing.has_file, self._asked | self._looked_at):
            self._contents.read(path)
        return _Look(listing, self._tree_of(listing), late, seconds, error)

    def _tree_of(self, listing: Listing) -> Tree | None:
        if listing.files == self._listing.files:
            return None
        if self._case_sensitive is None:
            self._case_sensitive = is_case_sensitive(self.root, listing.files)
        return _made_ready(Tree(listing.files, case_sensitive=self._case_sensitive, name=self.root.name))

    def _take(self, look: _Look) -> None:
        known = self.problems
        self._listing, self._listing_seconds = look.listing, look.seconds
        for problem in look.listing.problems:
            if problem not in known:
                self._report(problem)
        if look.error is not None and self._watcher is not None:
            self._watcher.close()
            self._watcher = None
            self._cannot_watch(look.error)
        if look.late:
            self._pending |= Seen(lost=True)
        if look.tree is not None:
            self.tree = look.tree
        if look.tree is not None or self._contents.revision != self._told:
            self._told = self._contents.revision
            self._announce()

    def _announce(self) -> None:
        self.revision += 1
        if self._loop is not None and not self._announcing:
            self._announcing = True
            self._loop.call_soon(self._call_subscribers)

    def _call_subscribers(self) -> None:
        self._announcing = False
        for changed in self._subscribers:
            changed()

    def _cannot_watch(self, error: OSError | RuntimeError) -> None:
        _log.warning("%s cannot be watched: %s", self.root, error)
        problem = f"`{self.root}` cannot be watched, so it is looked through every few seconds: {_reason(error)}."
        self._watching_problems = (problem,)
        self._report(problem)


def _made_ready(tree: Tree) -> Tree:
    """The tree, with what it makes when it is first asked for: in this thread, and not on the loop."""
    _ = ("" in tree, tree.named(""))
    return tree


def _folders_of(listing: Listing) -> frozenset[str]:
    """The absolute folders to watch: those in which files may appear, and those of the files that govern them."""
    inside = (f"{listing.root}/{folder}" if folder else str(listing.root) for folder in listing.folders)
    return frozenset((*inside, *(os.path.dirname(path) for path in listing.governors)))


def _reason(error: OSError | RuntimeError) -> str:
    match getattr(error, "errno", None):
        case errno.ENOSPC:
            return "the system's limit of watched folders is reached (`fs.inotify.max_user_watches`)"
        case errno.EMFILE:
            return "the limit of watchers (`fs.inotify.max_user_instances`) or of open files (`ulimit -n`) is reached"
        case _:
            return getattr(error, "strerror", None) or str(error)


def _changed_since(folder: str, time_ns: int) -> bool:
    try:
        return os.stat(folder).st_mtime_ns >= time_ns
    except OSError:
        return False
