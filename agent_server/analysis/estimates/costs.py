"""What tasks cost or are likely to cost, in tokens and money, and how that is said.

Money is what an agent itself reports, where it does; all else is tokens times prices.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent_server.analysis.estimates.prices import Price, Tokens, price_of


@dataclass(frozen=True, slots=True)
class Cost:
    """What a task is likely to use, or has used. `usd` is None where nobody reported it and the price is not known.

    `as_of` is the day of that price, empty where it is the user's own and None where none was needed. `reported` says
    that an agent named the sum, or a part of it.
    """

    tokens: Tokens
    usd: float | None
    because: str
    as_of: str | None = None
    reported: bool = False


def cost_of(tokens: Tokens, model: str, prices: Mapping[str, Price], because: str = "") -> Cost:
    """What these tokens of a model cost by its price."""
    price = price_of(model, prices)
    return Cost(tokens, None, because) if price is None else Cost(tokens, price.usd(tokens), because, price.as_of)


@dataclass(frozen=True, slots=True)
class Total:
    """The cost of several tasks. `usd` leaves out the `unpriced` tasks, whose models have no known price."""

    tokens: int
    usd: float | None
    unpriced: int
    as_of: str | None = None
    reported: bool = False

    @property
    def is_anything(self) -> bool:
        """Whether any tokens or money are known."""
        return bool(self.tokens or self.usd)


def total(costs: Iterable[Cost | None]) -> Total:
    """The costs together."""
    known = [cost for cost in costs if cost is not None]
    priced = [cost.usd for cost in known if cost.usd is not None]
    return Total(
        sum(cost.tokens.total for cost in known),
        sum(priced) if priced else None,
        len(known) - len(priced),
        max((cost.as_of for cost in known if cost.as_of is not None), default=None),
        any(cost.reported for cost in known),
    )


def in_words(cost: Total) -> str:
    """`about 1.2M tokens, 0.64 USD`; without money where no price is known, without tokens where none were counted."""
    if cost.usd is None:
        return f"about {tokens(cost.tokens)}"
    if not cost.tokens:
        return usd(cost.usd)
    without = f" without {cost.unpriced} tasks of unknown price" if cost.unpriced > 1 else ""
    without = " without one task of unknown price" if cost.unpriced == 1 else without
    return f"about {tokens(cost.tokens)}, {usd(cost.usd)}{without}"


def tokens(count: int) -> str:
    """An amount of tokens for people, to two or three digits: `850 tokens`, `42k tokens`, `1.2M tokens`."""
    if count < 1_000:
        return f"{count} tokens"
    if count < 999_500:
        return f"{count / 1_000:.0f}k tokens"
    return f"{count / 1_000_000:.1f}M tokens"


def usd(amount: float) -> str:
    """An amount of money for people: `0.64 USD`, `120 USD`, `under 0.01 USD`."""
    if amount and amount < 0.01:
        return "under 0.01 USD"
    return f"{amount:.0f} USD" if amount >= 100 else f"{amount:.2f} USD"


def basis(cost: Total) -> str:
    """What an amount of money rests on: `as the agents report`, `prices as of 2026-10-24`, or both; empty for none."""
    if cost.usd is None:
        return ""
    told = ["as the agents report"] if cost.reported else []
    if cost.as_of is not None:
        told.append(f"prices as of {cost.as_of}" if cost.as_of else "your own prices")
    return ", else ".join(told)
