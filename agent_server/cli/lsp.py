"""`agent-server lsp`: the language server over standard input and output."""

import argparse
import asyncio
import gc
import os
import stat

from agent_server.cli.main import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--stdio", action="store_true", help="accepted, since editors pass it; it is the only way")
    parser.add_argument("--log", metavar="FILE", help="write warnings and errors to FILE; never what plans say")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Serve one client until it leaves: 0 after `shutdown` and `exit`, 1 when it went away without."""
    if not (_is_pipe(0) and _is_pipe(1)):
        raise UsageError(
            "`agent-server lsp` is started by editors, which talk to it through pipes. "
            "To look at a plan in a terminal, use `agent-server check PLAN`."
        )
    if options.log:
        _log_to(options.log)
    return asyncio.run(_serve())


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _log_to(file: str) -> None:
    import logging

    try:
        logging.basicConfig(filename=file, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    except OSError as error:
        raise UsageError(f"The log `{file}` cannot be written: {error.strerror}.") from None
    # pygls logs whole messages at this level: plans, and whatever else a client sends, do not belong into a log.
    logging.getLogger("pygls").setLevel(logging.WARNING)


async def _serve() -> int:
    from agent_server.lsp import commands, features
    from agent_server.lsp.server import AgentLanguageServer

    reader, writer = await _streams()
    server = AgentLanguageServer((*features.HANDLERS, *commands.HANDLERS))
    _calm_the_collector()
    status = await server.protocol.serve(reader, writer)
    await server.wind_down()
    return status


def _calm_the_collector() -> None:
    """Look for reference cycles rarely.

    What an edit makes is tuples and frozen values without cycles, tens of thousands for a large plan. At Python's own
    thresholds the search for cycles among them takes longer than the analysis; these are mypy's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 30, 30)


async def _streams() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Standard input and output as streams of our own.

    What else prints, here or in a child process, goes to standard error from now on, and what else reads finds nothing.
    """
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), incoming)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, outgoing)
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)
