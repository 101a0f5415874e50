"""The pure part of predicted writes: words, kinds of files, probabilities, reasons and pairs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.likelihood.kinds import Kind, kind_of, kinds_of_work, subject_of
from agent_server.analysis.likelihood.pairs import pair_score
from agent_server.analysis.likelihood.reasons import because
from agent_server.analysis.likelihood.score import Evidence, fading, probability, shares
from agent_server.analysis.likelihood.words import identifiers, spellings, stem, terms, weighted_terms

SHARE = st.floats(0, 1)
EVIDENCE = st.builds(
    Evidence,
    kind=st.sampled_from(Kind),
    path=SHARE,
    text=SHARE,
    covered=SHARE,
    past=SHARE,
    opening=SHARE,
    recent=SHARE,
    together=SHARE,
    changes=st.integers(0, 5000),
    length=st.integers(0, 100_000),
)


def test_identifiers_are_taken_apart_and_endings_dropped() -> None:
    assert list(terms("parsePlans HTTPServer")) == ["pars", "plan", "http", "server"]
    assert list(terms("clay_wikis utf8")) == ["clay", "wiki", "utf8"]


def test_filler_and_single_letters_are_no_terms() -> None:
    assert list(terms("This is the a b of x and of parsers")) == ["parser"]


@pytest.mark.parametrize(
    "words",
    [
        "route routes routed routing",
        "map maps mapped mapping",
        "class classes",
        "cache caches cached caching",
        "dependency dependencies",
        "index indexes indexed indexing",
        "test tests tested testing",
    ],
)
def test_forms_of_a_word_meet(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 1


@given(st.text(max_size=60))
def test_any_text_has_terms(text: str) -> None:
    assert all(term and " " not in term and "\n" not in term for term in terms(text))


def test_the_title_counts_more_than_the_rest() -> None:
    weights = weighted_terms("Parse tokens\n\nThe lexer splits tokens. See https://example.org/secret 0123456789abcdef")
    assert weights["token"] == 1.0
    assert 0 < weights["lexer"] < 1
    assert "secret" not in weights
    assert "0123456789abcdef" not in weights


def test_identifiers_are_what_is_spelled_as_code() -> None:
    text = "Let `run` call parse_plan and readTokens of HTTPServer, not the Parser."
    assert identifiers(text) == {
        "run": "run",
        "parse_plan": "parse_plan",
        "readtokens": "readTokens",
        "httpserver": "HTTPServer",
    }


def test_spellings_are_the_words_of_the_text() -> None:
    assert spellings("Routing of Plans")["rout"] == "routing"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/parser.py", Kind.SOURCE),
        ("tests/test_parser.py", Kind.TEST),
        ("parser_test.go", Kind.TEST),
        ("src/main/java/ParserTest.java", Kind.TEST),
        ("src/parser.spec.ts", Kind.TEST),
        ("src/latest.py", Kind.SOURCE),
        ("docs/guide.md", Kind.DOCUMENT),
        ("README.rst", Kind.DOCUMENT),
        ("CHANGELOG.md", Kind.CHANGELOG),
        (".changeset/brave-cats.md", Kind.CHANGELOG),
        ("package.json", Kind.MANIFEST),
        ("crates/cli/Cargo.toml", Kind.MANIFEST),
        ("Cargo.lock", Kind.LOCK),
        ("go.sum", Kind.LOCK),
        (".github/workflows/ci.yml", Kind.AUTOMATION),
        ("vendor/github.com/x/y.go", Kind.VENDORED),
        ("api/plan.pb.go", Kind.VENDORED),
    ],
)
def test_kinds_of_files(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind


def test_kinds_of_work_are_words_of_the_title() -> None:
    assert kinds_of_work("Add tests for the parser") == {Kind.TEST}
    assert kinds_of_work("docs: explain settings") == {Kind.DOCUMENT}
    assert kinds_of_work("Speed up the parser") == frozenset()


@pytest.mark.parametrize(
    "path", ["parser.py", "tests/test_parser.py", "parser_test.go", "ParserTest.java", "parser.test.ts"]
)
def test_a_test_is_about_what_it_tests(path: str) -> None:
    assert subject_of(path) == "parser"


@given(EVIDENCE)
def test_a_probability_is_one(evidence: Evidence) -> None:
    assert 0 < probability(evidence) < 1


@given(EVIDENCE, st.sampled_from(["path", "text", "covered", "past", "opening", "recent", "together"]))
def test_more_evidence_never_speaks_against_a_file(evidence: Evidence, name: str) -> None:
    assert probability(replace(evidence, **{name: 1.0})) >= probability(evidence)


def test_nothing_at_all_is_unlikely() -> None:
    assert probability(Evidence()) < 0.01


def test_an_old_commit_counts_less() -> None:
    assert fading(0) == 1.0
    assert fading(10) > fading(1000) > 0


def test_the_loudest_signals_are_the_reason() -> None:
    evidence = Evidence(path=1.0, past=0.8, words={"path": ("parser",), "past": ("token", "lexer"), "text": ("token",)})
    spelling = spellings("Parsers of tokens, lexer")
    assert because(evidence, spelling) == "commits about `tokens` and `lexer` touched it, and its path says `parsers`"


@given(EVIDENCE)
def test_there_is_always_a_reason(evidence: Evidence) -> None:
    assert because(evidence, {})


def test_shares_add_up_to_the_log_odds() -> None:
    less, more = Evidence(path=0.5), Evidence(path=1.0)
    assert sum(shares(more).values()) - sum(shares(less).values()) == pytest.approx(shares(more)["path"] / 2)


def test_two_tasks_with_one_likely_file_in_common() -> None:
    assert pair_score({"a": 0.5, "b": 0.9}, {"a": 0.5}) == pytest.approx(0.25)


def test_two_tasks_with_several() -> None:
    assert pair_score({"a": 0.5, "b": 0.5}, {"b": 0.5, "a": 0.5}) == pytest.approx(1 - 0.75 * 0.75)


def test_tasks_without_a_file_in_common_do_not_meet() -> None:
    assert pair_score({"a": 1.0}, {"b": 1.0}) == 0.0
    assert pair_score({}, {"b": 1.0}) == 0.0
