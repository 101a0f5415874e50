import warnings

import pytest

from agent_server.analysis.python_imports import Import, imports_of, is_standard, module_files


def test_both_forms_of_import_are_read_wherever_they_stand() -> None:
    source = """
import os
from data.knowledge import ENTRIES, find as find_entry

def late():
    from .shared import layout
"""
    assert {(found.module, found.names) for found in imports_of(source)} >= {
        ("os", ()),
        ("data.knowledge", ("ENTRIES", "find")),
        (".shared", ("layout",)),
    }


def test_a_star_names_nothing() -> None:
    assert imports_of("from data.knowledge import *\n") == (Import("data.knowledge"),)


def test_a_name_may_be_a_module_of_its_own() -> None:
    assert imports_of("from data import knowledge\nknowledge.entries()\n") == (
        Import("data", ("knowledge",)),
        Import("data.knowledge", ("entries",), perhaps=True),
    )
    assert Import(".knowledge", perhaps=True) in imports_of("from . import knowledge\n")


def test_a_module_that_is_imported_whole_gives_the_attributes_that_are_read_of_it() -> None:
    assert imports_of("import data.knowledge as k\nprint(k.ENTRIES, k.find)\n") == (
        Import("data.knowledge", ("ENTRIES", "find")),
    )
    assert imports_of("import data.knowledge\ndata.knowledge.find()\n") == (Import("data.knowledge", ("find",)),)


@pytest.mark.parametrize("source", ["def broken(:", "\0", "(" * 500])
def test_what_is_not_python_is_a_syntax_error(source: str) -> None:
    with pytest.raises(SyntaxError):
        imports_of(source)


def test_an_odd_escape_in_somebody_elses_source_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert imports_of("import re\nre.compile('\\d')\n") == (Import("re", ("compile",)),)


def test_an_absolute_module_may_start_at_the_root_at_src_or_above_its_importer() -> None:
    files = module_files("data.wiki", "backend/app/pages/hub.py")
    assert [file for file in files if file.endswith("wiki.py")] == [
        "data/wiki.py",
        "src/data/wiki.py",
        "backend/data/wiki.py",
        "backend/app/data/wiki.py",
        "backend/app/pages/data/wiki.py",
    ]
    assert "data/wiki/__init__.py" in files


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (".wiki", "site/pages/wiki.py"),
        ("..data.wiki", "site/data/wiki.py"),
        ("..", "site/__init__.py"),
    ],
)
def test_a_relative_module_starts_at_its_importers_package(module: str, expected: str) -> None:
    assert expected in module_files(module, "site/pages/hub.py")


def test_a_relative_module_above_the_root_means_nothing() -> None:
    assert module_files("...data", "pages/hub.py") == ()


def test_the_standard_library_is_known() -> None:
    assert is_standard("os.path")
    assert not is_standard("requests.adapters")
