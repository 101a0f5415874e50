"""Where the files of a program lie, so that a sandbox that hides the user's home can show them all the same.

A command on PATH is often a link into the folder of a package (npm, pipx, Homebrew, most installers of agents), or a
script that another program reads (`#!/usr/bin/env node`). Each link on the way is followed, and the script's
interpreter as well. Shown is the package that a file belongs to, where it is one; else the file alone, for beside it
may lie the documents of a person, or their logins.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

# What belongs to programs in `bin`. Not `share`: `~/.local/share` holds the desktop's keyrings. The last three are
# where Homebrew and people keep what the links in `bin` lead to.
_BESIDE_PROGRAMS = ("lib", "lib64", "libexec", "include", "opt", "Cellar", "Caskroom")
# A script of a script of a script is still followed.
_INTERPRETERS = 4
_LINKS = 40
# Folders below the home that belong to many programs: what is shown lies deeper. Below the last ones are settings, and
# with them logins.
_SHARED = {".local": 3, ".cache": 2, ".config": 1 << 10}


def installation(command: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """The places of the host that hold what `command` starts, by the user's PATH and HOME. None for an unknown one."""
    home = Path(environ.get("HOME") or "/")
    for _ in range(_INTERPRETERS):
        found = shutil.which(command, path=environ.get("PATH", os.defpath))
        if found is None or not found.startswith("/"):
            return
        for place in _links(Path(found)):
            yield from _package(place, home)
        command = _interpreter(Path(found))
        if not command:
            return


def around_programs(folder: Path) -> Iterator[Path]:
    """A folder of programs, such as one on PATH, and what beside it belongs to them."""
    yield folder
    yield from (folder.parent / beside for beside in _BESIDE_PROGRAMS)
    yield from environment(folder.parent)


def environment(prefix: Path) -> Iterator[Path]:
    """If `prefix` is a Python virtual environment: that, and the installation that it was made from."""
    try:
        lines = (prefix / "pyvenv.cfg").read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    yield prefix
    for key, _, value in (line.partition("=") for line in lines):
        if key.strip() == "home" and value.strip().startswith("/"):
            yield Path(value.strip()).parent


def _links(place: Path) -> Iterator[Path]:
    """`place`, and wherever the links lead that begin there, up to the file itself."""
    for _ in range(_LINKS):
        yield place
        try:
            place = Path(os.path.normpath(Path(os.path.realpath(place.parent), place.readlink())))
        except OSError:  # no link
            break
    yield Path(os.path.realpath(place))


def _package(file: Path, home: Path) -> Iterator[Path]:
    if "node_modules" in file.parts:
        yield Path(*file.parts[: file.parts.index("node_modules") + 1])
    elif file.parent.name == "bin":
        yield from around_programs(file.parent)
    elif package := _node_package(file, home):
        yield package
    elif _is_applications_own(file.parent, home):
        yield file.parent
    else:
        yield file


def _node_package(file: Path, home: Path) -> Path | None:
    """The package of Node that the file is part of, if it is (one that is being developed lies anywhere)."""
    inside = (folder for folder in file.parents if folder != home and not home.is_relative_to(folder))
    return next((folder for folder in inside if os.access(folder / "package.json", os.R_OK)), None)


def _is_applications_own(folder: Path, home: Path) -> bool:
    """Whether a folder is one that an installer made below a hidden folder of the home, and that holds no logins."""
    if not folder.is_relative_to(home):
        return False
    parts = folder.relative_to(home).parts
    return bool(parts) and parts[0].startswith(".") and len(parts) >= _SHARED.get(parts[0], 2)


def _interpreter(script: Path) -> str:
    """The command that a script is read by; empty where the file is no script."""
    try:
        with script.open("rb") as file:
            first = file.readline(256)
    except OSError:
        return ""
    words = os.fsdecode(first[2:]).split() if first.startswith(b"#!") else []
    if words and words[0].rpartition("/")[2] == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words else ""
