"""The texts that an analysis asks for: confined to the workspace, bounded, and read again when the file changed."""

import os
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest

from agent_server.workspace import contents as contents_module
from agent_server.workspace.contents import MAX_FILE_BYTES, Contents
from tests.hasty_threads import hasty_threads
from tests.workspace.disk import plant


@pytest.fixture
def contents(root: Path) -> Contents:
    return Contents(root)


class TestWhatIsText:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"", ""),
            (b"plain\n", "plain\n"),
            (b"\xef\xbb\xbfmarked", "marked"),
            (b"one\r\ntwo\r\n", "one\r\ntwo\r\n"),
            ("é 日本".encode(), "é 日本"),
            (b"caf\xe9", None),
            (b"\xff\xfea\0b\0", None),
            (b"bin\0ary", None),
        ],
    )
    def test_utf_8_is_and_all_else_is_not(self, root: Path, contents: Contents, data: bytes, text: str | None) -> None:
        plant(root, {"file": data})
        assert contents.read("file") == text

    def test_a_file_of_one_mebibyte_is_read_and_a_larger_one_is_not(self, root: Path, contents: Contents) -> None:
        plant(root, {"most": b"x" * MAX_FILE_BYTES, "more": b"x" * (MAX_FILE_BYTES + 1)})
        assert contents.read("most") == "x" * MAX_FILE_BYTES
        assert contents.read("more") is None

    def test_only_regular_files_are_read(self, root: Path, contents: Contents) -> None:
        os.mkfifo(root / "fifo")
        plant(root, {"folder/": ""})
        (root / "device").symlink_to("/dev/zero")
        assert [contents.read(path) for path in ("fifo", "folder", "device", "nowhere", "")] == [None] * 5


class TestConfinement:
    def test_a_symlink_inside_is_followed(self, root: Path, contents: Contents) -> None:
        plant(root, {"src/a.py": "A"})
        (root / "b.py").symlink_to("src/a.py")
        (root / "short").symlink_to("src")
        assert contents.read("b.py") == contents.read("short/a.py") == "A"

    @pytest.mark.parametrize(
        "path", ["away", "folder/secret", "../outside/secret", "{outside}/secret", "a\0b", "\ud800"]
    )
    def test_what_leads_out_is_not_read(self, root: Path, tmp_path: Path, contents: Contents, path: str) -> None:
        outside = plant(tmp_path / "outside", {"secret": "S"})
        (root / "away").symlink_to(outside / "secret")
        (root / "folder").symlink_to(outside)
        assert contents.read(path.format(outside=outside)) is None


class TestMemory:
    def test_a_file_is_read_again_when_it_changed(self, root: Path, contents: Contents) -> None:
        plant(root, {"a": "one"})
        assert contents.read("a") == "one"
        plant(root, {"a": "other"})
        assert contents.read("a") == "other"

    def test_a_file_that_another_replaced_is_read_again_though_size_and_time_are_the_same(
        self, root: Path, contents: Contents
    ) -> None:
        plant(root, {"a": "one", "b": "two"})
        for name in "ab":
            os.utime(root / name, ns=(10**18, 10**18))
        assert contents.read("a") == "one"
        (root / "b").replace(root / "a")
        assert contents.read("a") == "two"

    def test_a_file_that_did_not_change_is_not_read_again(self, root: Path, contents: Contents) -> None:
        plant(root, {"a": "one"})
        os.utime(root / "a", ns=(10**18, 10**18))
        contents.read("a")
        (root / "a").write_text("two")  # The same inode and size; and by the next line, the same time
        os.utime(root / "a", ns=(10**18, 10**18))
        assert contents.read("a") == "one"

    def test_a_file_that_was_written_a_moment_ago_is_read_again(
        self, root: Path, contents: Contents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It may have been written twice within one tick of the clock, and have the time of the first."""
        now = 10**18
        monkeypatch.setattr(contents_module, "time_ns", lambda: now)
        for text in ("one", "two"):
            (root / "a").write_text(text)
            os.utime(root / "a", ns=(now, now))
            assert contents.read("a") == text
        now += 10**9
        assert contents.read("a") == "two"
        (root / "a").write_text("six")
        os.utime(root / "a", ns=(now - 10**9, now - 10**9))
        assert contents.read("a") == "two"

    def test_what_was_read_last_is_known_while_it_is_read_again(self, root: Path, contents: Contents) -> None:
        plant(root, {"a": "one"})
        contents.read("a")
        stopped = Event()

        def read_again() -> None:
            for step in count():
                os.utime(root / "a", ns=(step, step))
                contents.read("a")
                if stopped.is_set():
                    return

        reading = Thread(target=read_again)
        with hasty_threads():
            reading.start()
            known = {contents.last_read("a") for _ in range(1_000_000)}
            stopped.set()
            reading.join()
        assert known == {"one"}

    def test_what_need_not_be_read_again_is_not(self, root: Path, contents: Contents) -> None:
        plant(root, {"a": "one"})
        assert contents.read("a", again=False) == "one"
        plant(root, {"a": "other"})
        assert contents.read("a", again=False) == "one"
        assert contents.read("a") == "other"

    def test_files_come_and_go(self, root: Path, contents: Contents) -> None:
        assert contents.read("a") is None
        plant(root, {"a": "one"})
        assert contents.read("a") == "one"
        (root / "a").unlink()
        assert contents.read("a") is None

    def test_the_revision_counts_texts_that_turned_out_to_be_others(self, root: Path, contents: Contents) -> None:
        plant(root, {"a": "one"})
        contents.read("a")
        assert contents.revision == 0
        os.utime(root / "a", ns=(10**18, 10**18))
        contents.read("a")
        assert contents.revision == 0
        plant(root, {"a": "two"})
        contents.read("a")
        assert contents.revision == 1

    def test_what_was_asked_for_longest_ago_is_forgotten_first(
        self, root: Path, contents: Contents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(contents_module, "MAX_REMEMBERED", 8)
        plant(root, dict.fromkeys("abc", "1234"))
        for path in ("a", "b", "a", "c"):
            contents.read(path)
        assert list(contents._entries) == ["a", "c"]
        plant(root, {"a": "12345"})
        assert contents.read("a") == "12345"
        assert contents.revision == 1
