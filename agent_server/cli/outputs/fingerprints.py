"""The fingerprint by which GitHub knows a finding again when the lines above it change: a hash of what follows.

GitHub computes the same one where a SARIF file has none, so whoever uploads the file gets the same alerts. It is a
polynomial over the next hundred characters from the line's start, blanks left out, and counts lines that are alike.
"""

import re
from collections import Counter
from itertools import accumulate

_WINDOW = 100
_FACTOR = 37
_LIMIT = 1 << 64
_END = b"\xff\xff"  # stands behind the last character
_LINE_END = re.compile(r"\r\n?|\n")
_BLANKS = str.maketrans("", "", " \t")


class LineFingerprints:
    """The fingerprints of the lines of one text."""

    def __init__(self, text: str) -> None:
        lines = [_encoded(line.translate(_BLANKS)) for line in _LINE_END.split(text)]
        whole = _encoded("\n").join(lines) + _END
        starts = accumulate((len(line) + 2 for line in lines[:-1]), initial=0)
        self._windows = [whole[start : start + 2 * _WINDOW] for start in starts]
        seen: Counter[bytes] = Counter()
        self._places: list[int] = []
        for window in self._windows:
            seen[window] += 1
            self._places.append(seen[window])

    def of(self, line: int) -> str:
        """The fingerprint of a line, counted from 0."""
        return f"{_hash(self._windows[line]):x}:{self._places[line]}"


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _hash(window: bytes) -> int:
    value = 0
    for at in range(0, len(window), 2):
        value = (value * _FACTOR + int.from_bytes(window[at : at + 2], "little")) % _LIMIT
    return value * pow(_FACTOR, _WINDOW - len(window) // 2, _LIMIT) % _LIMIT
