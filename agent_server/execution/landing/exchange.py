"""Two atomic renames that never destroy what they meet: exchange two names, and move only where nothing stands.

Linux: `renameat2(2)`. macOS: `renameatx_np(2)`, the same by other names; written after its manual, not tried.
Elsewhere, and on file systems that lack them (NFS, some FUSE ones), both raise `OSError`: with plain `rename` and
`link` a file that its user saves at that moment can be lost, so there is no fallback.
"""

import ctypes
import errno
import os
import platform
import sys
from contextlib import suppress
from functools import cache

_MACOS = sys.platform == "darwin"
_MOVE = 4 if _MACOS else 1
_EXCHANGE = 2
# For C libraries that do not know the call: its number, by machine.
_SYSTEM_CALLS = {
    "x86_64": 316,
    "aarch64": 276,
    "riscv64": 276,
    "armv7l": 382,
    "i686": 353,
    "ppc64le": 357,
    "s390x": 347,
}


def exchange(first: str, first_directory: int, second: str, second_directory: int) -> None:
    """Exchange what two names stand for, files or directories. Raises `OSError`."""
    _rename(first, first_directory, second, second_directory, _EXCHANGE)


def move(source: str, source_directory: int, target: str, target_directory: int) -> None:
    """Rename; raises `FileExistsError` where something stands at the target, and `OSError`."""
    _rename(source, source_directory, target, target_directory, _MOVE)


def is_supported(directory: int) -> bool:
    """Whether the file system of an open directory knows both, tried on two files that are removed again."""
    first, second = ".exchange-1", ".exchange-2"
    try:
        for name in (first, second):
            os.close(os.open(name, os.O_CREAT | os.O_CLOEXEC, 0o600, dir_fd=directory))
        exchange(first, directory, second, directory)
        os.unlink(second, dir_fd=directory)
        move(first, directory, second, directory)
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}:
            return False
        raise
    finally:
        for name in (first, second):
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=directory)
    return True


def _rename(source: str, source_directory: int, target: str, target_directory: int, flag: int) -> None:
    libc = _libc()
    named = getattr(libc, "renameatx_np" if _MACOS else "renameat2", None)
    arguments = (source_directory, os.fsencode(source), target_directory, os.fsencode(target), flag)
    if named is not None:
        failed = named(*arguments)
    elif platform.machine() in _SYSTEM_CALLS:
        failed = libc.syscall(_SYSTEM_CALLS[platform.machine()], *arguments)
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), source, None, target)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
