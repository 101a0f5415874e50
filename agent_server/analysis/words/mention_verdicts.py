"""What a sentence does with each path that it names, by the words round it and the tables of `mention_words`.

The first rule that answers counts:

1. A path that only continues a list is used as the path before it.
2. The words right before it (`from`, `like`, `based on`, ...), unless they only say where (`in`, `to`).
3. The last verb before it, unless that is negated. What stands in brackets rules nothing behind them, and a verb has
   one object: "add `x.py` with the colours of `y.py`" leaves the second one alone.
4. The words after it: "in `nav.py`, add ...", "`nav.py` must list the page", "`x.py` (new)", "`x.py`: add ...".
5. A label at the sentence's start, or the line that leads its list: "Files to change:".
6. A verb of another language.
7. A bare phrase without any verb, "Unit tests in `x.py`", is work to do, and so is any sentence that ends with the file
   of a test.
8. In a text that says what is to be done, the first path is what it is about. Anything else only cites.

The order that opens a sentence outweighs what any clause behind it says of the file that the sentence ends in: "Add a
notice when the list is empty in `x.py`". A document of the spec that stands in brackets is a source: "(see `spec.md`)".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent_server.analysis.words.mention_folders import Used, Verdict, in_their_folders
from agent_server.analysis.words.mention_words import (
    ANNOTATIONS,
    ASIDES,
    BEFORE_FILES_TOO,
    BEFORE_NOUNS,
    BY_HAND,
    CHECKS,
    CODES,
    COPIES_TO,
    CREATES,
    CUES,
    DATA_ENDINGS,
    DETERMINERS,
    DOCUMENT_ENDINGS,
    DOCUMENTS,
    FILLERS,
    GOES_ON,
    KNOWN,
    LABELS,
    LIST_WORDS,
    MARKS,
    MODELS,
    NEGATIONS,
    NO_OBJECT,
    OBLIGES,
    ORDER_OPENERS,
    PASSES,
    PLACES,
    POINTERS,
    RELATING,
    RELATIVE,
    SOURCES,
    STAND_IN,
    STATES,
    STAYS,
    SUBORDINATORS,
    TAKES_FROM,
    TAKES_OF,
    WHOLE,
    WHOLE_PROJECT,
    WITHIN,
    WORKS,
    Use,
    verb_forms,
)
from agent_server.analysis.words.other_languages import foreign_use
from agent_server.analysis.words.path_shapes import WrittenPath, extension, is_of_spec

PATH = "<path>"
CODE = "<code>"
"""The texts of the tokens that are no words: a path, and a code span or an address that is none."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, a punctuation mark, `PATH` with its path, or `CODE`."""

    text: str
    path: WrittenPath | None = None


Tokens = Sequence[Token]

_WORDS = verb_forms()
_TEST_FILE = re.compile(r"(?:^|[/._-])(?:tests?|specs?|__tests__|e2e)(?:[/._-]|$)|tests?\.\w+$", re.IGNORECASE)
_OF_EACH = re.compile(rf"(?:index|main|mod|__init__)\.\w+|[^/]+\.(?:{'|'.join(sorted(DATA_ENDINGS))})|[^/.]+|\.[^/]+")
"""Names of files that many packages have."""

_DASHES = frozenset({"\u2014", "\u2013", "-"})
_TESTS = frozenset({"test", "tests"})
_ARROW = "\u2192"
_ENDINGS = _DASHES | {"(", ")", ",", ":", _ARROW}
_UNSAID = frozenset({*LIST_WORDS, *PLACES, *(phrase.split()[0] for phrase in ANNOTATIONS)})
"""Words that say nothing of the path behind them but where something is."""

_GERUNDS = frozenset({"after", "before", "by", "for", "of", "when", "while", "without"})
"""Words before a verb in -ing that is no participle of the thing before it."""

_CITED = Verdict(Use.CITES, "", 0.5)
"""What is said of a path where nothing is said."""

_JOINTS = frozenset({",", "and", "or"})


def verdicts(tokens: Tokens, lead: Verdict | None = None, *, of_work: bool = False) -> Iterator[Used]:
    """Every path of a sentence, and what the sentence does with it. `lead` is what the line above its list says.

    A sentence `of_work` says what is to be done.
    """
    return in_their_folders(tuple(_used(tokens, lead, of_work=of_work)))


