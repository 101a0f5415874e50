"""What the site is made of: entries, the wikis that hold them, and the pages that a build renders."""

import re
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a reader should have made before an entry is of use. Hub pages keep this order."""

    BEGINNER = "Beginner"
    INTERMEDIATE = "Intermediate"
    ADVANCED = "Advanced"


@dataclass(frozen=True)
class Entry:
    """One subject of a wiki.

    The body is plain paragraphs with a blank line between them. `[[Another title]]` links to another entry of the
    same wiki.
    """

    title: str
    level: Level
    body: str

    @property
    def slug(self) -> str:
        """The title as the address spells it: `Mortise and tenon` becomes `mortise-and-tenon`."""
        return slug(self.title)

    @property
    def opening(self) -> str:
        """The first sentence of the body, without link marks: what a hub says of the entry."""
        sentence = re.split(r"(?<=[.!?])\s", self.body.strip(), maxsplit=1)[0]
        return " ".join(sentence.replace("[[", "").replace("]]", "").split())


@dataclass(frozen=True)
class Wiki:
    """A body of knowledge: `slug` is the first part of all its addresses."""

    slug: str
    title: str
    summary: str
    entries: tuple[Entry, ...]

    @property
    def url(self) -> str:
        """The address of the hub page."""
        return f"/{self.slug}/index.html"

    def url_of(self, entry: Entry) -> str:
        """The address of an entry's page."""
        return self.url_titled(entry.title)

    def url_titled(self, title: str) -> str:
        """The address of the entry of that title, whether or not there is one."""
        return f"/{self.slug}/{slug(title)}.html"

    def at(self, level: Level) -> list[Entry]:
        """The entries of one level, in the order of the data file."""
        return [entry for entry in self.entries if entry.level is level]


@dataclass(frozen=True)
class Term:
    """One line of the glossary. `url` is where the site explains the term at length."""

    name: str
    meaning: str
    url: str


@dataclass(frozen=True)
class Link:
    """A labelled address within the site."""

    label: str
    url: str


@dataclass(frozen=True)
class Page:
    """One page, before the frame of menu and footer is put round it. `body` is HTML."""

    url: str
    title: str
    body: str


def slug(title: str) -> str:
    """The title in lower case, with a dash for every run of anything but letters and digits."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
