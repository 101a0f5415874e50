"""What there is to know of a format before its reader is imported."""

from dataclasses import dataclass
from functools import cached_property

from agent_server.plan.formats.patterns import Patterns


@dataclass(frozen=True)
class Place:
    """Where plans of a format lie. The table of all of them, `places.py`, is generated from the readers.

    `module` holds the reader, `title` is what people call the format. A file at one of the `globs` is a plan, unless
    `needs_content`; then its text decides, and so it does for the globs of `elsewhere`. `word` stands in every text
    that the reader recognises.
    """

    module: str
    title: str
    globs: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    needs_content: bool = False
    word: str = ""

    @cached_property
    def patterns(self) -> Patterns:
        """The globs, read."""
        return Patterns(self.globs)

    @cached_property
    def everywhere(self) -> Patterns:
        """All globs, read."""
        return Patterns((*self.globs, *self.elsewhere))

    def is_certain(self, path: str) -> bool:
        """Whether a file at the path is a plan of the format, whatever it says."""
        return not self.needs_content and self.patterns.match(path)
