"""The text of a glob → plain patterns, one for each way to choose among its braces.

Braces are expanded first, as shells do, so that everything after this file sees a flat row of tokens: the expression
that matches (`regex`), the automaton that intersects (`intersection`) and the index that finds overlaps.

Square brackets mean two things in the plans that people write: a class of characters, and a part of a name in the
routers of Next.js, SvelteKit, Nuxt and Astro (`app/[slug]/page.tsx`). The rule, in order:

1. `[...name]`, `[[...name]]` and `[[name]]` are names.
2. A group with a negation (`[!a]`, `[^a]`) or a range (`[a-z]`) is a class. A group that rule 3 would call a
   name has no range where its hyphens join words (`[blog-post]`), or where one could be none (`[user-id]`: r > i).
3. A group that begins its segment, and ends it or is followed by a dot (`[slug]`, `[id].tsx`), is a name.
4. Every other group is a class (`page[12].tsx`).

A pattern that exists in the workspace as it is written is literal whatever its brackets (`globs.parse_glob`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple, NoReturn

from agent_server.analysis.globs.pattern import CharClass, Pattern, Token, Wildcard

LONGEST_PATTERN = 4096
"""Characters; the longest path that Linux takes."""

MOST_ALTERNATIVES = 512
"""How many plain patterns the braces of one glob may stand for."""

WILDCARDS = frozenset("*?[{")
"""Every glob has one of these. So have some names: see above."""


class BadGlob(ValueError):
    """A pattern that cannot be read, or that leaves the workspace.

    The message says what is wrong and what to write instead. `start` and `end` are offsets within the pattern's text.
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


def confined_path(text: str) -> str:
    """The text without `./`, doubled and trailing slashes. Raises `BadGlob` for what cannot lie in the workspace."""
    if _PLAIN.fullmatch(text):
        return text
    _refuse(text)
    return "/".join(segment for segment in text.split("/") if segment not in {"", "."})


@lru_cache(maxsize=8192)
def parse_patterns(text: str) -> tuple[Pattern, ...]:
    """The plain patterns of a glob without a leading `!`. Raises `BadGlob`."""
    _refuse(text)
    if not _SPECIAL.search(text):
        return (_pattern((_Lexeme("text", text, 0),), text),)
    alternatives = _alternatives(list(_lexemes(text)), text)
    return tuple(dict.fromkeys(_pattern(alternative, text) for alternative in alternatives))


_PLAIN = re.compile(r"(?!~)(?:\w[\w.+@-]+/)*\w[\w.+@-]+")
"""Most of the paths in plans: no special character, no segment that could be `..`, no drive letter."""

_SPECIAL = re.compile(r"[\[\]{}*?/]")


class _Lexeme(NamedTuple):
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_LEXEMES = re.compile(
    r"""
    (?P<name> \[\[ (?:\.\.\.)? [\w$+=-]+ \]\] | \[\.\.\. [^\[\]/{},]+ \] )
  | (?P<group> \[ [!^]? \]? [^\]/]* \] )
  | (?P<run> \*+ )
  | (?P<one> \? )
  | (?P<open> \{ )
  | (?P<close> \} )
  | (?P<comma> , )
  | (?P<slash> /+ )
  | (?P<text> [^\[\]{}*?,/]+ | \] )
  | (?P<unclosed> \[ [^/]* )
    """,
    re.VERBOSE | re.DOTALL,
)


def _refuse(text: str) -> None:
    """Raises `BadGlob` where the whole text is of no use, before anything else is read into it."""
    end = len(text)
    if not text.strip():
        raise BadGlob("The path is empty. Name a file, a directory or a glob, like `src/auth/**`.", 0, end)
    if end > LONGEST_PATTERN:
        raise BadGlob(f"The pattern is longer than {LONGEST_PATTERN} characters. Split it.", 0, end)
    if (at := text.find("\0")) >= 0:
        raise BadGlob("A path cannot hold the character NUL. Remove it.", at, at + 1)
    if (at := text.find("\\")) >= 0:
        raise BadGlob(f"{_quoted(text)} holds a backslash. Write `/` between directories.", at, at + 1)
    if text.startswith("~"):
        _leaves(text, "starts in a home directory", 0, 1)
    if text.startswith("/"):
        _leaves(text, "is absolute", 0, 1)
    if re.match(r"[A-Za-z]:", text):
        _leaves(text, "names a drive", 0, 2)


