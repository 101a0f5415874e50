"""`agent-server doctor`: whether everything is there that agents and editors need, and what to do where it is not."""

import argparse
import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from agent_server import __version__
from agent_server.agents.presets import PRESETS
from agent_server.analysis.picture import count
from agent_server.daemon import control, hung, place
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.state import StateDirectory, StateError
from agent_server.plan.visible import visible
from agent_server.settings import layered, user_layer, user_settings_file
from agent_server.workspace.paths import root_around

_OLDEST = (3, 11)
_FEW_WATCHES = 50_000
_LIMIT = "fs.inotify.max_user_watches"


class Verdict(StrEnum):
    """How a check came out."""

    GOOD = "ok"
    NOTICE = "note"
    BAD = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it is, and what to do where it should be otherwise."""

    verdict: Verdict
    subject: str
    words: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("workspace", nargs="?", type=Path, default=Path(), help="the workspace (default: this folder)")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the findings; the exit status is 1 where there is a problem."""
    root = root_around(options.workspace)
    bad = False
    for finding in findings(root):
        bad |= finding.verdict is Verdict.BAD
        print(f"{finding.verdict:8}{finding.subject}: {visible(finding.words)}", flush=True)
    return int(bad)


def findings(root: Path) -> Iterator[Finding]:
    """All checks for the workspace at `root`, each made when it is asked for."""
    yield _python()
    yield _git()
    yield _settings()
    yield _key()
    yield from _agents()
    state, finding = _state(root)
    yield finding
    if state is not None:
        yield from _sandboxes(state)
        yield from _daemon(root)
    yield _machines(layered([user_layer(os.environ)])[0].execution.scheduler)
    yield _watching()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    words = f"{__version__}, on Python {version}, {platform.system()} {platform.machine()}"
    verdict = Verdict.GOOD if sys.version_info >= _OLDEST else Verdict.BAD
    return Finding(verdict, "Agent Server", words)


def _git() -> Finding:
    found = shutil.which("git")
    if found is None:
        return Finding(Verdict.NOTICE, "Git", "not found. Ignored files are told by Agent Server alone; install Git.")
    return Finding(Verdict.GOOD, "Git", found)


def _settings() -> Finding:
    file = user_settings_file(os.environ)
    _, problems = layered([user_layer(os.environ)])
    if problems:
        return Finding(Verdict.BAD, "Settings", " ".join(map(str, problems)))
    return Finding(Verdict.GOOD, "Settings", f"{file}" if file.exists() else f"none, so the defaults hold ({file})")


def _key() -> Finding:
    if os.environ.get("ANTHROPIC_API_KEY", "").strip():
        return Finding(Verdict.GOOD, "Key", "`ANTHROPIC_API_KEY` is set here. A daemon has that of its first editor.")
    return Finding(
        Verdict.NOTICE, "Key", "`ANTHROPIC_API_KEY` is not set here, so the `anthropic` agent cannot work. Others can."
    )


def _agents() -> Iterator[Finding]:
    """The programs that are agents: those of the user's settings, and of those that need none what is installed."""
    own = layered([user_layer(os.environ)])[0].execution.backends
    missing = []
    for name, program in sorted({**PRESETS, **own}.items()):
        found = shutil.which(program.command[0])
        if found is not None:
            yield Finding(Verdict.GOOD, "Agent", f"`{name}` runs {found}")
        elif name in own:
            words = f"`{name}` of your settings cannot work: there is no `{program.command[0]}` on PATH."
            yield Finding(Verdict.NOTICE, "Agent", words)
        else:
            missing.append(f"`{name}`")
    if missing:
        yield Finding(Verdict.GOOD, "Agents", f"that can be installed, and are not on PATH: {', '.join(missing)}")


def _state(root: Path) -> tuple[StateDirectory | None, Finding]:
    try:
        state = StateDirectory.for_workspace(root, os.environ)
        landing = state.landing
    except StateError as error:
        return None, Finding(Verdict.BAD, "State", str(error))
    free = shutil.disk_usage(landing).free
    verdict = Verdict.GOOD if free > 1 << 30 else Verdict.NOTICE
    return state, Finding(verdict, "State", f"{state.root}, {free / 1e9:.0f} GB free")


def _sandboxes(state: StateDirectory) -> Iterator[Finding]:
    from agent_server.execution.sandboxes.sandbox import Network, probe

    subject = "Sandboxes"
    found = asyncio.run(probe(state))
    if found.isolation is Isolation.OVERLAY:
        yield Finding(Verdict.GOOD, subject, "`overlay`: agents and builds see the host read-only")
        cut = asyncio.run(probe(state, Network.OFF))
        if cut.isolation is Isolation.OVERLAY:
            yield Finding(Verdict.GOOD, subject, "their network can be cut (`--network agents`, `--network off`)")
        else:
            yield Finding(Verdict.NOTICE, subject, f"their network cannot be cut. {cut.reason}")
    else:
        yield Finding(Verdict.NOTICE, subject, f"no `overlay`, so copies, which hold no program. {found.reason}")
    others = "`copy`, and `worktree`, which Git writes" if shutil.which("git") else "`copy`; `worktree` needs Git"
    yield Finding(Verdict.GOOD, subject, f"where they are asked for: {others}. Neither holds a program")


def _machines(scheduler: str | None) -> Finding:
    """Whether agents can work on several machines."""
    subject = "Machines"
    if find_spec("distributed") is not None:
        where = f"at {scheduler}" if scheduler else "where the setting `scheduler` names one"
        return Finding(Verdict.GOOD, subject, f"Dask {version('distributed')} is there; agents work {where}")
    if scheduler:
        words = f"the setting `scheduler` is {scheduler}, but Dask is missing: `pip install 'agent-server[dask]'`."
        return Finding(Verdict.BAD, subject, words)
    return Finding(
        Verdict.GOOD, subject, "this one alone; `pip install 'agent-server[dask]'` lets agents work on several"
    )


def _daemon(root: Path) -> Iterator[Finding]:
    try:
        folder = place.runtime_folder(os.environ)
    except place.NoPlace as error:
        yield Finding(Verdict.BAD, "Daemon", str(error))
        return
    hanging = hung.serving(root, os.environ)
    if hanging is not None:
        words = f"process {hanging.pid} does not answer; `agent-server stop --force` ends it"
        yield Finding(Verdict.BAD, "Daemon", words)
        return
    found = [(name, each) for name, each in control.running(folder) if root.is_relative_to(each["workspace"])]
    if not found:
        yield Finding(Verdict.GOOD, "Daemon", f"none for this workspace; an editor starts one. Sockets are in {folder}")
    for name, status in found:
        editors = count(len(status["clients"]), "editor")
        yield Finding(Verdict.GOOD, "Daemon", f"process {status['pid']}, version {status['version']}, {editors}")
        if status["version"] != __version__:
            yield Finding(Verdict.NOTICE, "Daemon", "it is of another version; `agent-server stop` ends it")
        elif name != place.daemon_name(status["workspace"], os.environ):
            words = "it has another environment than this terminal; `agent-server stop` ends it"
            yield Finding(Verdict.NOTICE, "Daemon", words)


def _watching() -> Finding:
    try:
        most = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text("ascii"))
    except (OSError, ValueError):
        return Finding(Verdict.GOOD, "Watching", "by the system's own means")
    if most < _FEW_WATCHES:
        words = f"at most {most:,} folders; beyond that, all files are looked through. Raise `{_LIMIT}`."
        return Finding(Verdict.NOTICE, "Watching", words)
    return Finding(Verdict.GOOD, "Watching", f"up to {most:,} folders")
