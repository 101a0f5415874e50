"""Git, run so that a stranger's repository can neither run a program, nor reach the network, nor hang the server."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType

from agent_server.workspace.paths import home_folder

GIT_SECONDS = 30.0
"""How long one git command may take before it is given up."""

# What names programs in a repository's own configuration is switched off. The command line wins over every file.
_SAFE = (
    "git",
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "safe.bareRepository=explicit",
)

# `git rev-parse --local-env-vars`: they would point git at another repository, as they do inside a git hook.
_LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)

_POLL_SECONDS = 0.1
_NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


class GitError(Exception):
    """Git could not answer. The message is the reason, to be read after "because"."""


class NotARepositoryError(GitError):
    """The folder lies in no git work tree."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A git work tree: its top folder, and the folder of its metadata (`.git`, or where a `.git` file points to).

    `common` is the metadata that linked work trees share; elsewhere it is the same folder.
    """

    top: Path
    metadata: Path
    common: Path


def never() -> bool:
    """Not cancelled: the default of every `cancelled` argument."""
    return False


def find_repository(folder: Path, *, cancelled: Callable[[], bool] = never) -> Repository:
    """The work tree that `folder` (resolved) lies in. A repository at the home folder or above it does not count.

    Raises `NotARepositoryError` where there is none, `GitError` where git is missing, refuses or fails.
    """
    question = ("--show-toplevel", "--absolute-git-dir", "--git-common-dir")
    lines = os.fsdecode(run_git(folder, "rev-parse", *question, cancelled=cancelled)).splitlines()
    if len(lines) != len(question):
        raise GitError("git's answer about the repository is unreadable")
    # The last one may be relative.
    top, metadata, common = (folder / line for line in lines)
    # `core.worktree` in a repository's configuration may point anywhere.
    if not folder.is_relative_to(top.resolve()):
        raise GitError(f"the repository names another work tree, `{top}`")
    return Repository(top.resolve(), metadata.resolve(), common.resolve())


def run_git(
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    accept: tuple[int, ...] = (0,),
    seconds: float = GIT_SECONDS,
    cancelled: Callable[[], bool] = never,
) -> bytes:
    """What `git ARGUMENTS` prints in `folder`. Exit statuses in `accept` are good ones.

    Raises `GitError` with the reason where git is missing, fails, takes longer than `seconds` or is cancelled.
    """
    return ask_git(folder, *arguments, stdin=stdin, accept=accept, seconds=seconds, cancelled=cancelled).output


@dataclass(frozen=True, slots=True)
class Answered:
    """How a git command ended, and what it printed."""

    status: int
    output: bytes


def ask_git(  # noqa: PLR0913  # as many things can be said of a command, each by its name
    folder: Path,
    *arguments: str,
    stdin: bytes = b"",
    accept: tuple[int, ...] = (0,),
    seconds: float = GIT_SECONDS,
    cancelled: Callable[[], bool] = never,
    variables: Mapping[str, str] = _NOTHING_MORE,
) -> Answered:
    """As `run_git`, with the exit status too. `variables` are added to git's environment."""
    environment = {**_environment(), **variables}
    with _start(folder, arguments, stdin, environment) as process:
        try:
            output, errors = _communicate(process, seconds, cancelled)
        finally:
            _kill(process)
    if process.returncode not in accept:
        raise _failure(errors, process.returncode)
    return Answered(process.returncode, output)


def _start(
    folder: Path, arguments: Iterable[str], stdin: bytes, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    try:
        # A file, because `Popen.communicate` does not go on sending to a pipe after a timeout.
        with TemporaryFile() as question:
            question.write(stdin)
            question.seek(0)
            return subprocess.Popen(
                [*_SAFE, *arguments],
                cwd=folder,
                env=environment,
                stdin=question,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
    except FileNotFoundError as error:
        raise GitError("git is not installed" if folder.is_dir() else "the folder does not exist") from error
    except OSError as error:
        raise GitError(f"git does not start: {error.strerror}") from error


def _communicate(
    process: subprocess.Popen[bytes], seconds: float, cancelled: Callable[[], bool]
) -> tuple[bytes, bytes]:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return process.communicate(timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired as error:
            if cancelled():
                raise GitError("it was cancelled") from error
            if time.monotonic() > deadline:
                raise GitError(f"git did not answer within {seconds:g} seconds") from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _failure(errors: bytes, status: int) -> GitError:
    lines = os.fsdecode(errors).strip().splitlines()
    told = (line for line in lines if line.startswith(("fatal: ", "error: ")))
    first = next(told, f"git failed with status {status}")
    reason = first.partition(": ")[2] or first
    if reason.startswith("not a git repository"):
        return NotARepositoryError("it is in no git repository")
    return GitError(f"git says: {reason}")


def _environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _LOCAL_VARIABLES}
    environment |= {
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    ceilings = [environment.get("GIT_CEILING_DIRECTORIES", ""), home_folder()]
    environment["GIT_CEILING_DIRECTORIES"] = os.pathsep.join(filter(None, ceilings))
    return environment
