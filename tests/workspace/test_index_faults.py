"""The index when things go wrong: processes that die, files that are damaged, places that cannot be written to."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.analysis.questions import Importers, Naming
from agent_server.workspace.index import index as index_module
from agent_server.workspace.index import pool as pool_module
from agent_server.workspace.index.index import Index, NoIndex
from agent_server.workspace.index.pool import _PROGRAM, FEW
from agent_server.workspace.index.protocol import Job
from tests.workspace.disk import plant
from tests.workspace.indexing import Alone, ask, contents_of, database_in, files_of, is_running

DEADLINE = 60.0

DIES = "import os, signal, sys; sys.stdin.readline(); os.kill(os.getpid(), signal.SIGKILL)"
NEVER_ENDS = "import signal; signal.pause()"
"""What workers do instead of their work."""

MANY = {f"pkg{number % 7}/m{number}.py": f"from pkg{number % 5} import m{number + 1}\n" for number in range(FEW * 6)}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "this never came"
        time.sleep(0.005)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def environ(cache: Path) -> dict[str, str]:
    return {"AGENT_SERVER_CACHE_DIR": str(cache)}


def from_scratch(root: Path) -> dict[str, list[object]]:
    """What an index of the folder as it is now would hold."""
    place = root.parent / f"scratch-{time.monotonic_ns()}"
    with Index(root, {"AGENT_SERVER_CACHE_DIR": str(place)}) as index:
        index.refresh(files_of(root))
    return contents_of(database_in(place))


class TestWorkers:
    def test_a_worker_whom_nobody_hears_any_more_ends_without_a_word(self, root: Path, cache: Path) -> None:
        plant(root, MANY)
        names = "\0".join(MANY).encode()
        arguments = [json.dumps(sys.path), str(cache / "index.db"), str(root), "0"]
        cache.mkdir()
        pipe = subprocess.PIPE
        worker = subprocess.Popen([sys.executable, "-c", _PROGRAM, *arguments], stdin=pipe, stdout=pipe, stderr=pipe)
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdout.close()  # as when whoever leads is killed
        worker.stdin.write(json.dumps(asdict(Job(len(names), present=len(MANY)))).encode() + b"\n" + names)
        worker.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(1)  # it fails to report by then, and waits for the end of what it hears
        _, errors = worker.communicate(timeout=DEADLINE)
        assert errors == b""
        assert worker.returncode == 0

    def test_a_worker_that_is_killed_at_work_is_replaced(
        self, root: Path, cache: Path, environ: dict[str, str]
    ) -> None:
        plant(root, MANY)
        killed: list[int] = []

        def kill(done: int, files: int) -> None:
            if files and not killed:
                killed.append(index.pids[0])
                os.kill(killed[0], signal.SIGKILL)

        with Index(root, environ, pytest.fail) as index:
            index.refresh(files_of(root), None, kill)
            assert killed
            until(lambda: killed[0] not in index.pids)
        assert contents_of(database_in(cache)) == from_scratch(root)

    def test_a_worker_that_was_killed_while_idle_is_replaced(self, root: Path, environ: dict[str, str]) -> None:
        with Index(plant(root, {"a.py": "quartz"}), environ, pytest.fail) as index:
            index.refresh(files_of(root))
            for pid in index.pids:
                os.kill(pid, signal.SIGKILL)
            plant(root, {"b.py": "quartz"})
            index.refresh(files_of(root), set())
            assert ask(index, Naming(("quartz",))) == ("a.py", "b.py")

    def test_workers_that_always_die_leave_no_index_and_a_sentence(
        self, root: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pool_module, "_PROGRAM", DIES)
        said: list[str] = []
        with Index(plant(root, MANY), environ, said.append) as index:
            with pytest.raises(NoIndex):
                index.refresh(files_of(root))
            assert [sentence.split(", because ")[1] for sentence in said] == [
                "5 processes that read its files have died."
            ]
            with pytest.raises(NoIndex):
                index.refresh(files_of(root))
        assert len(said) == 1

    def test_closing_ends_them_at_once_whatever_they_do(
        self, root: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pool_module, "_PROGRAM", NEVER_ENDS)
        plant(root, MANY)
        index = Index(root, environ, pytest.fail)
        with ThreadPoolExecutor(1) as threads:
            refreshing = threads.submit(index.refresh, files_of(root))
            until(lambda: bool(index.pids) or refreshing.done())
            pids = index.pids
            index.close()
            with pytest.raises(NoIndex):
                refreshing.result(DEADLINE)
        assert not any(map(is_running, pids))

    def test_resting_ends_them_until_they_are_needed(self, root: Path, environ: dict[str, str]) -> None:
        with Index(plant(root, {"a.py": "quartz"}), environ, pytest.fail) as index:
            index.refresh(files_of(root))
            index.rest()
            assert index.pids == ()
            plant(root, {"a.py": "marble"})
            index.refresh(files_of(root), {"a.py"})
            assert ask(index, Naming(("marble",))) == ("a.py",)

    def test_they_run_no_module_of_the_workspace(
        self, root: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trap = f"open({str(root.parent / 'trapped')!r}, 'w')\n"
        plant(root, {"pickle.py": trap, "json.py": trap, "sqlite3.py": trap, "agent_server/__init__.py": trap})
        monkeypatch.chdir(root)
        with Index(root, environ, pytest.fail) as index:
            index.refresh(files_of(root))
        assert not (root.parent / "trapped").exists()


SERVER = """
import sys, threading
from pathlib import Path
from agent_server.workspace.index.index import Index
from agent_server.workspace.listing import list_files
root = Path(sys.argv[1])
index = Index(root, {"AGENT_SERVER_CACHE_DIR": sys.argv[2]}, lambda sentence: print(sentence, file=sys.stderr))
index.refresh(list_files(root).files)
print(*index.pids, flush=True)
threading.Event().wait()
"""


class TestServers:
    def started(self, root: Path, cache: str | Path) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", SERVER, str(root), str(cache)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def test_when_the_server_is_killed_its_workers_end(self, root: Path, cache: Path) -> None:
        with self.started(plant(root, MANY), cache) as server:
            assert server.stdout
            pids = [int(pid) for pid in server.stdout.readline().split()]
            assert pids
            assert all(map(is_running, pids))
            server.kill()
        until(lambda: not any(map(is_running, pids)))

    def test_an_index_in_memory_goes_with_a_killed_server(self, root: Path, tmp_path: Path) -> None:
        plant(tmp_path, {"no-folder": ""})
        with self.started(plant(root, {"a.py": "quartz"}), tmp_path / "no-folder") as server:
            assert server.stdout
            pids = [int(pid) for pid in server.stdout.readline().split()]
            (place,) = {file.parent for pid in pids for file in open_files(pid) if file.name == "index.sqlite"}
            server.kill()
        until(lambda: not place.exists())

    def test_two_servers_of_one_workspace_share_the_work_and_the_index(self, root: Path, cache: Path) -> None:
        plant(root, MANY)
        with self.started(root, cache) as one, self.started(root, cache) as other:
            for server in (one, other):
                assert server.stdout
                assert server.stdout.readline().split()
                server.kill()
            assert [server.stderr and server.stderr.read() for server in (one, other)] == ["", ""]
        assert contents_of(database_in(cache)) == from_scratch(root)

    def test_one_that_does_not_let_go_is_not_waited_for_for_ever(
        self, root: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(index_module, "LOCK_SECONDS", 0.1)
        plant(root, {"a.py": "quartz"})
        with Index(root, environ) as holder, Index(root, environ, pytest.fail) as index:
            holder.refresh(files_of(root))
            assert holder._place
            with holder._alone(holder._place):
                index.refresh(files_of(root))
            assert ask(index, Naming(("quartz",))) == ("a.py",)


def open_files(pid: int) -> list[Path]:
    return [entry.readlink() for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]


class TestDamage:
    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda data: b"", id="empty"),
            pytest.param(lambda data: b"no database at all" * 100, id="something else"),
            pytest.param(lambda data: data[: len(data) // 2], id="cut off"),
            pytest.param(lambda data: data[:4096] + b"\xff" * (len(data) - 4096), id="overwritten"),
            pytest.param(lambda data: data[:100] + b"\xff" * 500 + data[600:], id="a damaged head"),
        ],
    )
    def test_a_damaged_file_is_made_anew(
        self, root: Path, cache: Path, environ: dict[str, str], damage: Callable[[bytes], bytes]
    ) -> None:
        plant(root, MANY)
        with Index(root, environ) as index:
            index.refresh(files_of(root))
        database = database_in(cache)
        database.write_bytes(damage(database.read_bytes()))
        with Index(root, environ, pytest.fail) as index:
            index.refresh(files_of(root))
            assert ask(index, Importers("pkg0/m0.py")) == ()
            plant(root, {"pkg0/m0.py": "import pkg1.m1\n"})
            index.refresh(files_of(root), {"pkg0/m0.py"})
            assert "pkg0/m0.py" in ask(index, Importers("pkg1/m1.py"))
        assert contents_of(database) == from_scratch(root)

    def test_one_that_breaks_while_it_is_asked_is_mended_by_the_next_refresh(
        self, root: Path, cache: Path, environ: dict[str, str]
    ) -> None:
        plant(root, MANY)
        with Index(root, environ, pytest.fail) as index:
            index.refresh(files_of(root))
            index.rest()
            for path in cache.rglob("index.sqlite*"):
                path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 100_000)
            with pytest.raises(NoIndex):
                ask(index, Importers("pkg1/m22.py"))
            index.refresh(files_of(root), set())
            assert ask(index, Importers("pkg1/m22.py")) == ("pkg0/m21.py",)

    def test_one_of_another_version_is_made_anew(self, root: Path, cache: Path, environ: dict[str, str]) -> None:
        import sqlite3

        with Index(plant(root, {"a.py": "quartz"}), environ) as index:
            index.refresh(files_of(root))
        with closing(sqlite3.connect(database_in(cache))) as connection, connection:
            connection.execute("UPDATE state SET value = 'older' WHERE name = 'key'")
            connection.execute("DELETE FROM lexical_files")
        with Index(root, environ, pytest.fail) as index:
            index.refresh(files_of(root))
            assert ask(index, Naming(("quartz",))) == ("a.py",)

    def test_one_that_is_deleted_under_a_running_server_is_made_anew(
        self, root: Path, cache: Path, environ: dict[str, str]
    ) -> None:
        with Index(plant(root, {"a.py": "quartz"}), environ, pytest.fail) as index:
            index.refresh(files_of(root))
            shutil.rmtree(cache)
            plant(root, {"b.py": "quartz"})
            with pytest.raises(NoIndex):
                ask(index, Naming(("quartz",)))
            index.refresh(files_of(root), {"b.py"})
            assert ask(index, Naming(("quartz",))) == ("a.py", "b.py")


class TestPlacesThatCannotBeUsed:
    def test_without_a_cache_the_index_is_in_memory_and_a_sentence_says_so(self, root: Path, tmp_path: Path) -> None:
        plant(tmp_path, {"no-folder": ""})
        said: list[str] = []
        with Index(
            plant(root, {"a.py": "quartz"}), {"AGENT_SERVER_CACHE_DIR": str(tmp_path / "no-folder")}, said.append
        ) as index:
            index.refresh(files_of(root))
            assert ask(index, Naming(("quartz",))) == ("a.py",)
            assert index._place
            folder = index._place.folder
            assert folder.stat().st_mode & 0o777 == 0o700
        assert not folder.exists()
        assert len(said) == 1
        assert said[0].startswith(f"The index of `{root}` lasts only as long as this process, because `{tmp_path}")

    def test_a_link_in_the_place_of_the_index_is_not_followed(self, root: Path, cache: Path, tmp_path: Path) -> None:
        said: list[str] = []
        plant(root, {"a.py": "quartz"})
        environ = {"AGENT_SERVER_CACHE_DIR": str(cache)}
        with Index(root, environ) as index:
            index.refresh(files_of(root))
        folder = database_in(cache).parent
        folder.rename(tmp_path / "moved")
        folder.symlink_to(tmp_path / "moved")
        with Index(root, environ, said.append) as index:
            index.refresh(files_of(root))
            assert ask(index, Naming(("quartz",))) == ("a.py",)
        assert ["is a link" in sentence for sentence in said] == [True]

    def test_where_nothing_can_be_written_there_is_no_index_and_a_sentence_says_so(
        self, root: Path, environ: dict[str, str]
    ) -> None:
        said: list[str] = []
        plant(root, MANY)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        with Index(root, environ, said.append) as index:
            resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 10, before[1]))  # a full disk, as far as files can tell
            try:
                with pytest.raises(NoIndex):
                    index.refresh(files_of(root))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert "has no index" in said[-1]
        assert len(said) == 2


NAMES = [
    "a.py",
    "b.py",
    "pkg/__init__.py",
    "pkg/a.py",
    "pkg/b.py",
    "pkg/sub/a.py",
    "pkg.py",
    "a/b.py",
    "ä b.py",
    "x.ts",
]
TEXTS = [
    "",
    "import a\n",
    "from pkg import a, b\nfrom . import sub\n",
    "from .sub.a import thing\nvalue = 1\n",
    "def broken(:\n",
    "import { a } from './a'\n",
    b"\xff\xfe",
]
EDITS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.one_of(st.none(), st.sampled_from(TEXTS), st.text(max_size=12))), max_size=12
)


class TestEqualToOneFromScratch:
    @settings(max_examples=60)
    @given(batches=st.lists(EDITS, min_size=1, max_size=4))
    def test_after_any_edits(
        self, batches: list[list[tuple[str, str | bytes | None]]], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("edits")
        root = folder / "work"
        root.mkdir()
        kept = Alone(folder / "kept.sqlite", root)
        kept.look_at_all()
        for batch in batches:
            before = set(files_of(root))
            for name, text in batch:
                edit(root / name, text)
            changed = before.symmetric_difference(files_of(root)) | {name for name, _ in batch}
            kept.look_at(changed)
        anew = Alone(folder / "anew.sqlite", root)
        anew.look_at_all(careful=True)
        assert contents_of(kept.database) == contents_of(anew.database)

    def test_after_a_file_changed_all_the_while(self, root: Path, cache: Path, environ: dict[str, str]) -> None:
        plant(root, MANY)
        busy = root / "pkg0/m0.py"
        with Index(root, environ, pytest.fail) as index, ThreadPoolExecutor(1) as threads:
            refreshing = threads.submit(index.refresh, files_of(root))
            number = 0
            while not refreshing.done():
                number += 1
                busy.write_text(f"from pkg1 import m{number % 10}\n")
            index.refresh(files_of(root), {"pkg0/m0.py"})
        assert contents_of(database_in(cache)) == from_scratch(root)


def edit(place: Path, text: str | bytes | None) -> None:
    """Write a file, or delete it (None). Whatever stands in the way goes."""
    for parent in (place, *place.parents):
        if parent.is_file():
            parent.unlink()
    if place.is_dir():
        shutil.rmtree(place)
    if text is not None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
