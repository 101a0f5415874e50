"""The brief of a task, as the agent would be told it that would run now."""

from agent_server.agents.backend import Brief
from agent_server.agents.backends import agent_of, program_named
from agent_server.agents.brief import brief_for
from agent_server.analysis.model import Analysis
from agent_server.settings import ExecutionSettings


def brief_now(analysis: Analysis, task_id: str, chosen: ExecutionSettings) -> Brief:
    """The brief of a task of the analysis; `KeyError` where it has no such task."""
    program = program_named(agent_of(analysis, task_id, chosen), chosen)
    return brief_for(analysis, task_id, own_tools=program is not None)