def _quoted(text: str) -> str:
    return f"`{text}`" if len(text) <= 80 else f"`{text[:77]}...`"


def _leaves(text: str, what: str, start: int, end: int) -> NoReturn:
    raise BadGlob(f"{_quoted(text)} {what}. Write the path relative to the workspace root.", start, end)


def _lexemes(text: str) -> Iterator[_Lexeme]:
    for match in _LEXEMES.finditer(text):
        kind = match.lastgroup or ""
        if kind == "unclosed":
            raise BadGlob(
                f"The `[` in {_quoted(text)} is never closed. Add `]`, or write `[[]` for the character itself.",
                match.start(),
                match.start() + 1,
            )
        yield _Lexeme(kind, match.group(), match.start())


class _Frame:
    """The inside of one brace while it is read: the alternatives that are complete, and the one under way.

    Alternatives are lists of lexemes; the one under way is itself several, after an inner brace has closed.
    """

    def __init__(self, opened: _Lexeme | None = None) -> None:
        self.opened = opened
        self.complete: list[list[_Lexeme]] = []
        self.current: list[list[_Lexeme]] = [[]]
        self.commas: list[_Lexeme] = []

    def append(self, lexeme: _Lexeme) -> None:
        for alternative in self.current:
            alternative.append(lexeme)

    def split(self, comma: _Lexeme) -> None:
        self.commas.append(comma)
        self.complete += self.current
        self.current = [[]]

    def choose(self, choices: Sequence[Sequence[_Lexeme]]) -> None:
        self.current = [[*alternative, *choice] for alternative in self.current for choice in choices]

    def close(self, closed: _Lexeme) -> list[list[_Lexeme]]:
        if self.commas or self.opened is None:
            return self.complete + self.current
        # Braces without a comma are a part of the name, as in a shell: `users/{id}.yaml`.
        opened = self.opened._replace(kind="text")
        return [[opened, *alternative, closed._replace(kind="text")] for alternative in self.current]


def _alternatives(lexemes: Iterable[_Lexeme], text: str) -> list[list[_Lexeme]]:
    """Every way to choose one item from each brace."""
    frames = [_Frame()]
    for lexeme in lexemes:
        frame = frames[-1]
        if lexeme.kind == "open":
            frames.append(_Frame(lexeme))
        elif lexeme.kind == "comma" and len(frames) > 1:
            frame.split(lexeme)
        elif lexeme.kind == "close":
            if frame.opened is None:
                where = (lexeme.start, lexeme.end)
                raise BadGlob(f"The `}}` in {_quoted(text)} closes nothing. Remove it, or add `{{`.", *where)
            frames.pop()
            choices = frame.close(lexeme)
            if len(choices) * len(frames[-1].current) > MOST_ALTERNATIVES:
                most = f"more than {MOST_ALTERNATIVES} paths"
                raise BadGlob(f"The braces of {_quoted(text)} stand for {most}. Use `*`.", 0, len(text))
            frames[-1].choose(choices)
        else:
            frame.append(lexeme)
    if opened := frames[-1].opened:
        raise BadGlob(f"The `{{` in {_quoted(text)} is never closed. Add `}}`.", opened.start, opened.end)
    return frames[0].current


