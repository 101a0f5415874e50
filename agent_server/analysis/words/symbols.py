"""The names of the code that a text holds, and what each sentence does with them: make them, change them, use them.

`symbol_names` says what is a name, `symbol_roles` what is done with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agent_server.analysis.words.prose import blocks, prose_of
from agent_server.analysis.words.symbol_names import CODE, MAY_NAME, names_in_code, tokens
from agent_server.analysis.words.symbol_roles import Verdict, leading, roles
from agent_server.analysis.words.symbol_words import RENAMES, SIGNATURE, Role
from agent_server.plan.text import Span

_LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name of the code at `span` of a text, and what its sentence does with it.

    `name` is without markup, arguments and method (`/orders` of `POST /orders`). `distinctive`: nothing but that one
    thing is called so; otherwise it is a plain word in backticks. `named`: a word beside it, or its parameters, say
    what kind of thing it is. `fulfils`: it is implemented, and another task may declare it. `confidence` is how far to
    trust the role (0 to 1), `sentence` is for the reader.
    """

    name: str
    span: Span
    role: Role
    confidence: float
    distinctive: bool
    named: bool
    sentence: str
    fulfils: bool = False


@lru_cache(maxsize=8192)
def symbols(text: str, *, title: bool = False) -> tuple[Symbol, ...]:
    """The names of the code in a Markdown text, in its order. What stands in fenced code or in a comment is left out.

    `title`: the text is a task's title.
    """
    return tuple(_symbols(prose_of(text), title=title)) if MAY_NAME.search(text) else ()


def name_of(item: str) -> str:
    """The name that an item of `exports` spells: `parse_plan(text)` is `parse_plan`, `class Foo` is `Foo`."""
    found = names_in_code(_TYPED.sub(r"\1", item))
    return found[0].text if found else item.strip()


def is_felt(changed: Symbol) -> bool:
    """Whether those who use a name feel what its sentence changes of it."""
    return _says(changed, SIGNATURE)


def is_renamed(changed: Symbol) -> bool:
    """Whether its sentence gives a name's thing another name."""
    return _says(changed, RENAMES)


def _says(symbol: Symbol, words: frozenset[str]) -> bool:
    return not words.isdisjoint(re.findall(r"[a-z]+", symbol.sentence.lower()))


_TYPED = re.compile(r"^\s*([A-Za-z_$][\w$]*)\s*(?::(?!:)|=(?![=>])).*$", re.DOTALL)
"""A name with its type or its value: `LEVELS: list[str]`, `LEVELS = 3`."""


def _symbols(prose: str, *, title: bool) -> Iterator[Symbol]:
    # A full stop in code ends no sentence.
    masked = CODE.sub(lambda match: "x" * len(match[0]), prose)
    lead: Verdict | None = None
    for block in blocks(masked):
        leads: Verdict | None = None
        for sentence in block.sentences:
            words = list(tokens(prose, sentence))
            leads = leading(words)
            for found in roles(words, lead if block.is_item else None, title=title):
                name, verdict = found.name, found.verdict
                yield Symbol(
                    name.text,
                    found.token.span,
                    verdict.role,
                    verdict.confidence,
                    name.distinctive,
                    found.named,
                    quoted(prose, sentence),
                    fulfils=verdict.word == "implement",
                )
        if leads or not block.is_item:
            lead = leads


def quoted(prose: str, sentence: Span) -> str:
    """A sentence for the reader: on one line, and not too long."""
    text = " ".join(sentence.of(prose).split())
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1].rstrip()}\u2026"
