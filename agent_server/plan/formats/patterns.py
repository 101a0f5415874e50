"""The globs that say where plans lie: `**`, `*`, `?` and `{a,b}`, as editors' document filters have them (LSP 3.17).

They match whole `/`-separated paths, relative or absolute, in any case, hidden files too. A glob that begins with `**/`
also matches a path that begins with what follows.
"""

import re
from collections.abc import Sequence

_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{")
_PLACES = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Patterns:
    """Several globs, of which one must match."""

    def __init__(self, globs: Sequence[str]) -> None:
        self._pattern = re.compile("|".join(map(_regex, globs)) or r"(?!)", re.IGNORECASE | re.DOTALL)

    def match(self, path: str) -> bool:
        """Whether one of the globs matches the path."""
        return self._pattern.fullmatch(path.lstrip("/")) is not None


def _regex(glob: str) -> str:
    return "".join(map(_piece, _PIECE.findall(glob)))


def _piece(piece: str) -> str:
    if piece in _PLACES:
        return _PLACES[piece]
    if piece.startswith("{") and piece.endswith("}"):
        return f"(?:{'|'.join(map(_regex, piece[1:-1].split(',')))})"
    return re.escape(piece)
