"""A git that knows nothing of the machine it runs on, and workspaces that are followed while a test changes them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agent_server.workspace.workspace import Workspace
from tests.workspace.disk import plant
from tests.workspace.following import Following

IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2024-01-01T00:00:00Z"))
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder, and no configuration of git's but that it need not wait for the disk."""
    home = plant(tmp_path / "home", {".gitconfig": "[core]\n\tfsync = none\n"})
    for name, value in {**IDENTITY, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty folder outside of every repository."""
    root = tmp_path / "work"
    root.mkdir()
    return root


@pytest.fixture
async def follow() -> AsyncIterator[Callable[..., Following]]:
    """Makes workspaces (to be started by the test), and stops them in the end."""
    made: list[Following] = []

    def make(root: Path, **options: object) -> Following:
        problems: list[str] = []
        workspace = Workspace(root, report=problems.append, **options)  # type: ignore[arg-type]
        made.append(Following(workspace, problems))
        return made[-1]

    yield make
    for following in made:
        await following.workspace.stop()
