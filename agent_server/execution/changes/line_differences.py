"""Which lines of two texts are the same: the ground on which hunks stand. Pure.

Lines that stand once in both texts are anchors, as in patience diff: functions that moved or were put in between do not
get mixed up, and a large file costs as much as it is long. Between two anchors, or where a text has none, the fewest
edits are looked for (Myers, "An O(ND) difference algorithm", 1986), up to a number; beyond that nothing is said to be
the same. That is coarser, and still true.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MOST_EDITS = 1_000  # between two anchors: some tenths of a second
_DEEPEST = 50  # anchors between anchors between anchors


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines `old_start` to `old_end` of the old text became `new_start` to `new_end` of the new; ends are excluded."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def differences(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[Difference]:
    """Where the lines differ, in order; between two differences there is at least one line that is the same."""
    at_old = at_new = 0
    for same_old, same_new in [*_same(_Piece(old, new, 0, 0)), (len(old), len(new))]:
        if (same_old, same_new) != (at_old, at_new):
            yield Difference(at_old, same_old, at_new, same_new)
        at_old, at_new = same_old + 1, same_new + 1


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines of both texts that have to be compared; `depth` says how many anchors enclose them."""

    old: Sequence[bytes]
    new: Sequence[bytes]
    at_old: int
    at_new: int
    depth: int = 0

    def part(self, old: slice, new: slice) -> "_Piece":
        """A piece of this one."""
        return _Piece(self.old[old], self.new[new], self.at_old + old.start, self.at_new + new.start, self.depth + 1)


def _same(piece: _Piece) -> Iterator[tuple[int, int]]:
    """Pairs of lines that are the same, both numbers rising."""
    head = _common(piece.old, piece.new)
    tail = _common(piece.old[head:][::-1], piece.new[head:][::-1])
    end_old, end_new = len(piece.old) - tail, len(piece.new) - tail
    for number in range(head):
        yield piece.at_old + number, piece.at_new + number
    yield from _between(piece.part(slice(head, end_old), slice(head, end_new)))
    for number in range(tail):
        yield piece.at_old + end_old + number, piece.at_new + end_new + number


def _between(piece: _Piece) -> Iterator[tuple[int, int]]:
    anchors = _anchors(piece.old, piece.new) if piece.depth < _DEEPEST else []
    if not anchors:
        for old, new in _fewest_edits(piece.old, piece.new):
            yield piece.at_old + old, piece.at_new + new
        return
    from_old = from_new = 0
    for old, new in anchors:
        yield from _same(piece.part(slice(from_old, old), slice(from_new, new)))
        yield piece.at_old + old, piece.at_new + new
        from_old, from_new = old + 1, new + 1
    yield from _same(piece.part(slice(from_old, len(piece.old)), slice(from_new, len(piece.new))))


def _fewest_edits(old: Sequence[bytes], new: Sequence[bytes]) -> list[tuple[int, int]]:
    """Pairs of lines that are the same on a shortest way from `old` to `new`; none where that is too long."""
    if set(old).isdisjoint(new):
        return []
    # By diagonal (how many more lines of the old than of the new are behind): how far in the old text one gets.
    reached = {1: 0}
    rounds: list[dict[int, int]] = []
    for edits in range(min(_MOST_EDITS, len(old) + len(new)) + 1):
        rounds.append(dict(reached))
        for diagonal in range(-edits, edits + 1, 2):
            at = _start(reached, diagonal, edits)
            while at < len(old) and 0 <= at - diagonal < len(new) and old[at] == new[at - diagonal]:
                at += 1
            reached[diagonal] = at
            if at >= len(old) and at - diagonal >= len(new):
                return _way_back(rounds, len(old), len(new))
    return []


def _start(reached: dict[int, int], diagonal: int, edits: int) -> int:
    """Where one begins on a diagonal: after one more insertion, or one more deletion, whichever gets further."""
    return reached[diagonal + 1] if _inserts(reached, diagonal, edits) else reached[diagonal - 1] + 1


def _inserts(reached: dict[int, int], diagonal: int, edits: int) -> bool:
    return diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])


def _way_back(rounds: Sequence[dict[int, int]], at_old: int, at_new: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for edits in range(len(rounds) - 1, -1, -1):
        diagonal = at_old - at_new
        start = _start(rounds[edits], diagonal, edits)
        while at_old > start:
            at_old, at_new = at_old - 1, at_new - 1
            found.append((at_old, at_new))
        if _inserts(rounds[edits], diagonal, edits):
            at_new -= 1
        else:
            at_old -= 1
    return found[::-1]


def _common(old: Sequence[bytes], new: Sequence[bytes]) -> int:
    """How many lines both begin with."""
    count = 0
    for mine, other in zip(old, new, strict=False):
        if mine != other:
            break
        count += 1
    return count


def _anchors(old: Sequence[bytes], new: Sequence[bytes]) -> list[tuple[int, int]]:
    """The longest rising row of the lines that stand exactly once in each."""
    times_old, times_new = Counter(old), Counter(new)
    place = {line: number for number, line in enumerate(new) if times_new[line] == 1}
    pairs = [(number, place[line]) for number, line in enumerate(old) if times_old[line] == 1 and line in place]
    ends: list[int] = []  # the lowest end of a rising row, by its length
    rows: list[int] = []  # which pair that is
    before: list[int | None] = []  # which pair comes before each one
    for index, (_, target) in enumerate(pairs):
        length = bisect_left(ends, target)
        ends[length : length + 1] = [target]
        rows[length : length + 1] = [index]
        before.append(rows[length - 1] if length else None)
    found: list[tuple[int, int]] = []
    last = rows[-1] if rows else None
    while last is not None:
        found.append(pairs[last])
        last = before[last]
    return found[::-1]
