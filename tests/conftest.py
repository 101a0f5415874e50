import os
from collections.abc import Iterator
from compileall import compile_dir
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import agent_server
from tests.agents.messages_server import MessagesServer

# How fast an example runs says more about the machine than about the code. The suite tries the same examples every
# time, so that it fails for a change and not by chance; `--hypothesis-profile explore` looks for new ones. `thorough`
# looks for very many, and is meant for single tests.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=60
)
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2_000)
settings.register_profile("thorough", settings.get_profile("explore"), max_examples=100_000)
settings.load_profile("suite")


END_TO_END = frozenset({"e2e", "editors"})
"""The folders whose tests drive whole programs: servers, and real editors."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-plans",
        action="store_true",
        help="rewrite the expectations of the literate cases to what is found now",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once, where no process may do it for the next one: `PYTHONDONTWRITEBYTECODE` is often set.

    The tests start hundreds of processes, and each would spend a third of its start on that.
    """
    if not hasattr(config, "workerinput"):  # the processes of pytest-xdist start after this one has compiled
        compile_dir(Path(agent_server.__file__).parent, quiet=2)
    if config.getoption("--update-plans") and config.getoption("numprocesses", default=None):
        raise pytest.UsageError("--update-plans rewrites files that hold several cases: use it with -n 0.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test end to end once more where it fails, three of them in all: editors have clocks that nobody can await.

    The report tells of it as RERUN, with what failed. It is to be mended all the same: most often the fault is ours.
    """
    for item in items:
        if item.path.parent.name in END_TO_END:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def _no_index_in_the_users_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Indexes of workspaces lie beside the test's other files; each workspace has one of its own there."""
    os.environ["AGENT_SERVER_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def messages_server() -> Iterator[MessagesServer]:
    """A local server that speaks the Messages API; `tests/agents/messages_server.py` says how to script it."""
    with MessagesServer() as server:
        yield server
