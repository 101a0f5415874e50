"""The glossary: one page of terms, each with a link to where it is explained."""

from collections.abc import Iterator
from html import escape

from data import GLOSSARY
from layout import anchor
from model import Page, Term


def pages() -> Iterator[Page]:
    """The one page of this module."""
    terms = "\n".join(_definition(term) for term in GLOSSARY)
    yield Page("/glossary.html", "Glossary", f"<dl>\n{terms}\n</dl>")


def _definition(term: Term) -> str:
    return f"<dt>{anchor(term.name, term.url)}</dt>\n<dd>{escape(term.meaning)}</dd>"
