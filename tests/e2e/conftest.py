import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent_server.daemon import control
from agent_server.demo.material import materialise, transcripts_folder
from tests.e2e.neovim import Neovim, until
from tests.e2e.raw_client import RawClient
from tests.e2e.site import Site, environment
from tests.e2e.two_agents import Gate, plan_of_two, settings_of_two
from tests.e2e.verification import HeldVerification

MODES = {"standalone": ("--standalone",), "daemon": ()}


@contextmanager
def folder_for_sockets() -> Iterator[str]:
    """A folder for sockets, whose daemons end with it: their paths must be short, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="as-", ignore_cleanup_errors=True) as folder:
        yield folder
        for name in control.names(folder):
            control.ask(folder, name, b"stop-now")


@pytest.fixture
def runtime_folder() -> Iterator[str]:
    with folder_for_sockets() as folder:
        yield folder


@pytest.fixture
def site(tmp_path: Path, runtime_folder: str) -> Site:
    return site_in(tmp_path, runtime_folder)


def site_in(folder: Path, runtime_folder: str) -> Site:
    """The demo's site below a folder, and the environment that belongs to it."""
    demo = materialise(folder / "site")
    env = environment(folder, runtime_folder)
    options = {"agent": "replay", "transcripts": str(transcripts_folder()), "speed": 600}
    return Site(demo.root.resolve(), demo.good_plan.resolve(), demo.bad_plan.resolve(), env, options)


@pytest.fixture
def verification(site: Site) -> Iterator[HeldVerification]:
    """The good plan's verification, which waits for the test."""
    held = HeldVerification(site.good_plan)
    yield held
    held.release()


@pytest.fixture
async def client(site: Site, request: pytest.FixtureRequest) -> AsyncIterator[RawClient]:
    """A client of a server in one process; of the workspace's daemon where a test asks for that."""
    client = await RawClient.start(site.env, *MODES[getattr(request, "param", "standalone")])
    yield client
    await client.kill()


@pytest.fixture
def start_neovim(site: Site, tmp_path: Path) -> Iterator[Callable[..., Neovim]]:
    """Starts one more Neovim, with these options beside the site's."""
    with neovims(tmp_path) as start:
        yield partial(start, site)


@contextmanager
def neovims(folder: Path) -> Iterator[Callable[..., Neovim]]:
    """Starts Neovims on a site, and has them end."""
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not installed")
    editors: list[Neovim] = []

    def started(site: Site, **options: Any) -> Neovim:
        own = folder / str(len(editors))
        own.mkdir()
        editors.append(Neovim(program, own, site, **options))
        return editors[-1]

    try:
        yield started
    finally:
        for editor in editors:
            editor.close()


@pytest.fixture
def held(start_neovim: Callable[..., Neovim], site: Site) -> Neovim:
    """A Neovim whose run waits for a decision."""
    plan_of_two(site)
    nvim = start_neovim(**settings_of_two())
    nvim.edit(site.root / "two.plan.md")
    nvim.command("AgentServer launch")
    nvim.agree()
    until(lambda: "held" in nvim.states())
    return nvim


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Where the agents of a test wait until it lets them go on."""
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def nvim(start_neovim: Callable[..., Neovim]) -> Neovim:
    return start_neovim()


@pytest.fixture(scope="session")
def quiet_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for tests that run nothing and write no file, with one daemon for them all."""
    with folder_for_sockets() as runtime_folder:
        yield site_in(tmp_path_factory.mktemp("quiet"), runtime_folder)


@pytest.fixture
def fresh(quiet_site: Site, tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim of the test's own on the quiet site."""
    with neovims(tmp_path) as start:
        yield start(quiet_site)
