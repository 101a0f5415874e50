"""The brief of a task: what its agent was told that works now, or what the agent would be told that works next."""

from agent_server.agents.backends import agent_of, program_named
from agent_server.agents.brief import brief_for
from agent_server.execution.runs.decisions import how_it_ended
from agent_server.execution.runs.next_steps import retryable
from agent_server.lsp.snapshot import PlanSnapshot


def brief_now(plan: PlanSnapshot, task_id: str) -> str:
    """The brief of a task of the plan, word for word; `KeyError` where it has no such task.

    Of a task that waits to be tried again it says how the last attempt ended; what the user will say to that, nobody
    knows yet.
    """
    if plan.is_running and task_id in plan.briefs:
        return plan.briefs[task_id]
    program = program_named(agent_of(plan.analysis, task_id, plan.chosen), plan.chosen)
    record = plan.record if not plan.is_running else None
    ended = how_it_ended(record, task_id) if record is not None and task_id in retryable(record) else ""
    return brief_for(plan.analysis, task_id, own_tools=program is not None, before=ended, plan=plan.name).prompt
