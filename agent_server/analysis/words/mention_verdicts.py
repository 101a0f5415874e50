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

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent_server.analysis.words.mention_folders import Used, Verdict, in_their_folders
from agent_server.analysis.words.mention_words import (
    ASIDES,
    CHECKS,
    CODES,
    COPIES_TO,
    CUES,
    DATA_ENDINGS,
    DETERMINERS,
    DOCUMENT_ENDINGS,
    DOCUMENTS,
    GOES_ON,
    LABELS,
    LIST_WORDS,
    MAKES,
    MARKS,
    NEGATIONS,
    OBLIGES,
    PASSES,
    PLACES,
    RELATING,
    RELATIVE,
    REPLACING,
    REPORTING,
    SAMPLES,
    SOURCES,
    STATES,
    STAYS,
    SUBORDINATORS,
    TAKERS,
    TAKES_FROM,
    TAKES_OF,
    TESTED,
    WITHIN,
    WORKS,
    Use,
)
from agent_server.analysis.words.mention_work import (
    CITED,
    done_by_work,
    is_at_root,
    is_one_file,
    is_vague,
    ordered_first,
)
from agent_server.analysis.words.other_languages import foreign_use, is_copied_out, is_foreign_source
from agent_server.analysis.words.path_shapes import WrittenPath, extension, is_of_spec
from agent_server.analysis.words.sentences import (
    ARROW,
    DASHES,
    GERUNDS,
    PATH,
    TEST_FILE,
    VERB_FORMS,
    Tokens,
    cue_before,
    is_due,
    is_last,
    label,
    label_before,
    open_bracket,
    outside_brackets,
    said_in_brackets,
    verb_at,
    verb_before,
    word_before,
)

_UNSPACED_SAMPLES = tuple(word for word in sorted(SAMPLES) if not word.isascii())
"""Those of languages that put no space behind a word."""


def verdicts(
    tokens: Tokens, lead: Verdict | None = None, *, of_work: bool = False, is_part: bool = False
) -> Iterator[Used]:
    """Every path of a sentence, and what the sentence does with it. `lead` is what the line above its list says.

    A sentence `of_work` says what is to be done; one that `is_part` of it opens with the file in which something is.
    """
    if not of_work and _is_note(tokens):
        yield from (Used(token.path, CITED, "", ()) for token in tokens if token.path is not None)
        return
    used = tuple(_used(tokens, lead, of_work=of_work))
    if is_part and used and used[0].verdict == CITED and _opens_part(tokens):
        used = (replace(used[0], verdict=_PART), *used[1:])
    yield from in_their_folders(tuple(_without_products(tuple(_without_replaced(used)))))


def _is_note(tokens: Tokens) -> bool:
    """Whether a label opens a sentence that tells what was found: "Verified: no `x` below `src/`", "Note: ...".

    A note may also order something: "Note: update `nav.py` first".
    """
    words = [token.text for token in tokens[:2]]
    orders = any(verb_at(tokens, place) for place in (2, 3))
    return words == ["verified", ":"] or (words == ["note", ":"] and not orders)


_PART = Verdict(Use.WRITES, ":", 0.5)
_KNOWN_FILE = frozenset(
    {"already", "context", "example", "existing", "input", "no", "not", "pattern", "read", "reference", "see", "source"}
    | {"template", "unchanged"}
)
"""Behind the file with which a list item opens, words that tell what is there."""


def _opens_part(tokens: Tokens) -> bool:
    """Whether a list item opens with the file that it is about: "`test_x.py`: an empty basket", "`page.tsx` (same)"."""
    behind = [token.text for token in tokens[1:]]
    if tokens[0].text != PATH or (behind and behind[0] not in _BEFORE_PART):
        return False
    verb = verb_at(tokens, 2) or verb_at(tokens, 3)
    return _KNOWN_FILE.isdisjoint(behind) and (verb is None or verb[1] is Use.WRITES or verb[0] in WORKS - {"validate"})


_BEFORE_PART = DASHES | {":", "("}


def asks_for_tests(tokens: Tokens) -> bool:
    """Whether what a task is called asks for tests of something: "Add tests for the parser", "Improve the coverage"."""
    words = [token.text for token in tokens[: _OPENING + 2]]
    return not _TESTING.isdisjoint(words[:1]) or (not _ADDING.isdisjoint(words[:1]) and not TESTED.isdisjoint(words))


