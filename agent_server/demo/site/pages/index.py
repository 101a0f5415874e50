"""The front page of the site: what each wiki is about, and how much there is to read."""

from collections.abc import Iterator
from html import escape

from data import GLOSSARY, WIKIS
from layout import anchor, bullets
from model import Page, Wiki
from navigation import SITE_TITLE


def pages() -> Iterator[Page]:
    """The one page of this module."""
    lead = '<p class="lead">What we have learnt at the bench, written down for whoever sits there next.</p>'
    glossary = f"<p>Lost for a word? {anchor(f'The glossary has {len(GLOSSARY)}', '/glossary.html')}.</p>"
    yield Page("/index.html", SITE_TITLE, "\n".join([lead, bullets([_line(wiki) for wiki in WIKIS]), glossary]))


def _line(wiki: Wiki) -> str:
    return f"{anchor(wiki.title, wiki.url)}, {len(wiki.entries)} entries<br><small>{escape(wiki.summary)}</small>"
