"""What the tests of agents share: a workbench, a brief, and looking at what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from agent_server.agents.backend import Brief, Event, Limits
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.settings import Tier

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Workbench:
    root: Path


def brief(*writes: str, task: str = "nav", prompt: str = "Do it.", limits: Limits | None = None) -> Brief:
    return Brief(
        task=task,
        title="Build the navigation",
        prompt=prompt,
        writes=PathSet.of(writes),
        model="claude-sonnet-5-5",
        tier=Tier.DEFAULT,
        limits=limits or Limits(),
    )


def contents(root: Path) -> dict[str, str]:
    """Every file below `root` by its path; a symbolic link by its target."""
    return {
        str(path.relative_to(root)): f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def of_type(events: Iterable[Event], kind: type[Kind]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]
