"""Landing all or nothing, in a tree that its user edits meanwhile."""

import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, change_set, fingerprint
from agent_server.execution.landing.landing import Landed, Lander, LandingConflict, LandingFailed, Outcome
from tests.execution.hosts import SMALL_DISK, run_on_host
from tests.execution.trees import Link, Program, Tree, clear, plant, put, read

OLD: Tree = {
    "README.md": "old\n",
    "run.sh": Program("old"),
    "link": Link("README.md"),
    "src/main.py": "old\n",
    "src/gone.py": "gone\n",
    "src/only/file.py": "gone\n",
    "data/a": "a",
    "data/b": "b",
    "other.txt": "nobody touches this\n",
}
NEW: Tree = {
    "README.md": "new\n",
    "run.sh": "a plain file now",
    "link": Link("src/main.py"),
    "src/main.py": Program("new\n"),
    "src/new/deep/file.py": "new\n",
    "data": "a file in the place of a directory",
    "other.txt": "nobody touches this\n",
}


class Workshop:
    """A live tree at OLD, and the change set that makes it NEW."""

    def __init__(self, folder: Path) -> None:
        self.live = plant(folder / "live", OLD)
        self.folder = folder / "landing"
        self.changes = self.change_set_to(NEW, folder)

    @staticmethod
    def change_set_to(new: Tree, folder: Path) -> tuple[Change, ...]:
        base, after = plant(folder / "base", OLD), plant(folder / "after", new)
        now = {path: after / path if path in new else None for path in {*OLD, *new}}
        return change_set(base, now, folder / "store")

    def lander(self, step: Callable[[str], None] = lambda _: None) -> Lander:
        return Lander(self.live, self.folder, step)

    def user(self, at: str, act: Callable[[], object], *, nth: int = 1) -> Lander:
        """A lander in whose `nth` step called `at` the user acts."""
        seen = 0

        def step(name: str) -> None:
            nonlocal seen
            if name == at:
                seen += 1
                if seen == nth:
                    act()

        return self.lander(step)

    def assert_nothing_is_left(self) -> None:
        assert not list((self.folder / "pending").iterdir())


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_change_set_lands_whole(workshop: Workshop) -> None:
    assert workshop.lander().land("run-1", workshop.changes) == Landed(
        tuple(change.path for change in workshop.changes)
    )
    assert read(workshop.live) == NEW
    workshop.assert_nothing_is_left()


def test_directories_that_it_emptied_go_and_others_stay(workshop: Workshop) -> None:
    (workshop.live / "empty").mkdir()
    workshop.lander().land("run-1", workshop.changes)
    assert not (workshop.live / "src/only").exists()
    assert (workshop.live / "empty").is_dir()


def test_no_changes_are_nothing(workshop: Workshop) -> None:
    assert workshop.lander().land("run-1", ()) == Landed(())


def test_modification_times_are_those_of_the_landing(workshop: Workshop) -> None:
    os.utime(workshop.live / "README.md", (1, 1))
    workshop.lander().land("run-1", workshop.changes)
    assert (workshop.live / "README.md").stat().st_mtime > 1_000_000_000


def test_permissions_of_a_replaced_file_are_kept(workshop: Workshop) -> None:
    (workshop.live / "README.md").chmod(0o640)
    (workshop.live / "src/main.py").chmod(0o640)
    workshop.lander().land("run-1", workshop.changes)
    assert stat.S_IMODE((workshop.live / "README.md").stat().st_mode) == 0o640
    assert stat.S_IMODE((workshop.live / "src/main.py").stat().st_mode) == 0o750


