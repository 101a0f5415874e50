"""The live workspace: after whatever happens on the disk and in the editor, the tree is right, and nobody waits."""

import asyncio
import errno
import os
import random
import shutil
import threading
from collections.abc import Callable, Collection
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pytest

from agent_server.workspace import listing as listing_module
from agent_server.workspace import workspace as workspace_module
from agent_server.workspace.watching import FolderWatcher, Seen, TreeWatcher, Watcher, open_watcher
from tests.workspace.disk import commit_all, git, plant, repository
from tests.workspace.following import DEADLINE, Following

Follow = Callable[..., Following]

FILES = {".gitignore": "build/\n*.log\n", "a.py": "A", "src/b.py": "B", "src/deep/c.py": "C"}


@pytest.fixture(params=["git", "walk"])
def world(request: pytest.FixtureRequest, root: Path) -> Path:
    """The files above, in a repository and without one."""
    return repository(root, FILES) if request.param == "git" else plant(root, FILES)


@pytest.fixture
async def following(world: Path, follow: Follow) -> Following:
    return await follow(world).start()


class TestStart:
    async def test_the_tree_is_right_from_the_start(self, following: Following) -> None:
        assert following.files == set(FILES)
        assert following.workspace.tree.name == following.root.name
        assert following.problems == []
        assert following.workspace.problems == ()

    async def test_before_the_start_there_is_nothing(self, world: Path, follow: Follow) -> None:
        workspace = follow(world).workspace
        assert (workspace.tree.paths, workspace.revision) == ((), 0)

    async def test_a_tree_that_was_taken_stays_as_it_is(self, following: Following) -> None:
        tree = following.workspace.tree
        (following.root / "a.py").unlink()
        await following.until_files(set(FILES) - {"a.py"})
        assert "a.py" in tree

    async def test_a_symlinked_root_is_the_folder_it_points_to(
        self, world: Path, tmp_path: Path, follow: Follow
    ) -> None:
        (tmp_path / "alias").symlink_to(world)
        following = await follow(tmp_path / "alias").start()
        assert following.root == world
        (tmp_path / "alias/new.py").touch()
        await following.until_files({*FILES, "new.py"})

    async def test_stopping_twice_and_without_a_start_is_fine(self, world: Path, follow: Follow) -> None:
        never_started = follow(world).workspace
        await never_started.stop()
        following = await follow(world).start()
        await following.workspace.stop()
        await following.workspace.stop()
        assert following.files == set(FILES)

    async def test_a_stopped_workspace_keeps_no_descriptor(self, world: Path, follow: Follow) -> None:
        before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
        for _ in range(3):
            following = await follow(world).start()
            await following.workspace.stop()
        assert not before or len(list(Path("/proc/self/fd").iterdir())) <= before


class TestARoughStart:
    @pytest.fixture(autouse=True)
    def _any_repository_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing_module, "LARGE_INDEX_BYTES", 0)
        monkeypatch.setattr(workspace_module, "ROUGH_SECONDS", 0.0)

    async def test_what_was_deleted_is_found_out_behind_the_first_look(self, root: Path, follow: Follow) -> None:
        repository(root, {"a.py": "", "gone/b.py": ""})
        (root / "gone/b.py").unlink()
        following = await follow(root).start()
        assert following.files == {"a.py", "gone/b.py"}
        assert not following.workspace.listed.is_set()
        await following.until_files({"a.py"})
        assert following.workspace.listed.is_set()
        plant(root, {"gone/c.py": ""})
        await following.until_files({"a.py", "gone/c.py"})

    async def test_nothing_is_announced_where_both_looks_agree(self, root: Path, follow: Follow) -> None:
        following = await follow(repository(root, {"a.py": "", "b/c.py": ""})).start()
        await following.workspace.listed.wait()
        await following.caught_up()
        assert following.workspace.revision == 3  # the first listing, and a file that came and went

    async def test_stopping_right_away(self, root: Path, follow: Follow) -> None:
        following = await follow(repository(root, {"a.py": ""})).start()
        await following.workspace.stop()
        assert following.files == {"a.py"}


