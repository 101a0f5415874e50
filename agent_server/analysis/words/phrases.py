"""Names of the code in plain words: "use the status badge" means the `StatusBadge` that another task makes."""

import re
from collections.abc import Iterator
from functools import lru_cache

from agent_server.analysis.words.mention_words import inflections
from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.analysis.words.symbol_words import VERBS, Role
from agent_server.analysis.words.symbols import Symbol, quoted
from agent_server.plan.text import Span

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.

_CONFIDENCE = 0.6
_LONGEST = 3

_NO_USE = frozenset("link mention open reference test show print store".split())
"""Verbs of use whose object need not be there yet: a page can be linked before it is built."""

_USING = frozenset(
    form for verb, role in VERBS.items() if role is Role.USES and verb not in _NO_USE for _, form in inflections(verb)
) | {"with", "via", "through", "from", "by"}

_CODE = re.compile(r"`[^`\n]*`")
_PHRASE = re.compile(
    r"\b(?P<before>[A-Za-z]+)\s+(?:the|our|this|that)\s+(?:new\s+)?(?P<words>[a-z]+(?:[ -][a-z]+){1,2})\b"
)


def phrase_key(name: str) -> str:
    """What a type or a component is called in plain words, without spaces; empty for any other name."""
    words = re.findall(r"[A-Z][a-z0-9]+", name)
    return name.lower() if len(words) > 1 and "".join(words) == name else ""


@lru_cache(maxsize=8192)
def phrases(text: str) -> tuple[Symbol, ...]:
    """The things that a Markdown text uses by plain words, in its order; their names are their keys."""
    return tuple(_phrases(text))


def _phrases(text: str) -> Iterator[Symbol]:
    prose = _CODE.sub(lambda code: "`" * len(code[0]), prose_of(text))
    for block in blocks(prose):
        for sentence in block.sentences:
            for match in _PHRASE.finditer(prose, sentence.start, sentence.end):
                if match["before"].lower() in _USING:
                    yield from _symbols(match, quoted(text, sentence))


def _symbols(match: re.Match[str], sentence: str) -> Iterator[Symbol]:
    """The phrase with all its words, and with fewer."""
    words = re.split("[ -]", match["words"])
    start = match.start("words")
    for count in range(2, min(len(words), _LONGEST) + 1):
        key = "".join(words[:count])
        span = Span(start, start + len(key) + count - 1)
        yield Symbol(key, span, Role.USES, _CONFIDENCE, distinctive=True, named=True, sentence=sentence)