def test_new_files_have_the_permissions_that_the_umask_leaves(workshop: Workshop) -> None:
    before = os.umask(0o027)
    try:
        workshop.lander().land("run-1", workshop.changes)
    finally:
        os.umask(before)
    assert stat.S_IMODE((workshop.live / "src/new/deep/file.py").stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works in the trees of others")
def test_what_root_lands_belongs_to_the_owner_of_the_tree(workshop: Workshop) -> None:
    for path in [workshop.live, *workshop.live.rglob("*")]:
        os.chown(path, 1234, 1235, follow_symlinks=False)
    workshop.lander().land("run-1", workshop.changes)
    for path in [workshop.live, *workshop.live.rglob("*")]:
        if not path.is_symlink():
            assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


# Edits of the user.


@pytest.mark.parametrize("path", ["README.md", "link", "src/gone.py", "run.sh"])
@pytest.mark.parametrize("edit", ["the user's\n", Program("the user's"), Link("elsewhere"), None])
def test_a_file_that_changed_since_the_wave_began_holds_up_the_landing(
    path: str, edit: str | Program | Link | None, workshop: Workshop
) -> None:
    clear(workshop.live, path)
    if edit is not None:
        put(workshop.live / path, edit)
    before = read(workshop.live)
    with pytest.raises(LandingConflict) as conflict:
        workshop.lander().land("run-1", workshop.changes)
    assert conflict.value.paths == (path,)
    assert str(conflict.value) == f"`{path}` changed since the wave began. Nothing was landed."
    assert read(workshop.live) == before
    workshop.assert_nothing_is_left()


def test_all_files_that_changed_are_named(workshop: Workshop) -> None:
    plant(workshop.live, {"README.md": "mine", "src/new/deep/file.py": "mine", "data/c": "mine"})
    with pytest.raises(LandingConflict) as conflict:
        workshop.lander().land("run-1", workshop.changes)
    assert conflict.value.paths == ("README.md", "data", "src/new/deep/file.py")


def test_a_touched_file_is_no_conflict(workshop: Workshop) -> None:
    plant(workshop.live, {"README.md": "old\n"})
    workshop.lander().land("run-1", workshop.changes)
    assert read(workshop.live) == NEW


def test_after_a_conflict_the_same_run_can_land(workshop: Workshop) -> None:
    plant(workshop.live, {"README.md": "mine"})
    with pytest.raises(LandingConflict):
        workshop.lander().land("run-1", workshop.changes)
    plant(workshop.live, {"README.md": "old\n"})
    workshop.lander().land("run-1", workshop.changes)
    assert read(workshop.live) == NEW


@pytest.mark.parametrize("unsaved", [frozenset({"README.md", "x"}), lambda: frozenset({"README.md"})])
def test_a_file_with_unsaved_changes_holds_up_the_landing(
    unsaved: Callable[[], frozenset[str]] | frozenset[str], workshop: Workshop
) -> None:
    with pytest.raises(LandingConflict, match=r"`README\.md` has unsaved changes in an editor"):
        workshop.lander().land("run-1", workshop.changes, unsaved=unsaved)
    assert read(workshop.live) == OLD
    workshop.assert_nothing_is_left()


@pytest.mark.parametrize("step", ["enter applying", "delete", "modify", "create", "sync directory"])
def test_a_file_in_which_somebody_begins_to_type_meanwhile_has_the_landing_taken_back(
    step: str, workshop: Workshop
) -> None:
    typed: set[str] = set()
    lander = workshop.user(step, lambda: typed.add("README.md"))
    with pytest.raises(LandingConflict, match=r"`README\.md` has unsaved changes in an editor\. Nothing was landed"):
        lander.land("run-1", workshop.changes, unsaved=lambda: frozenset(typed))
    assert read(workshop.live) == OLD
    workshop.assert_nothing_is_left()


@pytest.mark.parametrize("after", ["enter landed", "tidy", "retire"])
def test_what_somebody_types_once_all_is_in_place_and_saves_later_stays(after: str, workshop: Workshop) -> None:
    """Their editor had the old text. What landed in that file is kept with the run, and undoing does not touch it."""
    typed: set[str] = set()
    lander = workshop.user(after, lambda: typed.add("README.md"))
    lander.land("run-1", workshop.changes, unsaved=lambda: frozenset(typed))
    plant(workshop.live, {"README.md": "typed over the old text\n"})
    with pytest.raises(LandingConflict):
        workshop.lander().undo("run-1")
    assert read(workshop.live) == {**NEW, "README.md": "typed over the old text\n"}


def test_undoing_asks_for_unsaved_changes_too(workshop: Workshop) -> None:
    workshop.lander().land("run-1", workshop.changes)
    with pytest.raises(LandingConflict, match="unsaved changes"):
        workshop.lander().undo("run-1", unsaved=frozenset({"README.md"}))
    assert read(workshop.live) == NEW


def test_parts_of_one_run_land_one_after_another_and_are_undone_one_by_one(workshop: Workshop) -> None:
    first, second = workshop.changes[:4], workshop.changes[4:]
    workshop.lander().land("run-1", first)
    between = read(workshop.live)
    workshop.lander().land("run-1.2", second)
    assert read(workshop.live) == NEW
    workshop.lander().undo("run-1.2")
    assert read(workshop.live) == between
    workshop.lander().undo("run-1")
    assert read(workshop.live) == OLD


STEPS = {"modify": 4, "create": 2, "delete": 4}


@pytest.mark.parametrize(("step", "nth"), [(step, nth) for step, count in STEPS.items() for nth in range(1, count + 1)])
@pytest.mark.parametrize("path", ["README.md", "src/gone.py", "src/new/deep/file.py", "data"])
@pytest.mark.parametrize("save", ["in place", "by a rename", "by deleting"])
def test_a_save_in_the_middle_of_a_landing_survives_in_place(
    step: str, nth: int, path: str, save: str, workshop: Workshop
) -> None:
    """The user saves between our last look at some file and its exchange, which is the worst moment."""
    place = workshop.live / path
    edits: dict[str, str | None] = {}

    def act() -> None:
        if place.is_dir():
            put(place / "mine", "mine")
            edits[f"{path}/mine"] = "mine"
        elif save == "by deleting" and os.path.lexists(place):
            place.unlink()
            edits[path] = None
        elif save == "in place":
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("mine")
            edits[path] = "mine"
        elif save == "by a rename":
            put(place.with_name("mine.tmp"), "mine")
            place.with_name("mine.tmp").rename(place)
            edits[path] = "mine"

    rescued: tuple[Path, ...] = ()
    try:
        workshop.user(step, act, nth=nth).land("run-1", workshop.changes)
        expected = NEW
    except LandingConflict as conflict:
        expected, rescued = OLD, conflict.rescued
    found = read(workshop.live)
    assert {name: found.get(name) for name in edits} == edits
    # Where the user put a file in the place of a directory, what was in that cannot go back, and is kept apart.
    homeless = {name for name in expected if any(name.startswith(f"{edited}/") for edited in edits)}
    assert sorted(place.read_text() for place in rescued) == sorted(str(expected[name]) for name in homeless)
    others = {*found, *expected} - edits.keys() - homeless
    assert {name: found.get(name) for name in others} == {name: expected.get(name) for name in others}
    workshop.assert_nothing_is_left()


def test_a_program_that_keeps_a_file_open_and_writes_to_it_loses_nothing(workshop: Workshop) -> None:
    with (workshop.live / "README.md").open("a") as held:
        lander = workshop.user("create", lambda: print("late", file=held, flush=True))
        with pytest.raises(LandingConflict):
            lander.land("run-1", workshop.changes)
        print("later", file=held, flush=True)
    assert read(workshop.live) == {**OLD, "README.md": "old\nlate\nlater\n"}


def test_what_has_no_place_any_more_is_kept_where_the_message_says(workshop: Workshop) -> None:
    """The user saves over a file that has just landed, and then another save makes the landing go back."""
    saves = iter([("README.md", "on top\n"), ("src/main.py", "on top too\n")])

    def act() -> None:
        path, text = next(saves)
        put(workshop.live / path, text)
        if path == "README.md":
            put(workshop.live / "src/gone.py", "here again")

    lander = workshop.lander(lambda name: act() if name == "modify" and _is_landed(workshop, "README.md") else None)
    with pytest.raises(LandingConflict, match="Older versions are kept in") as conflict:
        lander.land("run-1", workshop.changes)
    found = read(workshop.live)
    assert found["README.md"] == "on top\n"
    assert found["src/gone.py"] == "here again"
    assert sorted(place.read_text() for place in conflict.value.rescued) == ["gone\n", "old\n"]


def _is_landed(workshop: Workshop, path: str) -> bool:
    return (workshop.live / path).read_text() == NEW[path] or (workshop.live / path).read_text() == "on top\n"


# What cannot be landed.


def change(path: str, folder: Path, *, kind: ChangeKind = ChangeKind.CREATE) -> Change:
    content = plant(folder, {"content": "x"}) / "content"
    return Change(path, kind, FileType.FILE, None, fingerprint(content), content)


@pytest.mark.parametrize(
    "path",
    [
        "../out",
        "src/../../out",
        "/tmp/out",
        "./a",
        "a//b",
        "a/",
        "",
        "x\0y",
        "\ud800",
        ".git",
        ".git/hooks/pre-commit",
        "sub/.git/config",
        ".GIT/config",
        ".git /config",
        ".git./config",
        ".g\u200cit/config",
        "git~1/config",
        ".git::$INDEX_ALLOCATION/config",
        ".git\\config",
        ".agent-server/landing/x",
    ],
)
def test_a_path_that_leaves_the_tree_or_is_gits_is_refused(path: str, workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(LandingFailed, match="is not written"):
        workshop.lander().land("run-1", [*workshop.changes, change(path, tmp_path / "evil")])
    assert read(workshop.live) == OLD
    workshop.assert_nothing_is_left()


@pytest.mark.parametrize("path", [".gitignore", ".github/workflow.yml", "a b", "~", "-x", "café", "a\nb", "digit"])
def test_odd_but_honest_paths_land(path: str, workshop: Workshop, tmp_path: Path) -> None:
    workshop.lander().land("run-1", [change(path, tmp_path / "content")])
    assert read(workshop.live) == {**OLD, path: "x"}


def test_nothing_lands_through_a_link(workshop: Workshop, tmp_path: Path) -> None:
    outside = plant(tmp_path / "outside", {"file": "untouched"})
    shutil.rmtree(workshop.live / "src")
    plant(workshop.live, {"src": Link(str(outside))})
    with pytest.raises(LandingConflict):
        workshop.lander().land("run-1", workshop.changes)
    assert read(outside) == {"file": "untouched"}


@pytest.mark.parametrize("step", ["stage", "modify", "create", "delete", "enter applying"])
def test_nothing_lands_through_a_link_that_takes_a_directorys_place_meanwhile(
    step: str, workshop: Workshop, tmp_path: Path
) -> None:
    outside = plant(tmp_path / "outside", {"main.py": "untouched"})

    def act() -> None:
        (workshop.live / "src").rename(tmp_path / "moved")
        (workshop.live / "src").symlink_to(outside)

    with pytest.raises(LandingConflict):
        workshop.user(step, act).land("run-1", workshop.changes)
    assert read(outside) == {"main.py": "untouched"}
    found = read(workshop.live)
    assert {path: found[path] for path in OLD if "src" not in path} == {
        path: what for path, what in OLD.items() if "src" not in path
    }


def test_a_path_twice_is_refused(workshop: Workshop) -> None:
    with pytest.raises(LandingFailed, match="twice"):
        workshop.lander().land("run-1", [*workshop.changes, workshop.changes[0]])


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "a\0"])
def test_a_name_that_is_no_file_name_is_refused(name: str, workshop: Workshop) -> None:
    with pytest.raises(LandingFailed, match="no name for a landing"):
        workshop.lander().land(name, workshop.changes)