def _used(tokens: Tokens, lead: Verdict | None, *, of_work: bool) -> Iterator[Used]:
    last: tuple[int, Verdict] | None = None
    is_vague = False
    last_file: tuple[int, Verdict] | None = None
    written = False
    for at, token in enumerate(tokens):
        if token.path is None:
            continue
        between = _outside_brackets(tokens, last[0] + 1 if last else 0, at)
        if last is not None and (all(word in LIST_WORDS for word in between) or _goes_on(last[1], between)):
            verdict = last[1]
        else:
            verdict = _verdict(tokens, at, token.path, lead)
            if not written:
                verdict = _ordered_first(tokens, at, token.path, verdict, of_work=of_work) or verdict
            if of_work and not written:
                verdict = _of_work(tokens, at, token.path, verdict) or verdict
            is_vague = _is_vague(tokens, at, token.path, verdict)
            same = last_file is not None and last_file[1] == verdict and verdict.use is Use.WRITES
            aside = _aside(tokens, last_file[0], at) if last_file is not None and same else None
            verdict = aside or verdict
        last = at, verdict
        last_file = last if token.path.sure else last_file
        written = written or (token.path.sure and verdict.use is Use.WRITES)
        yield Used(token.path, verdict, _cue(tokens, at), between, is_vague)


def _goes_on(verdict: Verdict, between: Sequence[str]) -> bool:
    """Whether a list of files that are read goes on: "per `api.md` on errors and `style.md`"."""
    words = [word for word in between if word in _WORDS or word in CUES]
    return (
        verdict.use is Use.READS and verdict.word in CUES and not words and len(between) <= 4 and between[-1] == "and"
    )


def _outside_brackets(tokens: Tokens, start: int, end: int) -> tuple[str, ...]:
    """The words of some tokens, without what stands in brackets that are closed among them."""
    words: list[str] = []
    for token in tokens[start:end]:
        if token.text == ")" and "(" in words:
            del words[len(words) - 1 - words[::-1].index("(") :]
        else:
            words.append(token.text)
    return tuple(words)


def _aside(tokens: Tokens, earlier: int, at: int) -> Verdict | None:
    """What becomes of a file that is no object of its verb, since an earlier file is: "add `x.py` to match `y.py`".

    What a folder is made with lies in it, and a file may be named once more with the folder that it lies in.
    """
    before, path = tokens[earlier].path, tokens[at].path
    if before is None or path is None or f"/{path.path}".endswith(f"/{before.path}"):
        return None
    cue, between = _cue(tokens, at), _outside_brackets(tokens, earlier + 1, at)
    if cue in PLACES:
        last = next((index for index in range(len(between) - 1, -1, -1) if between[index] == cue), len(between))
        opening = RELATIVE if _cue(tokens, earlier) else RELATIVE | {"to"}
        return None if opening.isdisjoint(between[:last]) else Verdict(Use.CITES, "that", 0.7)
    if before.path.endswith("/"):
        return None
    pairs = zip(("", *between), between, strict=False)
    relating = next((word for previous, word in pairs if _relates(word) and previous not in _GERUNDS), None)
    if relating is not None:
        return Verdict(Use.READS, relating, 0.7)
    return None if ASIDES.isdisjoint(between) else Verdict(Use.CITES, "with", 0.7)


def _relates(word: str) -> bool:
    """Whether a participle says what a thing rests on: of a verb that changes nothing, or of one of `RELATING`."""
    return word.endswith("ing") and (word not in _WORDS or _WORDS[word][0] in RELATING)


def leading(tokens: Tokens) -> Verdict | None:
    """What a line that ends with a colon says of the list below it; None for any other line."""
    if not tokens or tokens[-1].text != ":":
        return None
    return _verb_before(tokens, len(tokens) - 1) or _label(tokens)


