"""`window/workDoneProgress/cancel`: the Cancel button of a run's progress."""

from lsprotocol import types

from agent_server.lsp.server import AgentLanguageServer


def register(server: AgentLanguageServer) -> None:
    """Cancel the run that the progress stands for; tokens of progress that has ended mean nothing."""

    @server.feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def cancelled(params: types.WorkDoneProgressCancelParams) -> None:
        for project in server.projects:
            run = project.executor.current
            if run is not None and run.id == params.token:
                run.cancel()
