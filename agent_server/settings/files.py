"""The files that hold settings: the user's own, and the workspace's."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent_server.plan.visible import visible
from agent_server.settings.layers import Layer, SettingsProblem
from agent_server.settings.locating import line_in, line_of
from agent_server.settings.readers import expanded
from agent_server.settings.values import Origin, Place

WORKSPACE_FILE = "agent-server.toml"
"""The workspace's own settings, at its root."""

PYPROJECT = "pyproject.toml"
"""Where a Python project may keep them instead, in the table `[tool.agent-server]`."""

WORKSPACE_FILES = frozenset({WORKSPACE_FILE, PYPROJECT})

_TABLE = ("tool", "agent-server")

# A stranger's file must not keep the server busy: Python's reader takes 17 s for one dotted key of 64 KiB.
_LONGEST = 1 << 18
_MOST_DOTS = 64
_SHOWN = 200
_QUOTED = re.compile(r""" "[^"\n]*" | '[^'\n]*' """, re.VERBOSE)


def user_settings_file(environ: Mapping[str, str]) -> Path:
    """Where the user's settings lie: `settings.toml` in their configuration folder, or `$AGENT_SERVER_SETTINGS`."""
    chosen = environ.get("AGENT_SERVER_SETTINGS")
    if chosen:
        return expanded(chosen)
    from platformdirs import user_config_path  # noqa: PLC0415  # only where no file is named

    return user_config_path("agent-server") / "settings.toml"


def user_layer(environ: Mapping[str, str]) -> Layer:
    """What the user's settings file says; nothing where there is none."""
    path = user_settings_file(environ)
    place = Place(Origin.USER, str(path))
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Layer(place, {})
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return Layer(place, {}, (SettingsProblem(f"The file could not be read: {reason}. Defaults are used.", place),))
    return _parsed(place, text)


def may_name_plans(root: Path) -> bool:
    """Whether the workspace at `root` may say itself which of its files are plans: its files are looked at, not read.

    That is quick enough for every document that an editor opens.
    """
    for name, word in ((WORKSPACE_FILE, b"plans"), (PYPROJECT, b"tool.agent-server")):
        try:
            with (root / name).open("rb") as file:
                if word in file.read(_LONGEST):
                    return True
        except OSError:
            continue
    return False


def workspace_layer(texts: Mapping[str, str]) -> Layer:
    """What the workspace's own settings say, given the texts of those of `WORKSPACE_FILES` that are there."""
    pyproject = _pyproject_layer(texts.get(PYPROJECT, ""))
    own = texts.get(WORKSPACE_FILE)
    if own is None:
        return pyproject
    layer = _parsed(Place(Origin.WORKSPACE, WORKSPACE_FILE), own)
    if not pyproject.values:
        return layer
    message = f"`[tool.agent-server]` is not read, since there is an `{WORKSPACE_FILE}` beside this file. Keep one."
    shadowed = SettingsProblem(message, pyproject.place, line_of(pyproject.text, _TABLE))
    return Layer(layer.place, layer.values, (*layer.problems, shadowed), layer.text)


def _pyproject_layer(text: str) -> Layer:
    place = Place(Origin.WORKSPACE, PYPROJECT)
    if "agent-server" not in text:  # most are about other tools, and none of our business, sound or not
        return Layer(place, {})
    layer = _parsed(place, text)
    table: Any = layer.values
    for key in _TABLE:
        table = table.get(key, {}) if isinstance(table, Mapping) else {}
    if not isinstance(table, Mapping):
        wrong = SettingsProblem("`tool.agent-server` is not a table.", place, line_of(text, _TABLE))
        return Layer(place, {}, (wrong,), text)
    return Layer(place, table, layer.problems, text, _TABLE)


def _parsed(place: Place, text: str) -> Layer:
    """The settings that a TOML text holds; none, and the reason, where it is broken."""
    if len(text) > _LONGEST:
        return _unread(place, text, f"it has more than {_LONGEST:,} characters")
    if any(line.count(".") > _MOST_DOTS for line in _QUOTED.sub("", text).split("\n")):
        return _unread(place, text, f"a line of it has more than {_MOST_DOTS} dots")
    try:
        return Layer(place, tomllib.loads(text), (), text)
    except RecursionError:
        return _unread(place, text, "it is nested too deeply")
    except ValueError as error:
        return _unread(place, text, str(error))


def _unread(place: Place, text: str, reason: str) -> Layer:
    message = f"The file could not be read: {visible(reason, _SHOWN)}. Its settings are not used."
    return Layer(place, {}, (SettingsProblem(message, place, line_in(reason, text)),), text)