def _verdict(tokens: Tokens, at: int, path: WrittenPath, lead: Verdict | None) -> Verdict:
    cue = _cue(tokens, at)
    use = CUES.get(cue)
    if not cue and at > 1 and tokens[at - 2].text in NEGATIONS and tokens[at - 1].text not in _WORDS:
        return Verdict(Use.CITES, "not", 0.9)  # Whatever that verb means, it is not to happen.
    verb = _verb_before(tokens, at, purposes=cue not in PLACES, clauses=cue != "at")
    if use is not None:
        takes = cue == "from" and verb is not None and _takes_from(verb.word, path)
        return verb if takes and verb is not None else Verdict(use, cue, 0.9)
    if verb is not None and _comes_of(tokens, at, verb.word, path):
        return Verdict(Use.READS, "of", 0.8)
    if _is_source(tokens, at, path, verb) and not _label(tokens[:2]):
        return Verdict(Use.READS, "(", 0.8)
    if verb is not None:
        return _placed(tokens, path, cue, verb) if cue or verb.word == "test" else verb
    return (
        _verdict_after(tokens, at, cue)
        or _label(tokens[:at])
        or lead
        or _foreign(tokens, at, path)
        or _bare_phrase(tokens, at, cue)
        or _CITED
    )


def _foreign(tokens: Tokens, at: int, path: WrittenPath) -> Verdict | None:
    """What verbs of other languages do with a path; who checks something in the file of a test writes a test."""
    use = foreign_use(_outside_brackets(tokens, 0, at), _outside_brackets(tokens, at + 1, len(tokens)))
    if use is Use.READS and _TEST_FILE.search(path.path):
        use = Use.WRITES
    return Verdict(use, "", 0.7) if use else None


def _ordered_first(tokens: Tokens, at: int, path: WrittenPath, verdict: Verdict, *, of_work: bool) -> Verdict | None:
    """What the order that opens a sentence does to the file that the sentence ends in, whatever stands between."""
    cue = _cue(tokens, at)
    opening = _opening(tokens, path)
    if opening == "ensure" and (cue in STAND_IN or cue in WITHIN) and PASSES.isdisjoint(each.text for each in tokens):
        return Verdict(Use.WRITES, f"ensure {cue}", 0.6)
    is_listed = _before(tokens, at) == ":" and not _is_label(tokens, at - 1)
    is_kept = verdict.word.startswith("not") and not (of_work and _is_without(tokens, at))
    is_source = verdict.use is Use.READS and (extension(path.path) in DATA_ENDINGS or is_of_spec(path.path))
    is_aside = is_kept or is_source or _said_in_brackets(tokens, at)
    if verdict.use is Use.WRITES or opening in {None, "ensure"} or is_aside:
        return None
    ends = _is_last(tokens, at) or tokens[at + 1].text in GOES_ON
    return Verdict(Use.WRITES, str(opening), 0.7) if ends and (cue in WITHIN or is_listed) else None


def _opening(tokens: Tokens, path: WrittenPath) -> str | None:
    """The verb that opens a sentence, if it writes or ensures something. "Tests for x in `test_x.py`" asks for them."""
    found = _verb_at(tokens, 0)
    if found is None:
        is_test = _TEST_FILE.search(path.path) and not _TESTS.isdisjoint(each.text for each in tokens[:4])
        return "test" if is_test else None
    return found[0] if found[1] is Use.WRITES or found[0] == "ensure" else None


def _is_label(tokens: Tokens, colon: int) -> bool:
    return colon > 0 and tokens[colon - 1].text in LABELS


def _is_without(tokens: Tokens, at: int) -> bool:
    """Whether all that is negated is what something is done without: "add the field without new imports in `x.py`"."""
    return not any(token.text in NEGATIONS - {"without"} for token in tokens[:at])


def _is_last(tokens: Tokens, at: int) -> bool:
    """Whether a sentence ends with that path, but for what is said of it or apart from it."""
    after = [token.text for token in tokens[at + 1 :]]
    return not after or after[0] in _ENDINGS or _is_list(after)


def _is_list(words: Sequence[str]) -> bool:
    return all(word in LIST_WORDS or word == PATH for word in words)


def _of_work(tokens: Tokens, at: int, path: WrittenPath, verdict: Verdict) -> Verdict | None:
    """What is done to the path that the work is about: where nothing is said of it, or all that is said is in it."""
    if at == 0 and len(tokens) > 1 and tokens[1].text in _DASHES and verdict.use is Use.READS:
        return Verdict(Use.WRITES, tokens[1].text, 0.6)
    return Verdict(Use.WRITES, "", 0.5) if verdict == _CITED and _is_work(tokens, at, path) else None