def _pattern(alternative: Sequence[_Lexeme], text: str) -> Pattern:
    segments = _segments(alternative, text)
    directory = bool(alternative) and alternative[-1].kind == "slash"
    tokens: list[Token] = []
    for segment in segments:
        if _is_folders(segment):
            if not (tokens and tokens[-1] is Wildcard.FOLDERS):
                tokens.append(Wildcard.FOLDERS)
        else:
            tokens += [*_segment_tokens(segment), "/"]
    if not tokens:
        tokens.append(Wildcard.BELOW)
    elif tokens[-1] is Wildcard.FOLDERS:
        tokens[-1] = Wildcard.BELOW
    elif directory:
        tokens.append(Wildcard.BELOW)
    else:
        tokens.pop()
    return Pattern(tuple(_joined(tokens)))


def _segments(alternative: Sequence[_Lexeme], text: str) -> list[list[_Lexeme]]:
    """The lexemes between the slashes, without empty segments and `.`. Raises `BadGlob` for `..` and a first slash."""
    if not alternative:
        raise BadGlob(f"One alternative in {_quoted(text)} is an empty path. Remove it.", 0, len(text))
    if alternative[0].kind == "slash":
        start, end = alternative[0].start, alternative[0].end
        raise BadGlob("The path is absolute. Write it relative to the workspace root.", start, end)
    groups = [list(group) for slash, group in groupby(alternative, lambda lexeme: lexeme.kind == "slash") if not slash]
    for group in groups:
        if _text(group) == "..":
            start, end = group[0].start, group[-1].end
            raise BadGlob("`..` leads out of its directory. Write the path from the workspace root.", start, end)
    return [group for group in groups if _text(group) != "."]


def _text(segment: Sequence[_Lexeme]) -> str:
    return "".join(lexeme.text for lexeme in segment)


def _is_folders(segment: Sequence[_Lexeme]) -> bool:
    return len(segment) == 1 and segment[0].kind == "run" and len(segment[0].text) > 1


def _segment_tokens(segment: Sequence[_Lexeme]) -> Iterator[Token]:
    for index, lexeme in enumerate(segment):
        if lexeme.kind == "run":
            # `a**b` acts as `a*b`, and a row of stars from two braces as one.
            if index == 0 or segment[index - 1].kind != "run":
                yield Wildcard.RUN
        elif lexeme.kind == "one":
            yield Wildcard.ONE
        elif lexeme.kind == "group":
            stands_alone = index == 0 and (len(segment) == 1 or segment[1].text.startswith("."))
            yield _group(lexeme, stands_alone=stands_alone)
        else:
            yield lexeme.text


_MEMBERS = re.compile(r"(.)-(.)|(.)", re.DOTALL)


def _group(lexeme: _Lexeme, *, stands_alone: bool) -> Token:
    """A class or, by the rule at the top of this file, a part of the name."""
    inner = lexeme.text[1:-1]
    negated = inner[:1] in {"!", "^"}
    members = inner[1:] if negated else inner
    if stands_alone and not negated and _is_name(members):
        return lexeme.text
    if not members:
        raise BadGlob(f"`{lexeme.text}` names no character. Write one, like `[abc]`.", lexeme.start, lexeme.end)
    if "[:" in lexeme.text:
        raise BadGlob(f"`{lexeme.text}` is not known. Write a range, like `[a-z]`.", lexeme.start, lexeme.end)
    ranges = tuple((low or one, high or one) for low, high, one in _MEMBERS.findall(members))
    for low, high in ranges:
        if low > high:
            raise BadGlob(f"The range `{low}-{high}` is upside down. Swap its ends.", lexeme.start, lexeme.end)
    return CharClass(ranges, negated)


def _is_name(members: str) -> bool:
    """Whether a group that stands alone in its segment is a name: it has no range, or its hyphens are no ranges."""
    ranges = [(low, high) for low, high, _ in _MEMBERS.findall(members) if low]
    joins_words = re.fullmatch(r"\w{2,}(?:-\w{2,})+", members) is not None
    return joins_words or not ranges or any(low > high for low, high in ranges)


def _joined(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens with neighbouring texts joined."""
    for is_text, group in groupby(tokens, lambda token: isinstance(token, str)):
        if is_text:
            yield "".join(token for token in group if isinstance(token, str))
        else:
            yield from group
