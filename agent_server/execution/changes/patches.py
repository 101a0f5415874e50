"""A change as a patch in Git's form, which `git apply` takes, for reading it and for passing it on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, content_before, content_of, type_of
from agent_server.execution.changes.review import Hunk, between, is_binary

MODES = {FileType.FILE: "100644", FileType.EXECUTABLE: "100755", FileType.SYMLINK: "120000"}
"""How Git writes what stands at a path."""

_NO_LINE_END = b"\n\\ No newline at end of file\n"
_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def patch(change: Change, chosen: Sequence[Hunk] | None = None) -> bytes:
    """The change as a patch; of a text only the hunks `chosen`, if they are given. Raises `OSError`.

    A binary file is named and not shown, and so is one whose base was not kept.
    """
    old = _Side(type_of(change.base), content_before(change)) if change.base is not None else None
    new = _Side(change.type, content_of(change)) if change.kind is not ChangeKind.DELETE else None
    if change.base is not None and change.before is None:
        return _header(change.path, old, new) + b"What stood here before was not kept.\n"
    if old and new and (old.type is FileType.SYMLINK) is not (new.type is FileType.SYMLINK):
        return _part(change.path, old, None, chosen) + _part(change.path, None, new, chosen)
    return _part(change.path, old, new, chosen)


def lines_changed(hunks: Iterable[Hunk]) -> tuple[int, int]:
    """How many lines come and how many go."""
    marks = [line[:1] for hunk in hunks for line in hunk.lines]
    return marks.count(b"+"), marks.count(b"-")


@dataclass(frozen=True, slots=True)
class _Side:
    """What stands at the path before, or afterwards."""

    type: FileType
    content: bytes


def _part(path: str, old: _Side | None, new: _Side | None, chosen: Sequence[Hunk] | None) -> bytes:
    header = _header(path, old, new)
    before, after = old.content if old else b"", new.content if new else b""
    if before == after:
        return header
    if is_binary(before) or is_binary(after):
        return header + b"Binary files %s and %s differ\n" % _names(path, old, new)
    shown = between(before, after) if chosen is None else chosen
    return header + b"--- %s\n+++ %s\n" % _names(path, old, new) + b"".join(_hunks(shown))


def _header(path: str, old: _Side | None, new: _Side | None) -> bytes:
    lines = [f"diff --git {_quoted('a/' + path)} {_quoted('b/' + path)}"]
    if new and not old:
        lines.append(f"new file mode {MODES[new.type]}")
    elif old and not new:
        lines.append(f"deleted file mode {MODES[old.type]}")
    elif old and new and old.type is not new.type:
        lines += [f"old mode {MODES[old.type]}", f"new mode {MODES[new.type]}"]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _names(path: str, old: _Side | None, new: _Side | None) -> tuple[bytes, bytes]:
    # A tab behind a name with a space is how Git lets other programs find the name's end.
    end = "\t" if " " in path else ""
    before = f"{_quoted('a/' + path)}{end}" if old else "/dev/null"
    after = f"{_quoted('b/' + path)}{end}" if new else "/dev/null"
    return before.encode("ascii"), after.encode("ascii")


def _hunks(hunks: Sequence[Hunk]) -> Iterable[bytes]:
    shift = 0  # of hunks that were left out, the lines count as they were
    for hunk in hunks:
        old, new = hunk.old_end - hunk.old_start, hunk.new_end - hunk.new_start
        start = hunk.old_start + shift
        yield b"@@ -%s +%s @@\n" % (_range(hunk.old_start, old), _range(start, new))
        yield from (line if line.endswith(b"\n") else line + _NO_LINE_END for line in hunk.lines)
        shift += new - old


def _range(start: int, count: int) -> bytes:
    """A range as a unified diff writes it: from 1, and of an empty one the line before it."""
    return b"%d,%d" % (start + (count > 0), count)


def _quoted(path: str) -> str:
    """A path as Git writes it: in quotation marks where it holds more than plain ASCII."""
    raw = path.encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in _ESCAPES for byte in raw):
        return path
    return f'"{"".join(_character(byte) for byte in raw)}"'


def _character(byte: int) -> str:
    if byte in _ESCAPES:
        return f"\\{_ESCAPES[byte]}"
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