def test_a_store_that_was_tampered_with_is_noticed(workshop: Workshop) -> None:
    content = next(each.content for each in workshop.changes if each.path == "src/main.py")
    assert content is not None
    content.write_text("evil")
    with pytest.raises(LandingFailed, match=r"stored content of `src/main\.py` is not what was verified"):
        workshop.lander().land("run-1", workshop.changes)
    assert read(workshop.live) == OLD


def test_a_store_that_is_gone_is_named(workshop: Workshop, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "store")
    with pytest.raises(LandingFailed, match="No such file"):
        workshop.lander().land("run-1", workshop.changes)
    assert read(workshop.live) == OLD


def test_a_run_lands_once(workshop: Workshop) -> None:
    workshop.lander().land("run-1", workshop.changes)
    with pytest.raises(LandingFailed, match="already landed"):
        workshop.lander().land("run-1", workshop.changes)


def test_two_landings_at_once_are_refused(workshop: Workshop) -> None:
    refusals: list[str] = []

    def land_too() -> None:
        try:
            workshop.lander().land("run-2", workshop.changes)
        except LandingFailed as refusal:
            refusals.append(str(refusal))

    def meanwhile() -> None:
        other = threading.Thread(target=land_too)
        other.start()
        other.join()

    workshop.user("enter applying", meanwhile).land("run-1", workshop.changes)
    assert refusals == [f"Process {os.getpid()} is landing in `{workshop.live}`. Try again."]
    assert read(workshop.live) == NEW


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_may_not_be_written_holds_up_the_landing(workshop: Workshop) -> None:
    (workshop.live / "src").chmod(0o555)
    try:
        with pytest.raises(LandingFailed, match="Permission denied"):
            workshop.lander().land("run-1", workshop.changes)
    finally:
        (workshop.live / "src").chmod(0o755)
    assert read(workshop.live) == OLD
    workshop.assert_nothing_is_left()


