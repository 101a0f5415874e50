"""What models cost, as values: a dated table of prices, and the money that an amount of tokens comes to.

Prices change, and nothing here looks them up. The table says when it was taken; a user's setting `prices` outweighs it.
A model that stands in neither has no price, and no money is shown for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent_server.analysis.estimates.tier import Tier

PRICES_AS_OF = "2026-10-24"
"""When the table below was taken from https://platform.claude.com/docs/en/about-claude/pricing."""

_MILLION = 1_000_000
_DATED = re.compile(r"-\d{8}$")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens that a conversation used. `input` are those that no cache held, `cache_write` those that went into it."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.input + self.output + self.cache_read + self.cache_write

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write + other.cache_write,
        )


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in USD per million tokens. `tier` is the step that the model stands for, if it is known.

    Where the price of the cache is not known (None), what goes through it is taken for ordinary input. `as_of` is the
    day on which the price was taken, empty for a user's own.
    """

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    tier: Tier | None = None
    as_of: str = ""

    def usd(self, tokens: Tokens) -> float:
        """What these tokens cost."""
        read = self.input if self.cache_read is None else self.cache_read
        write = self.input if self.cache_write is None else self.cache_write
        parts = (
            tokens.input * self.input,
            tokens.output * self.output,
            tokens.cache_read * read,
            tokens.cache_write * write,
        )
        return sum(parts) / _MILLION


# Cache writes are those that live for five minutes, which is what the agents' conversations use. Haiku 5.5 costs five
# times as much for requests of more than 100,000 tokens; the table has its price below that.
DEFAULT_PRICES: Mapping[str, Price] = {
    "claude-haiku-5-5": Price(0.10, 0.50, 0.01, 0.125, Tier.FAST, PRICES_AS_OF),
    "claude-sonnet-5-5": Price(2.0, 10.0, 0.10, 2.50, Tier.DEFAULT, PRICES_AS_OF),
    "claude-opus-5-5": Price(4.0, 20.0, 0.20, 5.0, Tier.CAPABLE, PRICES_AS_OF),
    "claude-fable-5-1": Price(10.0, 50.0, 0.25, 12.50, Tier.CAPABLE, PRICES_AS_OF),
    "claude-haiku-4-5": Price(1.0, 5.0, 0.10, 1.25, Tier.FAST, PRICES_AS_OF),
    "claude-sonnet-5": Price(2.0, 10.0, 0.20, 2.50, Tier.DEFAULT, PRICES_AS_OF),
    "claude-opus-5": Price(5.0, 25.0, 0.50, 6.25, Tier.CAPABLE, PRICES_AS_OF),
}
"""Models by their ids; an id with a date behind it (`claude-haiku-4-5-20251001`) is the same model."""


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """The price of a model id, None where it is not known."""
    return prices.get(model) or prices.get(_DATED.sub("", model))
