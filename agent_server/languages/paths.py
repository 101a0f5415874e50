"""Paths of a workspace as strings: relative to its root, `/`-separated, `""` for the root itself."""

from collections.abc import Iterator


def joined(folder: str, path: str) -> str | None:
    """Where `path`, as written in a file of `folder`, leads; None outside the workspace and for an absolute path.

    `.`, `..` and doubled slashes are worked out; a slash at the end falls away.
    """
    if path.startswith("/") or "\\" in path or "\0" in path:
        return None
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def relative(folder: str, path: str) -> str:
    """The plain path `path` as a file of `folder` spells it: `./wiki`, `../wiki`."""
    parts, above = path.split("/"), folder.split("/") if folder else []
    pairs = enumerate(zip(parts, above, strict=False))
    shared = next((count for count, (one, other) in pairs if one != other), min(len(parts), len(above)))
    return ("../" * (len(above) - shared) or "./") + "/".join(parts[shared:])


def under(folder: str, name: str) -> str:
    """The plain path `name` in `folder`; either may be empty."""
    return f"{folder}/{name}" if folder and name else folder or name


def folder_of(path: str) -> str:
    """The folder that a file lies in."""
    return path.rpartition("/")[0]


def upwards(folder: str) -> Iterator[str]:
    """The folder, and each folder above it, down to the root."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
