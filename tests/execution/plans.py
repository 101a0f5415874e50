"""Small workspaces and plans for the tests of runs."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_server.analysis.analyse import analyse, sources_needed
from agent_server.analysis.model import Analysis
from agent_server.execution.sandboxes.isolation import Isolation, SandboxError
from agent_server.execution.sandboxes.sandbox import freeze
from agent_server.execution.state import StateDirectory
from agent_server.plan.formats import reader_for
from agent_server.workspace.scanning import scan


def analysed(root: Path, text: str, path: str = "two.plan.md") -> Analysis:
    """The analysis of a plan's text over the files that lie at `root`. `path` is the plan's, which tells its format."""
    reader = reader_for(path, text)
    assert reader is not None
    plan, problems = reader.parse(text)
    return analyse(plan, problems, scan(root, lambda tree: sources_needed(plan, tree)).tree)


def two_tasks(verify: str = "test -f a.txt && test -f b.txt", **front_matter: str) -> str:
    """A plan of two independent tasks, `a` and `b`, that write `a.txt` and `b.txt`."""
    settings = "".join(f"{name}: {value}\n" for name, value in {"verify": f'"{verify}"', **front_matter}.items())
    tasks = "".join(
        f"## {name}: Write the file {name}\n- writes: `{name}.txt`\n\nWrite the text that the file needs.\n\n"
        for name in ("a", "b")
    )
    return f"---\n{settings}---\n# Two\n\n{tasks}"


async def skip_unless_possible(isolation: Isolation, root: Path, environ: Mapping[str, str]) -> None:
    """Skip the test, with the host's reason, where such a sandbox cannot be had."""
    try:
        async with await freeze(root, StateDirectory.for_workspace(root, environ), prefer=isolation):
            pass
    except SandboxError as refusal:
        pytest.skip(str(refusal))
