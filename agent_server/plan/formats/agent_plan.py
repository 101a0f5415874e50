"""Agent Server's own format: `*.plan.md`. Its reader is `agent_server.plan.native`."""

from agent_server.plan import native
from agent_server.plan.formats.reader import Reader
from agent_server.plan.model import OWN_FORMAT

READER = Reader(name=OWN_FORMAT, title="Agent Server", globs=("**/*.plan.md",), parse=native.parse)
