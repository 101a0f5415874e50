"""What a sentence that says what is to be done does with the file that it is about.

The order that opens it outweighs what any clause behind says of the file that it ends in: "Add a notice when the list
is empty in `x.py`". In a text that is only about what is to be done, such as a task's title, the first path is what the
work is about, whatever the language.
"""

from agent_server.analysis.words.mention_folders import Verdict
from agent_server.analysis.words.mention_words import (
    BY_HAND,
    CREATES,
    DATA_ENDINGS,
    GOES_ON,
    LABELS,
    NEGATIONS,
    OWNERS,
    PASSES,
    PLACES,
    REPORTED,
    STAND_IN,
    STATES,
    SUBORDINATORS,
    TRIALS,
    WHOLE,
    WHOLE_PROJECT,
    WITHIN,
    Use,
)
from agent_server.analysis.words.path_shapes import (
    BUILD_FILES,
    IN_PACKAGES,
    OF_EACH,
    WrittenPath,
    extension,
    is_of_spec,
)
from agent_server.analysis.words.sentences import (
    DASHES,
    TEST_FILE,
    Tokens,
    cue_before,
    is_last,
    said_in_brackets,
    verb_at,
    verb_before,
    word_before,
)

_AT_ROOT = frozenset({"project-root", "repo-root", "root", "root-level", "top-level"})

_TESTS = frozenset({"test", "tests", "unit-test", "unit-tests"})

CITED = Verdict(Use.CITES, "", 0.5)
"""What is said of a path where nothing is said."""


def ordered_first(tokens: Tokens, at: int, path: WrittenPath, verdict: Verdict, *, of_work: bool) -> Verdict | None:
    """What the order that opens a sentence does to the file that the sentence ends in, whatever stands between."""
    cue = cue_before(tokens, at)
    opening = _opening(tokens, path)
    if opening == "ensure" and (cue in STAND_IN or cue in WITHIN) and PASSES.isdisjoint(each.text for each in tokens):
        return Verdict(Use.WRITES, f"ensure {cue}", 0.6)
    is_listed = word_before(tokens, at) == ":" and not _is_label(tokens, at - 1)
    is_test = TEST_FILE.search(path.path) and not _TESTS.isdisjoint(each.text for each in tokens[:4])
    is_kept = verdict.word.startswith("not") and not (of_work and (is_test or _is_without(tokens, at)))
    is_source = verdict.use is Use.READS and (extension(path.path) in DATA_ENDINGS or is_of_spec(path.path))
    is_aside = is_kept or is_source or said_in_brackets(tokens, at)
    if verdict.use is Use.WRITES or opening in {None, "ensure"} or is_aside:
        return None
    ends = is_last(tokens, at) or tokens[at + 1].text in GOES_ON
    is_where = cue in WITHIN or cue == "only in" or is_listed or word_before(tokens, at) == "("
    return Verdict(Use.WRITES, str(opening), 0.7) if ends and is_where else None


def _opening(tokens: Tokens, path: WrittenPath) -> str | None:
    """The verb that opens a sentence, if it writes or ensures something. "Tests for x in `test_x.py`" asks for them."""
    if _is_trial(tokens):
        return "test"
    found = verb_at(tokens, 0)
    if found is None or found[0] in _TESTS:
        is_test = TEST_FILE.search(path.path) and not _TESTS.isdisjoint(each.text for each in tokens[:4])
        return "test" if is_test else None
    return found[0] if found[1] is Use.WRITES or found[0] == "ensure" else None


def _is_trial(tokens: Tokens) -> bool:
    """Whether a label opens the sentence after which stands what is measured or tried: "Benchmark: compare both"."""
    words = [token.text for token in tokens[:4]]
    return ":" in words[1:] and TRIALS.issuperset(words[: words.index(":")])


def _is_label(tokens: Tokens, colon: int) -> bool:
    return colon > 0 and tokens[colon - 1].text in LABELS


