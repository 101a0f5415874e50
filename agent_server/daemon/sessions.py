"""Sessions as this process makes them: every one has the same handlers, over the same projects."""

import asyncio
import gc
import logging
import os
import sys
from functools import cache
from pathlib import Path

from agent_server.lsp import commands, features
from agent_server.lsp.converter import converter
from agent_server.lsp.projects import Projects
from agent_server.lsp.server import AgentLanguageServer
from agent_server.lsp.table import Table, table_of


@cache
def table() -> Table:
    """The handlers of all messages."""
    return table_of((*features.HANDLERS, *commands.HANDLERS))


def new_session(projects: Projects) -> AgentLanguageServer:
    """A session for one more client."""
    return AgentLanguageServer(table(), projects)


def make_ready() -> None:
    """Prepare this process for sessions: called once, before the first."""
    table()
    # While plans are analysed, the event loop waits for the interpreter at most so long.
    sys.setswitchinterval(0.001)
    _calm_the_collector()


def log_to(file: Path | None) -> None:
    """Write warnings and errors, and what happens to the process, to `file`; never what plans say.

    Raises `OSError` where it cannot be written.
    """
    if file is None:
        logging.lastResort = None
        return
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415  # heavy, and only here

    handler = RotatingFileHandler(file, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    logging.basicConfig(handlers=[handler], level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Others log whole messages at this level: plans, and whatever else a client sends, do not belong into a log.
    for name in ("pygls", "anthropic", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def serve_standard_streams() -> int:
    """Serve one client over standard input and output, in this process; returns the exit status that LSP asks for."""
    make_ready()
    projects = Projects(os.environ)
    session = new_session(projects)
    wire = session.connect()
    incoming, outgoing = _take_standard_streams()
    loop = asyncio.get_running_loop()
    await loop.connect_write_pipe(lambda: wire, os.fdopen(outgoing, "wb", buffering=0))
    await loop.connect_read_pipe(lambda: wire, os.fdopen(incoming, "rb", buffering=0))
    status = await session.serve()
    await projects.close()
    return status


def learn_types() -> None:
    """Have the converter learn the types of all messages: in a thread of its own, while clients are served."""
    converter.learn_types(handler.function for handler in table().messages.values())


def _take_standard_streams() -> tuple[int, int]:
    """Standard input and output as descriptors of our own.

    What else prints, here or in a child process, goes to standard error from now on, and what else reads finds nothing.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing


def _calm_the_collector() -> None:
    """Look for reference cycles rarely.

    What an edit makes is tuples and frozen values without cycles, tens of thousands for a large plan. At Python's own
    thresholds the search for cycles among them takes longer than the analysis; these are mypy's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 30, 30)
