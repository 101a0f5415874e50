"""Symbols of the workspaces: the tasks of all plans, found by what one remembers of their ids and titles."""

from collections.abc import Iterable, Iterator
from heapq import nsmallest

from lsprotocol import types

from agent_server.lsp.features.document_symbol import TASK_KIND
from agent_server.lsp.fuzzy import score
from agent_server.lsp.handlers import plans_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.visible import visible

MOST_SYMBOLS = 128
"""How many are sent: nobody reads further, they type on. As many as rust-analyzer sends."""


@plans_request(types.WORKSPACE_SYMBOL)
def workspace_symbol(plans: Iterable[PlanSnapshot], params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    """Answer `workspace/symbol`, the best first. No query finds all tasks."""
    found = (each for plan in plans for each in _matches(plan, params.query))
    best = nsmallest(MOST_SYMBOLS, found, key=lambda each: (-each[0], len(each[1]), each[1]))
    return [_symbol(plan, number, name) for _, name, plan, number in best]


def _matches(plan: PlanSnapshot, query: str) -> Iterator[tuple[int, str, PlanSnapshot, int]]:
    """Each task that fits: how well, what it is shown as, and where it is. Clients match the name again."""
    for number, home in enumerate(plan.analysis.plan.tasks.homes):
        name = home.id if home.title == home.id else f"{home.id}: {visible(home.title)}"
        fit = score(query, name)
        if fit is not None:
            # Who types an id wants its task before all others that only begin with it.
            yield fit + (home.id == query.strip().lower()), name, plan, number


def _symbol(plan: PlanSnapshot, number: int, name: str) -> types.WorkspaceSymbol:
    task = plan.analysis.plan.tasks[number]
    container = visible(plan.analysis.plan.title) or plan.name
    return types.WorkspaceSymbol(plan.location(task.heading), name, TASK_KIND, container_name=container)
