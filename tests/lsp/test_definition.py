from typing import Any

import pytest
from lsprotocol import types

from agent_server.lsp.features.definition import definition
from tests.lsp.cursor import URI, plan_at

PLAN = "# P\n\n## data: Data\n- writes: src/new.py\n\n## b: B\n- needs: data\n- reads: src/new.py, src/old/*.py\n"
FILES = {"src/old/x.py": "", "src/old/y.py": ""}


def defined(text: str, **client: Any) -> Any:
    plan, position = plan_at(text, FILES, **client)
    return definition(plan, types.DefinitionParams(types.TextDocumentIdentifier(URI), position))


def lines(found: Any) -> list[tuple[str, int]]:
    return [(location.uri, location.range.start.line) for location in found]


def test_an_id_leads_to_its_heading() -> None:
    assert lines(defined(PLAN.replace("needs: da", "needs: da$0"))) == [(URI, 2)]


def test_a_path_that_is_not_there_leads_to_the_task_that_creates_it() -> None:
    assert lines(defined(PLAN.replace("reads: src", "reads: src$0"))) == [(URI, 2)]


def test_a_glob_leads_to_its_files() -> None:
    assert lines(defined(PLAN.replace("src/old", "src/$0old"))) == [
        ("file:///w/src/old/x.py", 0),
        ("file:///w/src/old/y.py", 0),
    ]


def test_a_client_that_knows_links_gets_the_section_and_where_it_came_from() -> None:
    (link,) = defined(PLAN.replace("needs: da", "needs: da$0"), definition_links=True)
    assert link == types.LocationLink(
        target_uri=URI,
        target_range=types.Range(types.Position(2, 0), types.Position(5, 0)),
        target_selection_range=types.Range(types.Position(2, 3), types.Position(2, 7)),
        origin_selection_range=types.Range(types.Position(6, 9), types.Position(6, 13)),
    )


@pytest.mark.parametrize("text", ["# P$0\n", "## a: A\n- locks: d$0b\n"])
def test_what_is_defined_nowhere_leads_nowhere(text: str) -> None:
    assert defined(text) is None


def test_a_task_that_is_not_there_leads_nowhere() -> None:
    assert defined("## a: A\n- needs: no$0ne\n") == []
