"""`agent-server lsp`: the language server over standard input and output."""

import argparse
import asyncio
import os
import sys


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--stdio", action="store_true", help="accepted, since editors pass it; it is the only way")
    parser.add_argument("--log", metavar="FILE", help="write what happens to FILE")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Serve one client until it leaves."""
    if options.log:
        import logging

        logging.basicConfig(filename=options.log, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
        # pygls logs whole messages at this level: plans, and whatever else a client sends, do not belong into a log.
        logging.getLogger("pygls").setLevel(logging.WARNING)
    return asyncio.run(_serve())


async def _serve() -> int:
    from agent_server.lsp import commands, features
    from agent_server.lsp.server import AgentLanguageServer

    reader, writer = await _streams()
    server = AgentLanguageServer()
    features.register(server)
    commands.register(server)
    status = await server.protocol.serve(reader, writer)
    await server.wind_down()
    return status


async def _streams() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Standard input and output as streams. Anything else that prints goes to standard error from now on."""
    protocol_out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, protocol_out)
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)
