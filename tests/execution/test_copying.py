"""Copies of files and trees: byte for byte, and no larger on the disk than what they are copies of."""

import errno
import os
import threading
from pathlib import Path

import pytest

from agent_server.execution.sandboxes.copying import copy_bytes, copy_tree, remove_tree
from tests.execution.trees import Link, Program, plant, read

MEGABYTE = 1 << 20


def with_holes(place: Path, *parts: tuple[int, bytes], size: int) -> Path:
    """A file of that size that holds these bytes at these places, and is never written elsewhere."""
    with place.open("wb") as file:
        for where, what in parts:
            file.seek(where)
            file.write(what)
        file.truncate(size)
    return place


@pytest.mark.parametrize(
    ("parts", "size"),
    [
        ((), 0),
        ((), 3 * MEGABYTE),
        (((0, b"begin"),), 5),
        (((0, b"begin"), (MEGABYTE, b"middle"), (3 * MEGABYTE - 3, b"end")), 3 * MEGABYTE),
        (((2 * MEGABYTE, b"middle"),), 9 * MEGABYTE),
    ],
    ids=["empty", "hole", "data", "holes-between", "holes-around"],
)
def test_a_copy_has_the_bytes_and_the_holes(parts: tuple[tuple[int, bytes], ...], size: int, tmp_path: Path) -> None:
    original, copy = with_holes(tmp_path / "original", *parts, size=size), tmp_path / "copy"
    copy_bytes(original, copy)
    assert copy.read_bytes() == original.read_bytes()
    assert copy.stat().st_blocks <= original.stat().st_blocks


@pytest.mark.parametrize("error", [errno.EXDEV, errno.EOPNOTSUPP, errno.EINVAL])
def test_where_the_kernel_does_not_copy_the_bytes_are_copied_all_the_same(
    error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    original = with_holes(tmp_path / "original", (MEGABYTE, b"middle"), size=2 * MEGABYTE)
    copy_bytes(original, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == original.read_bytes()


def test_a_huge_file_is_not_written_out(tmp_path: Path) -> None:
    original = with_holes(tmp_path / "original", (1 << 40, b"far away"), size=(1 << 40) + MEGABYTE)
    copy_bytes(original, tmp_path / "copy")
    found = (tmp_path / "copy").stat()
    assert found.st_size == original.stat().st_size
    assert found.st_blocks * 512 < MEGABYTE


def test_a_tree_that_has_its_files_is_given_the_rest(tmp_path: Path) -> None:
    source = plant(tmp_path / "source", {"a/file": "x", "a/run": Program("y"), "link": Link("a/file")})
    (source / "empty/inner").mkdir(parents=True)
    (source / "a/file").chmod(0o640)
    os.utime(source / "a/file", ns=(1, 123_456_789))
    target = plant(tmp_path / "target", {"a/file": "x", "a/run": "y", "link": Link("a/file")})
    copy_tree(str(source), str(target), threading.Event(), without_content=True)
    assert read(target) == read(source)
    assert (target / "empty/inner").is_dir()
    for path in ("a/file", "a", "empty"):
        assert (target / path).stat().st_mode == (source / path).stat().st_mode
        assert (target / path).stat().st_mtime_ns == (source / path).stat().st_mtime_ns


def test_a_tree_is_removed_however_deep_it_is_and_whatever_its_modes(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    kept = tmp_path / "kept"
    (kept / "inner").mkdir(parents=True)
    folder = os.open(top, os.O_RDONLY)
    for level in range(3_000):  # far more than Python's stack, than a path, and than a process has descriptors
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.symlink(kept, "link", dir_fd=inner)
        if level % 500 == 0:
            os.chmod("d", 0, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    (top / "closed").mkdir()
    (top / "closed" / "file").write_text("x")
    (top / "closed").chmod(0o500)
    remove_tree(top)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (kept / "inner").is_dir()
    remove_tree(top)


def test_a_link_is_not_followed_to_a_tree_that_would_then_be_removed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "link").symlink_to(kept)
    with pytest.raises(NotADirectoryError):
        remove_tree(tmp_path / "link")
    assert kept.is_dir()


def test_a_removal_is_broken_off_before_the_next_file(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    for number in range(5):
        (top / str(number)).write_text("x")
    left = iter((True, True))

    def go_on() -> None:
        next(left)

    with pytest.raises(StopIteration):
        remove_tree(top, before_each=go_on)
    assert len(list(top.iterdir())) == 3
