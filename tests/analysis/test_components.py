import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.words.components import components


@pytest.mark.parametrize(
    ("title", "changed"),
    [
        # The place of the change.
        ("Add the badge to TileList", "TileList"),
        ("Add a delete button to `TileList`", "TileList"),
        ('Add a "Save all" button to TileList', "TileList"),
        ("Implement the save action in TileList using TileStore", "TileList"),
        ("Integrate TileRow into the TileList page", "TileList"),
        ("Show the total in `TileList.header()`", "TileList"),
        ("Paging in TileList: 20 rows", "TileList"),
        ("Add the paging to `TileList` and `KilnList`", "TileList KilnList"),
        # What is changed.
        ("Update TileList", "TileList"),
        ("Refactor the existing TileList and KilnList", "TileList KilnList"),
        ("Extend TileStore to use TileCache", "TileStore"),
        ("Update TileStore to create/update TileCache entries", "TileStore"),
        ("Create TileList component with a header", "TileList"),
        # Other languages.
        ("\u5728 TileList \u4e2d\u6dfb\u52a0\u5206\u9875", "TileList"),
        ("\u5be6\u4f5c\u5206\u9801\u65bc TileList", "TileList"),
        ("Configurar el papel en `TilePrinter::open()`", "TilePrinter"),
        # What is passed or stored goes elsewhere, what is used or checked stays as it is.
        ("Pass the tiles to TileList", ""),
        ("Wire the header to TileStore", ""),
        ("Add the badge and wire it to TileStore", ""),
        ("Store the token in TileStore", ""),
        ("Register TileService in the container", ""),
        ("Show the tiles with TileList", ""),
        ("Verify the paging in TileList", ""),
        ("Run TileList", ""),
        ("Do not change TileList", ""),
        ("Add a page that opens it (goes to TileList)", ""),
        # Tests, tables and callers lie in other files.
        ("Write unit tests for TileList", ""),
        ("Create TileList tests", ""),
        ("Add a test of the paging in TileListTest", "TileListTest"),
        ("Add an index to TileRow", ""),
        ("Update TileList imports", ""),
        # One word may be anything, and a project is no component.
        ("Add the badge to `Tile`", ""),
        ("Add the badge to Tiles", ""),
        ("Set the target in TileShop.xcodeproj", ""),
    ],
)
def test_a_title_may_name_the_components_that_it_changes(title: str, changed: str) -> None:
    assert " ".join(found.path for found in components(title)) == changed


@given(st.text(alphabet="aBC `/.*(){}:#\n-\u00e9\ue000\ue001", max_size=80))
def test_any_title_is_read_and_every_span_holds_its_name(title: str) -> None:
    for found in components(title):
        assert found.span.of(title) == found.path


def test_a_hostile_title_costs_no_more_than_its_length() -> None:
    for piece in ("Ab", "Ab ", "`Ab` ", "Ab.", "(", "Ab(", "in Ab "):
        components(piece * 50_000)
