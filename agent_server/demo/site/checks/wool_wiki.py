"""What the wool wiki promises its readers. The build asks for `problems` once all pages are rendered."""

from collections.abc import Iterator

from data.wool_wiki import WOOL_WIKI
from site_map import SiteMap

ENTRIES = 7
FEWEST_WORDS = 60


def problems(site: SiteMap) -> Iterator[str]:
    """What is missing, a sentence each."""
    if len(WOOL_WIKI.entries) != ENTRIES:
        yield f"The wool wiki should have {ENTRIES} entries, and has {len(WOOL_WIKI.entries)}."
    yield from _short_entries()
    yield from _unreachable_entries(site)


def _short_entries() -> Iterator[str]:
    for entry in WOOL_WIKI.entries:
        if len(entry.body.split()) < FEWEST_WORDS:
            yield f"`{entry.title}` of the wool wiki has fewer than {FEWEST_WORDS} words."


def _unreachable_entries(site: SiteMap) -> Iterator[str]:
    on_the_hub = site.links_from(WOOL_WIKI.url)
    addresses = {entry.title: WOOL_WIKI.url_of(entry) for entry in WOOL_WIKI.entries}
    lost = [title for title, url in addresses.items() if url not in site or url not in on_the_hub]
    if lost:
        yield f"The hub of the wool wiki does not lead to {len(lost)} of its entries: {', '.join(lost)}."
