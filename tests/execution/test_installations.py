"""Programs of agents, installed below a home in each of the usual ways, are found and run in a sandbox."""

import os
import shutil
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_server.agents.programs import Program as Wanted
from agent_server.execution.sandboxes.installations import installation
from agent_server.execution.sandboxes.sandbox import Base, Sandbox
from tests.execution.trees import Link, Program, Tree, plant

NODE = 'const { works } = require("./beside.js"); console.log(works, process.argv.slice(2).join())\n'
PACKAGE: Tree = {
    "cli.js": Program(f"#!/usr/bin/env node\n{NODE}"),
    "beside.js": 'exports.works = "it works"\n',
    "package.json": "{}",
}
NODE_PROGRAM = shutil.which("node")


def package(folder: str) -> Tree:
    return {f"{folder}/{name}": what for name, what in PACKAGE.items()}


def npm_prefix(home: Path) -> str:
    plant(home, package(".npm-global/lib/node_modules/@maker/agent"))
    plant(home, {".npm-global/bin/agent": Link("../lib/node_modules/@maker/agent/cli.js")})
    return ".npm-global/bin"


def nvm(home: Path) -> str:
    folder = ".nvm/versions/node/v22.0.0"
    plant(home, package(f"{folder}/lib/node_modules/agent"))
    plant(home, {f"{folder}/bin/agent": Link("../lib/node_modules/agent/cli.js")})
    return f"{folder}/bin"


def linked_for_development(home: Path) -> str:
    plant(home, package("work/agent"))
    plant(
        home,
        {
            "npm/lib/node_modules/agent": Link("../../../work/agent"),
            "npm/way": Link("lib/node_modules/agent/cli.js"),
            "npm/bin/agent": Link(str(home / "npm/way")),
        },
    )
    return "npm/bin"


def yarn(home: Path) -> str:
    plant(home, package(".config/yarn/global/node_modules/agent"))
    plant(
        home,
        {
            ".config/yarn/global/node_modules/.bin/agent": Link("../agent/cli.js"),
            ".yarn/bin/agent": Link("../../.config/yarn/global/node_modules/.bin/agent"),
        },
    )
    return ".yarn/bin"


def single_file(home: Path) -> str:
    place = ".local/share/agent/versions/2.0.1"
    plant(home, {place: Program('#!/bin/sh\necho "it works $*"\n'), ".local/bin/agent": Link(str(home / place))})
    return ".local/bin"


def version_folder(home: Path) -> str:
    place = ".local/share/agent/versions/2026.01"
    script = '#!/bin/sh\n. "$(dirname "$(realpath "$0")")/beside.sh"; echo "$works $*"\n'
    plant(home, {f"{place}/agent": Program(script), f"{place}/beside.sh": "works='it works'\n"})
    plant(home, {".local/bin/agent": Link(str(home / place / "agent"))})
    return ".local/bin"


def volta(home: Path) -> str:
    shim = '#!/bin/sh\nexec "${VOLTA_HOME-$HOME/.volta}/tools/image/packages/$(basename "$0")/start" "$@"\n'
    plant(
        home,
        {
            ".volta/bin/volta-shim": Program(shim),
            ".volta/bin/agent": Link("volta-shim"),
            ".volta/tools/image/packages/agent/start": Program('#!/bin/sh\necho "it works $*"\n'),
        },
    )
    return ".volta/bin"


def pipx_elsewhere(home: Path) -> str:
    venv.create(home / "tools/agent", symlinks=True)
    plant(home, {"tools/agent/lib/beside.py": "works = 'it works'\n"})
    body = "import sys; sys.path.append(sys.prefix + '/lib'); import beside; print(beside.works, *sys.argv[1:])"
    plant(home, {"tools/agent/bin/agent": Program(f"#!{home}/tools/agent/bin/python\n{body}\n")})
    plant(home, {".local/bin/agent": Link(str(home / "tools/agent/bin/agent"))})
    return ".local/bin"


