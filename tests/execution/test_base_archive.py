"""A base as one file: what is packed comes out as it was, and what is not ours comes out nowhere."""

import io
import os
import stat
import tarfile
import threading
from pathlib import Path

import pytest

from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.execution.workplaces.base_archive import digest_of, pack_base, unpack_base
from tests.execution.trees import Link, plant, read

GO_ON = threading.Event()


def looked_at(root: Path) -> dict[str, tuple[int, int]]:
    """The modes and the times of all below `root`."""
    found = {path.relative_to(root).as_posix(): path.lstat() for path in root.rglob("*")}
    return {name: (stat.S_IMODE(each.st_mode), each.st_mtime_ns) for name, each in found.items()}


def test_a_base_comes_out_as_it_went_in(live: Path, tmp_path: Path) -> None:
    (live / ".git/HEAD").unlink()
    (live / ".git").rmdir()
    plant(live, {"bytes \udcff\n\U0001f600": "odd", "a" * 200 + "/" + "b" * 200: "long", "out": Link("/etc/passwd")})
    (live / "hard").hardlink_to(live / "README.md")
    (live / "nobody reads").mkdir()
    (live / "src").chmod(0o750)
    os.utime(live / "src/main.py", ns=(1_234_567_891_234_567_891,) * 2)
    os.utime(live / "src", ns=(1_134_567_891_234_567_891,) * 2)
    digest = pack_base(live, tmp_path / "base.tar", GO_ON)
    assert digest == digest_of(tmp_path / "base.tar")
    unpack_base(tmp_path / "base.tar", tmp_path / "copy", GO_ON)
    assert read(tmp_path / "copy") == read(live)
    assert looked_at(tmp_path / "copy") == looked_at(live)
    assert pack_base(tmp_path / "copy", tmp_path / "again.tar", GO_ON) == digest


def test_a_base_that_has_changed_has_another_digest(live: Path, tmp_path: Path) -> None:
    first = pack_base(live, tmp_path / "first.tar", GO_ON)
    (live / "README.md").chmod(0o755)
    assert pack_base(live, tmp_path / "second.tar", GO_ON) != first


def archive(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as packing:
        for member in members:
            content = b"evil" if member.isreg() else b""
            member.size = len(content)
            packing.addfile(member, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.mode = kind, target, 0o7777
    return found


@pytest.mark.parametrize(
    "members",
    [
        (member("../evil"),),
        (member("a/../../evil"),),
        (member("/tmp/evil-of-an-archive"),),
        (member("link", tarfile.SYMTYPE, ".."), member("link/evil")),
        (member("link", tarfile.SYMTYPE, "../evil"), member("link")),
        (member("hard", tarfile.LNKTYPE, "../secret"),),
        (member("pipe", tarfile.FIFOTYPE),),
        (member("null", tarfile.CHRTYPE),),
        (member(".git/config"),),
        (member("d", tarfile.DIRTYPE), member("d", tarfile.SYMTYPE, "..")),
    ],
    ids=lambda members: " ".join(each.name for each in members),
)
def test_nothing_is_unpacked_elsewhere(members: tuple[tarfile.TarInfo, ...], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine")
    packed = archive(tmp_path / "evil.tar", *members)
    with pytest.raises((SandboxError, OSError)):
        unpack_base(packed, tmp_path / "tree", GO_ON)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar", "secret"]
    assert not Path("/tmp/evil-of-an-archive").exists()


def test_no_file_gets_more_than_ordinary_permissions(tmp_path: Path) -> None:
    unpack_base(archive(tmp_path / "base.tar", member("file")), tmp_path / "tree", GO_ON)
    assert stat.S_IMODE((tmp_path / "tree/file").stat().st_mode) == 0o777


def test_an_archive_that_is_cut_short_leaves_nothing(live: Path, tmp_path: Path) -> None:
    pack_base(live, tmp_path / "base.tar", GO_ON)
    (tmp_path / "base.tar").write_bytes((tmp_path / "base.tar").read_bytes()[:1300])
    with pytest.raises(SandboxError, match="broken"):
        unpack_base(tmp_path / "base.tar", tmp_path / "copy", GO_ON)
    assert not (tmp_path / "copy").exists()


def test_unpacking_that_is_called_off_leaves_nothing(live: Path, tmp_path: Path) -> None:
    (live / ".git/HEAD").unlink()
    pack_base(live, tmp_path / "base.tar", GO_ON)
    called_off = threading.Event()
    called_off.set()
    unpack_base(tmp_path / "base.tar", tmp_path / "copy", called_off)
    assert not (tmp_path / "copy").exists()
