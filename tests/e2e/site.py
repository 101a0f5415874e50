from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Site:
    """The demo's site in a folder of its own, and the environment that keeps a server away from the user's state."""

    root: Path
    good_plan: Path
    bad_plan: Path
    env: Mapping[str, str]
    options: Mapping[str, object]
