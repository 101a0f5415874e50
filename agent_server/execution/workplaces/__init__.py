"""Where the attempts of a wave are carried out: in this process, or by the workers of a Dask cluster."""

from functools import partial

from agent_server.execution.state import StateDirectory
from agent_server.execution.workplaces.local import LocalWorkplace
from agent_server.execution.workplaces.model import Assignment, OpenWorkplace, Workplace
from agent_server.settings import ExecutionSettings

__all__ = ["Assignment", "OpenWorkplace", "Workplace", "workplace_for"]


def workplace_for(settings: ExecutionSettings, state: StateDirectory) -> OpenWorkplace:
    """What opens the workplace that the settings choose, for the workspace whose state directory is `state`."""
    if settings.scheduler is None:
        return LocalWorkplace
    from agent_server.execution.workplaces.dask import DaskWorkplace  # noqa: PLC0415  # most users have no cluster

    return partial(DaskWorkplace, state=state, settings=settings)
