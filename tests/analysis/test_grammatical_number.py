import pytest

from agent_server.analysis.imports.grammatical_number import plural, singular


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("invoice", "invoices"),
        ("room", "rooms"),
        ("entry", "entries"),
        ("key", "keys"),
        ("address", "addresses"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("cache", "caches"),
        ("case", "cases"),
        ("status", "statuses"),
        ("size", "sizes"),
        ("movie", "movies"),
        ("extra", "extras"),
        ("todo", "todos"),
        ("menu", "menus"),
        ("canvas", "canvases"),
        ("person", "people"),
        ("index", "indices"),
    ],
)
def test_each_number_of_a_word_gives_the_other(one: str, many: str) -> None:
    assert (plural(one), singular(many)) == (many, one)


@pytest.mark.parametrize("word", ["news", "settings", "data", "css", "https"])
def test_some_words_have_one_number(word: str) -> None:
    assert (plural(word), singular(word)) == (None, None)


@pytest.mark.parametrize("word", ["access", "status", "analysis", "alias", "bus", "gas"])
def test_a_word_that_ends_in_s_may_be_a_singular(word: str) -> None:
    assert singular(word) is None