def test_a_folder_on_another_file_system_is_refused_before_anything_is_touched(workshop: Workshop) -> None:
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == workshop.live.stat().st_dev:
        pytest.skip("there is no second file system to write to")
    folder = other / f"agent-server-test-{os.getpid()}"
    try:
        with pytest.raises(LandingFailed, match="another file system"):
            Lander(workshop.live, folder).land("run-1", workshop.changes)
    finally:
        shutil.rmtree(folder)
    assert read(workshop.live) == OLD


FILL = """
import sys
from pathlib import Path
from agent_server.execution.changes.changes import change_set
from agent_server.execution.landing.landing import Lander, LandingFailed
from tests.execution.trees import plant, read

disk, store = map(Path, sys.argv[1:])
old = {f"{name}.txt": "old" for name in range(5)}
live = plant(disk / "live", old)
after = plant(store / "after", {f"{name}.txt": str(name) * 1_000_000 for name in range(5)})
changes = change_set(live, {path.name: path for path in after.iterdir()}, store / "contents")
try:
    Lander(live, disk / "landing").land("run-1", changes)
except LandingFailed as failure:
    print(failure)
print(read(live) == old, list((disk / "landing/pending").iterdir()))
(live / "again").write_text("x" * 1_000_000)  # all room is free again
"""


