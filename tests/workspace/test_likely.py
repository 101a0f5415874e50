"""The likely files of a task, from the words of a small workspace and its past."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_server.analysis.questions import Likelihood, Likely
from agent_server.analysis.tree import Tree
from agent_server.workspace.index import history, lexical
from agent_server.workspace.index.likely import likely
from tests.workspace.disk import git, plant

FILES = {
    "README.md": "How to read plans and print them.",
    "plan/parser.py": "def parse_plan(text):\n    return [token for token in tokens(text)]\n",
    "plan/printer.py": "class Printer:\n    def print_plan(self, plan, lines):\n        return lines\n",
    "plan/clock.py": "def now():\n    return 0\n",
    "tests/test_parser.py": "from plan.parser import parse_plan\n",
    "tests/test_printer.py": "from plan.printer import Printer\n",
    **{f"site/page_{number}.html": f"<p>page {number}</p>" for number in range(20)},
}
NAMES = {"plan/parser.py": ("parse_plan",), "plan/printer.py": ("Printer",), "plan/clock.py": ("now",)}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    lexical.create(connection)
    for path, text in FILES.items():
        lexical.put(connection, path, text, NAMES.get(path, ()))
    yield connection
    connection.close()


def ask(connection: sqlite3.Connection, text: str, files: tuple[str, ...] = tuple(FILES)) -> tuple[Likelihood, ...]:
    return likely(connection, Tree(files), Likely(text))


def commit(root: Path, message: str, *paths: str) -> None:
    for path in paths:
        plant(root, {path: FILES[path] + f"{message}\n"})
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


@pytest.fixture
def past(root: Path, connection: sqlite3.Connection) -> sqlite3.Connection:
    git(root, "init", "--quiet")
    for number in range(10):
        commit(root, f"Read durations, part {number}", "plan/clock.py", "README.md")
        commit(root, f"Colour pages, part {number}", f"site/page_{number}.html")
    history.refresh(connection, root)
    return connection


def test_without_a_past_words_tell(connection: sqlite3.Connection) -> None:
    found = ask(connection, "Make the printer wrap long lines")
    assert {found[0].path, found[1].path} == {"plan/printer.py", "tests/test_printer.py"}
    assert "its path says `printer`" in found[0].because


def test_an_identifier_leads_to_who_defines_it(connection: sqlite3.Connection) -> None:
    found = ask(connection, "Let `parse_plan` accept bytes")
    assert found[0].path == "plan/parser.py"
    assert "it defines `parse_plan`" in found[0].because


def test_commits_like_the_task_lead_to_their_files(past: sqlite3.Connection) -> None:
    found = {likelihood.path: likelihood for likelihood in ask(past, "Durations in weeks")}
    assert "plan/clock.py" in found
    assert "commits about `durations` touched it" in found["plan/clock.py"].because


def test_without_its_past_the_same_task_leads_nowhere(connection: sqlite3.Connection) -> None:
    assert ask(connection, "Durations in weeks") == ()


def test_only_files_that_exist_are_told(past: sqlite3.Connection) -> None:
    left = tuple(path for path in FILES if path != "plan/clock.py")
    assert "plan/clock.py" not in {found.path for found in ask(past, "Durations in weeks", left)}


def test_answers_are_few_sorted_and_worth_telling(past: sqlite3.Connection) -> None:
    found = ask(past, "Colour pages and durations of plans in the printer and the parser, with tests and a README")
    probabilities = [likelihood.probability for likelihood in found]
    assert 0 < len(found) <= 10
    assert probabilities == sorted(probabilities, reverse=True)
    assert min(probabilities) >= 0.05


@pytest.mark.parametrize(
    "text", ["", "\n", "the of and", '"; DROP TABLE lexical_files; --', "* NEAR(", "a" * 100_000, "\ud800"]
)
def test_any_text_may_be_asked(past: sqlite3.Connection, text: str) -> None:
    assert isinstance(ask(past, text), tuple)


def test_an_empty_index_knows_nothing() -> None:
    connection = sqlite3.connect(":memory:")
    lexical.create(connection)
    assert ask(connection, "Make the printer wrap long lines") == ()
    history.create(connection)
    assert ask(connection, "Make the printer wrap long lines") == ()
    connection.close()
