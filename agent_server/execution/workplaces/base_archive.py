"""The base of a run as one file, for workers that do not see it: packed by the daemon, unpacked by a worker.

It is a tar file of directories, files and links, with their modes and times, so that builds find their caches warm
there too. Names come sorted, and nothing else of the host is in it: a base that has not changed gives the same bytes.
"""

import os
import stat
import tarfile
import threading
from collections.abc import Iterator
from decimal import Decimal
from hashlib import file_digest
from pathlib import Path
from typing import IO

from agent_server.execution.paths import UnsafePathError, components, directory, opened
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import SandboxError

_CHUNK = 1 << 20


def pack_base(tree: Path, archive: Path, cancelled: threading.Event) -> str:
    """Write all that lies below `tree` to the new file `archive`; its digest. Blocks. Raises `OSError`.

    Once `cancelled` is set the archive is cut short.
    """
    with archive.open("xb") as file, tarfile.open(fileobj=file, mode="w|", bufsize=_CHUNK) as packing:
        for path, name in _below(tree):
            if cancelled.is_set():
                break
            _add(packing, path, name)
    return digest_of(archive)


def digest_of(archive: Path) -> str:
    """The SHA-256 of the archive, in hexadecimal. Blocks. Raises `OSError`."""
    with archive.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def unpack_base(archive: Path, tree: Path, cancelled: threading.Event) -> None:
    """Make the folder `tree` with all that the archive holds, and nothing outside of it. Blocks.

    Links are made as they are, and never followed. Raises `SandboxError` for what no archive of ours holds, and
    `OSError`; then the folder is gone again, and so it is where `cancelled` was set.
    """
    tree.mkdir(mode=0o700)
    try:
        with opened(tree) as root, tarfile.open(archive, mode="r|", bufsize=_CHUNK) as packed:
            _unpack(packed, root, cancelled)
    except (tarfile.TarError, UnsafePathError) as error:
        remove_tree(tree)
        raise SandboxError(f"The copy of the workspace that was sent to this worker is broken: {error}") from None
    except BaseException:
        remove_tree(tree)
        raise
    if cancelled.is_set():
        remove_tree(tree)


def _below(tree: Path) -> Iterator[tuple[Path, str]]:
    """All below the tree, each directory before what it holds: where it is, and what it is called."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(tree / folder) as scan:
            for entry in sorted(scan, key=lambda entry: os.fsencode(entry.name)):
                name = f"{folder}/{entry.name}" if folder else entry.name
                yield tree / name, name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(name)


def _add(packing: tarfile.TarFile, path: Path, name: str) -> None:
    found = path.lstat()
    member = tarfile.TarInfo(name)
    member.mode = found.st_mode & 0o777
    member.pax_headers = {"mtime": f"{Decimal(found.st_mtime_ns).scaleb(-9):f}"}  # a float would lose nanoseconds
    if stat.S_ISDIR(found.st_mode):
        member.type = tarfile.DIRTYPE
        packing.addfile(member)
    elif stat.S_ISLNK(found.st_mode):
        member.type, member.linkname = tarfile.SYMTYPE, str(path.readlink())
        packing.addfile(member)
    elif stat.S_ISREG(found.st_mode):
        with path.open("rb") as content:
            member.size = found.st_size
            packing.addfile(member, content)


def _unpack(packed: tarfile.TarFile, root: int, cancelled: threading.Event) -> None:
    folders: list[tarfile.TarInfo] = []
    for member in packed:
        if cancelled.is_set():
            return
        *parents, name = components(member.name)
        with directory(root, parents) as parent:
            if member.isdir():
                os.mkdir(name, 0o700, dir_fd=parent)
                folders.append(member)
            elif member.issym():
                os.symlink(member.linkname, name, dir_fd=parent)
                _set_time(member, name, parent)
            elif member.isreg():
                _write(packed.extractfile(member), member, name, parent)
            else:
                raise UnsafePathError(member.name, "it is neither a directory, nor a file, nor a link")
    for member in reversed(folders):  # what was written into a directory has changed its time
        *parents, name = components(member.name)
        with directory(root, components(member.name)) as itself:
            os.fchmod(itself, member.mode & 0o777 | stat.S_IRWXU)
        with directory(root, parents) as parent:
            _set_time(member, name, parent)


def _write(content: IO[bytes] | None, member: tarfile.TarInfo, name: str, parent: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=parent), "wb") as file:
        while content is not None and (piece := content.read(_CHUNK)):
            file.write(piece)
        file.flush()
        os.fchmod(file.fileno(), member.mode & 0o777)
    _set_time(member, name, parent)


def _set_time(member: tarfile.TarInfo, name: str, parent: int) -> None:
    when = int(Decimal(member.pax_headers.get("mtime", member.mtime)).scaleb(9))
    os.utime(name, ns=(when, when), dir_fd=parent, follow_symlinks=False)
