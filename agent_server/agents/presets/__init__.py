"""Programs that are agents and that work without being configured: one file an agent.

Adding a file adds what its `PRESETS` holds: programs by the name that plans use. How each is kept from asking, and from
running what the workspace says, stands in its file.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from agent_server.settings import AgentProgram

__all__ = ["PRESETS"]


def _all() -> Iterator[tuple[str, AgentProgram]]:
    for module in sorted(each.name for each in iter_modules(__path__)):
        yield from import_module(f"{__name__}.{module}").PRESETS.items()


PRESETS: Mapping[str, AgentProgram] = dict(_all())
"""The programs, by name."""
