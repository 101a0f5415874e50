"""Reviewing a change set before it lands: file by file, and hunk by hunk, as bytes that go in or stay out.

A hunk is a piece of a text that changed, with the lines around it, as `git diff` shows it. Whoever reviews names the
hunks that are not to land; what lands is the base with all the others. The bytes are exact: line ends stay as they are,
and so does a last line without one. What has no lines has no hunks: links, binary files, a change of the mode alone.
Such a file lands as a whole, or not at all.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from agent_server.execution.changes.changes import Change, FileType, content_before, content_of
from agent_server.execution.changes.line_differences import Difference, differences

CONTEXT = 3
"""How many unchanged lines a hunk shows on each side of a change. Changes nearer than twice that share a hunk."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `old_start` to `old_end` of the base, counted from 0, which become `new_start` to `new_end`; ends excluded.

    `lines` are those of a unified diff: a space, `-` or `+`, and the line with its end. Only the last line of a text
    may have none.
    """

    old_start: int
    old_end: int
    new_start: int
    new_end: int
    lines: tuple[bytes, ...]


def between(old: bytes, new: bytes) -> tuple[Hunk, ...]:
    """The hunks that make `new` of `old`, in order. They do not overlap."""
    before, after = _lines(old), _lines(new)
    return tuple(_hunk(group, before, after) for group in _groups(differences(before, after)))


def applied(old: bytes, hunks: Iterable[Hunk]) -> bytes:
    """`old` with these hunks of it, which may be some of `between`."""
    before = _lines(old)
    parts: list[bytes] = []
    at = 0
    for hunk in sorted(hunks, key=lambda each: each.old_start):
        parts += before[at : hunk.old_start]
        parts += (line[1:] for line in hunk.lines if line[:1] != b"-")
        at = hunk.old_end
    return b"".join([*parts, *before[at:]])


def is_binary(content: bytes) -> bool:
    """Whether it is no text, by Git's rule: a NUL among the first 8,000 bytes."""
    return b"\0" in content[:8_000]


def hunks(change: Change) -> tuple[Hunk, ...]:
    """The hunks of a change; none where it has no lines, or its base was not kept. Raises `OSError`."""
    if change.type is FileType.SYMLINK or (change.base or "").startswith(FileType.SYMLINK.value):
        return ()
    if change.base is not None and change.before is None:
        return ()
    old, new = content_before(change), content_of(change)
    return () if is_binary(old) or is_binary(new) else between(old, new)


class NoSuchHunk(ValueError):
    """A hunk is not, or no longer, one of the change."""


def hunk_id(hunk: Hunk) -> str:
    """What a hunk goes by: where it is in the base, and what it does there. It stays when others are left out."""
    told = (b"%d" % hunk.old_start, *hunk.lines)
    return sha256(b"".join(b"%d:%b" % (len(each), each) for each in told)).hexdigest()[:16]


def without_hunks(change: Change, dropped: Collection[str], store: Path) -> Change | None:
    """As `without`, for hunks that go by their ids. Raises `NoSuchHunk` and `OSError`."""
    known = {hunk_id(hunk): hunk for hunk in hunks(change)}
    if missing := set(dropped) - known.keys():
        raise NoSuchHunk(f"`{change.path}` has no such hunk (of {len(missing)})")
    return without(change, [known[each] for each in dropped], store)


def without(change: Change, dropped: Collection[Hunk], store: Path) -> Change | None:
    """The change without the hunks `dropped`; None where nothing is left of it. New contents are kept in `store`.

    A new or a deleted file is one hunk. A change of the mode stays as long as any hunk does. Raises `ValueError` for a
    hunk that is not of the change, and `OSError`.
    """
    found = hunks(change)
    if unknown := set(dropped) - set(found):
        raise ValueError(f"`{change.path}` has no such hunk (of {len(unknown)})")
    if not dropped:
        return change
    left = [hunk for hunk in found if hunk not in dropped]
    if not left:
        return None
    return _with_content(change, applied(content_before(change), left), store)


def only(changes: Sequence[Change], paths: Collection[str]) -> tuple[Change, ...]:
    """The changes at these paths, in their order."""
    return tuple(change for change in changes if change.path in paths)


def _with_content(change: Change, content: bytes, store: Path) -> Change:
    new = f"{change.type.value}-{sha256(content).hexdigest()}"
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = store / "partial"
    partial.write_bytes(content)
    return replace(change, new=new, content=partial.rename(store / new))


def _lines(text: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in text.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _groups(found: Iterable[Difference]) -> Iterator[list[Difference]]:
    """Differences whose contexts would touch, together."""
    group: list[Difference] = []
    for difference in found:
        if group and difference.old_start - group[-1].old_end > 2 * CONTEXT:
            yield group
            group = []
        group.append(difference)
    if group:
        yield group


def _hunk(group: Sequence[Difference], old: Sequence[bytes], new: Sequence[bytes]) -> Hunk:
    start = max(0, group[0].old_start - CONTEXT)
    end = min(len(old), group[-1].old_end + CONTEXT)
    lines: list[bytes] = []
    at = start
    for each in group:
        lines += (b" " + line for line in old[at : each.old_start])
        lines += (b"-" + line for line in old[each.old_start : each.old_end])
        lines += (b"+" + line for line in new[each.new_start : each.new_end])
        at = each.old_end
    lines += (b" " + line for line in old[at:end])
    shift_before = group[0].new_start - group[0].old_start
    shift_after = group[-1].new_end - group[-1].old_end
    return Hunk(start, end, start + shift_before, end + shift_after, tuple(lines))
