"""Do two patterns have a path in common? Exact, also for paths that do not exist.

Each pattern, excepted ones too, is a linear automaton that reads a path character by character. The automata run side
by side: one integer holds the states that are active, one bit each, and a step is a few shifts (Baeza-Yates and
Gonnet, "A new approach to text searching", 1992). A search over these integers is the subset construction, on the fly,
and finds a shortest path that both match and none excepts. It goes first where the path may end soonest: how many
characters a pattern still needs at least is known of each of its states (A*; Hart, Nilsson and Raphael, 1968).
Characters that no pattern tells apart are stood for by the most readable one of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from agent_server.analysis.globs.pattern import CharClass, Pattern, Wildcard
from agent_server.analysis.tree import fold_case

MOST_STATES = 2048
"""How many states a search may visit. Patterns that people write need fewer than a hundred."""


class Found(NamedTuple):
    """What a search found. `visited` is how many states it took, for those who add up what they spend."""

    path: str | None
    visited: int


@lru_cache(maxsize=65536)
def find_common_path(left: Pattern, right: Pattern, excepted: tuple[Pattern, ...] = (), *, folds: bool) -> Found:
    """A path that both patterns match and no excepted one does. None if there is none.

    It is a shortest one in which every `*` stands for something, if there is one, else a shortest one. With `folds`
    case does not count, and the path is folded. Where the search grows past `MOST_STATES` the patterns are taken to
    overlap: the answer is `assumed_path`.
    """
    groups = ((left,), (right,), excepted)
    visited = 0
    for fill in (True, False) if Wildcard.RUN in left.tokens + right.tokens else (False,):
        path, more = _search(groups, folds=folds, fill=fill)
        visited += more
        if path is not None:
            return Found(path, visited)
        if more > MOST_STATES:
            return Found(assumed_path(left, right), visited)
    return Found(None, visited)


def assumed_path(left: Pattern, right: Pattern) -> str:
    """What stands for a common path that nobody looked for: it begins like both, and need not be in either."""
    return max(left.prefix, right.prefix, key=len) + "a"


@dataclass(frozen=True, slots=True)
class _Symbol:
    """A character that stands for all that the patterns do not tell from it, and the states that it moves."""

    char: str
    advance: int
    """States that it moves to the next one."""
    stay: int
    """States that it leaves where they are."""
    back: int
    """States that it moves to the one before."""
    moves: int
    """States that it leads anywhere at all."""


@dataclass(frozen=True, slots=True)
class _Automaton:
    """The patterns of three groups side by side; a set of active states is an integer.

    States of one pattern are neighbouring bits. `skip_one` and `skip_two` are states from which the next, or the next
    but one, is reached without reading. `accepting` and `alive` are the accepting states and all states of each group.
    `within[n]` are, of each of the first two groups, the states from which `n` characters may be enough.
    """

    symbols: tuple[_Symbol, ...]
    start: int
    skip_one: int
    skip_two: int
    accepting: tuple[int, ...]
    alive: tuple[int, ...]
    within: Sequence[tuple[int, int]]

    def needs(self, active: int, least: int) -> int:
        """How many characters are needed at least, which is known to be `least` or more; any number, if none help."""
        for number in range(max(least, 0), len(self.within)):
            left, right = self.within[number]
            if active & left and active & right:
                return number
        return len(self.within)

    def closure(self, active: int) -> int:
        """The active states, and those that they reach without reading: `*` never stands before `**/`."""
        active |= (active & self.skip_two) << 2
        return active | (active & self.skip_one) << 1


# How far the segment under way is one that no path may have: empty, `.` or `..`. Any other is `_NAMED`.
_EMPTY, _DOT, _DOTS, _NAMED = range(4)

_State = tuple[int, int]


def _search(groups: Sequence[Sequence[Pattern]], *, folds: bool, fill: bool) -> Found:
    """A shortest path in groups 0 and 1 and outside group 2. With `fill`, no `*` of 0 and 1 stands for nothing.

    Gives up, without a path, once it has visited more than `MOST_STATES`.
    """
    automaton = _build(groups, folds=folds, fill=fill)
    left, right, excepted = automaton.accepting
    start = (automaton.closure(automaton.start), _EMPTY)
    came_from: dict[_State, tuple[_State, str] | None] = {start: None}
    # Of states with equal hopes, the one with the longer path comes first, and then the one that was reached first.
    arrival = count()
    queue = [(automaton.needs(start[0], 0), 0, next(arrival), start)]
    while queue and len(came_from) <= MOST_STATES:
        hoped, minus_length, _, state = heappop(queue)
        active, segment = state
        if segment == _NAMED and active & left and active & right and not active & excepted:
            return Found(_spell(state, came_from), len(came_from))
        for char, reached in _successors(automaton, active, segment):
            if reached not in came_from:
                came_from[reached] = (state, char)
                # One character brings the end nearer by one character at most.
                needed = automaton.needs(reached[0], hoped + minus_length - 1)
                heappush(queue, (needed - minus_length + 1, minus_length - 1, next(arrival), reached))
    return Found(None, len(came_from))


def _successors(automaton: _Automaton, active: int, segment: int) -> Iterator[tuple[str, _State]]:
    left, right, _ = automaton.alive
    mine, theirs = active & left, active & right
    tried = set()
    for symbol in automaton.symbols:
        if not (mine & symbol.moves and theirs & symbol.moves) or (symbol.char == "/" and segment != _NAMED):
            continue
        moved = (active & symbol.advance) << 1 | active & symbol.stay | (active & symbol.back) >> 1
        # Most characters are like any other where the search stands; the ones that could end a name come last.
        if moved not in tried:
            tried.add(moved)
            yield symbol.char, (automaton.closure(moved), _segment_after(segment, symbol.char))


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
        """States that a `/` moves to the one before."""
        self.in_segment = 0
        """States that stay where they are on any character but `/`."""
        self.everywhere = 0
        """States that stay where they are on any character."""
        self.advance: dict[str | CharClass | None, int] = {}
        """States that a character, a member of a class or, for None, any character but `/` moves to the next one."""

    def state(self) -> int:
        bit = 1 << self.bits
        self.bits += 1
        return bit

    def reads(self, what: str | CharClass | None) -> int:
        bit = self.state()
        self.advance[what] = self.advance.get(what, 0) | bit
        return bit

    def add(self, patterns: Iterable[Pattern], *, folds: bool, fill: bool) -> tuple[int, int]:
        """The accepting states and all states of the patterns."""
        first = self.bits
        accepting = 0
        for pattern in patterns:
            self.start |= 1 << self.bits
            for token in pattern.tokens:
                if isinstance(token, str):
                    for char in fold_case(token) if folds else token:
                        self.reads(char)
                else:
                    accepting |= self.wildcard(token, fill=fill)
            if pattern.tokens[-1] not in {Wildcard.BELOW, Wildcard.TREE}:
                accepting |= self.state()
        return accepting, (1 << self.bits) - (1 << first)

    def wildcard(self, token: Wildcard | CharClass, *, fill: bool) -> int:
        """The accepting ones among the states of the token."""
        match token:
            case CharClass():
                self.reads(token)
            case Wildcard.ONE:
                self.reads(None)
            case Wildcard.RUN:
                if fill:
                    self.reads(None)
                run = self.state()
                self.in_segment |= run
                self.skip_one |= run
            case Wildcard.FOLDERS:
                self.skip_two |= self.reads(None)
                inside = self.state()
                self.in_segment |= inside
                self.back |= inside
            case Wildcard.BELOW:
                below = self.state()
                self.everywhere |= below
                return below
            case Wildcard.TREE:
                return self.reads("/") | self.wildcard(Wildcard.BELOW, fill=fill)
        return 0


def _build(groups: Sequence[Sequence[Pattern]], *, folds: bool, fill: bool) -> _Automaton:
    builder = _Builder()
    left, right, excepted = groups
    masks = [
        builder.add(left, folds=folds, fill=fill),
        builder.add(right, folds=folds, fill=fill),
        builder.add(excepted, folds=folds, fill=False),
    ]
    return _Automaton(
        symbols=tuple(_symbols(builder, folds=folds)),
        start=builder.start,
        skip_one=builder.skip_one,
        skip_two=builder.skip_two,
        accepting=tuple(accepting for accepting, _ in masks),
        alive=tuple(alive for _, alive in masks),
        within=_within(builder, masks[:2]),
    )


def _within(builder: _Builder, groups: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """For 0, 1, 2, ... characters, the states of each group from which so many may be enough."""
    needed = _needed(builder, groups[0][0] | groups[1][0])
    farthest = max((each for each in needed if each < builder.bits), default=0)
    reached = [0] * (farthest + 1)
    for state, number in enumerate(needed):
        for enough in range(number, farthest + 1):
            reached[enough] |= 1 << state
    return [(each & groups[0][1], each & groups[1][1]) for each in reached]


def _needed(builder: _Builder, accepting: int) -> list[int]:
    """How many characters each state needs at least; more than there are states where it is of no group that counts."""
    advance = 0
    for states in builder.advance.values():
        advance |= states
    never = builder.bits + 1
    needed = [never] * (builder.bits + 2)
    for state in reversed(range(builder.bits)):
        bit = 1 << state
        needed[state] = min(
            0 if accepting & bit else never,
            1 + needed[state + 1] if advance & bit else never,
            needed[state + 1] if builder.skip_one & bit else never,
            needed[state + 2] if builder.skip_two & bit else never,
        )
        if builder.back & bit << 1:
            needed[state + 1] = min(needed[state + 1], 1 + needed[state])
    return needed[: builder.bits]


def _symbols(builder: _Builder, *, folds: bool) -> Iterator[_Symbol]:
    """One character for each set of characters that no pattern tells apart, the most readable first."""
    advance = dict(builder.advance)
    anything = advance.pop(None, 0)
    classes = {token: advance.pop(token) for token in list(advance) if isinstance(token, CharClass)}
    seen = set()
    for char in _candidates(builder.advance, folds=folds):
        moved = anything | advance.get(char, 0)
        for token, mask in classes.items():
            if _is_member(token, char, folds=folds):
                moved |= mask
        if moved not in seen:
            seen.add(moved)
            stay = builder.everywhere | builder.in_segment
            yield _Symbol(char, moved, stay, 0, moved | stay)
    forward = advance.get("/", 0)
    yield _Symbol("/", forward, builder.everywhere, builder.back, forward | builder.everywhere | builder.back)


def _is_member(token: CharClass, char: str, *, folds: bool) -> bool:
    spellings = _spellings(char) if folds else {char}
    return token.negated != any(low <= each <= high for each in spellings for low, high in token.ranges)


def _spellings(char: str) -> set[str]:
    return {each for each in (char, char.lower(), char.upper()) if len(each) == 1}


_READABLE = "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _candidates(tokens: Iterable[str | CharClass | None], *, folds: bool) -> Iterator[str]:
    """Characters but `/`, readable ones first, among which is one of each kind that the tokens tell apart."""
    for char in (*_READABLE, *_edges(tokens)):
        # The dot comes last: a segment of dots alone may be none, so no dot can stand for other characters.
        if char not in {"/", "."} and (not folds or fold_case(char) == char):
            yield char
    yield "."


def _edges(tokens: Iterable[str | CharClass | None]) -> list[str]:
    """Where what a token asks for begins, and where it has just ended: between two edges nothing changes."""
    # The first characters of all, after `/`, and after the surrogates, which are in no path.
    edges = set("\x010\ue000")
    for token in tokens:
        ranges = token.ranges if isinstance(token, CharClass) else [(token, token)] if token else ()
        for low, high in ranges:
            edges |= _spellings(low)
            edges |= {chr(ord(end) + 1) for end in _spellings(high) if end < "\U0010ffff"}
    return sorted(edge for edge in edges if not "\ud800" <= edge <= "\udfff")