def _is_work(tokens: Tokens, at: int, path: WrittenPath) -> bool:
    """Whether a path of which nothing is said is what the work is about."""
    before = [token.text for token in tokens[:at]]
    if is_of_spec(path.path) or (before[:1] and before[0] in BY_HAND):
        return False
    if not STATES.isdisjoint(token.text for token in tokens[at + 1 : at + 3]):
        return False
    if not SUBORDINATORS.isdisjoint(before):
        return _cue(tokens, at) in WITHIN and _is_last(tokens, at)
    return not _said_in_brackets(tokens, at)


def _is_vague(tokens: Tokens, at: int, path: WrittenPath, verdict: Verdict) -> bool:
    """Whether it is left open which files are meant.

    A folder is only where something is done: in it, or something that is new. What is done to all that lies in it is
    done to the folder. A `README.md` that is made "for the server" is that of the server, wherever that lies.
    """
    is_new = verdict.word in CREATES or not verdict.word
    if path.sure and not path.path.endswith("/"):
        owned = [token.text for token in tokens[at + 1 : at + 5]]
        is_owned = owned[:1] in (["for"], ["of"]) and not _cue(tokens, at) and WHOLE_PROJECT.isdisjoint(owned)
        return is_owned and is_new and bool(_OF_EACH.fullmatch(path.path))
    return is_new or (_cue(tokens, at) in PLACES and WHOLE.isdisjoint(token.text for token in tokens[:at]))


def _open_bracket(tokens: Tokens, at: int) -> int | None:
    """Where the brackets open in which that token stands."""
    closed = 0
    for index in range(at - 1, -1, -1):
        closed += (tokens[index].text == ")") - (tokens[index].text == "(")
        if closed < 0:
            return index
    return None


def _said_in_brackets(tokens: Tokens, at: int) -> bool:
    """Whether something is said before the path in the brackets in which it stands."""
    start = _open_bracket(tokens, at)
    if start is None or _label(tokens[:at]):
        return False
    return any(token.path is None and token.text not in _UNSAID for token in tokens[start + 1 : at])


def _is_source(tokens: Tokens, at: int, path: WrittenPath, verb: Verdict | None) -> bool:
    """Whether brackets tell what something rests on: "(see the notes in `x.py`)", "Add a route (contracts/api.md)"."""
    start = _open_bracket(tokens, at)
    if start is None or tokens[start + 1].text in SOURCES:
        return start is not None
    is_written = verb is not None and verb.word in DOCUMENTS and not _said_in_brackets(tokens, at)
    return _is_document(tokens, at, path) and not is_written


def _is_document(tokens: Tokens, at: int, path: WrittenPath) -> bool:
    """Whether a file may be a source: one of the spec, or one of which a certain part is named, "(style.md §2)"."""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ")"
    return is_of_spec(path.path) or (extension(path.path) in DOCUMENT_ENDINGS and after not in {")", ",", PATH, "and"})


def _takes_from(verb: str, path: WrittenPath) -> bool:
    """Whether a file changes when something is taken from it."""
    return verb in TAKES_FROM and not (verb in {"export", "extract"} and extension(path.path) in DATA_ENDINGS)


def _comes_of(tokens: Tokens, at: int, verb: str, path: WrittenPath) -> bool:
    """Whether what is put elsewhere comes from a file of data: "insert the rows of `x.json`"; not "at the end of"."""
    near = {token.text for token in tokens[max(0, at - 5) : at]}
    is_data = _before(tokens, at) == "of" and extension(path.path) in DATA_ENDINGS
    return is_data and verb in TAKES_OF and PLACES.isdisjoint(near)


def _cue(tokens: Tokens, at: int) -> str:
    """The longest cue that stands right before a path; words that change nothing may stand between.

    A dash before the last word of a sentence says where all of it is: "Show the level \u2014 `hub.py`".
    """
    if at > 2 and _before(tokens, at) in {*_DASHES, _ARROW} and _is_list([token.text for token in tokens[at + 1 :]]):
        return "at"
    end = at
    while end > max(0, at - 4) and tokens[end - 1].text in FILLERS:
        end -= 1
    for length in (3, 2, 1):
        start = max(0, end - length)
        phrase = " ".join(token.text for token in tokens[start:end])
        if phrase in {"route to", "routes to"} and sum(token.path is not None for token in tokens) == 1:
            return "to"  # With no other file in sight, this is the one that gets the route.
        if phrase in POINTERS and _before(tokens, start) == "the":
            return "to"
        if phrase in CUES:
            return tokens[end - 1].text if length > 1 and _only_says_where(tokens, start, phrase) else phrase
    return ""


