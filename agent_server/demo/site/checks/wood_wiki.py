"""What the wood wiki promises its readers. The build asks for `problems` once all pages are rendered."""

from collections.abc import Iterator

from data.wood_wiki import WOOD_WIKI
from site_map import SiteMap

ENTRIES = 8
FEWEST_WORDS = 60


def problems(site: SiteMap) -> Iterator[str]:
    """What is missing, a sentence each."""
    if len(WOOD_WIKI.entries) != ENTRIES:
        yield f"The wood wiki should have {ENTRIES} entries, and has {len(WOOD_WIKI.entries)}."
    yield from _short_entries()
    yield from _unreachable_entries(site)


def _short_entries() -> Iterator[str]:
    for entry in WOOD_WIKI.entries:
        if len(entry.body.split()) < FEWEST_WORDS:
            yield f"`{entry.title}` of the wood wiki has fewer than {FEWEST_WORDS} words."


def _unreachable_entries(site: SiteMap) -> Iterator[str]:
    on_the_hub = site.links_from(WOOD_WIKI.url)
    addresses = {entry.title: WOOD_WIKI.url_of(entry) for entry in WOOD_WIKI.entries}
    lost = [title for title, url in addresses.items() if url not in site or url not in on_the_hub]
    if lost:
        yield f"The hub of the wood wiki does not lead to {len(lost)} of its entries: {', '.join(lost)}."
