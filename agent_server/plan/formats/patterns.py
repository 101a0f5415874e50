"""The globs that say where plans lie: `**`, `*`, `?` and `{a,b}`, as editors' document filters have them (LSP 3.17).

They match whole `/`-separated paths, relative or absolute, in any case, hidden files too. A glob that begins with `**/`
also matches a path that begins with what follows.

All globs become one regular expression that takes time in proportion to a path, whoever made the path: the first place
where a piece between two stars fits is as good as any later one, so it is never looked for again (atomic groups).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

MOST_SPELLINGS = 64
"""So many globs without braces one glob with braces may stand for; what more it stands for is left out."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_ANY = re.compile(r"[*?{}]")
_STARS = re.compile(r"\*+")


class Patterns:
    """Several globs, of which one must match.

    Nearly every path of a workspace is told by its names alone: one that a glob matches has the last name in it that
    the glob spells out, be it a folder's or the file's, or else ends as the glob does.
    """

    def __init__(self, globs: Sequence[str]) -> None:
        spelled = dict.fromkeys(each for glob in globs for each in spellings(glob))
        names = {each: _last_name(each) for each in spelled}
        self._names = frozenset(filter(None, names.values()))
        self._endings = endings([each for each, name in names.items() if not name])
        self._match = re.compile("|".join(map(_regex, spelled)) or r"(?!)", re.IGNORECASE | re.DOTALL).fullmatch

    def match(self, path: str) -> bool:
        """Whether one of the globs matches the path."""
        lower = path.lower()
        if not lower.endswith(self._endings) and self._names.isdisjoint(lower.split("/")):
            return False
        return self._match(path.lstrip("/")) is not None


def spellings(glob: str) -> list[str]:
    """The globs without braces that a glob stands for: `{a,b}.md` for `a.md` and `b.md`."""
    return list(islice(_spelled(glob), MOST_SPELLINGS))


def _last_name(glob: str) -> str:
    """The last segment of a glob without braces that it spells out, in lower case; empty where there is none."""
    names = (segment for segment in reversed(glob.split("/")) if segment and not _ANY.search(segment))
    return next(names, "").lower()


def endings(globs: Sequence[str]) -> tuple[str, ...]:
    """How a path ends, in lower case, that one of the globs matches: in one of these."""
    return tuple(dict.fromkeys(_ending(each).lower() for glob in globs for each in spellings(glob)))


def _ending(glob: str) -> str:
    """What a glob without braces spells out of the end of a name: from its last full stop on, if it has one."""
    spelled = _ANY.split(glob.rpartition("/")[2])[-1]
    return spelled[max(spelled.rfind("."), 0) :]


def _spelled(glob: str) -> Iterator[str]:
    braces = _BRACES.search(glob)
    if braces is None:
        yield glob
        return
    for choice in braces[1].split(","):
        yield from _spelled(f"{glob[: braces.start()]}{choice}{glob[braces.end() :]}")


def _regex(glob: str) -> str:
    """A regular expression for a glob without braces: pieces of whole segments, with any folders between them."""
    pieces: list[list[str]] = [[]]
    for segment in glob.lstrip("/").split("/"):
        if segment == "**":
            pieces.append([])
        else:
            pieces[-1].append(_segment(segment))
    first, *rest = ["/".join(piece) for piece in pieces]
    if not rest:
        return first
    *middle, last = rest
    found = f"{first}/" if first else ""
    found += "".join(f"(?>(?:[^/]*+/)*?{piece}/)" for piece in middle if piece)
    return f"{found}(?:[^/]*+/)*{last}" if pieces[-1] else f"{found}.*"


def _segment(segment: str) -> str:
    """A regular expression for one segment of a path."""
    first, *rest = ["".join("[^/]" if c == "?" else re.escape(c) for c in part) for part in _STARS.split(segment)]
    if not rest:
        return first
    *middle, last = rest
    return f"{first}{''.join(f'(?>[^/]*?{part})' for part in middle)}[^/]*{last}"