def _only_says_where(tokens: Tokens, start: int, phrase: str) -> bool:
    """Whether a phrase that mostly tells of a source does not: "when none exist in", "add an example in"."""
    before = _before(tokens, start)
    if phrase in MODELS:
        return not any(token.text in KNOWN for token in tokens[max(0, start - 2) : start])
    if phrase in ANNOTATIONS:
        return before in {"(", _ARROW} or before in _DASHES
    states = NEGATIONS | {"none", "no"}
    is_state = before in states or not SUBORDINATORS.isdisjoint(token.text for token in tokens[:start])
    return phrase in STAND_IN and is_state


def _placed(tokens: Tokens, path: WrittenPath, cue: str, verb: Verdict) -> Verdict:
    """What a verb does to a path that says where: "copy the entries to `x.py`", "test the parser in `test_x.py`"."""
    if verb.word == "copy" and cue in COPIES_TO:
        return Verdict(Use.WRITES, f"copy {cue}", 0.9)
    asks_for_test = verb.word in CHECKS and (cue == "in" or verb.word == "test") and _TEST_FILE.search(path.path)
    if asks_for_test and not any(token.text in PASSES for token in tokens):
        return Verdict(Use.WRITES, f"{verb.word} {cue}".strip(), 0.7)
    if verb.word == "ensure" or (verb.word in CODES and extension(path.path) not in DATA_ENDINGS):
        return Verdict(Use.WRITES, f"{verb.word} {cue}", 0.6)
    return verb


def _verb_before(tokens: Tokens, at: int, *, purposes: bool = True, clauses: bool = True) -> Verdict | None:
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
        found = _verb_at(tokens, index)
        if found is None:
            continue
        base, use = found
        negated = any(token.text in NEGATIONS for token in tokens[max(0, index - 2) : index])
        verdict = Verdict(Use.CITES, f"not {base}", 0.9) if negated else Verdict(use, base, 0.9)
        if purposes or _before(tokens, index) != "to":
            return verdict
        purpose = purpose or verdict
    return purpose


def _verb_at(tokens: Tokens, index: int) -> tuple[str, Use] | None:
    """The base form and the use of the verb at a token; None if it is no verb there."""
    if index >= len(tokens) or tokens[index].text not in _WORDS or (index == 0 and _label(tokens[:2])):
        return None
    if [token.text for token in tokens[index + 1 : index + 3]] == ["(", ")"]:
        return None  # A call, `log()`, without its backticks.
    base, use, kind = _WORDS[tokens[index].text]
    before = _before(tokens, index)
    if kind == "base":
        is_verb = _is_order(tokens, index) if base in BEFORE_FILES_TOO else before not in BEFORE_NOUNS
    elif kind == "s":
        after = tokens[index + 1].text if index + 1 < len(tokens) else "."
        is_verb = before in {"that", "which", "who", "it", PATH, CODE} and (after not in NO_OBJECT or after in PLACES)
    elif kind == "ing":
        relates = base in RELATING and before in {PATH, CODE}
        opens = _opens(before) and (before != "," or not _is_compound(tokens, index))
        is_verb = not relates and (opens or before in _GERUNDS - {"for", "of"})
    else:
        is_verb = _is_due(tokens, index)
    return (base, use) if is_verb else None


def _before(tokens: Tokens, index: int) -> str:
    return tokens[index - 1].text if index else ""


def _is_order(tokens: Tokens, index: int) -> bool:
    """Whether a word that may be a noun is an order here: it opens a clause, and has an object."""
    before, after = _before(tokens, index), tokens[index + 1].text if index + 1 < len(tokens) else "."
    if before in _JOINTS and _is_compound(tokens, index):
        return before == "and" and index == 2 and tokens[0].text in _WORDS  # "Review and update"
    return _opens(before) and (not before or after not in NO_OBJECT)