_TESTING = frozenset({"test", "tests"})
_ADDING = frozenset({"add", "create", "expand", "extend", "implement", "improve", "increase", "write"})


def of_tested(used: Used) -> Used:
    """What a label says of a file in a task that asks for tests: it is the file to test, unless it holds tests."""
    path = used.path.path
    is_labelled = used.verdict.word in LABELS and used.verdict.use is Use.WRITES
    is_test = TEST_FILE.search(path) or extension(path) in _WITH_TESTS
    return replace(used, verdict=replace(used.verdict, use=Use.READS)) if is_labelled and not is_test else used


_WITH_TESTS = frozenset({"rs", "zig"})
"""Endings of files that hold the tests of what is in them."""


def is_order(tokens: Tokens) -> bool:
    """Whether what a task is called asks for work: most titles do, but those that begin by checking or running."""
    verb = verb_at(tokens, 0) or verb_at(tokens, 1)
    use = verb[1] if verb else foreign_use(tuple([token.text for token in tokens]), ())
    return use in {None, Use.WRITES}


def _without_replaced(used: Sequence[Used]) -> Iterator[Used]:
    """What is replaced in a file changes that file alone: "replace `old.vue` in `page.vue`"."""
    for each, behind in zip(used, (*used[1:], None), strict=False):
        is_replaced = each.verdict.word in REPLACING and behind is not None and behind.verdict == each.verdict
        is_file = behind is not None and behind.cue == "in" and extension(behind.path.path)
        yield replace(each, verdict=Verdict(Use.CITES, each.verdict.word, 0.7)) if is_replaced and is_file else each


def _without_products(used: Sequence[Used]) -> Iterator[Used]:
    """What a thing makes when it runs is not written by who builds it: "that generates `app.toml` in `cli/new.go`"."""
    is_product = False
    for at, each in enumerate(used):
        is_made = not MAKES.isdisjoint(each.between) and not RELATIVE.isdisjoint(each.between)
        is_product = "/" not in each.path.path and (is_made or (is_product and each.is_listed))
        is_built = is_product and any(behind.cue == "in" and "/" in behind.path.path for behind in used[at + 1 :])
        yield replace(each, verdict=Verdict(Use.CITES, each.verdict.word, 0.7)) if is_built else each


def _used(tokens: Tokens, lead: Verdict | None, *, of_work: bool) -> Iterator[Used]:
    last: tuple[int, Verdict] | None = None
    outer: tuple[int, Verdict] | None = None
    vague = False
    last_file: tuple[int, Verdict] | None = None
    written = False
    for at, token in enumerate(tokens):
        if token.path is None:
            continue
        between = outside_brackets(tokens, last[0] + 1 if last else 0, at)
        listed = _continued(tokens, last, outer, at)
        if last_file is not None and _is_citation(tokens, last_file, at):
            verdict = Verdict(Use.READS, "(", 0.8)
        elif listed is not None:
            verdict = listed
            vague = vague and not is_one_file(token.path)
        else:
            verdict = label_before(tokens, at) or _verdict(tokens, at, token.path, lead)
            if not written:
                verdict = ordered_first(tokens, at, token.path, verdict, of_work=of_work) or verdict
            if of_work and not written:
                verdict = done_by_work(tokens, at, token.path, verdict) or verdict
            vague = is_vague(tokens, at, token.path, verdict)
            same = last_file is not None and last_file[1] == verdict and verdict.use is Use.WRITES
            aside = _aside(tokens, last_file[0], at) if last_file is not None and same else None
            verdict = aside or verdict
        if _is_description(tokens, at) or _is_remark(tokens, at):
            verdict = CITED
        last = at, verdict
        outer = last if open_bracket(tokens, at) is None else outer
        last_file = last if token.path.sure and verdict.word != "(" else last_file
        written = written or (token.path.sure and verdict.use is Use.WRITES)
        yield Used(token.path, verdict, cue_before(tokens, at), between, vague, is_at_root(tokens, at, token.path))


