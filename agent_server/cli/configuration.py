"""The settings that hold for a command: the user's own, and what the workspace's file may add."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from agent_server.plan.formats import Formats
from agent_server.settings import (
    WORKSPACE_FILES,
    Settings,
    SettingsProblem,
    in_workspace,
    layered,
    may_name_plans,
    user_layer,
)
from agent_server.workspace.paths import root_around


def user_settings() -> Settings:
    """The user's own settings; what is wrong with them is said on standard error, and changes nothing."""
    settings, problems = layered([user_layer(os.environ)])
    _say(problems)
    return settings


def settings_for_runs(root: Path) -> Settings:
    """The user's own settings as they hold for what runs in the workspace at `root`."""
    from agent_server.demo.folders import settings_in  # the rules are told without it

    return settings_in(root, os.environ, user_settings())


def settings_over(settings: Settings, texts: Mapping[str, str]) -> Settings:
    """`settings` with the workspace's own laid over them; `texts` are those of its settings files."""
    configured, problems = in_workspace(settings, texts)
    _say(problems)
    return configured


def workspace_settings(folder: Path, settings: Settings) -> Settings:
    """As `settings_over`, for the workspace that `folder` is in, which is listed only where it has settings."""
    root = root_around(folder)
    if not any((root / name).is_file() for name in WORKSPACE_FILES):
        return settings
    from agent_server.workspace.scanning import scan  # listing decides what is ignored, and so what is read

    return settings_over(settings, scan(root, lambda _: WORKSPACE_FILES).tree.contents)


def formats_in(root: Path, settings: Settings) -> Formats:
    """Which files of the workspace at `root` are plans. What is wrong with its settings was said before."""
    if not may_name_plans(root):
        return settings.formats
    from agent_server.workspace.scanning import scan  # listing decides what is ignored, and so what is read

    return in_workspace(settings, scan(root, lambda _: WORKSPACE_FILES).tree.contents)[0].formats


def _say(problems: Iterable[SettingsProblem]) -> None:
    for problem in problems:
        print(f"agent-server: {problem}", file=sys.stderr)