class TestFiles:
    async def test_a_file_appears_and_vanishes(self, following: Following) -> None:
        plant(following.root, {"src/new.py": ""})
        await following.until_files({*FILES, "src/new.py"})
        (following.root / "src/new.py").unlink()
        await following.until_files(FILES)

    async def test_a_file_is_renamed(self, following: Following) -> None:
        (following.root / "a.py").rename(following.root / "src/z.py")
        await following.until_files({*FILES, "src/z.py"} - {"a.py"})

    async def test_a_new_folder_with_files_that_are_made_at_once(self, following: Following) -> None:
        new = {f"fresh/{one}/{two}/{three}.py" for one in "ab" for two in "cd" for three in "ef"}
        plant(following.root, dict.fromkeys(new, ""))
        await following.until_files({*FILES, *new})
        plant(following.root, {"fresh/a/d/later.py": ""})
        await following.until_files({*FILES, *new, "fresh/a/d/later.py"})

    async def test_a_folder_grows_while_it_is_looked_at(self, following: Following) -> None:
        new = [f"fresh/{'/'.join('abcdefgh'[:depth])}/x.py" for depth in range(1, 9)]
        for path in new:
            plant(following.root, {path: ""})
            await asyncio.sleep(0.01)  # Not to wait for something, but to be in the middle of it
        await following.until_files({*FILES, *new})

    async def test_a_folder_is_renamed_and_followed_by_its_new_name(self, following: Following) -> None:
        (following.root / "src").rename(following.root / "lib")
        await following.until_files({".gitignore", "a.py", "lib/b.py", "lib/deep/c.py"})
        plant(following.root, {"lib/deep/new.py": ""})
        await following.until(lambda: "lib/deep/new.py" in following.workspace.tree)

    async def test_a_folder_moves_in_and_out(self, following: Following, tmp_path: Path) -> None:
        plant(tmp_path / "outside", {"deep/x.py": "", "y.log": ""})
        (tmp_path / "outside").rename(following.root / "inside")
        await following.until_files({*FILES, "inside/deep/x.py"})
        (following.root / "inside").rename(tmp_path / "outside")
        await following.until_files(FILES)

    async def test_a_folder_is_removed_with_all_in_it(self, following: Following) -> None:
        shutil.rmtree(following.root / "src")
        await following.until_files({".gitignore", "a.py"})

    async def test_the_rules_of_what_is_ignored_change(self, following: Following) -> None:
        plant(following.root, {"x.log": "", "build/out.js": "", ".gitignore": "a.py\n"})
        if (following.root / ".git").exists():
            git(following.root, "rm", "--quiet", "--cached", "a.py")
        await following.until_files({".gitignore", "src/b.py", "src/deep/c.py", "x.log", "build/out.js"})
        plant(following.root, {"build/more.js": ""})
        await following.until(lambda: "build/more.js" in following.workspace.tree)
        plant(following.root, {".gitignore": FILES[".gitignore"]})
        await following.until_files(FILES)

    async def test_a_name_that_is_not_utf_8(self, following: Following) -> None:
        name = os.fsdecode(b"caf\xe9.py")
        plant(following.root, {name: ""})
        await following.until_files({*FILES, name})

    async def test_a_storm_of_renames_ends_in_the_right_tree(self, following: Following) -> None:
        plant(following.root, {f"many/{number}": "" for number in range(500)})
        for number in range(500):
            (following.root / f"many/{number}").rename(following.root / f"many/new-{number}")
        await following.until_files({*FILES, *(f"many/new-{number}" for number in range(500))})

    async def test_a_storm_of_all_kinds_ends_in_the_right_tree(self, following: Following) -> None:
        chance = random.Random(7)
        for step in range(400):
            places = [place for place in following.root.rglob("*") if ".git" not in place.parts]
            place = chance.choice(places)
            match chance.randrange(4):
                case 0 if place.is_dir():
                    plant(place, {f"{step}/file.py": ""})
                case 1 if place.name != ".gitignore":
                    place.rename(following.root / f"moved-{step}")
                case 2 if place.is_file() and place.name != ".gitignore":
                    place.unlink()
                case _:
                    plant(following.root, {f"top-{step}.py": "", f"top-{step}.log": ""})
            if step % 20 == 0:
                await asyncio.sleep(0)
        files = {str(place.relative_to(following.root)) for place in following.root.rglob("*") if place.is_file()}
        await following.until_files({file for file in files if not file.startswith(".git/") and file[-4:] != ".log"})


