"""The rendered site as a graph: which pages there are, and where their links lead."""

import re
from collections.abc import Mapping
from html import unescape

_HREF = re.compile(r'href="(/[^"]*)"')


class SiteMap:
    """All rendered documents, by their address."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self.documents = documents

    def __contains__(self, url: str) -> bool:
        return url in self.documents

    def links_from(self, url: str) -> set[str]:
        """The addresses that a page links to; none for a page that does not exist."""
        return {unescape(found) for found in _HREF.findall(self.documents.get(url, ""))}

    def links_to(self) -> dict[str, list[str]]:
        """Every address that is linked to, and the pages that do so."""
        sources: dict[str, list[str]] = {}
        for url in sorted(self.documents):
            for target in sorted(self.links_from(url)):
                sources.setdefault(target, []).append(url)
        return sources
