"""The folders that a user has made with `agent-server demo --only-files`: in them recorded agents play.

What says so lies in the user's own state directory, and names the very folder that was made: a workspace's files may
come from a stranger, and another folder that comes to lie in its place is no demo.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from agent_server.demo.material import transcripts_folder
from agent_server.execution.state import StateDirectory, state_directory_of
from agent_server.settings import Settings

SPEED = 28.0
"""Recorded seconds per second: a wave takes 20 seconds, long enough to watch, to stop an agent, and to try again."""

VERIFY = "python3 build.py --draft"
"""What verifies a wave of a plan that names nothing. The first waves leave the new wiki incomplete."""

_NOTE = "demo"


def note_demo(folder: Path, environ: Mapping[str, str]) -> None:
    """Note that a folder is a demo. Raises `StateError` or `OSError`."""
    state = StateDirectory.for_workspace(folder, environ)
    (state.root / _NOTE).write_text(_identity(folder), encoding="utf-8")


def is_demo(folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether the folder is one that was noted. Reads the disk, and makes nothing there."""
    try:
        return (state_directory_of(folder, environ) / _NOTE).read_text(encoding="utf-8") == _identity(folder)
    except (OSError, UnicodeDecodeError):
        return False


def settings_in(folder: Path, environ: Mapping[str, str], settings: Settings) -> Settings:
    """The settings as they hold in a folder. Whoever lets plans run or analyses them asks this, so that all agree."""
    return with_recorded_agents(settings) if is_demo(folder, environ) else settings


def with_recorded_agents(settings: Settings) -> Settings:
    """The settings of a demo: whatever agent the user has, the recorded ones play, here and at no cost.

    A speed or a verify command that the user has set is theirs. A task or a plan that names an agent gets that one.
    """
    execution = replace(
        settings.execution,
        agent="replay",
        transcripts=transcripts_folder(),
        speed=settings.execution.speed if "speed" in settings.decided else SPEED,
        scheduler=None,
        record=None,
    )
    analysis = replace(settings.analysis, verify=settings.analysis.verify or VERIFY)
    return replace(settings, execution=execution, analysis=analysis)


def _identity(folder: Path) -> str:
    status = folder.stat()
    return f"{status.st_dev} {status.st_ino}\n"
