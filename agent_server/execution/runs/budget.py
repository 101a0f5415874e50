"""What a run has used, held against its budget."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent_server.analysis.estimates.costs import cost_of
from agent_server.analysis.estimates.prices import Price
from agent_server.execution.records.record import RunRecord
from agent_server.plan.model import Budget

WARNED_AT = 0.8
"""The part of a budget from which on people are told."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the agents of a run have used together. `minutes` are those for which any of them worked."""

    usd: float
    tokens: int
    minutes: float


def spent(record: RunRecord, minutes: float, prices: Mapping[str, Price]) -> Spent:
    """What the run has used. Money is what an agent says itself, or else what its tokens cost, where that is known."""
    tasks = [(record.tasks[each.id], each) for each in record.approval.tasks]
    usd = sum(
        (cost_of(task.used, approved.model, prices).usd or 0.0) if task.usd is None else task.usd
        for task, approved in tasks
        if approved.agent != "replay"
    )
    return Spent(usd, sum(task.tokens for task, _ in tasks), minutes)


def shares(budget: Budget, used: Spent) -> Iterator[tuple[float, str]]:
    """For each limit of the budget, which part of it is used (above 1: more than all), and the limit in words."""
    if budget.usd is not None:
        yield _share(used.usd, budget.usd), f"{budget.usd:g} USD"
    if budget.tokens is not None:
        yield _share(used.tokens, budget.tokens), f"{budget.tokens:,} tokens"
    if budget.minutes is not None:
        yield _share(used.minutes, budget.minutes), f"{budget.minutes:g} minutes"


def _share(used: float, most: float) -> float:
    """Of a budget of nothing, anything is more than all."""
    return used / most if most > 0 else float("inf") if used > 0 else 0.0