def _continued(
    tokens: Tokens, last: tuple[int, Verdict] | None, outer: tuple[int, Verdict] | None, at: int
) -> Verdict | None:
    """The verdict of the list that a path continues. What stood in brackets is none of it: "`x` (see `y`), `z`"."""
    if last is None:
        return None
    is_closed = outer is not None and open_bracket(tokens, last[0]) not in {None, open_bracket(tokens, at)}
    before = outer if is_closed and outer is not None else last
    between = outside_brackets(tokens, before[0] + 1, at)
    if not between and _is_words(tokens[before[0]].path) and not _is_words(tokens[at].path):
        return None  # Words with slashes between them, and right behind them a path: "labels for date/title `x.ts`".
    return before[1] if _is_listed(between) or _goes_on(before[1], between) else None


def _is_words(path: WrittenPath | None) -> bool:
    return path is not None and not path.sure


def _is_remark(tokens: Tokens, at: int) -> bool:
    """Whether brackets say how things are: "Set up the theme (the framework reads its colours from `theme.css`)"."""
    start = open_bracket(tokens, at)
    return start is not None and any(
        token.text in STATES or VERB_FORMS.get(token.text, _NO_FORM)[1:] == (Use.READS, "s")
        for token in tokens[start + 2 : at]
    )


_NO_FORM = ("", Use.CITES, "")


def _is_description(tokens: Tokens, at: int) -> bool:
    """Whether a bare name only says what sort of thing something is: "a spec.md sample in `fixtures/valid.md`"."""
    path = tokens[at].path
    behind = tokens[at + 1].text if at + 1 < len(tokens) else ""
    is_sample = behind in SAMPLES or behind.startswith(_UNSPACED_SAMPLES)
    if path is None or "/" in path.path:
        return False
    if behind in TAKERS and not cue_before(tokens, at):
        return True
    if not is_sample:
        return False
    return any(each.path is not None and each.path.sure and "/" in each.path.path for each in tokens[at + 2 :])


def _is_citation(tokens: Tokens, file: tuple[int, Verdict], at: int) -> bool:
    """Whether a document behind the file that is written only tells what that rests on: "in `x.py` (design.md 2)".

    In brackets every document does, without them those of the spec: behind a dash, or where a part of one is named.
    Where a verb stands between them, that decides.
    """
    written, path = tokens[file[0]].path, tokens[at].path
    if written is None or path is None or file[1].use is not Use.WRITES or written.path.endswith("/"):
        return False
    is_named_again = f"/{path.path}".endswith(f"/{written.path}")
    bracket = open_bracket(tokens, at)
    start = file[0] if bracket is None or bracket < file[0] else bracket
    if is_named_again or is_of_spec(written.path) or any(verb_at(tokens, index) for index in range(start + 1, at)):
        return False
    if start != file[0]:
        return is_of_spec(path.path) or extension(path.path) in DOCUMENT_ENDINGS - {extension(written.path)}
    between = [token.text for token in tokens[start + 1 : at]]
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    is_part = after[:1].isalnum() and after not in GOES_ON and after not in LIST_WORDS
    is_apart = not between or between[-1] in DASHES or between[-1] == ARROW
    return is_of_spec(path.path) and (is_apart or (between == [","] and is_part))


def _is_listed(between: Sequence[str]) -> bool:
    """Whether a path only continues a list: "`x.py` and `y.py`", "`x.py` + details `y.py`"."""
    words = between[:1] if len(between) == 2 and between[0] == "+" and between[1] not in VERB_FORMS else between
    return all(word in LIST_WORDS for word in words)


def _goes_on(verdict: Verdict, between: Sequence[str]) -> bool:
    """Whether a list of files that are read goes on: "per `api.md` on errors and `style.md`"."""
    words = [word for word in between if word in VERB_FORMS or word in CUES]
    return (
        verdict.use is Use.READS and verdict.word in CUES and not words and len(between) <= 4 and between[-1] == "and"
    )


def _aside(tokens: Tokens, earlier: int, at: int) -> Verdict | None:
    """What becomes of a file that is no object of its verb, since an earlier file is: "add `x.py` to match `y.py`".

    What a folder is made with lies in it, and a file may be named once more with the folder that it lies in.
    """
    before, path = tokens[earlier].path, tokens[at].path
    if before is None or path is None or f"/{path.path}".endswith(f"/{before.path}"):
        return None
    cue, between = cue_before(tokens, at), outside_brackets(tokens, earlier + 1, at)
    if cue in PLACES:
        last = next((index for index in range(len(between) - 1, -1, -1) if between[index] == cue), len(between))
        opening = RELATIVE if cue_before(tokens, earlier) else RELATIVE | {"to"}
        return None if opening.isdisjoint(between[:last]) else Verdict(Use.CITES, "that", 0.7)
    if before.path.endswith("/"):
        return None
    pairs = zip(("", *between), between, strict=False)
    relating = next((word for previous, word in pairs if _relates(word) and previous not in GERUNDS), None)
    if relating is not None:
        return Verdict(Use.READS, relating, 0.7)
    return None if ASIDES.isdisjoint(between) else Verdict(Use.CITES, "with", 0.7)


