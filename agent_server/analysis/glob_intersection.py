"""Do two sets of patterns have a path in common? Exact, also for paths that do not exist.

Each pattern is a linear automaton that reads a path character by character. The automata of all patterns, included
and excepted ones alike, run side by side: one integer holds the states that are active, one bit each, and a step is a
few shifts (Baeza-Yates and Gonnet, "A new approach to text searching", 1992). Breadth-first search over these
integers is the subset construction, on the fly, and finds a shortest path that both sets include and neither excepts.
Characters that no pattern tells apart are stood for by the most readable one of them.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.glob_syntax import CharClass, Pattern, Token, Wildcard
from agent_server.analysis.tree import fold_case

MOST_STATES = 4096
"""How many states a search may visit. Patterns that people write need fewer than a hundred."""

Patterns = tuple[Pattern, ...]


@lru_cache(maxsize=65536)
def common_path(
    left: Patterns, left_except: Patterns, right: Patterns, right_except: Patterns, *, folds: bool
) -> str | None:
    """A path in `left` but not `left_except`, and in `right` but not `right_except`. None if there is none.

    It is a shortest one in which every `*` stands for something, if there is one, else a shortest one. With `folds`
    case does not count, and the path is folded. Where the search grows past `MOST_STATES` the sets are taken to
    overlap, and the answer is a path that begins like `left`'s or `right`'s first pattern.
    """
    try:
        shortest = _search((left, left_except, right, right_except), folds=folds, fill=False)
        if shortest is None:
            return None
        return _search((left, left_except, right, right_except), folds=folds, fill=True) or shortest
    except _TooManyStatesError:
        return _fallback(left, right)


class _TooManyStatesError(Exception):
    """The search was given up."""


def _fallback(left: Patterns, right: Patterns) -> str:
    prefix = max(left[0].prefix, right[0].prefix, key=len)
    return f"{prefix}a" if prefix.endswith("/") or not prefix else prefix


@dataclass(frozen=True, slots=True)
class _Symbol:
    """A character that stands for all that the patterns do not tell from it, and the states that it moves."""

    char: str
    advance: int
    """States that it moves to the next one."""
    stay: int
    """States that it leaves where they are."""


@dataclass(frozen=True, slots=True)
class _Automaton:
    """The patterns of several groups side by side; a set of active states is an integer.

    States of one pattern are neighbouring bits. `skip_one` and `skip_two` are states from which the next, or the next
    but one, is reached without reading. `back` are states that a `/` moves one bit back. `accepting` and `alive` are
    the accepting states and all the states of each group.
    """

    symbols: tuple[_Symbol, ...]
    start: int
    skip_one: int
    skip_two: int
    back: int
    accepting: tuple[int, ...]
    alive: tuple[int, ...]

    def closure(self, active: int) -> int:
        """The active states, and those that they reach without reading. (`*` never stands before `**/`.)"""
        active |= (active & self.skip_two) << 2
        return active | (active & self.skip_one) << 1

    def after(self, active: int, symbol: _Symbol) -> int:
        """The states that are active once the symbol is read."""
        moved = (active & symbol.advance) << 1 | active & symbol.stay
        if symbol.char == "/":
            moved |= (active & self.back) >> 1
        return self.closure(moved)


# How far the segment under way is one that no path may have: empty, `.` or `..`. Any other is `_NAMED`.
_EMPTY, _DOT, _DOTS, _NAMED = range(4)

_State = tuple[int, int]


def _search(groups: Sequence[Patterns], *, folds: bool, fill: bool) -> str | None:
    """A shortest path in groups 0 and 2 and outside groups 1 and 3. With `fill`, no `*` stands for nothing."""
    automaton = _build(groups, folds=folds, fill=fill)
    left, left_except, right, right_except = automaton.accepting
    start = (automaton.closure(automaton.start), _EMPTY)
    came_from: dict[_State, tuple[_State, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        active, segment = state
        if segment == _NAMED and active & left and active & right and not active & (left_except | right_except):
            return _spell(state, came_from)
        for char, reached in _successors(automaton, active, segment):
            if reached not in came_from:
                came_from[reached] = (state, char)
                queue.append(reached)
        if len(came_from) > MOST_STATES:
            raise _TooManyStatesError
    return None


def _successors(automaton: _Automaton, active: int, segment: int) -> Iterator[tuple[str, _State]]:
    left, _, right, _ = automaton.alive
    for symbol in automaton.symbols:
        if symbol.char == "/" and segment != _NAMED:
            continue
        following = automaton.after(active, symbol)
        if following & left and following & right:
            yield symbol.char, (following, _segment_after(segment, symbol.char))


def _segment_after(segment: int, char: str) -> int:
    if char == "/":
        return _EMPTY
    return segment + 1 if char == "." and segment < _DOTS else _NAMED


def _spell(state: _State, came_from: Mapping[_State, tuple[_State, str] | None]) -> str:
    chars: list[str] = []
    while step := came_from[state]:
        state, char = step
        chars.append(char)
    return "".join(reversed(chars))


class _Builder:
    """Lays the states of one pattern after another, and notes which of them does what."""

    def __init__(self) -> None:
        self.bits = 0
        self.start = 0
        self.skip_one = 0
        self.skip_two = 0
        self.back = 0
        self.advance: list[tuple[int, Token]] = []
        self.in_segment = 0
        """States that stay where they are on any character but `/`."""
        self.everywhere = 0
        """States that stay where they are on any character."""

    def state(self) -> int:
        bit = 1 << self.bits
        self.bits += 1
        return bit

    def add(self, patterns: Iterable[Pattern], *, fill: bool) -> tuple[int, int]:
        """The accepting states and all states of the patterns."""
        first = self.bits
        accepting = 0
        for pattern in patterns:
            self.start |= 1 << self.bits
            for token in pattern.tokens:
                accepting |= self.token(token, fill=fill)
            if pattern.tokens[-1] not in (Wildcard.BELOW, Wildcard.TREE):
                accepting |= self.state()
        return accepting, (1 << self.bits) - (1 << first)

    def token(self, token: Token, *, fill: bool) -> int:
        """The accepting ones among the states of the token."""
        match token:
            case str():
                for char in token:
                    self.advance.append((self.state(), char))
            case CharClass() | Wildcard.ONE:
                self.advance.append((self.state(), token))
            case Wildcard.RUN:
                if fill:
                    self.advance.append((self.state(), Wildcard.ONE))
                run = self.state()
                self.in_segment |= run
                self.skip_one |= run
            case Wildcard.FOLDERS:
                between, inside = self.state(), self.state()
                self.advance.append((between, Wildcard.ONE))
                self.skip_two |= between
                self.in_segment |= inside
                self.back |= inside
            case Wildcard.BELOW:
                below = self.state()
                self.everywhere |= below
                return below
            case Wildcard.TREE:
                top, below = self.state(), self.state()
                self.advance.append((top, "/"))
                self.everywhere |= below
                return top | below
        return 0


def _build(groups: Sequence[Patterns], *, folds: bool, fill: bool) -> _Automaton:
    builder = _Builder()
    masks = [builder.add(group, fill=fill) for group in groups]
    tests = {token: _test(token, folds=folds) for _, token in builder.advance}
    symbols = []
    for char in _alphabet(tests, folds=folds):
        advance = sum(bit for bit, token in builder.advance if tests[token](char))
        symbols.append(_Symbol(char, advance, builder.everywhere | (builder.in_segment if char != "/" else 0)))
    return _Automaton(
        symbols=tuple(symbols),
        start=builder.start,
        skip_one=builder.skip_one,
        skip_two=builder.skip_two,
        back=builder.back,
        accepting=tuple(accepting for accepting, _ in masks),
        alive=tuple(alive for _, alive in masks),
    )


def _test(token: Token, *, folds: bool) -> Callable[[str], bool]:
    """Whether one character is what the token asks for."""
    if isinstance(token, str):
        wanted = fold_case(token) if folds else token
        return lambda char: char == wanted
    if isinstance(token, CharClass):
        return lambda char: char != "/" and _is_member(token, char, folds=folds)
    return lambda char: char != "/"


def _is_member(token: CharClass, char: str, *, folds: bool) -> bool:
    spellings = {char, char.lower(), char.upper()} if folds else {char}
    return token.negated != any(low <= each <= high for each in spellings for low, high in token.ranges)


_READABLE = "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _alphabet(tests: Mapping[Token, Callable[[str], bool]], *, folds: bool) -> list[str]:
    """One character for each set of characters that no token tells apart, the most readable first."""
    chosen: dict[tuple[bool, ...], str] = {}
    for char in (*_READABLE, *_edges(tests), "/"):
        if not folds or fold_case(char) == char:
            chosen.setdefault((char == "/", *(test(char) for test in tests.values())), char)
    return list(chosen.values())


def _edges(tokens: Iterable[Token]) -> list[str]:
    """The characters at which what a token asks for may begin or end: between two of them nothing changes."""
    # NUL and lone surrogates are in no path; `/` is a character of its own.
    points = {1, ord("/") + 1, 0xE000}
    for token in tokens:
        ranges = [(token, token)] if isinstance(token, str) else token.ranges if isinstance(token, CharClass) else ()
        for low, high in ranges:
            for edge in (low, low.lower(), low.upper()):
                points |= {ord(char) for char in edge}
            for edge in (high, high.lower(), high.upper()):
                points |= {ord(char) + 1 for char in edge}
    return [chr(point) for point in sorted(points) if _in_paths(point)]


def _in_paths(point: int) -> bool:
    return 0 < point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF and point != ord("/")