class TestGit:
    @pytest.fixture
    async def following(self, root: Path, follow: Follow) -> Following:
        return await follow(repository(root, FILES)).start()

    async def test_another_branch_is_checked_out(self, following: Following) -> None:
        git(following.root, "switch", "--quiet", "--create", "other")
        (following.root / "src/b.py").unlink()
        plant(following.root, {"lib/new.py": "", "src/deep/er/d.py": ""})
        commit_all(following.root)
        git(following.root, "switch", "--quiet", "main")
        await following.until_files(FILES)
        git(following.root, "switch", "--quiet", "other")
        await following.until_files({*FILES, "lib/new.py", "src/deep/er/d.py"} - {"src/b.py"})
        git(following.root, "switch", "--quiet", "main")
        await following.until_files(FILES)

    async def test_a_file_that_is_ignored_is_added_by_force(self, following: Following) -> None:
        plant(following.root, {"x.log": ""})
        git(following.root, "add", "--force", "x.log")
        await following.until_files({*FILES, "x.log"})

    async def test_the_repository_s_own_rules_change(self, following: Following) -> None:
        plant(following.root, {"x.tmp": ""})
        await following.until_files({*FILES, "x.tmp"})
        plant(following.root, {".git/info/exclude": "*.tmp\n"})
        await following.until_files(FILES)

    async def test_a_rule_above_the_root_changes(self, root: Path, follow: Follow) -> None:
        repository(root, FILES)
        following = await follow(root / "src").start()
        plant(root, {"src/x.tmp": ""})
        await following.until_files({"b.py", "deep/c.py", "x.tmp"})
        plant(root, {".gitignore": "*.tmp\n"})
        await following.until_files({"b.py", "deep/c.py"})

    async def test_a_repository_is_cloned_into_the_workspace(self, following: Following, tmp_path: Path) -> None:
        other = repository(tmp_path / "other", {"x.py": "", ".gitignore": "*.tmp\n"})
        await asyncio.to_thread(git, following.root, "clone", "--quiet", str(other), "inner")
        await following.until_files({*FILES, "inner/x.py", "inner/.gitignore"})
        plant(following.root, {"inner/y.tmp": "", "inner/y.log": ""})
        await following.until_files({*FILES, "inner/x.py", "inner/.gitignore", "inner/y.log"})

    async def test_a_folder_becomes_a_repository_and_stops_to_be_one(self, root: Path, follow: Follow) -> None:
        following = await follow(plant(root / "late", {"a.py": "", ".venv/lib.py": ""})).start()
        await following.until_files({"a.py"})
        git(following.root, "init", "--quiet")
        await following.until_files({"a.py", ".venv/lib.py"})
        shutil.rmtree(following.root / ".git")
        await following.until_files({"a.py"})


class TestCost:
    async def test_what_happens_in_ignored_folders_is_not_noticed(self, following: Following) -> None:
        plant(following.root, {"build/": ""})
        await following.caught_up()
        revision = following.workspace.revision
        plant(following.root, {f"build/{number}/out.js": "" for number in range(100)})
        await following.caught_up()
        assert following.workspace.revision == revision + 2  # Those of the file that tells that all was seen

    @pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="inotify is Linux's")
    async def test_ignored_folders_are_not_watched(self, world: Path, follow: Follow) -> None:
        plant(world, {f"build/{number}/out.js": "" for number in range(100)})
        following = await follow(world).start()
        watcher = following.workspace._watcher
        assert isinstance(watcher, FolderWatcher)
        lines = Path(f"/proc/self/fdinfo/{watcher._inotify.fileno()}").read_text().splitlines()
        metadata = 2 if (world / ".git").exists() else 0  # `.git` and `.git/info`
        assert sum(line.startswith("inotify wd:") for line in lines) == 3 + metadata

    async def test_files_that_are_written_change_nothing(self, following: Following) -> None:
        revision, tree = following.workspace.revision, following.workspace.tree
        for _ in range(20):
            plant(following.root, {"a.py": "changed"})
        await following.caught_up()
        assert following.workspace.revision == revision + 2
        assert following.workspace.tree.paths == tree.paths

    async def test_the_event_loop_goes_on_while_ten_thousand_files_are_listed(self, root: Path, follow: Follow) -> None:
        plant(root, {f"src/{folder}/0.py": "" for folder in range(100)})
        for folder in range(100):
            for number in range(1, 100):
                os.link(root / "src/0/0.py", root / f"src/{folder}/{number}.py")
        following = await follow(repository(root, {})).start()
        assert len(following.files) == 10_000
        beats: list[float] = []

        async def beat() -> None:
            while True:
                beats.append(perf_counter())
                await asyncio.sleep(0.001)

        heart = asyncio.create_task(beat())
        shares = []
        for number in range(5):
            name = f"new-{number}"
            beats[:] = [perf_counter()]
            (root / name).touch()
            following.workspace.files_changed([".gitignore"])
            await following.until(lambda name=name: name in following.workspace.tree)  # type: ignore[misc]
            beats.append(perf_counter())
            shares.append(max(later - earlier for earlier, later in pairwise(beats)) / (beats[-1] - beats[0]))
        heart.cancel()
        # A listing on the loop itself would be one long gap each time. The best of five is free of others' noise.
        assert min(shares) < 0.5


