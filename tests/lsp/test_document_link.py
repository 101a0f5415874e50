from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from agent_server.lsp.features.document_link import document_link
from tests.lsp.cursor import URI, plan_at

FILES = {"src/nav.py": "", "src/data/rows.py": "ROWS = 1\n", "src/a b.py": ""}


def linked(text: str, files: Mapping[str, str] = FILES, **client: Any) -> list[tuple[str, str, str | None]]:
    plan, _ = plan_at(text, files, **client)
    found = document_link(plan, types.DocumentLinkParams(types.TextDocumentIdentifier(URI)))
    return [(plan.span(link.range).of(plan.document.text), link.target or "", link.tooltip) for link in found]


def test_paths_in_fields_and_prose_open_their_files() -> None:
    text = "## a\n- writes: `src/nav.py`, `src/new.py`\n- reads: src/a b.py\n\nAs in `src/nav.py` and src/nav.py.\n"
    assert linked(text) == [
        ("src/nav.py", "file:///w/src/nav.py", None),
        ("src/a b.py", "file:///w/src/a%20b.py", None),
        ("src/nav.py", "file:///w/src/nav.py", None),
        ("src/nav.py", "file:///w/src/nav.py", None),
    ]


def test_a_module_and_a_bare_name_open_the_file_that_they_mean() -> None:
    text = "## a\n- writes: `src/x.py`\n- imports: `src.data.rows`\n\nFollow nav.py.\n"
    assert [(shown, target) for shown, target, _ in linked(text)] == [
        ("src.data.rows", "file:///w/src/data/rows.py"),
        ("nav.py", "file:///w/src/nav.py"),
    ]


def test_a_glob_opens_nothing_nor_does_what_is_only_implied() -> None:
    files = {"src/nav.py": "", "package.json": "{}", "package-lock.json": "{}"}
    assert linked("## a\n- writes: `src/*.py`, `!src/nav.py`\n\n## b: Add the lodash dependency\n", files) == []


def test_tasks_of_one_id_and_tasks_that_are_done_have_links_too() -> None:
    text = (
        "## a\n- writes: `src/nav.py`\n\n## a\n- writes: `src/nav.py`\n\n## b\n- reads: `src/nav.py`\n- status: done\n"
    )
    assert len(linked(text)) == 3


def test_a_client_that_shows_tooltips_gets_them() -> None:
    ((_, _, tooltip),) = linked("## a\n- writes: `src/nav.py`\n", link_tooltips=True)
    assert tooltip == "Open src/nav.py"
