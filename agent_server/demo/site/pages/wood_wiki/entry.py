"""The entries of the wood wiki, a page each, in an order that can be read from the first to the last."""

from collections.abc import Iterator

from data.wood_wiki import WOOD_WIKI
from layout import anchor, prose
from model import Entry, Page


def pages() -> Iterator[Page]:
    """One page an entry."""
    for number, entry in enumerate(WOOD_WIKI.entries):
        yield Page(WOOD_WIKI.url_of(entry), entry.title, _body(entry, number))


def _body(entry: Entry, number: int) -> str:
    level = f'<p class="level">{entry.level.value} · {anchor(WOOD_WIKI.title, WOOD_WIKI.url)}</p>'
    return "\n".join([level, prose(WOOD_WIKI, entry.body), _onward(number)])


def _onward(number: int) -> str:
    """The way to the next entry; the last one leads back to the hub."""
    following = WOOD_WIKI.entries[number + 1 : number + 2]
    links = [anchor(f"Next: {entry.title}", WOOD_WIKI.url_of(entry)) for entry in following]
    return f'<p class="onward">{"".join(links) or anchor("Back to all entries", WOOD_WIKI.url)}</p>'
