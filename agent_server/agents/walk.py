"""Walking a directory tree by descriptors: sorted, Git's own files left out, ignored directories not entered."""

import os
import stat
import unicodedata
from collections.abc import Generator, Mapping
from contextlib import suppress

from agent_server.analysis.globs.ignore_rules import Rule, is_ignored, parse_rules

_MAX_RULE_BYTES = 100_000


def walk(directory: int, path: str, depth: int | None = None) -> Generator[tuple[str, int]]:
    """What lies below the open `directory`, as paths that start with its own `path`, with the file's type bits.

    Goes `depth` levels deep, None being all the way, and never through a symbolic link. A directory that a
    `.gitignore` on the way ignores is shown but not entered; ignored files are left out.
    """
    yield from _below(directory, path, depth, {})


def is_git(name: str) -> bool:
    """Whether some file system takes `name` for `.git`: in any case, with invisible characters, with a final dot."""
    visible = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFKC", visible).casefold().rstrip(" .") in {".git", "git~1"}


_Rules = Mapping[str, tuple[Rule, ...]]
"""The rules of each folder on the way that has any, by its path."""


def _below(directory: int, path: str, depth: int | None, rules: _Rules) -> Generator[tuple[str, int]]:
    rules = {**rules, **_rules(directory, path)}
    with os.scandir(directory) as scan:
        found = sorted((entry.name, _kind(entry)) for entry in scan if not is_git(entry.name))
    for name, kind in found:
        inner = f"{path}/{name}" if path else name
        ignored = is_ignored(inner, lambda folder: rules.get(folder, ()), folder=kind == stat.S_IFDIR)
        if ignored and kind != stat.S_IFDIR:
            continue
        yield inner, kind
        if kind == stat.S_IFDIR and not ignored and depth != 1:
            # A directory that went away, or may not be read, holds nothing for us.
            with suppress(OSError):
                yield from _inside(directory, name, inner, None if depth is None else depth - 1, rules)


def _inside(directory: int, name: str, path: str, depth: int | None, rules: _Rules) -> Generator[tuple[str, int]]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=directory)
    try:
        yield from _below(descriptor, path, depth, rules)
    finally:
        os.close(descriptor)


def _kind(entry: os.DirEntry[str]) -> int:
    try:
        return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
    except OSError:
        return 0


def _rules(directory: int, path: str) -> _Rules:
    """The directory's own `.gitignore`, if it has one, with the path that it speaks for."""
    try:
        descriptor = os.open(".gitignore", os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        with os.fdopen(descriptor, "rb") as file:
            return {path: parse_rules(file.read(_MAX_RULE_BYTES))}
    except OSError:
        return {}
