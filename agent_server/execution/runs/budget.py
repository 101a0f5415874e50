"""What runs have used, held against their budget. Whoever counts the cost of a run or a task counts it here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agent_server.analysis.estimates.costs import Cost, Total, cost_of, total
from agent_server.analysis.estimates.prices import Price
from agent_server.execution.approval import ApprovedTask
from agent_server.execution.records.run_record import RunRecord, TaskRecord
from agent_server.plan.model import Budget

WARNED_AT = 0.8
"""The part of a budget from which on people are told."""


def task_cost(approved: ApprovedTask, task: TaskRecord, prices: Mapping[str, Price]) -> Cost | None:
    """What all attempts at a task have cost, as its agent reports, else by its tokens; None for a played transcript."""
    if approved.agent == "replay":
        return None
    if task.usd is None:
        return cost_of(task.used, approved.model, prices)
    rest = cost_of(task.unreported, approved.model, prices)
    if rest.usd is None or not task.unreported.total:
        return Cost(task.used, task.usd, "", reported=True)
    return Cost(task.used, task.usd + rest.usd, "", rest.as_of, reported=True)


def run_cost(record: RunRecord, prices: Mapping[str, Price]) -> Total:
    """What all tasks of a run have cost, with all their attempts. Its tokens are also those of played transcripts."""
    known = total(task_cost(each, record.tasks[each.id], prices) for each in record.approval.tasks)
    return replace(known, tokens=sum(task.tokens for task in record.tasks.values()))


@dataclass(frozen=True, slots=True)
class Spent:
    """What the agents of a run have used together. `minutes` are those for which any of them worked."""

    usd: float
    tokens: int
    minutes: float


def spent(record: RunRecord, minutes: float, prices: Mapping[str, Price]) -> Spent:
    """What the run has used. Money is counted where it is known: see `task_cost`."""
    cost = run_cost(record, prices)
    return Spent(cost.usd or 0.0, cost.tokens, minutes)


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
