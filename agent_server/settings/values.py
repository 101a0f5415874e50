"""The settings as values. What they mean stands here; how they are spelled in files and editors, in `readers.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from agent_server.analysis.settings import AnalysisSettings


class Origin(StrEnum):
    """Who speaks: the settings file of the user, the workspace's own file, or the editor."""

    USER = "user"
    WORKSPACE = "workspace"
    EDITOR = "editor"


@dataclass(frozen=True, slots=True)
class Place:
    """Where settings stand. `name` is what people call it: the path of a file, or the editor's settings."""

    origin: Origin
    name: str


EDITOR = Place(Origin.EDITOR, "your editor's settings")


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
    """The settings of one client or one command.

    `decided` says which place a setting comes from, by its dotted name (`agents`, `severities.no-verify`); what is not
    in there has its default.
    """

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    execution: ExecutionSettings = field(default_factory=ExecutionSettings)
    decided: Mapping[str, Place] = field(default_factory=dict, compare=False)
