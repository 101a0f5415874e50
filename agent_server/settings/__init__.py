"""Everything that a user may set, from all the places where it may be set.

`values.py` says what there is, `readers.py` how it is spelled, `files.py` where files lie, and `layers.py` who has the
last word. What a workspace's own file may not set is the invariant of `layers.py`.
"""

from collections.abc import Mapping
from typing import Any

from agent_server.settings.files import WORKSPACE_FILES, may_name_plans, user_layer, user_settings_file, workspace_layer
from agent_server.settings.layers import Layer, SettingsProblem, layered, overlaid, severity_of
from agent_server.settings.readers import NAMES
from agent_server.settings.values import EDITOR, AgentProgram, ExecutionSettings, Origin, Place, Settings

__all__ = [
    "EDITOR",
    "NAMES",
    "WORKSPACE_FILES",
    "AgentProgram",
    "ExecutionSettings",
    "Layer",
    "Origin",
    "Place",
    "Settings",
    "SettingsProblem",
    "in_workspace",
    "layered",
    "may_name_plans",
    "overlaid",
    "read_settings",
    "severity_of",
    "user_layer",
    "user_settings_file",
    "workspace_layer",
]


def read_settings(values: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """The settings that `values` (JSON-like) describe where nothing else is set, and what was wrong with them."""
    settings, problems = layered([Layer(EDITOR, values)])
    return settings, tuple(map(str, problems))


def in_workspace(settings: Settings, texts: Mapping[str, str]) -> tuple[Settings, tuple[SettingsProblem, ...]]:
    """`settings` with what the workspace's own files set, given the texts of those of `WORKSPACE_FILES` it has."""
    return overlaid(settings, workspace_layer(texts))
