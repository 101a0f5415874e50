"""The rules of one `.gitignore`, understood as git does: https://git-scm.com/docs/gitignore and git's `wildmatch.c`.

No library does this. Pathspec answers for whole paths and not for one entry, so that `*`, `!*/`, `!*.py` keeps nothing;
and a rule such as `*a*a*a*a*a*a*b`, which a stranger's folder may hold, would keep it busy for minutes.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits, hexdigits, punctuation, whitespace

from agent_server.analysis.globs.pattern import CharClass, Pattern, Token, Wildcard
from agent_server.analysis.globs.regex import compile_patterns


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a `.gitignore`: it `ignores` what it is about, or with a `!` readmits it."""

    pattern: re.Pattern[str]
    ignores: bool
    folders_only: bool
    by_name: bool

    def is_about(self, path: str, *, folder: bool) -> bool:
        """Whether the rule speaks of `path` (relative to the rule's folder) itself, not of a folder above it."""
        if self.folders_only and not folder:
            return False
        return self.pattern.match(path.rpartition("/")[2] if self.by_name else path) is not None


def parse_rules(data: bytes) -> tuple[Rule, ...]:
    """The rules that `data`, the contents of a `.gitignore`, holds; the first one that is about a path decides.

    Like git, passes over lines that make no sense.
    """
    lines = data.decode("utf-8-sig", "surrogateescape").replace("\r\n", "\n").split("\n")
    return tuple(rule for line in reversed(lines) if (rule := _parse_rule(line)))


def is_ignored(path: str, rules_of: Callable[[str], Iterable[Rule]], *, folder: bool) -> bool:
    """Whether the nearest rule that speaks of `path` itself ignores it. `rules_of` gives those of a folder above it.

    The root is the folder `""`. A folder above that is ignored is not asked for: git does not enter it.
    """
    above = path.rpartition("/")[0]
    while True:
        inner = path[len(above) + 1 :] if above else path
        for rule in rules_of(above):
            if rule.is_about(inner, folder=folder):
                return rule.ignores
        if not above:
            return False
        above = above.rpartition("/")[0]


def is_left_out(path: str, rules_of: Callable[[str], Iterable[Rule]]) -> bool:
    """Whether git leaves out a file of that path: it is ignored, or a folder above it is."""
    folders = [path[:at] for at, char in enumerate(path) if char == "/"]
    return any(is_ignored(each, rules_of, folder=True) for each in folders) or is_ignored(path, rules_of, folder=False)


def _parse_rule(line: str) -> Rule | None:
    if line.startswith("#"):
        return None
    text = _without_trailing_spaces(line)
    ignores = not text.startswith("!")
    text = text if ignores else text[1:]
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    by_name = "/" not in text
    tokens = _tokens(text.removeprefix("/"), by_name=by_name)
    if not tokens or text.endswith("/"):
        return None
    return Rule(compile_patterns((Pattern(tokens),), folds=False), ignores, folders_only, by_name)


def _without_trailing_spaces(line: str) -> str:
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return f"{bare} " if backslashes % 2 and len(bare) < len(line) else bare


# Patterns


def _tokens(text: str, *, by_name: bool) -> tuple[Token, ...] | None:
    """What `text` consists of; None if it can match nothing. Where a `name` is matched, `**` is as good as `*`."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        read = _token(text, position, by_name=by_name)
        if read is None:
            return None
        token, position = read
        before = tokens[-1] if tokens else None
        if isinstance(token, str) and isinstance(before, str):
            tokens[-1] = before + token
        else:
            tokens.append(token)
    return tuple(tokens)


def _token(text: str, start: int, *, by_name: bool) -> tuple[Token, int] | None:
    """The token at `start`, and where the next one begins."""
    match text[start]:
        case "*":
            return _stars(text, start, by_name=by_name)
        case "?":
            return Wildcard.ONE, start + 1
        case "[":
            return _char_class(text, start + 1)
        case "\\":
            return (text[start + 1], start + 2) if start + 1 < len(text) else None
        case char:
            return char, start + 1


def _stars(text: str, start: int, *, by_name: bool) -> tuple[Token, int]:
    end = start
    while text.startswith("*", end):
        end += 1
    if end - start == 1 or by_name or text[start - 1 : start] not in {"", "/"}:
        return Wildcard.RUN, end
    if end == len(text):
        return Wildcard.BELOW, end
    return (Wildcard.FOLDERS, end + 1) if text[end] == "/" else (Wildcard.RUN, end)


def _char_class(text: str, start: int) -> tuple[Token, int] | None:
    """The class whose `[` stands before `start`; None if it has no end or no members."""
    negated = text[start : start + 1] in {"!", "^"}
    first = position = start + negated
    ranges: list[tuple[str, str]] = []
    while position == first or not text.startswith("]", position):
        read = _members(text, position)
        if read is None:
            return None
        members, position = read
        ranges += members
    if not ranges:
        return (Wildcard.ONE, position + 1) if negated else None
    return CharClass(tuple(ranges), negated), position + 1


def _members(text: str, position: int) -> tuple[list[tuple[str, str]], int] | None:
    """The characters that a class has at `position`: one, a range, or a named set such as `[:digit:]`."""
    if named := re.compile(r"\[:([a-z]*):]").match(text, position):
        return [(char, char) for char in _named_sets().get(named[1], "")], named.end()
    low, position = _char(text, position)
    if text.startswith("-", position) and text[position + 1 : position + 2] not in {"", "]"}:
        high, position = _char(text, position + 1)
        # Git meets the low end first, which makes it a member of a range that is the wrong way round.
        return ([(low, max(low, high))], position) if high else None
    return ([(low, low)], position) if low else None


def _char(text: str, position: int) -> tuple[str, int]:
    """The character at `position`, which may be escaped, and where the next one begins; `""` at the end."""
    position += text.startswith("\\", position)
    return text[position : position + 1], position + 1


@cache
def _named_sets() -> dict[str, str]:
    return {
        "alnum": ascii_letters + digits,
        "alpha": ascii_letters,
        "blank": " \t",
        "digit": digits,
        "graph": ascii_letters + digits + punctuation,
        "lower": ascii_lowercase,
        "punct": punctuation,
        "space": whitespace,
        "upper": ascii_uppercase,
        "xdigit": hexdigits,
    }
