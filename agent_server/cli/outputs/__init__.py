"""How `agent-server check` prints what it found: one file an output format. Adding a file adds one.

A format's file exposes `OUTPUT`; a file without one is what several formats share.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from agent_server.cli.plans import PlanFile


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked: the plans of workspaces. `root` is that of the first, or of the folder that was looked through.

    `statistics`: counts are wanted. `colour`: a person looks on. `unread` are sentences on what could not be read.
    """

    plans: Sequence[PlanFile]
    root: Path
    statistics: bool = False
    colour: bool = False
    unread: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """One way to print. `one_workspace`: it can only be about one; `counts`: it can tell statistics."""

    name: str
    render: Callable[[Checked], Iterable[str]]
    one_workspace: bool = False
    counts: bool = False


def _outputs() -> Mapping[str, Output]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    outputs: list[Output] = [module.OUTPUT for module in modules if hasattr(module, "OUTPUT")]
    return {output.name: output for output in sorted(outputs, key=lambda output: output.name)}


OUTPUTS: Mapping[str, Output] = _outputs()
"""Every output format by its name."""
