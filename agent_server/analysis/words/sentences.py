"""What stands where in a sentence of tokens: verbs, brackets, labels, and the words right before a path.

The tables of `mention_words` say what the words mean; `mention_verdicts` makes verdicts of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent_server.analysis.words.mention_folders import Verdict
from agent_server.analysis.words.mention_words import (
    ANNOTATIONS,
    BEFORE_FILES_TOO,
    BEFORE_NOUNS,
    CUES,
    DETERMINERS,
    DOCUMENT_ENDINGS,
    FILLERS,
    FOLLOWED,
    KNOWN,
    LABELS,
    LIST_WORDS,
    MODELS,
    NAMED_TOO,
    NEGATIONS,
    NO_OBJECT,
    OBLIGES,
    ORDER_OPENERS,
    PLACES,
    POINTERS,
    RELATING,
    STAND_IN,
    SUBORDINATORS,
    Use,
    verb_forms,
)
from agent_server.analysis.words.path_shapes import WrittenPath, extension

PATH = "<path>"
CODE = "<code>"
"""The texts of the tokens that are no words: a path, and a code span or an address that is none."""

VERB_FORMS = verb_forms()

TEST_FILE = re.compile(r"(?:^|[/._-])(?:tests?|specs?|__tests__|e2e)(?:[/._-]|$)|tests?\.\w+$", re.IGNORECASE)

DASHES = frozenset({"\u2014", "\u2013", "-"})
ARROW = "\u2192"
_ENDINGS = DASHES | {"(", ")", ",", ":", ARROW}

_UNSAID = frozenset({*LIST_WORDS, *PLACES, *(phrase.split()[0] for phrase in ANNOTATIONS)})
"""Words that say nothing of the path behind them but where something is."""

GERUNDS = frozenset({"after", "before", "by", "for", "of", "when", "while", "without"})
"""Words before a verb in -ing that is no participle of the thing before it."""

_JOINTS = frozenset({",", "and", "or"})


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, a punctuation mark, `PATH` with its path, or `CODE`."""

    text: str
    path: WrittenPath | None = None


Tokens = Sequence[Token]


def outside_brackets(tokens: Tokens, start: int, end: int) -> tuple[str, ...]:
    """The words of some tokens, without what stands in brackets that are closed among them."""
    words: list[str] = []
    for token in tokens[start:end]:
        if token.text == ")" and "(" in words:
            del words[len(words) - 1 - words[::-1].index("(") :]
        else:
            words.append(token.text)
    return tuple(words)


def open_bracket(tokens: Tokens, at: int) -> int | None:
    """Where the brackets open in which that token stands."""
    closed = 0
    for index in range(at - 1, -1, -1):
        closed += (tokens[index].text == ")") - (tokens[index].text == "(")
        if closed < 0:
            return index
    return None


def said_in_brackets(tokens: Tokens, at: int) -> bool:
    """Whether something is said before the path in the brackets in which it stands."""
    start = open_bracket(tokens, at)
    if start is None or label(tokens[:at]):
        return False
    return any(token.path is None and token.text not in _UNSAID for token in tokens[start + 1 : at])


def is_list(words: Sequence[str]) -> bool:
    """Whether words only continue a list of paths."""
    return all(word in LIST_WORDS or word == PATH for word in words)


def is_last(tokens: Tokens, at: int) -> bool:
    """Whether a sentence ends with that path, but for what is said of it or apart from it."""
    after = [token.text for token in tokens[at + 1 :]]
    return not after or after[0] in _ENDINGS or is_list(after)


def word_before(tokens: Tokens, index: int) -> str:
    """The text of the token before one; empty for the first."""
    return tokens[index - 1].text if index else ""


def label(tokens: Tokens) -> Verdict | None:
    """The verdict of a label at the start, of a sentence or of what stands in brackets: "Files: `x.py`"."""
    start = open_bracket(tokens, len(tokens))
    if start is not None:
        tokens = tokens[start + 1 :]
    if len(tokens) >= 2 and tokens[1].text == ":" and tokens[0].text in LABELS:
        return Verdict(LABELS[tokens[0].text], tokens[0].text, 0.8)
    return None


def label_before(tokens: Tokens, at: int) -> Verdict | None:
    """The verdict of a label right before a path, within a sentence: "(pattern: `x.py`)", "— target: `y.py`"."""
    words = [token.text for token in tokens[max(0, at - 3) : at]]
    is_label = words[2:] == [":"] and words[1] in LABELS and (words[0] in _ENDINGS or words[0] in {PATH, CODE})
    return Verdict(LABELS[words[1]], words[1], 0.8) if is_label else None


def cue_before(tokens: Tokens, at: int) -> str:
    """The longest cue that stands right before a path; words that change nothing may stand between.

    A dash before the last word of a sentence says where all of it is: "Show the level \u2014 `hub.py`".
    """
    if at > 2 and word_before(tokens, at) in {*DASHES, ARROW} and is_list([token.text for token in tokens[at + 1 :]]):
        return "at"
    end = at
    while end > max(0, at - 4) and tokens[end - 1].text in FILLERS:
        end -= 1
    if _is_model(tuple(token.text for token in tokens[max(0, end - 4) : end])):
        return "as in"
    for length in (3, 2, 1):
        start = max(0, end - length)
        phrase = " ".join(token.text for token in tokens[start:end])
        if (
            phrase in {"path to", "paths to", "route to", "routes to"}
            and sum(token.path is not None for token in tokens) == 1
        ):
            return "to"  # With no other file in sight, this is the one that gets the route.
        if phrase in POINTERS and (word_before(tokens, start) == "the" or _puts_links(tokens, at, phrase)):
            return "to"
        if phrase in CUES:
            return tokens[end - 1].text if length > 1 and _only_says_where(tokens, start, phrase) else phrase
    return ""


