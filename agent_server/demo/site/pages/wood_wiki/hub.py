"""The front page of the wood wiki: all its entries, the gentlest first."""

from collections.abc import Iterator
from html import escape

from data.wood_wiki import WOOD_WIKI
from layout import anchor, bullets
from model import Entry, Level, Page


def pages() -> Iterator[Page]:
    """The one page of this module."""
    shelves = [_shelf(level) for level in Level if WOOD_WIKI.at(level)]
    lead = f'<p class="lead">{escape(WOOD_WIKI.summary)}</p>'
    yield Page(WOOD_WIKI.url, WOOD_WIKI.title, "\n".join([lead, *shelves]))


def _shelf(level: Level) -> str:
    entries = [_line(entry) for entry in WOOD_WIKI.at(level)]
    return f"<h2>{level.value}</h2>\n{bullets(entries)}"


def _line(entry: Entry) -> str:
    return f"{anchor(entry.title, WOOD_WIKI.url_of(entry))}<br><small>{escape(entry.opening)}</small>"
