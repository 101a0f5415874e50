"""The editors that scenarios drive, and what is kept of them: a picture of each moment worth showing, and of a scenario
that failed the last thing on the screen and the logs.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent_server.demo.material import BAD_PLAN, GOOD_PLAN
from tests.e2e.conftest import runtime_folder
from tests.e2e.raw_client import ENTRY
from tests.e2e.site import Site
from tests.editors import install
from tests.editors.code import Code, install_extension

if TYPE_CHECKING:  # it may be missing, see `pytest_pycollect_makemodule`
    from playwright.sync_api import Browser

    from tests.editors.workbench import Workbench

__all__ = ["runtime_folder"]

MUST_RUN = "AGENT_SERVER_EDITORS"
"""Where this is set, a missing editor is a failure: CI's scenarios must not be skipped by mistake."""

OUTPUT = Path(os.environ.get("AGENT_SERVER_SCREENSHOTS") or Path(__file__).parent / "output").resolve()
SPEED = 25
"""Recorded seconds per second: a wave takes above twenty, time enough to stop an agent on a busy machine."""

BROWSER = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
WIDTH, HEIGHT = 1440, 900

_failed = pytest.StashKey[bool]()


class WithoutEditors(pytest.Module):
    """Stands for a module of scenarios where what they need is not installed: they could not even be imported."""

    def collect(self) -> Iterator[pytest.Function]:
        yield pytest.Function.from_parent(self, name="needs_the_editors", callobj=needs_the_editors)


def needs_the_editors() -> None:
    (pytest.fail if os.environ.get(MUST_RUN) else pytest.skip)(install.missing())


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    return WithoutEditors.from_parent(parent, path=module_path) if install.missing() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scenarios come last: Playwright keeps an event loop in this thread, and no other test finds room for its own."""
    items.sort(key=is_scenario)
    for item in filter(is_scenario, items):
        item.add_marker(pytest.mark.timeout(300))


def is_scenario(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    has_failed = report.when != "setup" and item.stash.get(_failed, False)  # it may be tried again
    item.stash[_failed] = has_failed or report.failed
    return report


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder for this run's pictures."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    return OUTPUT


@pytest.fixture(scope="session")
def extensions() -> Iterator[Path]:
    """The extension, built as it is shipped, and installed as a user installs it."""
    built = install.EXTENSION / "dist/agent-server.vsix"
    command = [str(install.node()), "package.mjs"]
    done = subprocess.run(command, cwd=install.EXTENSION, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with tempfile.TemporaryDirectory(prefix="as-", ignore_cleanup_errors=True) as folder:
        yield install_extension(built, Path(folder), os.environ)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install.chromium(), args=list(BROWSER))
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path, runtime_folder: str) -> Site:
    """The demo's folder, as its command makes it: recorded agents play there, whoever opens it."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")},
        "HOME": str(tmp_path / "home"),
        "AGENT_SERVER_STATE_DIR": str(tmp_path / "state"),
        "AGENT_SERVER_RUNTIME_DIR": runtime_folder,
        "AGENT_SERVER_SETTINGS": str(tmp_path / "settings.toml"),
    }
    root = (tmp_path / "site").resolve()
    subprocess.run([*ENTRY, "demo", "--only-files", str(root)], env=env, capture_output=True, check=True)
    return Site(root, root / GOOD_PLAN, root / BAD_PLAN, env, {"speed": SPEED})


@pytest.fixture
def vscode(
    site: Site, extensions: Path, browser: "Browser", screenshots: Path, request: pytest.FixtureRequest
) -> "Iterator[Callable[..., Workbench]]":
    """Opens a VS Code of its own on the site, with these files of it; its settings go beyond those of the site."""
    from tests.editors.workbench import Workbench

    running: list[tuple[Code, Workbench]] = []
    closing = ExitStack()

    def opened(
        *files: Path,
        settings: dict[str, Any] | None = None,
        asks_for_trust: bool = False,
        theme: str = "dark",
        scale: float = 1,
    ) -> Workbench:
        folder = closing.enter_context(tempfile.TemporaryDirectory(prefix="as-", ignore_cleanup_errors=True))
        look = {"workbench.colorTheme": f"{theme.title()} 2026"}
        everything = {**settings_of(site), **look, **(settings or {})}
        code = Code(Path(folder), extensions, site.env, everything, asks_for_trust=asks_for_trust)
        closing.callback(code.close)
        size = {"width": WIDTH, "height": HEIGHT}
        context = browser.new_context(viewport=size, device_scale_factor=scale, color_scheme=theme)
        closing.callback(context.close)
        window = Workbench(context.new_page(), screenshots)
        running.append((code, window))
        window.open(code.address(site.root, *files))
        return window

    with closing:
        yield opened
        if request.node.stash.get(_failed, False):
            of_server = [*Path(site.env["AGENT_SERVER_STATE_DIR"]).rglob("*.log")]
            for number, (code, window) in enumerate(running):
                keep([*code.logs(), *of_server], window, screenshots / f"failed-{request.node.name}-{number}")


def settings_of(site: Site) -> dict[str, Any]:
    """The settings of VS Code that name the program which is tested, and the site's options."""
    server = Path(sysconfig.get_path("scripts")) / "agent-server"
    return {"agentServer.server.path": str(server), **{f"agentServer.{name}": it for name, it in site.options.items()}}


def keep(logs: Iterable[Path], window: "Workbench", folder: Path) -> None:
    """Keep what tells why a scenario failed."""
    folder.mkdir(parents=True, exist_ok=True)
    for log in logs:
        shutil.copy(log, folder)
    try:
        window.page.screenshot(path=folder / "screen.png", timeout=10_000)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the logs are worth more
        print(f"No last picture: {error}", file=sys.stderr)  # noqa: T201
