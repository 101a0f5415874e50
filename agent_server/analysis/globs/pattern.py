"""A glob without braces, as a flat row of tokens: what `glob_syntax` reads texts into, and all others work with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class Wildcard(Enum):
    """The tokens of a pattern that stand for more than one text."""

    ONE = "?"
    """One character that is not `/`."""
    RUN = "*"
    """Any characters that are not `/`, or none. A leading dot is nothing special."""
    FOLDERS = "**/"
    """Any number of whole segments with their `/`, or none."""
    BELOW = "**"
    """The rest of the path: at least one segment. The last token of `src/**` and of `src/`."""
    TREE = "/**"
    """Nothing, or `/` and the rest of the path: an existing directory written without its `/`."""


@dataclass(frozen=True, slots=True)
class CharClass:
    """One character in (or, `negated`, outside) inclusive `ranges`; never `/`."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False


Token = str | Wildcard | CharClass


@dataclass(frozen=True, slots=True)
class Pattern:
    """A glob without braces: literal text (with its `/`), wildcards and classes in turn; never two texts in a row."""

    tokens: tuple[Token, ...]
    prefix: str = field(init=False, compare=False)
    """What every path that matches begins with. The whole path, where the pattern has no wildcard."""
    suffix: str = field(init=False, compare=False)
    """What every path that matches ends with."""
    name: str = field(init=False, compare=False)
    """What the last segment of every path that matches begins with."""
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        first, last = self.tokens[0], self.tokens[-1]
        object.__setattr__(self, "prefix", first if isinstance(first, str) else "")
        object.__setattr__(self, "suffix", last if isinstance(last, str) else "")
        object.__setattr__(self, "name", _name(self.tokens))
        object.__setattr__(self, "_hash", hash(self.tokens))

    def __hash__(self) -> int:
        """Worked out once: patterns are looked up by the thousand."""
        return self._hash

    @property
    def is_literal(self) -> bool:
        """Whether it names one path."""
        return len(self.tokens) == 1 and isinstance(self.tokens[0], str)


def _name(tokens: Sequence[Token]) -> str:
    for at, token in reversed(list(enumerate(tokens))):
        if token in {Wildcard.BELOW, Wildcard.TREE}:
            return ""
        if isinstance(token, str) and (at == 0 or "/" in token):
            return token[token.rfind("/") + 1 :]
        if token is Wildcard.FOLDERS:
            following = tokens[at + 1]
            return following if isinstance(following, str) else ""
    return ""


def literal_pattern(path: str, *, below: Wildcard | None = None) -> Pattern:
    """The pattern of one path, as it is spelled; with `below` also, or only, of what lies under it."""
    return Pattern((path,) if below is None else (path, below))
