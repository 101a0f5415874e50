"""Whether a text lists every one of some names, line after line in the same form, as a registry does."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, pairwise

from agent_server.analysis.imports.grammatical_number import singular

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IMPORT = re.compile(
    r"\s*(?:import\b|from\b|export\b.*\bfrom\b|(?:pub(?:\([^)]*\))?\s+)?(?:use|mod)\b|#\s*include\b|using\b|@(?:import|use"
    r"|forward)\b|(?:const|let|var)\b.*\brequire\()"
)
_BINDING = re.compile(r"\s*(?:import\b[^\"']*\bfrom\s*[\"']|(?:const|let|var)\b.*\brequire\()")
"""An import of JavaScript that gives the file a name to use, and passes nothing on."""

_FIELD = re.compile(r"\s*(?:private|protected)\b[^({]*$")
"""What a class keeps for itself: whoever uses all neighbours has a field for each."""

_PARAMETERS = re.compile(r"^(?:<[^<>]*>)?\s+\w+\s*,")
"""What stands between the types of parameters: `orders, ` of `Orders orders, Carts carts`."""

_COMMENT = re.compile(r"\s*(?://|#(?!\s*include|\[)|\*|/\*|<!--|--\s|;;)")
_SEPARATOR = re.compile(r"[,;|+&]|^\W*\s\W*$")
_MOST_PLACES = 4
"""A name may be a word of the form, too: the second `Add` of `AddCommand(newAddCommand())` is the name."""

_LONGEST = 400_000
"""Characters of a text that are read: longer files are data or generated."""


@lru_cache(maxsize=256)
def lists_all(
    text: str, names: tuple[str, ...], *, imports_count: bool, is_prose: bool = False, folder: str = ""
) -> bool:
    """Whether each of the names stands on a line of one form: all lines begin alike, or one line holds them all.

    Where each is spelled behind `folder`, which ends in a slash, that is form enough.

    A name may be spelled in any case style (`clay-wiki`, `ClayWiki`). Comments do not count; lines that import count
    only if `imports_count` and they pass on what they import, since whoever uses two neighbours imports both. A
    sentence of prose is no list.
    """
    lines = _telling(text, imports_count=imports_count)
    forms = [_forms(lines, *_patterns(name), folder) for name in names]
    shared = frozenset.intersection(*forms)
    return any(kind == "form" or (not is_prose and _in_a_row(lines[int(place[0])], names)) for kind, *place in shared)


_CLOSED = re.compile(
    r"\bpermits\b(?P<permitted>[^{;]{1,2000})\{|\bprovides\b[^;]{1,400}?\bwith\b(?P<provided>[^;]{1,2000});"
)
"""Where Java spells out all classes that may extend a type, or that a module provides for a service."""


def spells_out(text: str, name: str) -> bool:
    """Whether a text of Java spells out a class among all those that it knows for one purpose."""
    lists = (found["permitted"] or found["provided"] for found in _CLOSED.finditer(text[:_LONGEST]))
    return any(re.search(rf"\b{re.escape(name)}\b", each) for each in lists)


def _telling(text: str, *, imports_count: bool) -> list[str]:
    """The lines that may be those of a list."""
    return [
        line
        for line in text[:_LONGEST].splitlines()
        if not _COMMENT.match(line)
        and not _FIELD.match(line)
        and not (_BINDING if imports_count else _IMPORT).match(line)
    ]


def name_pattern(name: str) -> re.Pattern[str]:
    """Finds a name in any case style, as a whole word or as the beginning of one (`users` in `usersRouter`).

    The singular of a plural counts too (`userRoutes` for `users`).
    """
    return _patterns(name)[1]


@lru_cache(maxsize=4096)
def _patterns(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds a name as it is spelled, and what finds it in the singular, too."""
    words = [word[0].lower() for word in _WORD.finditer(name)] or [re.escape(name)]
    spelled = rf"{_in_any_style(words)}|{re.escape(name)}(?=\.\w)"
    one = singular(words[-1])
    return re.compile(spelled), re.compile(f"{spelled}|{_in_any_style([*words[:-1], one])}" if one else spelled)


def _in_any_style(words: Sequence[str]) -> str:
    lower = "[-_ ]?".join(words)
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    pascal = "".join(word.capitalize() for word in words)
    upper = "_?".join(word.upper() for word in words)
    return rf"(?<![A-Za-z0-9])(?:{lower}|{camel}|{upper})(?![a-z0-9])|(?<![A-Z]){pascal}(?![a-z0-9])"


def _in_a_row(line: str, names: Sequence[str]) -> bool:
    """Whether a line that holds all names lists them, and calls none with another: `[glass, kiln()]`."""
    found = sorted((match.start(), match.end()) for name in names if (match := _patterns(name)[0].search(line)))
    between = [line[end:start] for (_, end), (start, _) in pairwise(found)]
    return all(_SEPARATOR.search(gap) and _opened(gap) == 0 and not _PARAMETERS.search(gap) for gap in between)


def _opened(text: str) -> int:
    """How many brackets a text opens more than it closes."""
    return sum((char in "([{") - (char in ")]}") for char in text)


def _forms(
    lines: Sequence[str], spelled: re.Pattern[str], in_any_number: re.Pattern[str], folder: str
) -> frozenset[tuple[str, ...]]:
    """How the lines that hold a name go on around it; or which line, for one that holds several."""
    found: set[tuple[str, ...]] = set()
    for number, line in enumerate(lines):
        if spelled.search(line):
            found.add(("line", str(number)))
        if folder and any(line.endswith(folder, 0, place.start()) for place in spelled.finditer(line)):
            found.add(("form", folder))
        for match in islice(in_any_number.finditer(line), _MOST_PLACES):
            before, rest = " ".join(line[: match.start()].split()), line[match.end() :].strip()
            # Where a name begins a longer word, the rest has to be the same: `GlassRule{},` and `KilnRule{},`.
            after = rest if rest[:1].isalnum() else rest[:1]
            if before or after:
                found.add(("form", before, "" if before else after))
    return frozenset(found)