def _relates(word: str) -> bool:
    """Whether a participle says what a thing rests on: of a verb that changes nothing, or of one of `RELATING`."""
    return word.endswith("ing") and (word not in VERB_FORMS or VERB_FORMS[word][0] in RELATING)


def leading(tokens: Tokens) -> Verdict | None:
    """What a line that ends with a colon says of the list below it; None for any other line."""
    if not tokens or tokens[-1].text != ":":
        return None
    return verb_before(tokens, len(tokens) - 1) or label(tokens)


def _verdict(tokens: Tokens, at: int, path: WrittenPath, lead: Verdict | None) -> Verdict:
    cue = cue_before(tokens, at)
    use = CUES.get(cue)
    if not cue and at > 1 and tokens[at - 2].text in NEGATIONS and tokens[at - 1].text not in VERB_FORMS:
        return Verdict(Use.CITES, "not", 0.9)  # Whatever that verb means, it is not to happen.
    verb = verb_before(tokens, at, purposes=cue not in PLACES, clauses=cue != "at")
    if use is not None:
        takes = cue == "from" and verb is not None and _takes_from(verb.word, path)
        return verb if takes and verb is not None else Verdict(use, cue, 0.9)
    if verb is not None and _comes_of(tokens, at, verb.word, path):
        return Verdict(Use.READS, "of", 0.8)
    if _is_source(tokens, at, path, verb) and not label(tokens[:2]):
        return Verdict(Use.READS, "(", 0.8)
    if verb is not None:
        return _placed(tokens, path, cue, verb) if cue or verb.word == "test" else verb
    return (
        _verdict_after(tokens, at, cue)
        or label(tokens[:at])
        or lead
        or _report(tokens, at, cue)
        or _foreign(tokens, at, path)
        or _bare_phrase(tokens, at, cue)
        or CITED
    )


def _report(tokens: Tokens, at: int, cue: str) -> Verdict | None:
    """What an order to write something down does, though its verb may be a noun: ", and document results in `x.md`"."""
    if cue not in PLACES or not is_last(tokens, at):
        return None
    for index in range(at - 2, 0, -1):
        word = tokens[index].text
        if word in REPORTING and word_before(tokens, index) in {"and", ","}:
            return Verdict(Use.WRITES, word, 0.7)
        if word == PATH or word in SUBORDINATORS or word in NEGATIONS:
            return None
    return None


def _foreign(tokens: Tokens, at: int, path: WrittenPath) -> Verdict | None:
    """What verbs of other languages do with a path; who checks something in the file of a test writes a test."""
    before, behind = outside_brackets(tokens, 0, at), outside_brackets(tokens, at + 1, len(tokens))
    use = foreign_use(before, behind)
    is_code = bool(extension(path.path)) and extension(path.path) not in DOCUMENT_ENDINGS
    if use is Use.READS and TEST_FILE.search(path.path) and is_code and not is_foreign_source(before, behind):
        use = Use.WRITES
    if use is Use.WRITES and extension(path.path) in DATA_ENDINGS and is_copied_out(before, behind):
        use = Use.READS
    return Verdict(use, "", 0.7) if use else None


def _is_source(tokens: Tokens, at: int, path: WrittenPath, verb: Verdict | None) -> bool:
    """Whether brackets tell what something rests on: "(see the notes in `x.py`)", "Add a route (contracts/api.md)"."""
    start = open_bracket(tokens, at)
    if start is None or tokens[start + 1].text in SOURCES:
        return start is not None
    is_ordered = any(verb_at(tokens, index) for index in range(start + 1, at))
    is_written = verb is not None and verb.word in DOCUMENTS and (is_ordered or not said_in_brackets(tokens, at))
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
    is_data = word_before(tokens, at) == "of" and extension(path.path) in DATA_ENDINGS
    return is_data and verb in TAKES_OF and PLACES.isdisjoint(near)