def _puts_links(tokens: Tokens, at: int, phrase: str) -> bool:
    """Whether links are put into the one file of a sentence: "Add navigation links to `nav.py`". A document is linked.

    "A link to" one points at it.
    """
    path = tokens[at].path
    is_one = sum(token.path is not None for token in tokens) == 1
    is_code = path is not None and path.sure and extension(path.path) not in {"", *DOCUMENT_ENDINGS}
    return phrase == "links to" and tokens[0].text in {"add", "insert"} and is_one and is_code


def _is_model(before: Sequence[str]) -> bool:
    """Whether those words tell of a model: "as agreed in", "the same fields as", "with identical fields to"."""
    if before[-1:] == ("in",):
        return before[-3:-2] == ("as",) and before[-2].endswith("ed")
    if before[-1:] == ("to",):
        return before[:2] == ("with", "identical")  # "Apply identical changes to" changes what follows.
    return before[-1:] == ("as",) and "same" in before


def _only_says_where(tokens: Tokens, start: int, phrase: str) -> bool:
    """Whether a phrase that mostly tells of a source does not: "when none exist in", "add an example in"."""
    before = word_before(tokens, start)
    if phrase == "pattern in":
        words = [token.text for token in tokens[max(0, start - 5) : start]]
        is_certain = not KNOWN.isdisjoint(words[-2:]) or not (FOLLOWED - NAMED_TOO).isdisjoint(words)
        return FOLLOWED.isdisjoint(words) or not (is_certain or words[-1] in FOLLOWED)
    if phrase in MODELS:
        return not any(token.text in KNOWN for token in tokens[max(0, start - 2) : start])
    if phrase in ANNOTATIONS:
        return before in {"(", ARROW, "and"} or before in DASHES
    states = NEGATIONS | {"none", "no"}
    is_state = before in states or not SUBORDINATORS.isdisjoint(token.text for token in tokens[:start])
    return phrase in STAND_IN and is_state


def verb_before(tokens: Tokens, at: int, *, purposes: bool = True, clauses: bool = True) -> Verdict | None:
    """The last verb before a token, and what it does to it; None where a clause that orders nothing stands between.

    Without `clauses` such a clause does not matter: a file that something is done `at` is not what the clause tells of.
    Without `purposes`, a verb after "to" counts only if there is no other: "change the page to use icons in `x.py`".
    """
    purpose: Verdict | None = None
    brackets = 0
    for index in range(at - 1, -1, -1):
        brackets = max(0, brackets + (tokens[index].text == ")") - (tokens[index].text == "("))
        if brackets:
            continue
        if clauses and tokens[index].text in SUBORDINATORS:
            break
        found = verb_at(tokens, index)
        if found is None:
            continue
        base, use = found
        negated = any(token.text in NEGATIONS for token in tokens[max(0, index - 2) : index])
        verdict = Verdict(Use.CITES, f"not {base}", 0.9) if negated else Verdict(use, base, 0.9)
        if purposes or word_before(tokens, index) != "to":
            return verdict
        purpose = purpose or verdict
    return purpose


def verb_at(tokens: Tokens, index: int) -> tuple[str, Use] | None:
    """The base form and the use of the verb at a token; None if it is no verb there."""
    if index >= len(tokens) or tokens[index].text not in VERB_FORMS or (index == 0 and label(tokens[:2])):
        return None
    if [token.text for token in tokens[index + 1 : index + 3]] == ["(", ")"]:
        return None  # A call, `log()`, without its backticks.
    base, use, kind = VERB_FORMS[tokens[index].text]
    before = word_before(tokens, index)
    if kind == "base":
        is_verb = _is_order(tokens, index) if base in BEFORE_FILES_TOO else before not in BEFORE_NOUNS
    elif kind == "s":
        after = tokens[index + 1].text if index + 1 < len(tokens) else "."
        is_verb = before in {"that", "which", "who", "it", PATH, CODE} and (after not in NO_OBJECT or after in PLACES)
    elif kind == "ing":
        relates = base in RELATING and before in {PATH, CODE}
        opens = _opens(before) and (before != "," or not _is_compound(tokens, index))
        is_verb = not relates and (opens or before in GERUNDS - {"for", "of"})
    else:
        is_verb = is_due(tokens, index)
    return (base, use) if is_verb else None


def _is_order(tokens: Tokens, index: int) -> bool:
    """Whether a word that may be a noun is an order here: it opens a clause, and has an object."""
    before, after = word_before(tokens, index), tokens[index + 1].text if index + 1 < len(tokens) else "."
    if before in _JOINTS and _is_compound(tokens, index):
        return before == "and" and index == 2 and tokens[0].text in VERB_FORMS  # "Review and update"
    return _opens(before) and (not before or after not in NO_OBJECT)


def _is_compound(tokens: Tokens, index: int) -> bool:
    """Whether a word is the first of a noun rather than a verb with its object: ", loading state", "and test data"."""
    after = tokens[index + 1].text if index + 1 < len(tokens) else "."
    return after not in DETERMINERS and after not in {PATH, CODE}


def _opens(before: str) -> bool:
    """Whether an order may follow that word."""
    return before in ORDER_OPENERS or before in DASHES or before in {"", ",", ":", "(", ")", PATH, CODE}


def is_due(tokens: Tokens, index: int) -> bool:
    """Whether a participle tells what is to happen: "must be added", "needs to get updated"."""
    words = [token.text for token in tokens[max(0, index - 4) : index]]
    passive = max((place for place, word in enumerate(words) if word in {"be", "get", "gets"}), default=0)
    return any(word in OBLIGES or word in {"to", "will"} for word in words[:passive])
