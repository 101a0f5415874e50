"""The paths that instructions name, and how each sentence uses them.

Whether a sentence writes a path, reads it, runs it or only cites it follows from the words round it, by the tables of
`mention_words`. The first rule that answers counts:

1. A path that only continues a list is used as the path before it.
2. The words right before it (`from`, `like`, `based on`, ...), unless they only say where (`in`, `to`).
3. The last verb before it, unless that is negated.
4. The words after it: "`nav.py` must list the page", "`x.py` (new)", "`x.py`: add ...".
5. The line that leads its list: "Files to change:".
6. A bare phrase without any verb, "Unit tests in `x.py`", is a piece of work. Anything else only cites.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.mention_words import (
    COPIES_TO,
    CUES,
    DETERMINERS,
    FILLERS,
    LABELS,
    LIST_WORDS,
    NEGATIONS,
    NOUNS_TOO,
    OBLIGES,
    ORDER_OPENERS,
    STATES,
    STAYS,
    SUBORDINATORS,
    TAKES_FROM,
    WRITE_MARKS,
    Use,
    verb_forms,
)
from agent_server.analysis.path_shapes import Opaque, WrittenPath, written_paths
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Mention:
    """One path that a text names, with its span in that text, without markup.

    `sure` says that its shape alone makes it a path; otherwise it is one only where the workspace has it. `word` is
    the word that decided the use, `sentence` the sentence for the reader, `confidence` how far to trust the use.
    """

    path: str
    span: Span
    use: Use
    sure: bool
    word: str
    sentence: str
    confidence: float


@lru_cache(maxsize=4096)
def mentions(text: str) -> tuple[Mention, ...]:
    """The paths that a Markdown text names, in its order. Fenced code is no prose: what stands in it is not named."""
    prose = _FENCE.sub(_blank, text)
    found = list(written_paths(prose))
    paths = [path for path in found if isinstance(path, WrittenPath)]
    if not paths:
        return ()
    masked = _masked(prose, found)
    starts = {path.whole.start: path for path in paths}
    result: list[Mention] = []
    lead: _Verdict | None = None
    for block in _BLOCK.finditer(masked):
        is_item = _ITEM.match(block[0]) is not None
        tokens: list[_Token] = []
        for sentence in _sentences(masked, Span(*block.span())):
            tokens = _tokens(masked, sentence)
            words = " ".join(text[sentence.start : sentence.end].split())
            for at, verdict in _verdicts(tokens, lead if is_item else None):
                path = starts[tokens[at].start]
                use, word, confidence = verdict.use, verdict.word, verdict.confidence
                result.append(Mention(path.path, path.span, use, path.sure, word, words, confidence))
        if tokens and tokens[-1].text == ":":
            lead = _verb_before(tokens, len(tokens) - 1) or _label(tokens, len(tokens))
        elif not is_item:
            lead = None
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word in lower case, a punctuation mark, `_PATH`, or `_CODE`."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class _Verdict:
    use: Use
    word: str
    confidence: float


# Private-use characters: a path's first character, and all other characters of what is no prose.
_PATH = "\ue000"
_CODE = "\ue001"
_MASKS = str.maketrans({_PATH: " ", _CODE: " "})

_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+")
# A block is a list item, a heading, a table's row, or lines up to an empty one.
_BLOCK = re.compile(
    r"^[^\n]*\S[^\n]*(?:\n(?![ \t]*(?:[-*+][ \t]|\d+[.)][ \t]|\#|\||\n|$))[^\n]*\S[^\n]*)*", re.MULTILINE
)
_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bvs)(?:[.!?](?=[\s)*_\"]|$)|;)")
_TOKEN = re.compile(rf"{_PATH}{_CODE}*|{_CODE}+|[^\W\d_]+(?:['\u2019][^\W\d_]+)?|[,:()&+/\u2014\u2013]|(?<=\s)-(?=\s)")
_WORDS = verb_forms()


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _masked(prose: str, found: Sequence[WrittenPath | Opaque]) -> str:
    """The prose in which every path, code span and address became one token of the same length."""
    parts: list[str] = []
    at = 0
    for thing in found:
        length = thing.whole.end - thing.whole.start
        parts.append(prose[at : thing.whole.start].translate(_MASKS))
        parts.append(_PATH + _CODE * (length - 1) if isinstance(thing, WrittenPath) else _CODE * length)
        at = thing.whole.end
    return "".join((*parts, prose[at:].translate(_MASKS)))


def _sentences(masked: str, block: Span) -> Iterator[Span]:
    start = block.start
    for end in _SENTENCE_END.finditer(masked, block.start, block.end):
        yield Span(start, end.end())
        start = end.end()
    if start < block.end:
        yield Span(start, block.end)


def _tokens(masked: str, sentence: Span) -> list[_Token]:
    marker = _ITEM.match(masked, sentence.start, sentence.end)
    start = marker.end() if marker else sentence.start
    return [
        _Token(_PATH if match[0][0] == _PATH else _CODE if match[0][0] == _CODE else _plain(match[0]), match.start())
        for match in _TOKEN.finditer(masked, start, sentence.end)
    ]


def _plain(word: str) -> str:
    return word.lower().replace("\u2019", "'")


def _verdicts(tokens: Sequence[_Token], lead: _Verdict | None) -> Iterator[tuple[int, _Verdict]]:
    """The index of every path in a sentence, and what the sentence does with it."""
    last: tuple[int, _Verdict] | None = None
    for at, token in enumerate(tokens):
        if token.text != _PATH:
            continue
        continues = last is not None and all(between.text in LIST_WORDS for between in tokens[last[0] + 1 : at])
        verdict = last[1] if last is not None and continues else _verdict(tokens, at, lead)
        last = at, verdict
        yield at, verdict


def _verdict(tokens: Sequence[_Token], at: int, lead: _Verdict | None) -> _Verdict:
    cue = _cue(tokens, at)
    verb = _verb_before(tokens, at)
    use = CUES.get(cue)
    if use is not None:
        takes = cue in {"from", "linked from"} and verb is not None and verb.word in TAKES_FROM
        return verb if takes and verb is not None else _Verdict(use, cue, 0.9)
    if verb is not None:
        copies = verb.word == "copy" and cue in COPIES_TO
        return _Verdict(Use.WRITES, f"copy {cue}", 0.9) if copies else verb
    bare = _bare_phrase(tokens, at, cue)
    return _verdict_after(tokens, at) or _label(tokens, at) or lead or bare or _Verdict(Use.CITES, "", 0.5)


def _cue(tokens: Sequence[_Token], at: int) -> str:
    """The longest cue that stands right before a path; words that change nothing may stand between."""
    end = at
    while end > 0 and end > at - 4 and tokens[end - 1].text in FILLERS:
        end -= 1
    for length in (3, 2, 1):
        phrase = " ".join(token.text for token in tokens[max(0, end - length) : end])
        if phrase in CUES:
            return phrase
    return ""


def _verb_before(tokens: Sequence[_Token], at: int) -> _Verdict | None:
    """The last verb before a token, and what it does to it; None where a clause that orders nothing stands between."""
    for index in range(at - 1, -1, -1):
        if tokens[index].text in SUBORDINATORS:
            return None
        found = _verb_at(tokens, index)
        if found is not None:
            base, use = found
            negated = any(token.text in NEGATIONS for token in tokens[max(0, index - 2) : index])
            return _Verdict(Use.CITES if negated else use, f"not {base}" if negated else base, 0.9)
    return None


def _verb_at(tokens: Sequence[_Token], index: int) -> tuple[str, Use] | None:
    form = _WORDS.get(tokens[index].text)
    if form is None:
        return None
    base, use, kind = form
    before = tokens[index - 1].text if index else ""
    if kind == "base":
        is_verb = _orders(tokens, index, before) if base in NOUNS_TOO else before not in DETERMINERS
    elif kind == "s":
        is_verb = before in {"that", "which", "who", "it", _PATH, _CODE}
    elif kind == "ing":
        is_verb = _opens(before) or before in {"by", "when", "while", "without", "before", "after"}
    else:
        is_verb = _is_due(tokens, index)
    return (base, use) if is_verb else None


def _orders(tokens: Sequence[_Token], index: int, before: str) -> bool:
    """Whether a word that may be a noun is an order here: it opens a clause, and has an object."""
    after = tokens[index + 1].text if index + 1 < len(tokens) else "."
    has_object = after not in {"in", "for", "to", "of", "at", "from", "into", "and", "or", ",", ".", ")", "with", "by"}
    return _opens(before) and (has_object or not before)


def _opens(before: str) -> bool:
    return before in ORDER_OPENERS or before in {"", ",", ":", "(", ")", "\u2014", "\u2013", "-", _PATH, _CODE}


def _is_due(tokens: Sequence[_Token], index: int) -> bool:
    """Whether a participle tells what is to happen: "must be added", "needs to get updated"."""
    words = [token.text for token in tokens[max(0, index - 4) : index]]
    passive = [place for place, word in enumerate(words) if word in {"be", "get", "gets"}]
    return bool(passive) and any(word in OBLIGES or word in {"to", "will"} for word in words[: passive[-1]])


def _verdict_after(tokens: Sequence[_Token], at: int) -> _Verdict | None:
    """What the words after a path make of it, where nothing before it does."""
    after = [token.text for token in tokens[at + 1 : at + 5]]
    if not after:
        return None
    if after[0] == "(" and WRITE_MARKS.intersection(after[1:3]):
        return _Verdict(Use.WRITES, next(word for word in after if word in WRITE_MARKS), 0.8)
    if after[0] in {":", "\u2014", "\u2013", "-"}:
        verb = next((found for index in (at + 2, at + 3) if (found := _verb_within(tokens, index))), None)
        return _Verdict(Use.WRITES, verb[0], 0.8) if verb and verb[1] is Use.WRITES else None
    if after[0] not in OBLIGES:
        return None
    due = [index for index in range(at + 2, min(at + 6, len(tokens))) if _verb_within(tokens, index, "ed")]
    if due or not STAYS.intersection(after[1:3]):
        return _Verdict(Use.WRITES, after[0], 0.7)
    return None


def _verb_within(tokens: Sequence[_Token], index: int, kind: str = "") -> tuple[str, Use] | None:
    if index >= len(tokens) or (kind and _WORDS.get(tokens[index].text, ("", "", ""))[2] != kind):
        return None
    return _verb_at(tokens, index)


def _label(tokens: Sequence[_Token], at: int) -> _Verdict | None:
    """The verdict of a label such as `Files:` at the sentence's start."""
    if at >= 2 and len(tokens) >= 2 and tokens[1].text == ":" and tokens[0].text in LABELS:
        return _Verdict(LABELS[tokens[0].text], tokens[0].text, 0.8)
    return None


def _bare_phrase(tokens: Sequence[_Token], at: int, cue: str) -> _Verdict | None:
    """The verdict for "Unit tests in `x.py`": a phrase that tells of no state, and ends with its path."""
    rest = [token.text for token in tokens[at + 1 :]]
    states = any(token.text in STATES or token.text in SUBORDINATORS for token in tokens)
    ends = not rest or rest[0] in {"(", ","} or all(word in LIST_WORDS or word == _PATH for word in rest)
    return _Verdict(Use.WRITES, cue, 0.6) if cue in {"in", "at", "into"} and ends and not states else None