def _placed(tokens: Tokens, path: WrittenPath, cue: str, verb: Verdict) -> Verdict:
    """What a verb does to a path that says where: "copy the entries to `x.py`", "test the parser in `test_x.py`"."""
    if verb.word == "copy" and cue in COPIES_TO:
        return Verdict(Use.WRITES, f"copy {cue}", 0.9)
    asks_for_test = verb.word in CHECKS and (cue == "in" or verb.word == "test") and TEST_FILE.search(path.path)
    if asks_for_test and not any(token.text in PASSES for token in tokens):
        return Verdict(Use.WRITES, f"{verb.word} {cue}".strip(), 0.7)
    if verb.word == "ensure" or (verb.word in CODES and extension(path.path) not in DATA_ENDINGS):
        return Verdict(Use.WRITES, f"{verb.word} {cue}", 0.6)
    return verb


def _verdict_after(tokens: Tokens, at: int, cue: str) -> Verdict | None:
    """What the words after a path make of it, where nothing before it does."""
    after = [token.text for token in tokens[at + 1 : at + 5]]
    if not after:
        return None
    order = _order_after(tokens, at) if cue in PLACES and after[0] != "(" else None
    if order is not None:
        return order
    if after[0] == "(":
        mark = next((words for words in (*after[1:3], " ".join(after[1:3])) if words in MARKS), None)
        return Verdict(MARKS[mark], mark, 0.8) if mark else None
    if after[0] == ":" or after[0] in DASHES:
        verb = verb_at(tokens, at + 2) or verb_at(tokens, at + 3)
        return Verdict(Use.WRITES, verb[0], 0.8) if verb and verb[1] is Use.WRITES else None
    due = any(is_due(tokens, at + ahead) and verb_at(tokens, at + ahead) for ahead in range(3, 6))
    if after[0] in OBLIGES and (due or not STAYS.intersection(after[1:3])):
        return Verdict(Use.WRITES, after[0], 0.7)
    return None


def _order_after(tokens: Tokens, at: int) -> Verdict | None:
    """What the order behind the place that it is for does: "in `nav.py`, add the link"."""
    behind = [token.text for token in tokens[at + 1 : at + 4]]
    if not NEGATIONS.isdisjoint(behind):
        return Verdict(Use.CITES, "not", 0.8)
    ahead = next((at + step for step in (1, 2, 3) if verb_at(tokens, at + step)), at)
    if ahead == at and behind[0] == "," and at <= _OPENING:
        ahead = next((place + 1 for place in _commas(tokens, at + 1) if verb_at(tokens, place + 1)), at)
    verb = verb_at(tokens, ahead) if ahead > at and not tokens[ahead].text.endswith("ing") else None
    if verb is None or (verb[1] is Use.CITES and behind[0] != ","):
        return None
    return Verdict(Use.WRITES if verb[0] in WORKS else verb[1], verb[0], 0.8)


_OPENING = 2
"""So many words stand at most before the place with which a sentence opens: "in the `nav.py`, ..."."""


def _commas(tokens: Tokens, start: int) -> Iterator[int]:
    return (index for index in range(start, len(tokens)) if tokens[index].text == ",")


def _bare_phrase(tokens: Tokens, at: int, cue: str) -> Verdict | None:
    """The verdict for "Unit tests in `x.py`": a phrase that tells of no state, and ends with its path.

    What is said of a state before the file of a test is what to test: "the list is empty where ... in `test_x.py`".
    """
    rest = [token.text for token in tokens[at + 1 :]]
    states = any(token.text in STATES or token.text in SUBORDINATORS for token in tokens)
    ends = (
        is_last(tokens, at)
        or rest[0].endswith("ing")
        or (rest[0] in {"with", "for", "to"} and tokens[0].text not in DETERMINERS)
    )
    path = tokens[at].path
    if cue not in WITHIN or not ends or path is None or is_of_spec(path.path) or said_in_brackets(tokens, at):
        return None
    is_test = not rest and TEST_FILE.search(path.path) and at > 1
    passes = any(token.text in PASSES for token in tokens)
    return Verdict(Use.WRITES, cue, 0.6) if not states or (is_test and not passes) else None