class TestTexts:
    async def test_a_text_that_was_asked_for_is_told_anew_when_it_changes(self, following: Following) -> None:
        assert following.text("a.py") == "A"
        calls, revision = following.calls, following.workspace.revision
        plant(following.root, {"a.py": "changed"})
        await following.until(lambda: following.calls > calls)
        assert following.workspace.revision > revision
        assert following.text("a.py") == "changed"

    async def test_a_text_that_was_asked_for_in_vain_is_told_when_it_comes(self, following: Following) -> None:
        assert following.text("src/deep/new.py") is None
        plant(following.root, {"src/deep/new.py": "N"})
        await following.until(lambda: following.text("src/deep/new.py") == "N")

    async def test_what_was_read_before_anybody_asked_is_read_again(self, following: Following) -> None:
        """Whether an open document is saved was looked at, and nobody has followed its file since."""
        following.workspace.open_buffer("a.py", "A")
        assert following.workspace.unsaved() == frozenset()
        following.workspace.close_buffer("a.py")
        plant(following.root, {"a.py": "changed"})
        await following.caught_up()
        assert following.text("a.py") == "changed"

    async def test_a_file_that_is_replaced_by_a_rename_is_told(self, following: Following) -> None:
        assert following.text("a.py") == "A"
        calls = following.calls
        plant(following.root.parent, {"a.py~": "new"})
        (following.root.parent / "a.py~").replace(following.root / "a.py")
        await following.until(lambda: following.calls > calls)
        assert following.text("a.py") == "new"

    async def test_a_folder_that_another_like_it_replaced_has_other_texts(
        self, following: Following, tmp_path: Path
    ) -> None:
        plant(tmp_path / "other", {"b.py": "other B", "deep/c.py": "C"})
        assert following.text("src/b.py") == "B"
        calls = following.calls
        (following.root / "src").rename(tmp_path / "aside")
        (tmp_path / "other").rename(following.root / "src")
        await following.until(lambda: following.calls > calls)
        await following.until(lambda: following.files == set(FILES))
        assert following.text("src/b.py") == "other B"

    async def test_the_target_of_a_symlink_changes(self, following: Following) -> None:
        (following.root / "link.py").symlink_to("src/b.py")
        await following.until(lambda: "link.py" in following.workspace.tree)
        assert following.text("link.py") == "B"
        calls = following.calls
        plant(following.root, {"src/b.py": "changed"})
        await following.until(lambda: following.calls > calls)
        assert following.text("link.py") == "changed"

    async def test_an_open_document_lies_over_the_disk(self, following: Following) -> None:
        following.workspace.open_buffer("a.py", "typed")
        assert following.text("a.py") == "typed"
        plant(following.root, {"a.py": "on disk"})
        assert following.text("a.py") == "typed"
        following.workspace.close_buffer("a.py")
        assert following.text("a.py") == "on disk"

    async def test_a_document_without_a_file_has_a_text_and_is_in_no_tree(self, following: Following) -> None:
        following.workspace.open_buffer("new.py", "typed")
        assert following.text("new.py") == "typed"
        assert "new.py" not in following.workspace.tree

    async def test_typing_is_told_where_it_was_asked_for(self, following: Following) -> None:
        workspace = following.workspace
        workspace.open_buffer("a.py", "typed")
        revision = workspace.revision
        workspace.open_buffer("a.py", "typed more")
        assert workspace.revision == revision
        workspace.tree_with(["a.py"])
        workspace.open_buffer("a.py", "typed more")
        assert workspace.revision == revision
        calls = following.calls
        workspace.open_buffer("a.py", "typed still more")
        assert workspace.revision == revision + 1
        workspace.close_buffer("a.py")
        assert workspace.revision == revision + 2
        await following.until(lambda: following.calls > calls)

    async def test_opening_and_closing_a_saved_document_tells_nothing(self, following: Following) -> None:
        workspace = following.workspace
        workspace.tree_with(["a.py"])
        revision = workspace.revision
        workspace.open_buffer("a.py", "A")
        workspace.close_buffer("a.py")
        assert workspace.revision == revision

    async def test_a_file_that_is_ignored_is_not_read(self, following: Following) -> None:
        plant(following.root, {"secret.log": "S"})
        await following.caught_up()
        assert following.text("secret.log") is None

    async def test_several_steps_at_once_are_told_once(self, following: Following) -> None:
        following.workspace.tree_with(["a.py"])
        calls = following.calls
        for text in ("t", "ty", "typ"):
            following.workspace.open_buffer("a.py", text)
        await following.until(lambda: following.calls > calls)
        assert following.calls == calls + 1

    async def test_which_documents_are_unsaved(self, following: Following) -> None:
        workspace = following.workspace
        workspace.open_buffer("a.py", "A")
        workspace.open_buffer("src/b.py", "typed")
        workspace.open_buffer("new.py", "")
        assert workspace.unsaved() == {"src/b.py", "new.py"}
        plant(following.root, {"src/b.py": "typed"})
        assert workspace.unsaved() == {"new.py"}

    async def test_documents_come_and_go_while_a_tree_is_made_elsewhere(self, following: Following) -> None:
        stop = threading.Event()

        def type_and_close() -> None:
            while not stop.is_set():
                following.workspace._buffers.open("a.py", "typed")
                following.workspace._buffers.close("a.py")

        typist = threading.Thread(target=type_and_close)
        typist.start()
        try:
            texts = {following.text("a.py") for _ in range(5000)}
        finally:
            stop.set()
            typist.join()
        assert texts <= {"A", "typed"}


