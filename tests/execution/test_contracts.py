from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.analysis.model import Contract
from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.changes.harvest import Harvest
from agent_server.execution.runs.contracts import unkept
from agent_server.plan.text import Span


def contract(path: str, *names: str) -> Contract:
    return Contract("hub", "data", path, path, names, None, Span(0, 0))


def wrote(folder: Path, path: str, text: str) -> dict[str, Harvest]:
    content = folder / "content"
    content.write_text(text)
    change = Change(path, ChangeKind.CREATE, FileType.FILE, None, "new", content)
    return {"data": Harvest((change,), ()), "hub": Harvest((), ())}


@pytest.mark.parametrize(
    "text",
    [
        "WIKI = 1\n",
        "WIKI: int = 1\n",
        "def WIKI(): ...\n",
        "class WIKI: ...\n",
        "from elsewhere import WIKI\n",
        "import other as WIKI\n",
        "try:\n    WIKI, other = 1, 2\nexcept ValueError:\n    pass\n",
    ],
)
def test_a_name_that_a_module_binds_keeps_the_contract(tmp_path: Path, text: str) -> None:
    assert unkept([contract("data/wiki.py", "WIKI")], wrote(tmp_path, "data/wiki.py", text)) == ()


@pytest.mark.parametrize("text", ["", "# WIKI\n", "def f():\n    WIKI = 1\n", "class C:\n    WIKI = 1\n", "WIKI = (\n"])
def test_a_name_that_it_does_not_bind_breaks_it(tmp_path: Path, text: str) -> None:
    (problem,) = unkept([contract("data/wiki.py", "WIKI")], wrote(tmp_path, "data/wiki.py", text))
    assert problem.message == "`data/wiki.py`, as `data` wrote it, does not define `WIKI`, which others rely on."


def test_a_module_that_was_not_written_breaks_it(tmp_path: Path) -> None:
    (problem,) = unkept([contract("data/wiki.py", "WIKI")], wrote(tmp_path, "data/other.py", "WIKI = 1\n"))
    assert problem.message == "`data` did not write `data/wiki.py`, which `hub` imports."


@pytest.mark.parametrize(
    ("path", "text", "name", "near"),
    [
        ("wiki.ts", "export const clayEntries = [];\nconst secret = 1;\n", "clayEntries", "secret"),
        ("src/wiki.rs", "pub fn entries() {}\nfn secret() {}\n", "entries", "secret"),
        ("wiki.go", "package wiki\n\nfunc Entries() {}\nfunc secret() {}\n", "Entries", "secret"),
        ("Wiki.java", "package wiki;\n\npublic class Wiki {}\n", "Wiki", "Secret"),
    ],
)
def test_every_language_knows_its_own_exports(tmp_path: Path, path: str, text: str, name: str, near: str) -> None:
    made = wrote(tmp_path, path, text)
    assert unkept([contract(path, name)], made) == ()
    assert len(unkept([contract(path, near)], made)) == 1


def test_a_file_of_another_language_is_asked_for_the_word(tmp_path: Path) -> None:
    made = wrote(tmp_path, "wiki.lua", "return { entries = {} }\n")
    assert unkept([contract("wiki.lua", "entries")], made) == ()
    assert len(unkept([contract("wiki.lua", "entry")], made)) == 1


def test_what_a_module_passes_on_cannot_be_counted_and_keeps_the_contract(tmp_path: Path) -> None:
    assert unkept([contract("wiki.py", "WIKI")], wrote(tmp_path, "wiki.py", "from .clay import *\n")) == ()


def test_what_a_macro_makes_of_an_item_keeps_the_contract(tmp_path: Path) -> None:
    made = wrote(tmp_path, "wiki.rs", "#[derive(Builder)]\npub struct Wiki;\n")
    assert unkept([contract("wiki.rs", "WikiBuilder")], made) == ()


def test_a_package_that_is_a_folder_exports_what_any_of_its_files_does(tmp_path: Path) -> None:
    made = wrote(tmp_path, "internal/wiki/entries.go", "package wiki\n\nfunc Entries() {}\n")
    assert unkept([contract("internal/wiki/", "Entries")], made) == ()
    (problem,) = unkept([contract("internal/other/", "Entries")], made)
    assert problem.message == "`data` did not write `internal/other/`, which `hub` imports."


def test_tasks_of_other_waves_are_no_concern(tmp_path: Path) -> None:
    made = wrote(tmp_path, "data/wiki.py", "")
    del made["hub"]
    assert unkept([contract("data/wiki.py", "WIKI")], made) == ()


def test_what_several_tasks_miss_is_one_problem(tmp_path: Path) -> None:
    made = {**wrote(tmp_path, "data/wiki.py", ""), "nav": Harvest((), ())}
    others = replace(contract("data/wiki.py", "WIKI"), task="nav")
    (problem,) = unkept([contract("data/wiki.py", "WIKI"), others], made)
    assert (problem.producer, problem.tasks, problem.path) == ("data", ("hub", "nav"), "data/wiki.py")
