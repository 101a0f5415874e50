"""Where a key stands in a TOML text: Python's reader does not tell."""

import re
from functools import lru_cache

_HEADER = re.compile(r"\[{1,2}(?P<keys>[^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(r"""(?P<keys>(?:"[^"]*"|'[^']*'|[\w.-]|[ \t](?=[ \t]*[.=]))+)\s*=""")
_KEY = re.compile(r""""[^"]*"|'[^']*'|[\w-]+""")
_SEEN = 200  # characters of a line: a key ends long before, and no stranger's line may keep the patterns busy
_PLACE = re.compile(r"\(at line (\d+), column \d+\)$")


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line, from 0, that sets the key `path`, or the innermost table around it; None where there is neither.

    It goes by lines, so a value over several lines that looks like keys may mislead it, by a few lines.
    """
    best, depth = None, 0
    for number, here in _keys_by_line(text):
        if depth < len(here) <= len(path) and here == path[: len(here)]:
            best, depth = number, len(here)
    return best


@lru_cache(maxsize=4)
def _keys_by_line(text: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The lines that name a key or a table, with the whole path of it."""
    found: list[tuple[int, tuple[str, ...]]] = []
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n")):
        shown = line[:_SEEN].strip()
        header, assignment = _HEADER.match(shown), _ASSIGNMENT.match(shown)
        if header:
            here = table = _keys(header["keys"])
        elif assignment:
            here = (*table, *_keys(assignment["keys"]))
        else:
            continue
        found.append((number, here))
    return tuple(found)


def line_in(message: str, text: str) -> int:
    """The line, from 0, that an error message of Python's TOML reader names; else the last one."""
    place = _PLACE.search(message)
    return int(place[1]) - 1 if place else text.rstrip("\n").count("\n")


def _keys(text: str) -> tuple[str, ...]:
    return tuple(key.strip("\"'") for key in _KEY.findall(text))