def _is_compound(tokens: Tokens, index: int) -> bool:
    """Whether a word is the first of a noun rather than a verb with its object: ", loading state", "and test data"."""
    after = tokens[index + 1].text if index + 1 < len(tokens) else "."
    return after not in DETERMINERS and after not in {PATH, CODE}


def _opens(before: str) -> bool:
    """Whether an order may follow that word."""
    return before in ORDER_OPENERS or before in _DASHES or before in {"", ",", ":", "(", ")", PATH, CODE}


def _is_due(tokens: Tokens, index: int) -> bool:
    """Whether a participle tells what is to happen: "must be added", "needs to get updated"."""
    words = [token.text for token in tokens[max(0, index - 4) : index]]
    passive = max((place for place, word in enumerate(words) if word in {"be", "get", "gets"}), default=0)
    return any(word in OBLIGES or word in {"to", "will"} for word in words[:passive])


def _verdict_after(tokens: Tokens, at: int, cue: str) -> Verdict | None:
    """What the words after a path make of it, where nothing before it does."""
    after = [token.text for token in tokens[at + 1 : at + 5]]
    if not after:
        return None
    order = _order_after(tokens, at) if cue in PLACES and after[0] != "(" else None
    if order is not None:
        return order
    if after[0] == "(":
        mark = next((word for word in after[1:3] if word in MARKS), None)
        return Verdict(MARKS[mark], mark, 0.8) if mark else None
    if after[0] == ":" or after[0] in _DASHES:
        verb = _verb_at(tokens, at + 2) or _verb_at(tokens, at + 3)
        return Verdict(Use.WRITES, verb[0], 0.8) if verb and verb[1] is Use.WRITES else None
    due = any(_is_due(tokens, at + ahead) and _verb_at(tokens, at + ahead) for ahead in range(3, 6))
    if after[0] in OBLIGES and (due or not STAYS.intersection(after[1:3])):
        return Verdict(Use.WRITES, after[0], 0.7)
    return None


def _order_after(tokens: Tokens, at: int) -> Verdict | None:
    """What the order behind the place that it is for does: "in `nav.py`, add the link"."""
    behind = [token.text for token in tokens[at + 1 : at + 4]]
    if not NEGATIONS.isdisjoint(behind):
        return Verdict(Use.CITES, "not", 0.8)
    ahead = next((at + step for step in (1, 2, 3) if _verb_at(tokens, at + step)), at)
    verb = _verb_at(tokens, ahead) if ahead > at and not tokens[ahead].text.endswith("ing") else None
    if verb is None or (verb[1] is Use.CITES and behind[0] != ","):
        return None
    return Verdict(Use.WRITES if verb[0] in WORKS else verb[1], verb[0], 0.8)


def _label(tokens: Tokens) -> Verdict | None:
    """The verdict of a label at the start, of a sentence or of what stands in brackets: "Files: `x.py`"."""
    start = _open_bracket(tokens, len(tokens))
    if start is not None:
        tokens = tokens[start + 1 :]
    if len(tokens) >= 2 and tokens[1].text == ":" and tokens[0].text in LABELS:
        return Verdict(LABELS[tokens[0].text], tokens[0].text, 0.8)
    return None


def _bare_phrase(tokens: Tokens, at: int, cue: str) -> Verdict | None:
    """The verdict for "Unit tests in `x.py`": a phrase that tells of no state, and ends with its path.

    What is said of a state before the file of a test is what to test: "the list is empty where ... in `test_x.py`".
    """
    rest = [token.text for token in tokens[at + 1 :]]
    states = any(token.text in STATES or token.text in SUBORDINATORS for token in tokens)
    ends = (
        _is_last(tokens, at)
        or rest[0].endswith("ing")
        or (rest[0] in {"with", "for", "to"} and tokens[0].text not in DETERMINERS)
    )
    path = tokens[at].path
    if cue not in WITHIN or not ends or path is None or is_of_spec(path.path) or _said_in_brackets(tokens, at):
        return None
    is_test = not rest and _TEST_FILE.search(path.path) and at > 1
    passes = any(token.text in PASSES for token in tokens)
    return Verdict(Use.WRITES, cue, 0.6) if not states or (is_test and not passes) else None