class TestTheEditorsEyes:
    """What an editor says changed is believed where nothing is watched."""

    async def test_files_that_it_saw_come_and_go(self, world: Path, follow: Follow) -> None:
        following = await follow(world, open_watcher=Blind).start()
        plant(world, {"new.py": ""})
        (world / "a.py").unlink()
        following.workspace.files_changed(["new.py", "a.py"])
        await following.until_files({*FILES, "new.py"} - {"a.py"})

    async def test_a_text_that_it_saw_change(self, world: Path, follow: Follow) -> None:
        following = await follow(world, open_watcher=Blind).start()
        following.workspace.tree_with(["a.py"])
        plant(world, {"a.py": "changed"})
        calls = following.calls
        following.workspace.files_changed(["a.py"])
        await following.until(lambda: following.calls > calls)

    async def test_nonsense_does_no_harm(self, following: Following) -> None:
        plant(following.root.parent, {"secret.py": ""})
        nonsense = ["a\0b", "\ud800", "../secret.py", "/etc/passwd", "", ".", "a.py/x", "x" * 5000]
        following.workspace.files_changed(nonsense)
        await following.caught_up()
        assert following.files == set(FILES)


class Blind:
    """A watcher that sees nothing."""

    def __init__(self, deliver: Callable[[Seen], None]) -> None:
        pass

    def watch(self, folders: Collection[str]) -> frozenset[str]:
        return frozenset()

    def close(self) -> None:
        pass


def limited_to(most: int) -> Callable[[Callable[[Seen], None]], Watcher]:
    """Opens watchers that may watch so many folders, as `fs.inotify.max_user_watches` has it."""

    class Limited(FolderWatcher):
        def watch(self, folders: Collection[str]) -> frozenset[str]:
            if len(folders) > most:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().watch(folders)

    return Limited


