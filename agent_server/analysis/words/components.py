"""Components that a text changes without naming their files: "add the badge to `TileList`", "update TileList".

Only the plan and the workspace can tell which file is meant, if it is one. So this asks for more than a path does: the
component is what the sentence changes, or the place of the change. One that something is passed to, or stored in while
the program runs, is neither.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agent_server.analysis.words.mention_folders import Used
from agent_server.analysis.words.mention_words import DETERMINERS, FILLERS, VERBS, Use
from agent_server.analysis.words.mentions import Mention, masked, uses, without_quoted
from agent_server.analysis.words.path_shapes import Opaque, WrittenPath, written_paths
from agent_server.analysis.words.prose import prose_of
from agent_server.analysis.words.symbol_words import TESTING
from agent_server.plan.text import Span

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.

_CONFIDENCE = 0.6

_MOST = 2000
"""Characters of a text that are read. A longer one is no title."""

_NAMED = r"(?P<name>[A-Za-z]\w{2,80})(?:(?:\.|::|#)(?!xcodeproj|xcworkspace)\w{1,80}(?:\([^()\s]{0,80}\))?|\(\))?"
_CODE = re.compile(rf"`(?:{_NAMED})`")
_BARE = re.compile(rf"(?<![\w/.@~$-])(?:{_NAMED})(?![\w/]|\.xc)")
"""A component, or something of it: `TileList`, `TileList.open()`; no project of Xcode."""

_TWO_WORDS = re.compile(r"[A-Za-z][a-z0-9]*(?:[A-Z]+[a-z0-9]+)+|[A-Z]{2,}[a-z]\w*")
"""Two words written together. Many things are called by one word: the `Task` of a server is not that of its page."""

_CHANGING = frozenset(
    "adapt adjust build change complete convert create edit enhance expand extend fix implement improve modify optimise"
    " optimize polish redesign refactor reimplement restructure restyle rework rewrite simplify style update"
    " upgrade".split()
)
"""Verbs whose object is what changes. What is registered or rendered changes another file."""

_PUTTING = frozenset(
    "add append apply attach embed expose extract implement include inject insert integrate introduce merge mount move"
    " port put".split()
)
"""Verbs of which the goal changes: "add the badge to `TileList`". What something is passed to stays as it is."""

_PASSING = frozenset({"hook", "link", "pass", "wire"})
"""Verbs of which the goal stays as it is, whatever the sentence began with."""

_KEEPING = frozenset("cache capture log persist populate record save store write".split())
"""Verbs after which a place is one of the running program: "store the token in `SessionStore`"."""

_OF_IT = frozenset(
    """
    call callers calls consumers docs documentation import imports mock mocks reference references registration stories
    story usage usages
    """.split()
)
"""What lies elsewhere than the component that it is of: "update `TileList` imports"."""

_OF_TABLE = frozenset({"constraint", "constraints", "index", "indexes", "indices", "migration", "migrations"})
"""What makes the record of that name a table, which another file describes: "add an index to `OrderLine`"."""

_WITHIN = frozenset({"in", "into", "inside", "within", "at"})
_OTHER_PLACE = re.compile(r"(?:[\u5728\u65bc\u4e8e\u5230]|\b(?:dans|em|en|na|nel|nella|no))\s?$")
"""What stands before a place in other languages."""
_LONGEST_PLACE = 10

_SKIPPED = FILLERS | DETERMINERS
_TEST = re.compile(r"(?:tests?|specs?)$", re.IGNORECASE)
_BEHIND = re.compile(r"\s{1,4}(\w+)")
_WORDS = re.compile(r"[a-z]+")


@lru_cache(maxsize=8192)
def components(title: str) -> tuple[Mention, ...]:
    """The components that the title of a task changes, by their names alone, in its order."""
    text = title[:_MOST]
    prose = without_quoted(prose_of(text))
    found = tuple(written_paths(prose))
    named = {name.whole.start: name for name in _named(prose, found)}
    if not named:
        return ()
    others = (thing for thing in found if thing.whole.start not in named and (isinstance(thing, Opaque) or thing.sure))
    everything = sorted((*others, *named.values()), key=lambda thing: thing.whole.start)
    used = [each for each in uses(text, prose, everything) if each[0].path.whole.start in named]
    changed = list(_places(used, prose)) or list(_objects(used, prose))
    return tuple(_mention(*each) for each in changed if _is_about(*each))


def _named(prose: str, found: Sequence[WrittenPath | Opaque]) -> Iterator[WrittenPath]:
    """The names of components: in code spans, and where two words are written together."""
    for thing in found:
        code = _CODE.fullmatch(prose, thing.whole.start, thing.whole.end) if isinstance(thing, Opaque) else None
        if code and _TWO_WORDS.fullmatch(code["name"]):
            yield _as_path(code, thing.whole)
    for bare in _BARE.finditer(masked(prose, found)):
        if _TWO_WORDS.fullmatch(bare["name"]):
            yield _as_path(bare, Span(*bare.span()))


def _as_path(name: re.Match[str], whole: Span) -> WrittenPath:
    return WrittenPath(name["name"], Span(*name.span("name")), whole, sure=True)


_Uses = Sequence[tuple[Used, str]]
"""What is done with components, each with its sentence."""


def _places(used: _Uses, prose: str) -> Iterator[tuple[Used, str]]:
    """The components in which something is done: "show the total in `Basket`", "add it to `Basket` and `Till`"."""
    was_place = False
    for use, sentence in used:
        is_place = _is_place(use, sentence, prose) or (was_place and use.is_listed)
        was_place = use.verdict.use is Use.WRITES and not _is_bracketed(use, prose) and is_place
        if was_place:
            yield use, sentence


def _is_place(use: Used, sentence: str, prose: str) -> bool:
    opening = sentence.partition(" ")[0].lower()
    verb = opening if opening in VERBS else use.verdict.word
    if use.cue == "to":
        return verb in _PUTTING and use.verdict.word not in _PASSING
    start = use.path.whole.start
    is_within = use.cue in _WITHIN or _OTHER_PLACE.search(prose, max(0, start - _LONGEST_PLACE), start) is not None
    return is_within and verb not in _KEEPING


def _is_bracketed(use: Used, prose: str) -> bool:
    start = use.path.whole.start
    return prose.count("(", 0, start) > prose.count(")", 0, start)


def _objects(used: _Uses, prose: str) -> Iterator[tuple[Used, str]]:
    """The first component that a verb changes, and those that are listed with it: "update `Basket` and `Till`"."""
    was_object, is_first = False, True
    for use, sentence in used:
        is_next = is_first and not use.cue and _last_word(use.between) in _CHANGING
        was_object = use.verdict.use is Use.WRITES and (is_next or (was_object and use.is_listed))
        is_first = is_first and not was_object
        behind = _BEHIND.match(prose, use.path.whole.end)
        if was_object and (behind is None or behind[1].lower() not in _OF_IT):
            yield use, sentence


def _last_word(words: Sequence[str]) -> str:
    return next((word for word in reversed(words) if word not in _SKIPPED), "")


def _is_about(use: Used, sentence: str) -> bool:
    """Whether a sentence about tests, or about a table, is about this component: those lie in files of their own."""
    words = _WORDS.findall(sentence.lower())
    return _OF_TABLE.isdisjoint(words) and (TESTING.isdisjoint(words) or _TEST.search(use.path.path) is not None)


def _mention(use: Used, sentence: str) -> Mention:
    name = use.path.path.rpartition("/")[2]
    return Mention(name, use.path.span, Use.WRITES, True, use.verdict.word, sentence, _CONFIDENCE)
