"""Settings from several places, laid over one another.

From the weakest to the strongest: the defaults, the user's settings file, the workspace's own file, the editor. Tables
are merged entry by entry; `protected` only ever grows.

Invariant: a stranger's repository must not choose what runs. Of a workspace's file only `OPEN_TO_WORKSPACES` is taken,
and no rule that guards (`Rule.guards`) is made quieter by it. The rest is refused, and the refusal is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import BUILT_IN_AGENTS, AnalysisSettings, Severity
from agent_server.plan.formats import Formats
from agent_server.plan.visible import visible
from agent_server.settings.locating import line_of
from agent_server.settings.readers import NAMES, TABLES, Path_, read
from agent_server.settings.values import ExecutionSettings, Origin, Place, Settings

OPEN_TO_WORKSPACES = frozenset({"agents", "brief_tokens", "minutes", "plans", "severities", "protected"})
"""The settings that a workspace may bring along: they change what is shown, and nothing that runs."""

_ANALYSIS = frozenset(each.name for each in fields(AnalysisSettings))
_EXECUTION = frozenset(each.name for each in fields(ExecutionSettings))
_LOUDNESS = (Severity.OFF, Severity.HINT, Severity.INFORMATION, Severity.WARNING, Severity.ERROR)
_SHOWN = 400  # characters of a message, which may tell names and values of a stranger's file
_INSTEAD = "Set it in your editor's settings for Agent Server, or in your own `settings.toml`."


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    """What is wrong with the settings of one place. `line` counts from 0; None where there are no lines to point at."""

    message: str
    place: Place
    line: int | None = None

    def __str__(self) -> str:
        """The message with its place, for a terminal or a message box."""
        if self.place.origin is Origin.EDITOR:
            return self.message
        at = f", line {self.line + 1}" if self.line is not None else ""
        return f"In `{self.place.name}`{at}: {self.message}"


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings of one place as they stand there, JSON-like, and what went wrong when they were read.

    `text` is the file's, and `table` the keys under which the settings stand in it: they tell the lines of problems.
    """

    place: Place
    values: Mapping[str, Any]
    problems: tuple[SettingsProblem, ...] = ()
    text: str = ""
    table: tuple[str, ...] = ()

    def problem(self, path: Path_, message: str) -> SettingsProblem:
        """A problem with the setting `path` of this layer."""
        shown = visible(message, _SHOWN)
        return SettingsProblem(shown, self.place, line_of(self.text, (*self.table, *path)))


def layered(layers: Iterable[Layer]) -> tuple[Settings, tuple[SettingsProblem, ...]]:
    """The settings that `layers`, weakest first, make together, and all that is wrong with them.

    Whatever is wrong changes nothing, so that a slip in one setting never takes the server down. The layer of a
    workspace may come at any point: it never outweighs the editor's.
    """
    settings, problems = Settings(), list[SettingsProblem]()
    for layer in layers:
        settings, found = overlaid(settings, layer)
        problems += found
    return settings, tuple(problems)


def overlaid(settings: Settings, layer: Layer) -> tuple[Settings, tuple[SettingsProblem, ...]]:
    """`settings` with one layer more, and what is wrong with that."""
    taken, wrong = read(layer.values)
    if layer.place.origin is Origin.WORKSPACE:
        wrong = [(path, message) for path, message in wrong if path[0] in OPEN_TO_WORKSPACES or path[0] not in NAMES]
        wrong += _refusals(settings, layer.values, taken)
        refused = {path for path, _ in wrong}
        taken = {
            path: value
            for path, value in taken.items()
            if path[0] in OPEN_TO_WORKSPACES and path not in refused and not _is_the_editors(settings, path)
        }
    decided = {".".join(path): layer.place for path in taken}
    problems = (*layer.problems, *(layer.problem(path, message) for path, message in wrong))
    execution = replace(settings.execution, **_changes(settings.execution, taken, _EXECUTION))
    known_agents = tuple(dict.fromkeys((*execution.backends, *BUILT_IN_AGENTS)))
    analysis = replace(settings.analysis, **_changes(settings.analysis, taken, _ANALYSIS), known_agents=known_agents)
    formats = _formats(settings.formats, taken)
    return Settings(analysis, execution, formats, {**settings.decided, **decided}), problems


def _refusals(settings: Settings, values: Mapping[str, Any], taken: Mapping[Path_, Any]) -> Iterator[tuple[Path_, str]]:
    """What a workspace may not set, each with the reason."""
    for name in values:
        if name in NAMES - OPEN_TO_WORKSPACES:
            reason = "since its files may come from anybody, and must not choose what runs"
            yield (name,), f"A workspace cannot set `{name}`, {reason}. {_INSTEAD}"
    for path, value in taken.items():
        if path[0] != "severities" or not RULES[path[1]].guards:
            continue
        present = severity_of(settings.analysis, path[1])
        if _LOUDNESS.index(value) < _LOUDNESS.index(present):
            reason = "the rule guards what agents must not touch, or tells what they did"
            yield path, f"A workspace cannot make `{path[1]}` quieter than `{present}`: {reason}. {_INSTEAD}"


def severity_of(settings: AnalysisSettings, code: str) -> Severity:
    """How loud the rule `code` is under these settings."""
    return settings.severities.get(code, RULES[code].severity)


def _is_the_editors(settings: Settings, path: Path_) -> bool:
    place = settings.decided.get(".".join(path))
    return path[0] != "protected" and place is not None and place.origin is Origin.EDITOR


def _formats(current: Formats, taken: Mapping[Path_, Any]) -> Formats:
    chosen = {path[1]: globs for path, globs in taken.items() if path[0] == "plans"}
    return Formats({**current.patterns, **chosen}) if chosen else current


def _changes(
    current: AnalysisSettings | ExecutionSettings, taken: Mapping[Path_, Any], names: frozenset[str]
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for (name, *key), value in taken.items():
        if name not in names:
            continue
        before = changes.get(name, getattr(current, name))
        if name in TABLES:
            changes[name] = {**before, key[0]: value}
        elif name == "protected":
            changes[name] = tuple(dict.fromkeys((*before, *value)))
        else:
            changes[name] = value
    return changes
