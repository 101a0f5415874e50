"""Words as the prediction of writes compares them: identifiers taken apart, word endings dropped, filler left out."""

import re
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"\w+")

# `HTTPServer` is `HTTP` and `Server`, `utf8` stays whole, `parse_plan` is two words.
_PART = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+|[^\W\da-zA-Z_]+")

# Addresses, hashes, and lines such as `Signed-off-by: Ada`: no words of the task.
_NOISE = re.compile(r"https?://\S+|\b[0-9a-f]{7,64}\b|^[A-Za-z-]+-by: .*$", re.MULTILINE)

_QUOTED = re.compile(r"`([^`\n]{1,200})`")
_COMPOUND = re.compile(r"[a-z][A-Z]|[^\W_]_[^\W_]|[A-Z]{2}[a-z]")

REST_WEIGHT = 0.4
"""How much a word of the instructions counts against one of the title."""

MOST_TERMS = 120
"""How many different terms of one task are looked up, the first ones first."""

LONGEST_WORD = 64
"""Longer runs are data (hashes, keys, encoded files), not words."""

_STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any are as at be because been before being below between both but by
    can cannot could did do does doing done down during each either else etc even ever every few for from further get
    gets getting got had has have having he her here hers him his how however i if in instead into is it its itself
    just let lets like made make makes making many may me might mine more most much must my neither no nor not now of
    off on once one only onto or other our ours out over own per please rather really same she should since so some
    still such than that the their them then there these they thing things this those though through thus to too
    toward towards under until up upon us use used uses using very via was way we well were what when where whether
    which while who whom why will with within without would yet you your yours
    """.split()  # noqa: SIM905  # a list of 200 strings would be a page
)


def words(text: str) -> Iterator[str]:
    """The runs of letters, digits and underscores, in lower case."""
    return (word.lower() for word in _WORD.findall(text) if len(word) <= LONGEST_WORD)


def parts(word: str) -> tuple[str, ...]:
    """The words that an identifier is made of, in lower case and without their endings: `parsePlans` is parse, plan."""
    return tuple(stem(part.lower()) for part in _PART.findall(word))


def terms(text: str) -> Iterator[str]:
    """What a text is about: the parts of its words that are longer than a letter and no filler."""
    for word in _WORD.findall(text):
        if len(word) <= LONGEST_WORD:
            yield from telling(part.lower() for part in _PART.findall(word))


def weighted_terms(text: str) -> dict[str, float]:
    """What a task is about: the terms of its first line count 1, those that only the rest has `REST_WEIGHT`."""
    title, _, rest = _NOISE.sub(" ", text.strip()).partition("\n")
    weights: dict[str, float] = {}
    for part, weight in ((title, 1.0), (rest, REST_WEIGHT)):
        for term in terms(part):
            if len(weights) < MOST_TERMS and not term.isdigit():
                weights.setdefault(term, weight)
    return weights


def spellings(text: str) -> dict[str, str]:
    """The words of a text by their terms, as the text spells them first, in lower case."""
    found: dict[str, str] = {}
    for part in (part.lower() for word in _WORD.findall(text) for part in _PART.findall(word)):
        found.setdefault(stem(part), part)
    return found


def identifiers(text: str) -> dict[str, str]:
    """What a text spells as code (`inBackticks`, camelCase, snake_case), by its lower case."""
    quoted = (word for span in _QUOTED.findall(text) for word in _WORD.findall(span))
    compound = (word for word in _WORD.findall(text) if _COMPOUND.search(word))
    return {word.lower(): word for word in (*quoted, *compound) if 2 < len(word) <= LONGEST_WORD}


def telling(lower_case_parts: Iterable[str]) -> Iterator[str]:
    """The stems of the words that say something: no single letters, no filler."""
    return (stem(part) for part in lower_case_parts if len(part) > 1 and part not in _STOP_WORDS)


def stem(word: str) -> str:
    """The word without its English ending, so that `routes`, `routed` and `routing` meet; only ever compared."""
    if len(word) < 4 or not word.isalpha():
        return word
    for ending, least, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return _settled(word[: -len(ending)] + instead)
    return _settled(word)


_ENDINGS = (
    ("ization", 3, "iz"),
    ("ations", 3, "at"),
    ("ation", 3, "at"),
    ("ings", 3, ""),
    ("ing", 3, ""),
    ("ies", 2, "y"),
    ("ied", 2, "y"),
    ("sses", 2, "ss"),
    ("ss", 1, "ss"),
    ("us", 1, "us"),
    ("sis", 1, "sis"),
    ("ers", 3, "er"),
    ("es", 3, ""),
    ("ed", 3, ""),
    ("s", 3, ""),
)
"""An ending, how many letters must stay before it, and what takes its place. The first that fits wins."""


def _settled(word: str) -> str:
    """One spelling for what dropping an ending leaves: `mapp` and `map`, `cache` and `cach`."""
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        return word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] == "e" else word
