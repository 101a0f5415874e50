import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_server.daemon import control
from agent_server.demo.material import materialise, transcripts_folder
from tests.e2e.neovim import Neovim
from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site, environment

MODES = {"standalone": ("--standalone",), "daemon": ()}


@pytest.fixture
def runtime_folder() -> Iterator[str]:
    """A folder for sockets: their paths must be short, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="as-", ignore_cleanup_errors=True) as folder:
        yield folder
        for name in control.names(folder):
            control.ask(folder, name, b"stop-now")


@pytest.fixture
def site(tmp_path: Path, runtime_folder: str) -> Site:
    demo = materialise(tmp_path / "site")
    env = environment(tmp_path, runtime_folder)
    options = {"agent": "replay", "transcripts": str(transcripts_folder()), "speed": 600}
    return Site(demo.root.resolve(), demo.good_plan.resolve(), demo.bad_plan.resolve(), env, options)


@pytest.fixture
async def client(site: Site, request: pytest.FixtureRequest) -> AsyncIterator[RawClient]:
    """A client of a server in one process; of the workspace's daemon where a test asks for that."""
    client = await RawClient.start(site.env, *MODES[getattr(request, "param", "standalone")])
    yield client
    await client.kill()


@pytest.fixture
def start_neovim(site: Site, tmp_path: Path) -> Iterator[Callable[..., Neovim]]:
    """Starts one more Neovim, with these options beside the site's."""
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not installed")
    editors: list[Neovim] = []

    def started(**options: Any) -> Neovim:
        folder = tmp_path / str(len(editors))
        folder.mkdir()
        editors.append(Neovim(program, folder, site, **options))
        return editors[-1]

    yield started
    for editor in editors:
        editor.close()


@pytest.fixture
def nvim(start_neovim: Callable[..., Neovim]) -> Neovim:
    return start_neovim()
