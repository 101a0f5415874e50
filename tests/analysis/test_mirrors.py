import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.imports.mirrors import Style, renamings, substitute

HUB = renamings("pages/knowledge/hub.py", "pages/clay_wiki/hub.py")


@pytest.mark.parametrize(
    ("mirrored", "written", "expected"),
    [
        ("pages/knowledge/hub.py", "pages/clay_wiki/hub.py", [("knowledge", "clay_wiki")]),
        ("data/knowledge.py", "data/clay_wiki.py", [("knowledge", "clay_wiki")]),
        ("src/app/knowledge/page.tsx", "src/app/clay-wiki/page.tsx", [("knowledge", "clay-wiki")]),
        ("tests/test_knowledge_page.py", "tests/test_clay_page.py", [("knowledge", "clay")]),
        ("app/KnowledgeHub.tsx", "app/ClayWikiHub.tsx", [("knowledge", "ClayWiki")]),
        ("a/knowledge/knowledge_hub.py", "a/clay/clay_hub.py", [("knowledge", "clay")]),
        ("pages/hub.py", "pages/clay_hub.py", [("hub", "clay_hub")]),
        ("lib/old.js", "lib/new.ts", [("old", "new")]),
        ("pages/rooms.tsx", "pages/guests/index.tsx", [("rooms", "guests")]),
        ("pages/rooms/__init__.py", "pages/guests.py", [("rooms", "guests")]),
        ("pages/hub.py", "pages/hub.py", []),
        ("pages/hub.py", "pages/deep/hub.py", []),
    ],
)
def test_the_words_that_differ_between_two_paths(mirrored: str, written: str, expected: list[tuple[str, str]]) -> None:
    found = [("_".join(renaming.old), renaming.spelled) for renaming in renamings(mirrored, written)]
    assert found == expected


@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        ("knowledge_entries", "clay_wiki_entries"),
        ("knowledge-entries", "clay-wiki-entries"),
        ("knowledgeEntries", "clayWikiEntries"),
        ("KnowledgeEntry", "ClayWikiEntry"),
        ("renderKnowledge", "renderClayWiki"),
        ("KNOWLEDGE", "CLAY_WIKI"),
        ("KNOWLEDGE_ENTRIES", "CLAY_WIKI_ENTRIES"),
        ("_knowledge", "_clay_wiki"),
        ("Knowledge", "ClayWiki"),
        ("data.knowledge", "data.clay_wiki"),
        ("../../data/knowledge.js", "../../data/clay_wiki.js"),
        ("knowledge, acknowledge and knowledgeable", "clay_wiki, acknowledge and knowledgeable"),
    ],
)
def test_a_name_is_renamed_in_the_case_style_in_which_it_stands(name: str, renamed: str) -> None:
    assert substitute(name, HUB) == renamed


@pytest.mark.parametrize(
    ("style", "renamed"),
    [
        (Style.SPELLED, "clay_wiki"),
        (Style.SNAKE, "clay_wiki"),
        (Style.KEBAB, "clay-wiki"),
        (Style.CAMEL, "clayWiki"),
        (Style.FLAT, "claywiki"),
        (Style.SPACED, "clay wiki"),
    ],
)
def test_a_word_that_stands_alone_takes_the_style_that_is_asked_for(style: Style, renamed: str) -> None:
    assert substitute("knowledge", HUB, style) == renamed


@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        ("clay_wiki_entries", "knowledge_entries"),
        ("clayWikiEntries", "knowledgeEntries"),
        ("CLAY_WIKI", "KNOWLEDGE"),
        ("Clay wiki", "Knowledge"),
        ("claywiki", "knowledge"),
        ("clay.wiki", "clay.wiki"),
    ],
)
def test_several_words_are_found_in_every_style_but_only_as_one_name(name: str, renamed: str) -> None:
    assert substitute(name, renamings("pages/clay_wiki/hub.py", "pages/knowledge/hub.py")) == renamed


@pytest.mark.parametrize(
    ("mirrored", "written", "name", "renamed"),
    [
        ("routers/rooms.py", "routers/invoices.py", "list_rooms, create_room, RoomRead", None),
        ("models/room.py", "models/invoice.py", "app.services.rooms, ROOM, Room", None),
        ("api/rooms.py", "api/room_keys.py", "ROOMS, Room, room_id", "ROOM_KEYS, RoomKey, room_key_id"),
        ("api/RoomList.tsx", "api/LineItemList.tsx", "useRooms, rooms", "useLineItems, lineItems"),
        ("api/rooms.py", "api/news.py", "list_rooms, Room", "list_news, News"),
        ("api/news.py", "api/rooms.py", "list_news, new_id", "list_rooms, new_id"),
    ],
)
def test_a_thing_is_renamed_in_both_grammatical_numbers(
    mirrored: str, written: str, name: str, renamed: str | None
) -> None:
    expected = renamed or name.replace("room", "invoice").replace("Room", "Invoice").replace("ROOM", "INVOICE")
    assert substitute(name, renamings(mirrored, written), Style.CAMEL) == expected


def test_several_renamings_are_made_in_one_pass() -> None:
    swapped = renamings("a/left/right.py", "a/right/left.py")
    assert substitute("left_right", swapped) == "right_left"


@given(text=st.text(alphabet="abK_- .é1/", max_size=30))
def test_a_text_without_the_old_words_stays_as_it_is(text: str) -> None:
    assert substitute(text, HUB) == text
