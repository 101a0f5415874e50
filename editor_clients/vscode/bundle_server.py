"""Pack the server's sources into `dist/agent-server.tar.xz`: the extension installs the very version it was made with.

Any Python will do. An archive of sources is half the size of a wheel: xz sees all files at once.
"""

import lzma
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKED = ("pyproject.toml", "README.md", "LICENSE", "agent_server")


def bare(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """The entry without what differs from machine to machine; None for what Python has compiled."""
    if "__pycache__" in entry.name:
        return None
    entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


if __name__ == "__main__":
    archive = HERE / "dist" / "agent-server.tar.xz"
    preset = 9 | lzma.PRESET_EXTREME
    with lzma.open(archive, "wb", preset=preset) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for name in PACKED:
            tar.add(ROOT / name, f"agent-server/{name}", filter=bare)