def test_a_full_disk_is_noticed_before_anything_is_touched(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    told = run_on_host(SMALL_DISK, FILL, disk, tmp_path / "store").splitlines()
    assert told[0].startswith(f"The disk is full: landing needs 5.0 MB in `{disk}/landing/pending`, and 0.")
    assert told[0].endswith("Nothing was landed; make room and land again.")
    assert told[1] == "True []"


CUT_SHORT = """
import os
import sys
from pathlib import Path
from agent_server.execution.changes.changes import change_set
from agent_server.execution.landing.landing import Lander
from tests.execution.trees import plant, read

disk, store = map(Path, sys.argv[1:])
live = plant(disk / "live", {f"{name}.txt": "old" for name in range(5)})
after = plant(store / "after", {f"{name}.txt": "new" for name in range(5)})
changes = change_set(live, {path.name: path for path in after.iterdir()}, store / "contents")
if not os.fork():
    seen = []
    def step(name):
        seen.append(name)
        if seen.count("modify") == 3:
            os._exit(0)
    Lander(live, disk / "landing", step).land("run-1", changes)
os.wait()
with (disk / "rest").open("wb", buffering=0) as rest:
    try:
        while rest.write(bytes(4096)):
            pass
    except OSError:
        pass
(recovered,) = Lander(live, disk / "landing").recover()
print(recovered.outcome, read(live) == read(after))
"""


def test_a_landing_is_brought_to_its_end_on_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    assert run_on_host(SMALL_DISK, CUT_SHORT, disk, tmp_path / "store") == "completed True\n"


# Undo.


def test_a_landing_can_be_undone_and_the_undoing_too(workshop: Workshop) -> None:
    (workshop.live / "src/gone.py").chmod(0o600)
    workshop.lander().land("run-1", workshop.changes)
    workshop.lander().undo("run-1")
    assert read(workshop.live) == OLD
    assert stat.S_IMODE((workshop.live / "src/gone.py").stat().st_mode) == 0o600
    workshop.lander().undo("run-1-undo")
    assert read(workshop.live) == NEW


def test_what_was_edited_since_is_not_undone(workshop: Workshop) -> None:
    workshop.lander().land("run-1", workshop.changes)
    plant(workshop.live, {"src/main.py": "mine"})
    with pytest.raises(LandingConflict) as conflict:
        workshop.lander().undo("run-1")
    assert conflict.value.paths == ("src/main.py",)
    assert read(workshop.live) == {**NEW, "src/main.py": "mine"}


@pytest.mark.parametrize("name", ["run-2", "../landed/run-1", ""])
def test_what_did_not_land_cannot_be_undone(name: str, workshop: Workshop) -> None:
    workshop.lander().land("run-1", workshop.changes)
    with pytest.raises(LandingFailed, match="no landing"):
        workshop.lander().undo(name)


def test_what_is_forgotten_cannot_be_undone(workshop: Workshop) -> None:
    workshop.lander().land("run-1", workshop.changes)
    workshop.lander().forget("run-1")
    with pytest.raises(LandingFailed, match="no landing"):
        workshop.lander().undo("run-1")


# Recovery; the kills themselves are in `test_landing_kills`.


class Crash(BaseException):
    """Ends a landing with nothing tidied, as a kill does."""


def crash() -> None:
    raise Crash


@pytest.mark.parametrize(
    ("at", "outcome", "expected"),
    [
        ("enter applying", Outcome.DISCARDED, OLD),
        ("modify", Outcome.COMPLETED, NEW),
        ("tidy", Outcome.COMPLETED, NEW),
    ],
)
def test_recovery_says_what_it_did(at: str, outcome: Outcome, expected: Tree, workshop: Workshop) -> None:
    with pytest.raises(Crash):
        workshop.user(at, crash).land("run-1", workshop.changes)
    (recovered,) = workshop.lander().recover()
    assert (recovered.transaction, recovered.outcome, recovered.rescued) == ("run-1", outcome, ())
    assert read(workshop.live) == expected
    assert workshop.lander().recover() == []


def test_a_landing_first_finishes_one_that_was_cut_short(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(Crash):
        workshop.user("modify", crash).land("run-1", workshop.changes)
    landed = workshop.lander().land("run-2", [change("more", tmp_path / "content")])
    assert [each.transaction for each in landed.recovered] == ["run-1"]
    assert read(workshop.live) == {**NEW, "more": "x"}


def test_a_damaged_journal_is_named_and_kept(workshop: Workshop) -> None:
    plant(workshop.folder / "pending/run-1", {"applying.json": "{}", "slots/0": "bytes of the user"})
    with pytest.raises(LandingFailed, match="damaged"):
        workshop.lander().recover()
    assert (workshop.folder / "pending/run-1/slots/0").read_text() == "bytes of the user"
