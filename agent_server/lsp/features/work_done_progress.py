"""`window/workDoneProgress/cancel`: the Cancel button of a run's progress."""

from lsprotocol import types

from agent_server.lsp.handlers import notification
from agent_server.lsp.server import AgentLanguageServer


@notification(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
def cancelled(session: AgentLanguageServer, params: types.WorkDoneProgressCancelParams) -> None:
    """Cancel the run that the progress stands for; tokens of progress that has ended mean nothing."""
    reporter = session.reporters.get(str(params.token))
    if reporter is not None:
        reporter.run.cancel()
