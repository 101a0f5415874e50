"""Agent Server's own format: `*.plan.md`. Its reader is `agent_server.plan.native`."""

from agent_server.plan import native
from agent_server.plan.formats.reader import Reader

READER = Reader(name=native.FORMAT, title="Agent Server", globs=("**/*.plan.md",), parse=native.parse)