class TestLimits:
    @pytest.mark.parametrize("most", [0, 5])
    async def test_without_watches_the_disk_is_looked_through(self, world: Path, follow: Follow, most: int) -> None:
        following = await follow(world, open_watcher=limited_to(most), rescan_seconds=0.05).start()
        plant(world, {f"fresh/{name}/x.py": "" for name in "abcde"})
        new = {f"fresh/{name}/x.py" for name in "abcde"}
        await following.until_files({*FILES, *new})
        following.workspace.tree_with(["a.py"])
        calls = following.calls
        plant(world, {"a.py": "changed"})
        await following.until(lambda: following.calls > calls)
        (world / "a.py").unlink()
        await following.until_files({*FILES, *new} - {"a.py"})
        why = "the system's limit of watched folders is reached (`fs.inotify.max_user_watches`)"
        told = f"`{world}` cannot be watched, so it is looked through every few seconds: {why}."
        assert following.problems == [told]
        assert following.workspace.problems == (told,)

    async def test_too_many_watchers_are_another_limit(self, world: Path, follow: Follow) -> None:
        def refuse(_deliver: Callable[[Seen], None]) -> Watcher:
            raise OSError(errno.EMFILE, "Too many open files")

        following = await follow(world, open_watcher=refuse, rescan_seconds=0.05).start()
        (world / "a.py").unlink()
        await following.until_files(set(FILES) - {"a.py"})
        assert len(following.problems) == 1
        assert "`fs.inotify.max_user_instances`" in following.problems[0]

    async def test_a_look_that_fails_is_followed_by_others(
        self, world: Path, follow: Follow, caplog: pytest.LogCaptureFixture
    ) -> None:
        loop, stumbled = asyncio.get_running_loop(), asyncio.Event()

        class Stumbling(FolderWatcher):
            def watch(self, folders: Collection[str]) -> frozenset[str]:
                if f"{world}/stone" in folders and not stumbled.is_set():
                    loop.call_soon_threadsafe(stumbled.set)
                    raise ValueError("Stumbled")
                return super().watch(folders)

        following = await follow(world, open_watcher=Stumbling).start()
        plant(world, {"stone/x.py": ""})
        async with asyncio.timeout(DEADLINE):
            await stumbled.wait()
        plant(world, {"later.py": ""})
        await following.until_files({*FILES, "stone/x.py", "later.py"})
        assert "Stumbled" in caplog.text

    async def test_a_problem_of_the_listing_is_told_once_and_goes_with_its_cause(
        self, root: Path, follow: Follow
    ) -> None:
        repository(root, {"a.py": ""})
        index = (root / ".git/index").read_bytes()
        plant(root, {".git/index": "this is no index"})
        following = await follow(root).start()
        plant(root, {"b.py": ""})
        await following.until_files({"a.py", "b.py"})
        assert len(following.problems) == 1
        assert following.workspace.problems == tuple(following.problems)
        (root / ".git/index").write_bytes(index)
        (root / "b.py").unlink()
        await following.until_files({"a.py"})
        await following.caught_up()
        assert following.workspace.problems == ()
        assert len(following.problems) == 1


class TestRoot:
    async def test_it_is_deleted_and_made_again(self, root: Path, follow: Follow) -> None:
        following = await follow(plant(root, {"a.py": "A"})).start()
        problem = f"The workspace folder `{root}` does not exist."
        for round_ in (1, 2):
            shutil.rmtree(root)
            await following.until_files([])
            assert following.workspace.problems == (problem,)
            assert following.problems == [problem] * round_
            plant(root, {"b.py": "B"})
            await following.until_files({"b.py"})
            assert following.workspace.problems == ()
            plant(root, {"src/c.py": "C"})
            await following.until_files({"b.py", "src/c.py"})

    async def test_it_is_moved_away(self, root: Path, follow: Follow) -> None:
        following = await follow(plant(root, {"a.py": "A"})).start()
        root.rename(root.parent / "elsewhere")
        await following.until_files([])

    async def test_it_comes_after_the_start(self, root: Path, follow: Follow) -> None:
        following = await follow(root / "late").start()
        assert following.files == set()
        plant(root / "late", {"a.py": ""})
        await following.until_files({"a.py"})


@pytest.mark.parametrize("watcher", [open_watcher, TreeWatcher])
async def test_every_watcher_follows_what_people_do(
    world: Path, follow: Follow, watcher: Callable[..., Watcher]
) -> None:
    following = await follow(world, open_watcher=watcher).start()
    plant(world, {"src/new/x.py": "", "build/out.js": "", "x.log": ""})
    await following.until_files({*FILES, "src/new/x.py"})
    (world / "src").rename(world / "lib")
    await following.until(lambda: "lib/new/x.py" in following.workspace.tree and "src/b.py" not in following.files)
    plant(world, {".gitignore": "*.py\n"})
    await following.until(lambda: "x.log" in following.workspace.tree)
