"""Files that are written as a whole, or not at all."""

import errno
import os
from pathlib import Path

import pytest

from agent_server.workspace.whole_files import create_file, replace_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "plans/wiki.plan.md"
    found.parent.mkdir()
    found.write_bytes(b"before\r\n")
    return found


def test_whoever_has_it_open_reads_all_that_it_held(path: Path) -> None:
    path.chmod(0o640)
    with path.open("rb") as reading:
        replace_file(path, b"after\n")
        assert reading.read() == b"before\r\n"
    assert path.read_bytes() == b"after\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [*path.parent.iterdir()] == [path]


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.with_name("link.plan.md")
    link.symlink_to(path.name)
    replace_file(link, b"after\n")
    assert link.is_symlink()
    assert path.read_bytes() == b"after\n"


def test_a_file_is_made_only_where_there_is_none(path: Path) -> None:
    create_file(path.with_name("new.md"), b"new\n")
    assert path.with_name("new.md").read_bytes() == b"new\n"
    with pytest.raises(FileExistsError):
        create_file(path, b"after\n")
    assert path.read_bytes() == b"before\r\n"


def test_where_that_fails_all_is_what_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"after\n")
    with pytest.raises(OSError, match="No space"):
        create_file(path.with_name("new.md"), b"new\n")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="it is read-only"):
        replace_file(path, b"after\n")
    assert path.read_bytes() == b"before\r\n"
    assert [*path.parent.iterdir()] == [path]
