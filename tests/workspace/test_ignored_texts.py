"""What is ignored may be secret, so no analysis gets to read it, whatever a plan names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agent_server.workspace.scanning import scan
from tests.workspace.disk import plant, repository
from tests.workspace.following import Following

FILES = {".gitignore": ".env\n", ".env": "KEY=1", "a.py": "A"}
ASKED = ["a.py", ".env", ".git/config"]


@pytest.fixture(params=[repository, plant])
def world(request: pytest.FixtureRequest, root: Path) -> Path:
    return request.param(root, FILES)


async def test_the_live_workspace_reads_only_what_it_lists(world: Path, follow: Callable[..., Following]) -> None:
    following = await follow(world).start()
    assert following.workspace.tree_with(ASKED).contents == {"a.py": "A"}


async def test_an_ignored_file_that_is_open_in_the_editor_is_no_secret(
    world: Path, follow: Callable[..., Following]
) -> None:
    following = await follow(world).start()
    following.workspace.open_buffer(".env", "")
    assert following.workspace.tree_with(ASKED).contents == {"a.py": "A", ".env": ""}


def test_one_look_reads_only_what_it_lists(world: Path) -> None:
    assert scan(world, lambda _tree: ASKED).tree.contents == {"a.py": "A"}
