"""What a sentence does with each name of the code in it, by the words round it and the tables of `symbol_words`.

The first rule that answers counts:

1. A name that only continues a list is used as the name before it.
2. The words before it, nearest first: a verb, a preposition (`with X`, `in X`), a conjunction (`that X`).
3. The words behind it: "`X` must be added".
4. An indefinite article: "A middleware `X` reads the header", "`X` is a trait".
5. A label at the sentence's start, or the line that leads its list: "Create these types:".
6. A phrase without any verb, "A class `Order` with a date" or the title "ClayEntry type", is what the task makes; and
   a sentence about a name, "`tax_of(order)` returns the tax", describes it, or makes it where the name stands there
   with the types of its parameters. Anything else only mentions it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from agent_server.analysis.words.mention_words import (
    DETERMINERS,
    LIST_WORDS,
    NEGATIONS,
    NOUNS_TOO,
    OBLIGES,
    ORDER_OPENERS,
    STATES,
)
from agent_server.analysis.words.symbol_names import Name, Token, is_label, is_member, is_variable
from agent_server.analysis.words.symbol_words import (
    ADJECTIVES,
    COMPARING,
    DECLARED,
    ENDPOINTS,
    ENTRIES,
    FILLED,
    FLAGS,
    INSTALLING,
    KEYS,
    KINDS,
    LABELLED,
    LABELS,
    MEMBERS,
    METHODS,
    NAMING,
    NOUN_VERBS,
    PREPOSITIONS,
    RENAMING,
    SUBORDINATORS,
    VAGUE,
    Role,
    role_forms,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done with a name, how far to trust that (0 to 1), and the word that decided it."""

    role: Role
    confidence: float
    word: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A name, the token that holds it, and what is done with it.

    `named`: words beside it say what kind it is of, or it is spelled as only a function or a type is.
    """

    name: Name
    token: Token
    verdict: Verdict
    named: bool


Tokens = Sequence[Token]


def roles(tokens: Tokens, lead: Verdict | None = None, *, title: bool = False) -> Iterator[Found]:
    """Every name of a sentence with its role. `lead` is what the line above its list says.

    A sentence about installing somebody else's software names nothing.
    """
    if any(token.text in INSTALLING for token in tokens):
        return
    last: tuple[int, Verdict] | None = None
    for at, token in enumerate(tokens):
        if not token.is_code:
            continue
        continues = last is not None and _continues(tokens[last[0] + 1 : at])
        verdict = last[1] if last is not None and continues else _verdict(tokens, at, lead, title=title)
        last = at, verdict
        kinds = _kinds_beside(tokens, at)
        for place, name in enumerate(token.names):
            named = _is_named(name, kinds)
            made = verdict.role is Role.CREATES
            judged = _creation(verdict, token.names, place, named=named, kinds=kinds) if made else verdict
            if judged.role in {Role.CREATES, Role.EMITS} and _qualifies(tokens, at):
                judged = Verdict(Role.USES, 0.7)
            yield Found(name, token, judged, named)


def leading(tokens: Tokens) -> Verdict | None:
    """What a line that ends with a colon says of the list below it; None for any other line."""
    if not tokens or tokens[-1].text != ":":
        return None
    words = [token.text for token in tokens[:-1]]
    label = next((LABELS[word] for word in (words[:1] + words[-1:]) if word in LABELS), None)
    if label is not None and len(words) <= _LONGEST_LABEL:
        return Verdict(label, 0.85, words[0])
    found = next((verb for index in range(min(len(words), 3)) if (verb := _verb_at(tokens, index))), None)
    return found and replace(found, confidence=0.8)


_FORMS = role_forms()
_VERBS = frozenset(base for base, _, _ in _FORMS.values())
_MENTIONED = Verdict(Role.MENTIONS, 0.55)
_DASHES = frozenset({"\u2014", "\u2013", "-"})
_BEHIND = OBLIGES | STATES | DETERMINERS | {"based", "be", "behind", "first", "it", "its", "only", "then", "we", "will"}
_BEHIND |= {"again", "everywhere", "here", "now", "once", "there", "throughout", "too"}
_KIND_WORDS = KINDS | LABELLED | MEMBERS | ADJECTIVES | LIST_WORDS
_PREDICATES = {
    **dict.fromkeys(("all", "both", "many", "some", "these", "those"), ("base",)),
    **dict.fromkeys(("another", "each", "one", "that", "this"), ("s",)),
}
"""Determiners that are subjects too, and the form of the verb they then have: a noun would be in the other number."""

_FUNCTION = re.compile(r"[A-Z](?=\w*[a-z])\w{3,}")
"""What is surely a function or a type with its parameters: `Open(path string)`. `New` and the like are too common."""

_INDEFINITE = frozenset({"a", "an", "another"})
_TELLS = frozenset({"can", "if", "may", "must", "should", "when", "will"})
_STATES_NOTHING = STATES - {"contains", "contain", "holds", "lists", "has", "have"}
_LONGEST_LABEL = 2
_FARTHEST = 12
_MOST_STRANGE = 4
"""So many unknown words behind a verb, a name is hardly its object."""


def _creation(verdict: Verdict, names: Sequence[Name], place: int, *, named: bool, kinds: Sequence[str]) -> Verdict:
    """What is left of "creates": "add the method `Foo.bar`" changes `Foo`, and a column is no name of one thing.

    What Go exports is one: "add `Config.CacheSize`" creates `CacheSize`, whatever the value is called that has it.
    """
    found, name = names[place], names[place].text
    exported = place and name[:1].isupper() and names[0].text.endswith(f".{name}") and not is_member(name)
    if place == 1 and not exported:
        return _MENTIONED if not ENTRIES.isdisjoint(kinds) else replace(verdict, role=Role.CHANGES)
    is_key = (
        not ENTRIES.isdisjoint(kinds) and KEYS.isdisjoint(kinds) and re.search(r"[._]", name) and not is_member(name)
    )
    if is_key and not place:
        return verdict
    if is_label(name) and LABELLED.isdisjoint(kinds):
        return _MENTIONED
    plain = not (name.isupper() or name.startswith(("--", "/")))
    part = any(word in MEMBERS for word in kinds) or (not named and is_member(name))
    value = verdict.word in VAGUE and not named and not name[0].isupper()
    if verdict.word == "write" and not FILLED.isdisjoint(kinds):
        return replace(verdict, role=Role.USES)
    if not exported and (place or (plain and part) or value):
        return _MENTIONED
    sure = not exported and (named or found.arguments or not is_variable(name, _VERBS))
    return verdict if sure else replace(verdict, confidence=verdict.confidence * 0.75)


def _is_named(name: Name, kinds: Sequence[str]) -> bool:
    if name.has_parameters and _FUNCTION.fullmatch(name.text):
        return True
    table = ENDPOINTS if name.text.startswith("/") else FLAGS if name.text.startswith("--") else NAMING
    table = LABELLED if is_label(name.text) else table
    return any(word in table for word in kinds)


def _qualifies(tokens: Tokens, at: int) -> bool:
    """Whether a name only qualifies the noun behind it: "the `ReviewLog` entry", "NodeLayout documentation"."""
    word = tokens[at + 1].text if at + 1 < len(tokens) else ""
    is_told = at == 0 and _is_signature(tokens[at]) and _tells(word)
    if not word[:1].isalpha() or word in _FORMS or word in _BEHIND or is_told:
        return False
    return word not in _KIND_WORDS and word not in PREPOSITIONS and word not in SUBORDINATORS


def _kinds_beside(tokens: Tokens, at: int) -> tuple[str, ...]:
    """The words next to a name that may say what kind of thing it is."""
    return (*_run(reversed(tokens[max(0, at - 4) : at])), *_run(iter(tokens[at + 1 : at + 4])))


def _run(tokens: Iterator[Token]) -> Iterator[str]:
    for token in tokens:
        if token.text not in _KIND_WORDS and not token.is_code:
            return
        yield token.text


def _continues(between: Tokens) -> bool:
    """Whether two names stand in one list: only list words and kinds of things between them."""
    words = [token.text for token in between]
    if not words or words[0] == "(" or not any(word in LIST_WORDS for word in words):
        return False
    return all(word in LIST_WORDS or word in KINDS or word in ADJECTIVES for word in words)


def _verdict(tokens: Tokens, at: int, lead: Verdict | None, *, title: bool) -> Verdict:
    found = _before(tokens, at) or _after(tokens, at) or _introduced(tokens, at)
    if found is not None:
        unsure = found.role is Role.USES and found.confidence < _MENTIONED.confidence
        return _MENTIONED if unsure else found
    if lead is not None and at <= 1:
        return replace(lead, confidence=lead.confidence * 0.9)
    if title and all(token.is_code or token.text in _KIND_WORDS for token in tokens):
        return Verdict(Role.CREATES, 0.65, "title")
    return _opening(tokens, at)


def _opening(tokens: Tokens, at: int) -> Verdict:
    """What a name is that opens its sentence: whom the sentence tells about, or what a phrase is about."""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if at == 0:
        if not _tells(after):
            return _MENTIONED
        return Verdict(Role.CREATES, 0.75, "does") if _is_signature(tokens[at]) else Verdict(Role.DESCRIBES, 0.8)
    first = tokens[0].text
    is_new = first in _INDEFINITE or first in KINDS or first in LABELLED
    is_phrase = is_new and all(word in _KIND_WORDS or word in _INDEFINITE for word in _words_from(tokens, 0, at))
    has_kind = any(word in KINDS or word in LABELLED for word in _kinds_beside(tokens, at))
    is_type = any(name.distinctive and (name.arguments or name.text[0].isupper()) for name in tokens[at].names[:1])
    return Verdict(Role.CREATES, 0.85, "phrase") if is_phrase and (has_kind or is_type) else _MENTIONED


def _tells(word: str) -> bool:
    """Whether a word behind a name that opens its sentence begins what is told of it: "returns", "must"."""
    return word in _TELLS or (word.endswith("s") and word not in _STATES_NOTHING)


def _is_signature(token: Token) -> bool:
    """Whether a piece of code declares a function: "`Scale(r Recipe, persons int) Recipe` multiplies each quantity"."""
    return any(name.is_declared and "." not in name.text for name in token.names[:1])


def _before(tokens: Tokens, at: int) -> Verdict | None:
    """What the words before a name say of it, nearest first; None where they say nothing."""
    strange, trust = 0, 1.0
    for index in range(at - 1, max(-1, at - _FARTHEST), -1):
        word = tokens[index].text
        found = _decided(tokens, index)
        if found is not None:
            return replace(found, confidence=max(0.0, found.confidence * trust - 0.12 * max(0, strange - 1)))
        if tokens[index].is_code or word == ")":
            return None
        trust *= 0.8 if word == "(" else 1.0
        strange += word not in DETERMINERS and word not in _KIND_WORDS and word != "("
        if strange > _MOST_STRANGE:
            return None
    return None


def _decided(tokens: Tokens, index: int) -> Verdict | None:
    """What one word says of the name behind it; None for a word that says nothing."""
    word = tokens[index].text
    verb = _verb_at(tokens, index)
    if verb is not None:
        return verb
    if word in COMPARING or word in NEGATIONS:
        return Verdict(Role.CITES, 0.9, word)
    if word in PREPOSITIONS:
        return _preposition(tokens, index)
    if word in SUBORDINATORS:
        return Verdict(Role.USES, 0.6, word)
    return leading(tokens[: index + 1]) if word == ":" else None


def _preposition(tokens: Tokens, index: int) -> Verdict:
    word = tokens[index].text
    verb = _verb_before(tokens, index)
    if verb is not None and verb.word in RENAMING and word in {"to", "into", "as"}:
        return Verdict(Role.CREATES, 0.75, f"{verb.word} {word}")
    if verb is not None and verb.word == "extend" and word == "with":
        return Verdict(Role.CREATES, 0.75, "extend with")
    if verb is not None and verb.role is Role.CREATES and word == "with" and _has_methods(tokens, index + 1):
        return replace(verb, confidence=0.85)
    if verb is not None and verb.role is Role.CREATES and word == "with" and _is_part(tokens, index):
        return replace(verb, confidence=0.75)
    if verb is not None and verb.role is not Role.USES and word in {"of", "to"}:
        return Verdict(Role.CHANGES if verb.role is Role.CREATES else verb.role, PREPOSITIONS[word], verb.word)
    return Verdict(Role.USES, PREPOSITIONS[word], word)


def _has_methods(tokens: Tokens, start: int) -> bool:
    """Whether methods of what is made come next: "create `Scale` with a method `weight()`"."""
    return any(token.text in METHODS for token in tokens[start : start + 2])


def _is_part(tokens: Tokens, index: int) -> bool:
    """Whether what follows `with` belongs to what is created: "with `Send(to string)`", "with a `Counter` type"."""
    at = next((at for at in range(index + 1, len(tokens)) if tokens[at].is_code), len(tokens))
    if at == len(tokens) or any("." in name.text for name in tokens[at].names):
        return False
    if any(name.has_parameters for name in tokens[at].names):
        return any(token.is_code for token in tokens[max(0, index - _MOST_STRANGE) : index])
    is_new = not {"a", "an"}.isdisjoint(token.text for token in tokens[index + 1 : at])
    return is_new and not DECLARED.isdisjoint(_kinds_beside(tokens, at))


def _verb_before(tokens: Tokens, index: int) -> Verdict | None:
    """The nearest verb before a preposition, in its clause: "change the signature of", "add a parameter to"."""
    for at in range(index - 1, max(-1, index - _MOST_STRANGE - 2), -1):
        if tokens[at].text in SUBORDINATORS:
            return None
        found = _verb_at(tokens, at)
        if found is not None:
            return found
    return None


def _verb_at(tokens: Tokens, index: int) -> Verdict | None:
    """What the verb at a token does to the name behind it; None if it is no verb there."""
    form = _FORMS.get(tokens[index].text)
    if form is None:
        return None
    base, role, kind = form
    before = tokens[index - 1].text if index else ""
    if kind == "ed":  # "the created `X`" is there by then
        return Verdict(role if role is Role.CITES else Role.USES, 0.95, base)
    ambiguous = base in NOUN_VERBS or (kind == "base" and base in NOUNS_TOO)
    if ambiguous and (kind == "s" or not _opens(before)):
        return None
    if kind != "ing" and before in DETERMINERS and kind not in _PREDICATES.get(before, ()):
        return None
    if base == "keep" and index + 1 < len(tokens) and tokens[index + 1].text in {"a", "an"}:
        role = Role.USES  # What is kept as it is, is known already: "keep the `Cache`".
    negated = any(token.text in NEGATIONS for token in tokens[max(0, index - 2) : index])
    return Verdict(Role.CITES if negated else role, 0.95, base)


def _opens(before: str) -> bool:
    """Whether an order may follow that word."""
    return before in ORDER_OPENERS or before in _DASHES or before in {"", ",", ":", "(", ")", "|", "`"}


def _introduced(tokens: Tokens, at: int) -> Verdict | None:
    """Whether a sentence begins by telling of a name what it is, with an indefinite article: so it is new."""
    behind = [token.text for token in tokens[at + 1 : at + 6]]
    opens = at > 1 and tokens[0].text in _INDEFINITE
    is_subject = opens and all(word in _KIND_WORDS for word in _words_from(tokens, 1, at))
    is_told = at == 0 and behind[:1] == ["is"] and behind[1:2] and behind[1] in _INDEFINITE
    kinds = _words_from(tokens, 1, at) if is_subject else behind[2:] if is_told else ()
    return Verdict(Role.CREATES, 0.75, "a") if any(word in KINDS for word in kinds) else None


def _words_from(tokens: Tokens, start: int, at: int) -> Iterator[str]:
    """The words before a name, but for so many at the start; one by one, since a line may hold thousands of names."""
    return (token.text for token in islice(tokens, start, at))


def _after(tokens: Tokens, at: int) -> Verdict | None:
    """What the words behind a name make of it: "`X` must be added"."""
    words = [token.text for token in tokens[at + 1 : at + 7] if token.text not in KINDS]
    if not words or (words[0] not in OBLIGES and words[0] not in {"will", "to"}) or "be" not in words:
        return None
    due = (_FORMS.get(word) for word in words[words.index("be") + 1 :])
    return next((Verdict(form[1], 0.7, form[0]) for form in due if form is not None and form[2] == "ed"), None)
