"""Watching: exactly the wanted folders, whatever is moved, removed or missed."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agent_server.workspace import inotify
from agent_server.workspace.watching import FolderWatcher, Seen, TreeWatcher, Watcher
from tests.workspace.disk import plant
from tests.workspace.following import DEADLINE


class Observer:
    """Collects what a watcher delivers."""

    def __init__(self) -> None:
        self.batches: list[Seen] = []
        self._delivered = asyncio.Event()

    def __call__(self, seen: Seen) -> None:
        self.batches.append(seen)
        self._delivered.set()

    @property
    def all(self) -> Seen:
        everything = Seen()
        for batch in self.batches:
            everything |= batch
        return everything

    async def until(self, condition: Callable[[Seen], bool]) -> Seen:
        try:
            async with asyncio.timeout(DEADLINE):
                while not condition(self.all):
                    self._delivered.clear()
                    await self._delivered.wait()
        except TimeoutError:
            raise AssertionError(f"This never came; all that was seen is {self.all}") from None
        return self.all

    async def until_name(self, place: Path) -> Seen:
        return await self.until(lambda seen: str(place) in seen.names)


@pytest.fixture
def observer() -> Observer:
    return Observer()


@pytest.fixture
async def watcher(observer: Observer) -> AsyncIterator[FolderWatcher]:
    watcher = FolderWatcher(observer)
    yield watcher
    watcher.close()


@pytest.fixture
def world(root: Path) -> Path:
    return plant(root, {"src/a.py": "", "src/deep/b.py": "", "node_modules/x/index.js": ""})


def watched_folders(watcher: FolderWatcher, world: Path) -> set[str]:
    """The folders below `world` that the kernel watches, by its own account."""
    lines = Path(f"/proc/self/fdinfo/{watcher._inotify.fileno()}").read_text().splitlines()
    fields = [dict(part.split(":") for part in line.split()[1:3]) for line in lines if line.startswith("inotify wd:")]
    inodes = {int(field["ino"], 16) for field in fields}
    found = {folder for folder, _folders, _files in os.walk(world) if Path(folder).stat().st_ino in inodes}
    assert len(found) == len(inodes)
    return {os.path.relpath(folder, world) for folder in found}


linux = pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="inotify is Linux's")


@linux
class TestWhichFolders:
    async def test_only_the_wanted_ones_are_watched(self, world: Path, watcher: FolderWatcher) -> None:
        assert watcher.watch([str(world), f"{world}/src"]) == {str(world), f"{world}/src"}
        assert watched_folders(watcher, world) == {".", "src"}

    async def test_another_set_replaces_the_first(self, world: Path, watcher: FolderWatcher) -> None:
        watcher.watch([str(world), f"{world}/src"])
        assert watcher.watch([str(world), f"{world}/src/deep"]) == {f"{world}/src/deep"}
        assert watched_folders(watcher, world) == {".", "src/deep"}
        assert watcher.watch([]) == frozenset()
        assert watched_folders(watcher, world) == set()

    async def test_what_is_no_folder_is_passed_over(self, world: Path, watcher: FolderWatcher) -> None:
        (world / "link").symlink_to("src")
        assert watcher.watch([f"{world}/nowhere", f"{world}/src/a.py", f"{world}/link"]) == frozenset()

    async def test_closing_gives_the_watches_back(self, world: Path, observer: Observer) -> None:
        watcher = FolderWatcher(observer)
        descriptor = watcher._inotify.fileno()
        watcher.watch([str(world)])
        watcher.close()
        assert not Path(f"/proc/self/fd/{descriptor}").exists()


@linux
class TestWhatIsSeen:
    async def test_names_that_come_and_go_and_files_that_are_written(
        self, world: Path, watcher: FolderWatcher, observer: Observer
    ) -> None:
        watcher.watch([str(world), f"{world}/src"])
        plant(world, {"new.py": "", "src/a.py": "changed"})
        (world / "src/deep/b.py").rename(world / "src/moved.py")
        seen = await observer.until_name(world / "src/moved.py")
        assert seen.names == {f"{world}/new.py", f"{world}/src/moved.py"}
        assert seen.written == {f"{world}/new.py", f"{world}/src/a.py"}
        assert not seen.lost

    async def test_what_happens_in_other_folders_is_not(
        self, world: Path, watcher: FolderWatcher, observer: Observer
    ) -> None:
        watcher.watch([str(world)])
        plant(world, {"node_modules/y.js": "", "src/c.py": "", "last": ""})
        assert (await observer.until_name(world / "last")).names == {f"{world}/last"}

    async def test_a_name_that_is_not_utf_8(self, world: Path, watcher: FolderWatcher, observer: Observer) -> None:
        watcher.watch([str(world)])
        (world / os.fsdecode(b"caf\xe9")).touch()
        await observer.until_name(world / os.fsdecode(b"caf\xe9"))

    async def test_what_comes_close_together_is_one_batch(
        self, world: Path, watcher: FolderWatcher, observer: Observer
    ) -> None:
        watcher.watch([str(world)])
        for number in range(200):
            (world / str(number)).touch()
        await observer.until(lambda seen: len(seen.names) == 200)
        assert len(observer.batches) == 1

    async def test_a_folder_that_is_removed(self, world: Path, watcher: FolderWatcher, observer: Observer) -> None:
        folders = [str(world), f"{world}/src", f"{world}/src/deep"]
        watcher.watch(folders)
        shutil.rmtree(world / "src")
        await observer.until_name(world / "src")
        plant(world, {"src/": ""})
        assert watcher.watch(folders) == {f"{world}/src"}
        plant(world, {"src/again.py": ""})
        await observer.until_name(world / "src/again.py")

    async def test_a_folder_that_was_moved_is_known_by_its_new_name(
        self, world: Path, watcher: FolderWatcher, observer: Observer
    ) -> None:
        watcher.watch([str(world), f"{world}/src", f"{world}/src/deep"])
        (world / "src").rename(world / "lib")
        await observer.until_name(world / "lib")
        assert watcher.watch([str(world), f"{world}/lib", f"{world}/lib/deep"]) == {f"{world}/lib", f"{world}/lib/deep"}
        plant(world, {"lib/deep/new.py": ""})
        seen = await observer.until_name(world / "lib/deep/new.py")
        assert f"{world}/src/deep/new.py" not in seen.names

    async def test_folders_that_changed_places(self, world: Path, watcher: FolderWatcher, observer: Observer) -> None:
        plant(world, {"lib/deep/": ""})
        folders = [str(world), *(f"{world}/{path}" for path in ("src", "src/deep", "lib", "lib/deep"))]
        watcher.watch(folders)
        (world / "src").rename(world / "aside")
        (world / "lib").rename(world / "src")
        (world / "aside").rename(world / "lib")
        await observer.until_name(world / "aside")
        assert len(watcher.watch(folders)) == 4
        plant(world, {"src/deep/one.py": "", "lib/deep/two.py": ""})
        await observer.until_name(world / "lib/deep/two.py")
        assert {f"{world}/src/deep/one.py", f"{world}/lib/deep/two.py"} <= observer.all.names
        assert f"{world}/lib/deep/one.py" not in observer.all.names

    async def test_a_batch_is_delivered_while_things_go_on_happening(
        self, world: Path, watcher: FolderWatcher, observer: Observer
    ) -> None:
        watcher.watch([str(world)])
        async with asyncio.timeout(DEADLINE):
            number = 0
            while not observer.batches:
                (world / str(number)).touch()
                number += 1
                await asyncio.sleep(0.005)


@linux
class TestOverflow:
    def overflow(self, folder: Path) -> None:
        """Make more happen than the kernel keeps."""
        most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
        if most > 200_000:
            pytest.skip("the queue is too long to fill it")
        one, other = folder / "one", folder / "other"
        one.touch()
        for _ in range(most // 2 + 1):
            one, other = one.rename(other), one

    async def test_it_is_told_and_folders_that_changed_places_unseen_are_watched_anew(
        self, world: Path, watcher: FolderWatcher, observer: Observer
    ) -> None:
        plant(world, {"lib/": ""})
        folders = [str(world), f"{world}/src", f"{world}/lib"]
        watcher.watch(folders)
        self.overflow(world)
        (world / "src").rename(world / "aside")
        (world / "lib").rename(world / "src")
        await observer.until(lambda seen: seen.lost)
        watcher.watch(folders)
        plant(world, {"src/new.py": ""})
        await observer.until_name(world / "src/new.py")
        assert f"{world}/lib/new.py" not in observer.all.names


@linux
def test_inotify_tells_the_limits_as_errors(root: Path) -> None:
    notify = inotify.Inotify()
    with pytest.raises(FileNotFoundError):
        notify.add(f"{root}/nowhere")
    notify.close()
    notify.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        notify.add(str(root))


class TestTreeWatcher:
    """The watcher for other systems, which works on Linux too."""

    @pytest.fixture
    async def watcher(self, observer: Observer) -> AsyncIterator[Watcher]:
        watcher = TreeWatcher(observer)
        yield watcher
        watcher.close()

    async def test_what_happens_in_the_wanted_folders_is_seen(
        self, world: Path, watcher: TreeWatcher, observer: Observer
    ) -> None:
        folders = frozenset({str(world), f"{world}/src"})
        assert await asyncio.to_thread(watcher.watch, folders) == folders
        plant(world, {"node_modules/y.js": "", "src/deep/c.py": "", "src/c.py": "", "src/a.py": "changed"})
        seen = await observer.until(lambda seen: {f"{world}/src/c.py"} <= seen.names and bool(seen.written))
        assert f"{world}/src/a.py" in seen.written
        assert not {f"{world}/node_modules/y.js", f"{world}/src/deep/c.py"} & (seen.names | seen.written)

    async def test_a_folder_that_comes_to_be_wanted_is_seen_from_then_on(
        self, world: Path, watcher: TreeWatcher, observer: Observer
    ) -> None:
        await asyncio.to_thread(watcher.watch, frozenset({f"{world}/src"}))
        both = frozenset({f"{world}/src", f"{world}/node_modules"})
        assert await asyncio.to_thread(watcher.watch, both) == {f"{world}/node_modules"}
        plant(world, {"node_modules/y.js": "", "src/c.py": ""})
        await observer.until(lambda seen: {f"{world}/node_modules/y.js", f"{world}/src/c.py"} <= seen.names)
