"""Everything that a user may set, read from the editor's or the user's own configuration.

Settings never come from the workspace: a stranger's repository must not choose what runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from agent_server.analysis.globs import BadGlob, PathSet
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import DEFAULT_MINUTES, DEFAULT_MODELS, AnalysisSettings, Severity, Tier
from agent_server.analysis.tree import Tree


@dataclass(frozen=True, slots=True)
class ExecutionSettings:
    """How agents run.

    `agent` is the backend for plans and tasks that name none. `transcripts` and `speed` (recorded seconds per real
    second) are for the `replay` backend. `task_minutes`, `task_tokens` and `turns` limit each agent; `verify_minutes`
    limits the verify command. `isolation` is `overlay`, `copy`, or None for the best that the host allows. Into the
    folder `record` goes a transcript of what each agent does, for `replay`; what it wrote to files is in there.
    """

    agent: str = "anthropic"
    transcripts: Path | None = None
    speed: float = 1.0
    task_minutes: float = 60.0
    task_tokens: int | None = None
    turns: int = 200
    verify_minutes: float = 30.0
    isolation: str | None = None
    record: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one client or one command."""

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    execution: ExecutionSettings = field(default_factory=ExecutionSettings)


class BadSetting(ValueError):
    """A value that a setting cannot have. The message names the setting and says what it takes."""


Value = TypeVar("Value")
_Reader = Callable[[str, Any], Any]

# Larger numbers, and `inf`, are slips: they mean no limit, and no arithmetic of minutes survives them.
_MOST = 1_000_000_000


def read_settings(values: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """The settings that `values` (JSON-like, from an editor or a TOML file) describe, and what was wrong with them.

    Whatever is wrong keeps its default, so that a slip in one setting never takes the server down.
    """
    problems: list[str] = []
    taken: dict[str, Any] = {}
    for name, value in values.items():
        reader = _READERS.get(name)
        if reader is None:
            near = get_close_matches(name, _READERS, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else f" Known are {', '.join(sorted(_READERS))}."
            problems.append(f"There is no setting `{name}`.{hint}")
            continue
        try:
            taken[name] = reader(name, value)
        except BadSetting as error:
            problems.append(str(error))
    analysis = AnalysisSettings(**{key: taken[key] for key in _ANALYSIS if key in taken})
    execution = ExecutionSettings(**{key: taken[key] for key in _EXECUTION if key in taken})
    return Settings(analysis, execution), tuple(problems)


def user_settings_file(environ: Mapping[str, str]) -> Path:
    """Where the user's settings lie: `settings.toml` in their configuration folder, or `$AGENT_SERVER_SETTINGS`."""
    chosen = environ.get("AGENT_SERVER_SETTINGS")
    if chosen:
        return _expanded(chosen)
    from platformdirs import user_config_path  # noqa: PLC0415  # only where no file is named

    return user_config_path("agent-server") / "settings.toml"


def load_user_settings(environ: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values of the user's settings file, empty when there is none, and what was wrong with it."""
    import tomllib  # noqa: PLC0415  # most starts have no settings file

    path = user_settings_file(environ)
    try:
        return tomllib.loads(path.read_text("utf-8")), ()
    except FileNotFoundError:
        return {}, ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return {}, (f"The settings in `{path}` could not be read: {reason}. Defaults are used.",)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST:
        raise BadSetting(f"`{name}` takes a number above 0 and below {_MOST:,}, not {value!r}.")
    return float(value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadSetting(f"`{name}` takes a whole number from 1, not {value!r}.")
    return value


def _text(name: str, value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value.strip()):
        return value or None
    raise BadSetting(f"`{name}` takes a text, not {value!r}.")


def _agent(name: str, value: Any) -> str:
    return _text(name, value) or ExecutionSettings().agent


def _path(name: str, value: Any) -> Path | None:
    text = _text(name, value)
    return _expanded(text) if text else None


def _expanded(text: str) -> Path:
    """The path, with `~` as the home folder where there is one."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # there is no such user
        return path


def _protected(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadSetting(f"`{name}` takes a list of globs, not {value!r}.")
    for item in value:
        try:
            PathSet.of((item,), Tree())
        except BadGlob as error:
            raise BadSetting(f"`{name}` has a glob that cannot be used: {error}") from None
    return (*AnalysisSettings().protected, *value)


def _isolation(name: str, value: Any) -> str | None:
    if value in (None, "auto"):
        return None
    if value not in ("overlay", "copy"):
        raise BadSetting(f"`{name}` is `overlay`, `copy` or `auto`, not {value!r}.")
    return str(value)


def _by_tier(defaults: Mapping[Tier, Value], each: Callable[[str, Any], Value]) -> _Reader:
    def read(name: str, value: Any) -> dict[Tier, Value]:
        if not isinstance(value, Mapping) or not set(value) <= {tier.value for tier in Tier}:
            raise BadSetting(f"`{name}` takes `fast`, `default` and `capable`, not {value!r}.")
        return {**defaults, **{Tier(tier): each(f"{name}.{tier}", given) for tier, given in value.items()}}

    return read


def _model_id(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadSetting(f"`{name}` takes a model id, not {value!r}.")
    return value


def _severities(name: str, value: Any) -> dict[str, Severity]:
    allowed = [severity.value for severity in Severity]
    if not isinstance(value, Mapping) or not all(given in allowed for given in value.values()):
        raise BadSetting(f"`{name}` maps a rule's code to one of {', '.join(sorted(allowed))}, not {value!r}.")
    unknown = next((str(code) for code in value if code not in RULES), None)
    if unknown is not None:
        near = get_close_matches(unknown, RULES, n=1)
        raise BadSetting(f"`{name}`: there is no rule `{unknown}`.{f' Did you mean `{near[0]}`?' if near else ''}")
    return {str(code): Severity(given) for code, given in value.items()}


_ANALYSIS: Mapping[str, _Reader] = {
    "agents": _count,
    "models": _by_tier(DEFAULT_MODELS, _model_id),
    "minutes": _by_tier(DEFAULT_MINUTES, _number),
    "severities": _severities,
    "protected": _protected,
    "verify": _text,
}
_EXECUTION: Mapping[str, _Reader] = {
    "agent": _agent,
    "transcripts": _path,
    "speed": _number,
    "task_minutes": _number,
    "task_tokens": _count,
    "turns": _count,
    "verify_minutes": _number,
    "isolation": _isolation,
    "record": _path,
}
_READERS: Mapping[str, _Reader] = {**_ANALYSIS, **_EXECUTION}

NAMES = frozenset({*_READERS, "trusted"})
"""Every setting's name, with the one that only an editor can set."""
