import os
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


def environment(folder: Path, runtime_folder: str) -> dict[str, str]:
    """What keeps a server away from the user's state: its own lies in `folder`, its sockets in `runtime_folder`."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")},
        "HOME": str(folder / "home"),
        "AGENT_SERVER_STATE_DIR": str(folder / "state"),
        "AGENT_SERVER_RUNTIME_DIR": runtime_folder,
        "AGENT_SERVER_SETTINGS": str(folder / "settings.toml"),
    }
