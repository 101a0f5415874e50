"""The settings as values. What they mean stands here; how they are spelled in files and editors, in `readers.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from agent_server.analysis.settings import AnalysisSettings
from agent_server.plan.formats import FORMATS, Formats


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
class AgentProgram:
    """A program that is an agent, as a user defines one.

    `protocol` is `acp` (the Agent Client Protocol on its standard streams) or `command` (a prompt in, work done).
    Of `command`, `{model}` and `{prompt_file}` are replaced, and a word with `{write}` stands there once for each
    pattern of the write set, as an absolute path. `prompt` says how a command is given its prompt: `stdin`, `file` or
    `argument` (appended). `output` is `text`, `stream-json` (Claude Code's), `codex-json` or `aider`. `variables` are
    the environment variables that it needs beyond those of a build, its key among them, and `logins` the paths below
    the home that hold its login. `mode` is the session mode that an ACP agent is put into. `install` is a command that
    installs the program, `login` a sentence on how to log in, for who has not. `fixed` are environment variables with
    their values, in which `{model}` is replaced.

    Of an ACP agent, `meta` is what it is told with a new session as its `_meta`, where `{model}` is replaced in texts.
    Tools of the kinds in `refused` are never allowed to it. One that `breaks_off` ends its turn where it is refused
    something, and so is asked to go on.

    `unseen` are paths of the workspace that the program would obey: settings that name commands to run, or where to
    send its key. They are kept from it, for the workspace may be a stranger's.
    """

    protocol: str
    command: tuple[str, ...]
    prompt: str = "stdin"
    output: str = "text"
    variables: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    mode: str = ""
    install: str = ""
    login: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    breaks_off: bool = False
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutionSettings:
    """How agents run.

    `agent` is the backend for plans and tasks that name none. `transcripts` and `speed` (recorded seconds per real
    second) are for the `replay` backend. `task_minutes`, `task_tokens` and `turns` limit each agent; `verify_minutes`
    limits the verify command. `isolation` is `overlay`, `worktree`, `copy`, or None for the best that the host allows.
    Into the folder `record` goes a transcript of what each agent does, for `replay`; what it wrote to files stands in
    it, too.

    `backends` are programs that are agents, by the name that plans use; they win over the built-in ones. `network` is
    `on`, `agents` (commands have none) or `off`. `requests` is how many requests may be under way at one provider at
    once. With `bisect`, a verification that fails is repeated on parts of the wave until the guilty tasks are known.
    What runs leave behind is kept for `keep_days`, and what has neither landed nor been discarded for ever.
    `scheduler` is the address of a Dask scheduler whose workers run the agents.
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
    backends: Mapping[str, AgentProgram] = field(default_factory=dict)
    network: str = "on"
    requests: int = 64
    bisect: bool = True
    keep_days: float = 30.0
    scheduler: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one client or one command.

    `formats` says which files are plans, and of which format: the setting `plans` adds globs to those that are known.
    `decided` says which place a setting comes from, by its dotted name (`agents`, `severities.no-verify`); what is not
    in there has its default.
    """

    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    execution: ExecutionSettings = field(default_factory=ExecutionSettings)
    formats: Formats = FORMATS
    decided: Mapping[str, Place] = field(default_factory=dict, compare=False)
