"""What a reader of a plan format is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent_server.plan.model import FileText, Plan, Reading


class Parse(Protocol):
    """Reads a text: the plan, and its problems. An earlier version of the plan may save work; it changes no answer."""

    def __call__(self, text: str, before: Plan | None = None, /) -> Reading:
        """Never raises, whatever the text."""


class ParseFiles(Protocol):
    """Reads the files of a folder as one plan: each is a part of its text (`Plan.parts`).

    `files` are the plan's own, in the order of their paths. `beside` are the paths of those that tell something by
    being there (`Reader.beside`).
    """

    def __call__(self, files: Sequence[FileText], beside: Sequence[str] = (), before: Plan | None = None, /) -> Reading:
        """Never raises, whatever the texts."""


ENOUGH = 400_000
"""So many characters of a text, from its start on, tell which format it has."""


def _never(_text: str) -> bool:
    return False


@dataclass(frozen=True)
class Reader:
    """Reads one format.

    `name` is what reports and settings call the format, `title` what people do. `globs` say where such plans lie.
    `recognises` tells a text of the format by what it says, quickly; where `needs_content`, a file at such a path is a
    plan only if it does, or at least if it `suits` that path. So is one that only a glob of `elsewhere` matches, if it
    is recognised. `parse_files` reads a plan that is a folder of files; those of one folder that match `globs` belong
    to it, and `parse` then reads one of them alone. `beside` are globs, from that folder on, of further files that say
    something of the plan by their names, such as that a task is done. `word` stands in every text that is recognised,
    so that others need not be looked at.

    What tells the format must stand near the start: `recognises` and `suits` are asked with a text of `ENOUGH` at most.
    """

    name: str
    title: str
    globs: tuple[str, ...]
    parse: Parse
    recognises: Callable[[str], bool] = _never
    needs_content: bool = False
    suits: Callable[[str], bool] = _never
    elsewhere: tuple[str, ...] = ()
    parse_files: ParseFiles | None = None
    beside: tuple[str, ...] = ()
    word: str = ""