def homebrew(home: Path) -> str:
    plant(home, {"brew/Cellar/agent/1/bin/agent": Program('#!/bin/sh\necho "it works $*"\n')})
    plant(home, {"brew/bin/agent": Link("../Cellar/agent/1/bin/agent")})
    return "brew/bin"


def interpreter_elsewhere(home: Path) -> str:
    plant(home, {"tools/reader-1.0/bin/reader": Program('#!/bin/sh\necho "it works $2"\n')})
    plant(home, {".local/bin/reader": Link("../../tools/reader-1.0/bin/reader")})
    plant(home, {".local/share/agent/app/main": Program("#!/usr/bin/env reader\n")})
    plant(home, {".local/bin/agent": Link("../share/agent/app/main")})
    return ".local/bin"


WAYS: list[Callable[[Path], str]] = [
    npm_prefix,
    nvm,
    linked_for_development,
    yarn,
    single_file,
    version_folder,
    volta,
    pipx_elsewhere,
    homebrew,
    interpreter_elsewhere,
]
OF_NODE = [npm_prefix, nvm, linked_for_development, yarn]


@pytest.fixture
async def sandbox(base: Base) -> Sandbox:
    return await base.fork("task")


@pytest.mark.parametrize("install", WAYS)
async def test_it_runs(install: Callable[[Path], str], sandbox: Sandbox, tmp_path: Path) -> None:
    if install in OF_NODE and NODE_PROGRAM is None:
        pytest.skip("there is no Node here")
    home = plant(tmp_path / "home", {".local/share/keyrings/login": "secret", "letters/a.txt": "secret"})
    path = os.pathsep.join((str(home / install(home)), os.environ["PATH"]))
    wanted = Wanted(("agent", "word"), {"HOME": str(home), "PATH": path})
    async with sandbox.program(wanted) as running:
        said = (await running.output.read()).decode()
    assert (said, running.errors) == ("it works word\n", "")


async def test_it_runs_where_the_home_is_a_link(sandbox: Sandbox, tmp_path: Path) -> None:
    single_file(tmp_path / "disk/person")
    (tmp_path / "home").symlink_to("disk/person")
    path = f"{tmp_path}/home/.local/bin:{os.environ['PATH']}"
    wanted = Wanted(("agent", "word"), {"HOME": str(tmp_path / "home"), "PATH": path})
    async with sandbox.program(wanted) as running:
        assert await running.output.read() == b"it works word\n"


@pytest.mark.parametrize("place", ["letters/agent", ".agent/agent", ".local/agent", ".config/agent/agent", "agent"])
def test_beside_a_program_that_is_no_package_nothing_else_is_shown(place: str, tmp_path: Path) -> None:
    plant(tmp_path, {place: Program("#!/bin/sh\n"), "bin/agent": Link(str(tmp_path / place))})
    shown = set(installation("agent", {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin"}))
    beside = {"bin", "lib", "lib64", "libexec", "include", "opt", "Cellar", "Caskroom"}
    assert {each for each in shown if each.is_relative_to(tmp_path)} <= {
        tmp_path / place,
        *(tmp_path / each for each in beside),
    }
    assert tmp_path / place in shown


@pytest.mark.parametrize("command", ["no-such-agent", "./agent", "", sys.executable])
def test_what_is_not_there_or_lies_in_the_workspace_needs_nothing_below_home(command: str, tmp_path: Path) -> None:
    plant(tmp_path, {"agent": Program("")})
    shown = installation(command, {"HOME": str(tmp_path), "PATH": "/usr/bin:."})
    assert not [each for each in shown if each.is_relative_to(tmp_path)]


def test_links_and_scripts_that_lead_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    plant(tmp_path, {"bin/a": Program(f"#!{tmp_path}/bin/b\n"), "bin/b": Program(f"#!{tmp_path}/bin/a\n")})
    plant(tmp_path, {"bin/c": Link("d"), "bin/d": Link("c")})
    environ = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin"}
    assert tmp_path / "bin" in set(installation("a", environ))
    assert set(installation("c", environ)) == set()
