"""The front page of the wool wiki: all its entries, the gentlest first."""

from collections.abc import Iterator
from html import escape

from data.wool_wiki import WOOL_WIKI
from layout import anchor, bullets
from model import Entry, Level, Page


def pages() -> Iterator[Page]:
    """The one page of this module."""
    shelves = [_shelf(level) for level in Level if WOOL_WIKI.at(level)]
    lead = f'<p class="lead">{escape(WOOL_WIKI.summary)}</p>'
    yield Page(WOOL_WIKI.url, WOOL_WIKI.title, "\n".join([lead, *shelves]))


def _shelf(level: Level) -> str:
    entries = [_line(entry) for entry in WOOL_WIKI.at(level)]
    return f"<h2>{level.value}</h2>\n{bullets(entries)}"


def _line(entry: Entry) -> str:
    return f"{anchor(entry.title, WOOL_WIKI.url_of(entry))}<br><small>{escape(entry.opening)}</small>"
