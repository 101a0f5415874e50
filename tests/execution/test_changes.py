"""Fingerprints, and the change sets that are made of them."""

import os
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import (
    DIRECTORY,
    SPECIAL,
    ChangeKind,
    FileType,
    change_set,
    content_before,
    content_of,
    fingerprint,
    type_of,
)
from tests.execution.trees import Link, Program, plant


def test_a_fingerprint_tells_type_and_bytes_and_nothing_else(tmp_path: Path) -> None:
    plant(tmp_path, {"a": "same", "b": "same", "c": "other", "d": Program("same"), "e": Link("same")})
    (tmp_path / "b").chmod(0o600)
    os.utime(tmp_path / "b", (1, 1))
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert len({fingerprint(tmp_path / name) for name in "acde"}) == 4
    assert type_of(fingerprint(tmp_path / "d") or "") is FileType.EXECUTABLE


def test_what_is_no_file_has_a_fingerprint_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert fingerprint(tmp_path / "pipe") == SPECIAL
    assert fingerprint(tmp_path) == DIRECTORY
    assert fingerprint(tmp_path / "nothing") is None


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    plant(tmp_path, {"secret": "before", "link": Link("secret")})
    before = fingerprint(tmp_path / "link")
    (tmp_path / "secret").write_text("after")
    assert fingerprint(tmp_path / "link") == before


def test_a_fingerprint_can_be_taken_below_an_open_directory(tmp_path: Path) -> None:
    plant(tmp_path, {"a": "text", "link": Link("a")})
    directory = os.open(tmp_path, os.O_RDONLY)
    try:
        for name in ("a", "link", "nothing"):
            assert fingerprint(name, dir_fd=directory) == fingerprint(tmp_path / name)
    finally:
        os.close(directory)


def test_a_change_set_keeps_the_new_contents_in_the_store(tmp_path: Path) -> None:
    base = plant(tmp_path / "base", {"kept": "k", "modified": "m", "deleted": "d"})
    after = plant(
        tmp_path / "after", {"kept": "k", "modified": "new", "created": Program("c"), "link": Link("t\udcff")}
    )
    paths = {name: after / name for name in ("kept", "modified", "created", "link")}
    changes = change_set(base, {**paths, "deleted": None}, tmp_path / "store")
    plant(after, {"modified": "later", "created": "later"})
    assert [(change.path, change.kind, change.type, content_of(change)) for change in changes] == [
        ("created", ChangeKind.CREATE, FileType.EXECUTABLE, b"c"),
        ("deleted", ChangeKind.DELETE, FileType.FILE, b""),
        ("link", ChangeKind.CREATE, FileType.SYMLINK, b"t\xff"),
        ("modified", ChangeKind.MODIFY, FileType.FILE, b"new"),
    ]
    assert all((change.base is None) == (change.kind is ChangeKind.CREATE) for change in changes)


def test_the_fingerprint_of_a_change_is_that_of_the_bytes_that_were_kept(tmp_path: Path) -> None:
    after = plant(tmp_path / "after", {"a": "text"})
    (change,) = change_set(tmp_path / "none", {"a": after / "a"}, tmp_path / "store")
    assert change.content is not None
    assert change.new == fingerprint(change.content) == fingerprint(after / "a")


def test_a_file_that_is_too_large_to_be_kept_in_memory_is_kept_all_the_same(tmp_path: Path) -> None:
    before, now = "before" * 200_000, "now" * 400_000
    base, after = plant(tmp_path / "base", {"a": before}), plant(tmp_path / "after", {"a": now, "b": now})
    paths = {name: after / name for name in ("a", "b")}
    first, second = change_set(base, paths, tmp_path / "store")
    assert (content_before(first), content_of(first), content_of(second)) == (
        before.encode(),
        now.encode(),
        now.encode(),
    )
    assert first.new == second.new == fingerprint(after / "a")
    assert first.base == fingerprint(base / "a")
    assert len(list((tmp_path / "store").iterdir())) == 2


def test_a_change_set_that_is_read_again_finds_its_contents_in_the_store(tmp_path: Path) -> None:
    base, after = plant(tmp_path / "base", {"a": "before"}), plant(tmp_path / "after", {"a": "now"})
    first = change_set(base, {"a": after / "a"}, tmp_path / "store")
    kept = {file.name: file.stat().st_ino for file in (tmp_path / "store").iterdir()}
    assert change_set(base, {"a": after / "a"}, tmp_path / "store") == first
    assert {file.name: file.stat().st_ino for file in (tmp_path / "store").iterdir()} == kept


def test_the_type_of_a_directory_is_an_error() -> None:
    with pytest.raises(ValueError, match="directory"):
        type_of(DIRECTORY)
