"""The words of files: put, put again, removed, and asked for."""

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.workspace.index import lexical


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    lexical.create(connection)
    yield connection
    connection.close()


def everything(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT term, doc, col FROM lexical_holders").fetchall()


def test_the_tables_may_be_made_twice(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "a.py", "text", ())
    lexical.create(connection)
    assert lexical.naming(connection, ("text",)) == ("a.py",)


def test_files_that_hold_all_words_are_found(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "z.ts", "import { clay_wiki } from './hub'", ())
    lexical.put(connection, "a.ts", "clay_wiki, Hub", ())
    lexical.put(connection, "b.ts", "clay_wiki alone", ())
    assert lexical.naming(connection, ("Clay_Wiki", "hub")) == ("a.ts", "z.ts")
    assert lexical.naming(connection, ("clay_wiki", "nowhere")) == ()


def test_a_word_is_whole(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "a.ts", "clay_wiki clayPot", ())
    assert lexical.naming(connection, ("clay",)) == ()
    assert lexical.naming(connection, ("wiki",)) == ()
    assert lexical.naming(connection, ("claypot",)) == ("a.ts",)


def test_the_path_is_no_text(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "hub.ts", "", ("hub",))
    assert lexical.naming(connection, ("hub",)) == ()


@pytest.mark.parametrize("word", ["größe", "Größe", "变量", "naïve_name", "x2", "_"])
def test_words_of_every_script_are_found(connection: sqlite3.Connection, word: str) -> None:
    lexical.put(connection, "a.py", f"before {word} = 1", ())
    assert lexical.naming(connection, (word,)) == ("a.py",)


@pytest.mark.parametrize("words", [(), ("",), ("!",), ('"', "'")])
def test_no_word_finds_no_file(connection: sqlite3.Connection, words: tuple[str, ...]) -> None:
    lexical.put(connection, "a.py", "a ! \" '", ())
    assert lexical.naming(connection, words) == ()


@pytest.mark.parametrize("word", ["AND", "NOT", "NEAR", "words"])
def test_words_of_the_query_language_are_words(connection: sqlite3.Connection, word: str) -> None:
    lexical.put(connection, "a.py", f"x {word} y", ())
    assert lexical.naming(connection, (word, "x")) == ("a.py",)


def test_definitions_are_names_in_code_and_not_in_prose(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "a.kt", "internal class ClayPot", ())
    lexical.put(connection, "b.go", "func (p *Plan) readTokens() {}", ())
    lexical.put(connection, "c.md", "A class ClayPot is a class apart.", ())
    names = "SELECT term, path FROM lexical_holders JOIN lexical_files ON id = doc WHERE col = 'names' ORDER BY 1, 2"
    found = connection.execute(names).fetchall()
    assert found == [
        ("clay", "a.kt"),
        ("claypot", "a.kt"),
        ("pot", "a.kt"),
        ("read", "b.go"),
        ("readtokens", "b.go"),
        ("token", "b.go"),
    ]


def test_a_file_put_again_forgets_its_old_words(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "a.py", "old words", ("old_name",))
    lexical.put(connection, "a.py", "new words", ())
    assert lexical.naming(connection, ("old",)) == ()
    assert lexical.naming(connection, ("new",)) == ("a.py",)


def test_a_removed_file_leaves_nothing(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "a.py", "some words " * 20, ("name",))
    lexical.remove(connection, "a.py")
    lexical.remove(connection, "never.py")
    assert everything(connection) == []
    assert connection.execute("SELECT count(*) FROM lexical_files").fetchone() == (0,)


def test_a_path_that_is_not_utf8_is_passed_over(connection: sqlite3.Connection) -> None:
    lexical.put(connection, "caf\udce9.py", "word", ())
    lexical.remove(connection, "caf\udce9.py")
    assert lexical.naming(connection, ("word",)) == ()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.text(max_size=40)), max_size=12))
def test_any_order_of_changes_leaves_what_the_last_ones_say(changes: list[tuple[str, str | None]]) -> None:
    grown, fresh = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    lexical.create(grown)
    lexical.create(fresh)
    last: dict[str, str] = {}
    for path, text in changes:
        if text is None:
            lexical.remove(grown, path)
            last.pop(path, None)
        else:
            lexical.put(grown, path, text, ())
            last[path] = text
    for path, text in last.items():
        lexical.put(fresh, path, text, ())
    held = "SELECT term, path, col FROM lexical_holders JOIN lexical_files ON id = doc ORDER BY 1, 2, 3"
    assert grown.execute(held).fetchall() == fresh.execute(held).fetchall()
    grown.close()
    fresh.close()