def _is_without(tokens: Tokens, at: int) -> bool:
    """Whether all that is negated is what something is done without: "add the field without new imports in `x.py`"."""
    return not any(token.text in NEGATIONS - {"without"} for token in tokens[:at])


def done_by_work(tokens: Tokens, at: int, path: WrittenPath, verdict: Verdict) -> Verdict | None:
    """What is done to the path that the work is about: where nothing is said of it, or all that is said is in it."""
    if at == 0 and len(tokens) > 1 and tokens[1].text in DASHES and verdict.use is Use.READS:
        return Verdict(Use.WRITES, tokens[1].text, 0.6)
    is_told = STATES.isdisjoint(token.text for token in tokens[:at])
    if verdict.word in REPORTED and verb_before(tokens, at) is None and is_told:
        return Verdict(Use.WRITES, verdict.word, 0.6)
    return Verdict(Use.WRITES, "", 0.5) if verdict == CITED and _is_work(tokens, at, path) else None


def _is_work(tokens: Tokens, at: int, path: WrittenPath) -> bool:
    """Whether a path of which nothing is said is what the work is about."""
    before = [token.text for token in tokens[:at]]
    if is_of_spec(path.path) or (before[:1] and before[0] in BY_HAND):
        return False
    if not (STATES | PASSES).isdisjoint(token.text for token in tokens[at + 1 : at + 3]):
        return False
    if not SUBORDINATORS.isdisjoint(before):
        return cue_before(tokens, at) in WITHIN and is_last(tokens, at)
    return not said_in_brackets(tokens, at)


def is_vague(tokens: Tokens, at: int, path: WrittenPath, verdict: Verdict) -> bool:
    """Whether it is left open which files are meant.

    A folder is only where something is done: in it, or something that is new. What is done to all that lies in it is
    done to the folder. A `package.json` that is made with a new package is that of the package, wherever that lies, and
    so are "the backend package.json" and "the Dockerfile for" something.
    """
    is_new = verdict.word in CREATES or not verdict.word
    if path.sure and not path.path.endswith("/"):
        if "/" not in path.path and word_before(tokens, at) in OWNERS and OF_EACH.fullmatch(path.path):
            return True
        is_one = "/" not in path.path or word_before(tokens, at) in {"a", "an"}
        is_own = is_one and verdict.word in CREATES and bool(OF_EACH.fullmatch(path.path.rpartition("/")[2]))
        is_at_root = cue_before(tokens, at) or not WHOLE_PROJECT.isdisjoint(each.text for each in tokens)
        return path.path in IN_PACKAGES or (is_own and not is_at_root)
    if path.path in BUILD_FILES:
        is_own = at + 1 < len(tokens) and tokens[at + 1].text == "for"
        return is_own or (is_new and not cue_before(tokens, at))
    return is_new or (cue_before(tokens, at) in PLACES and WHOLE.isdisjoint(token.text for token in tokens[:at]))


def is_at_root(tokens: Tokens, at: int, path: WrittenPath) -> bool:
    """Whether words say that a bare name lies at the root: "the root `Makefile`", "`Makefile` at the project root"."""
    if "/" in path.path:
        return False
    before = [token.text for token in tokens[max(0, at - 2) : at]]
    behind = [token.text for token in tokens[at + 1 : at + 5]]
    is_behind = behind[:1] in (["at"], ["in"]) and not _AT_ROOT.isdisjoint(behind[1:])
    is_behind = is_behind or behind[:3] == ["(", "root", ")"]
    return not _AT_ROOT.isdisjoint(before[-1:]) or before == ["root", "level"] or is_behind


def is_one_file(path: WrittenPath) -> bool:
    """Whether a path is that of a file in its folder, and of none that each of several packages has."""
    folder, _, name = path.path.rpartition("/")
    return path.sure and bool(folder and name) and not OF_EACH.fullmatch(name)
