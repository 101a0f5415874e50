"""What a command in a sandbox sees of the host: which folders, and which environment variables.

The host is there, read-only, because builds need its compilers and libraries. Hidden are the homes of all users, with
their keys and logins, temporary files, what we keep about this and other workspaces, and the sockets of services under
`/run`, through which a program could act outside. HOME is an empty private folder *at the real home's path*, and the
tools that the user installed below the home are put back into it, read-only, where they were. So a program that looks
for its toolchain in `~/.pyenv` or `~/.rustup` finds it without being told. Other projects of the home are hidden as
well, also those beside the workspace.

Not hidden is the network: a build may fetch what it needs, and may send what it can read. Nor is the rest of the disk,
as far as the user may read it.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from agent_server.agents.programs import Program, is_secret
from agent_server.execution.sandboxes.installations import around_programs, environment, installation

TEMPORARY = Path("/tmp")  # noqa: S108  # a place inside the sandbox, where it is private
"""Where the private temporary folder lies inside a sandbox."""

_PASSED = re.compile(
    r"PATH|LANG|LANGUAGE|LC_\w+|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|COLUMNS|LINES|TZ|USER|LOGNAME|SHELL|CI"
    r"|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS|PIP_CERT"
    r"|(?:HTTP|HTTPS|ALL|FTP|NO)_PROXY|(?:http|https|all|ftp|no)_proxy"
    r"|VIRTUAL_ENV|CONDA_PREFIX|PYENV_ROOT|PYENV_VERSION|JAVA_HOME|GOROOT|GOTOOLCHAIN|RUSTUP_HOME|RUSTUP_TOOLCHAIN"
    r"|NVM_DIR|VOLTA_HOME|SDKMAN_DIR|ASDF_DATA_DIR|ASDF_DIR|MISE_DATA_DIR|DOTNET_ROOT|NIX_PROFILES|SOURCE_DATE_EPOCH"
)
_LOGIN_IN_URL = re.compile(r"//[^/\s]*@")

# Variables that name an installation, which is shown at its place.
_INSTALLATIONS = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "PYENV_ROOT",
    "JAVA_HOME",
    "GOROOT",
    "RUSTUP_HOME",
    "NVM_DIR",
    "VOLTA_HOME",
    "SDKMAN_DIR",
    "ASDF_DATA_DIR",
    "ASDF_DIR",
    "MISE_DATA_DIR",
    "DOTNET_ROOT",
)
# Where version managers keep what their commands on PATH start. None of them keeps logins there.
_BELOW_HOME = (
    ".asdf",
    ".ghcup",
    ".goenv",
    ".jenv",
    ".juliaup",
    ".local/pipx",
    ".local/share/mise",
    ".local/share/pipx",
    ".local/share/uv",
    ".nix-profile",
    ".nodenv",
    ".nvm",
    ".opam",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".sdkman",
    ".volta",
)
# Where version managers look below HOME, by the variable that tells them to look elsewhere.
_HOME_VARIABLES = {
    "ASDF_DATA_DIR": ".asdf",
    "NVM_DIR": ".nvm",
    "PYENV_ROOT": ".pyenv",
    "RUSTUP_HOME": ".rustup",
    "SDKMAN_DIR": ".sdkman",
    "VOLTA_HOME": ".volta",
}
# Without these under /run, host names do not resolve, and NixOS has no programs.
_NEEDED_OF_RUN = (
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
    "/run/nscd",
    "/run/current-system",
    "/run/opengl-driver",
)


_CERTIFICATES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
)
_ENVIRONMENTS = (".venv", "venv", "env")
# In bytes. Browsers and parallel programs share memory through files.
_MOST_SHARED, _MOST_IN_MASK = "2000000000", "200000000"
_MASKED = ("/home", "/root", "/run", "/var/tmp")  # noqa: S108  # hidden, not used


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a build needs, by a list of what may pass; never a key, a token, or a login in an address."""
    return {
        name: value
        for name, value in environ.items()
        if _PASSED.fullmatch(name) and not is_secret(name) and not _LOGIN_IN_URL.search(value)
    }


def command_environment(environ: Mapping[str, str], home: Path, temporary: Path) -> dict[str, str]:
    """The whole environment of a command, with its private folders. Where HOME moves, version managers are told."""
    real = Path(environ.get("HOME") or "/")
    moved = {name: str(real / place) for name, place in _HOME_VARIABLES.items() if (real / place).is_dir()}
    private = {"HOME": str(home), "TMPDIR": str(temporary)}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **(moved if home != real else {}), **scrubbed(environ), **private}


def home_inside(environ: Mapping[str, str], workspace: Path) -> Path:
    """Where HOME lies inside a sandbox: at the real home, unless that is missing, `/`, or (part of) the workspace."""
    home = _real(environ.get("HOME") or "/")
    unusable = not home.is_dir() or _is_below(TEMPORARY, home) or _is_below(home, workspace)
    return TEMPORARY / "home" if unusable else home


def mounts(
    program: Program, workspace: Path, hidden: Iterable[Path], private_home: Path, private_temporary: Path
) -> list[str]:
    """Bubblewrap's arguments for all but the workspace itself. `hidden` are folders to hide besides those of people."""
    environ = program.environ
    home, spelled = home_inside(environ, workspace), Path(environ.get("HOME") or "/")
    places: list[str | Path] = [*_MASKED, *hidden]
    masks = [folder for folder in map(_real, places) if folder.is_dir()]
    arguments = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    # Root may write the kernel's settings there, whatever namespace it is in.
    arguments += ("--ro-bind", "/proc/sys", "/proc/sys")
    # What is kept in memory has a limit, or a program could use all that there is.
    arguments += ("--size", _MOST_SHARED, "--tmpfs", "/dev/shm", "--remount-ro", "/dev")  # noqa: S108  # it is private
    for mask in masks:
        arguments += ("--size", _MOST_IN_MASK, "--tmpfs", str(mask))
    arguments += ("--bind", str(private_temporary), str(TEMPORARY))
    arguments += ("--bind", str(private_home), str(home))
    if spelled != home == _real(spelled) and any(_is_below(spelled, mask) for mask in (*masks, TEMPORARY)):
        arguments += ("--symlink", str(home), str(spelled))
    needed = (*_tools(environ, workspace), *installation(next(iter(program.command), ""), environ), *program.shown)
    beyond = (_beyond_links(path, (spelled, *map(Path, _MASKED))) for path in needed)
    hiding = (*masks, TEMPORARY, home)
    shown = _to_show(beyond, workspace, hiding)
    for path in shown:
        arguments += _showing(path, shown, hiding)
    for login in program.logins:
        arguments += ("--ro-bind-try", str(_real(environ.get("HOME") or "/") / login), str(home / login))
    return arguments


def _beyond_links(path: Path, roots: Iterable[Path]) -> Path:
    """`path`, where one of the `roots` that it lies below may be a link (a home is, or `/home`): where that leads."""
    root = next((root for root in roots if _is_below(path, root)), None)
    return path if root is None else _real(root) / path.relative_to(root)


def _showing(path: Path, shown: Sequence[Path], hiding: Sequence[Path]) -> tuple[str, str, str]:
    """Bubblewrap's argument that shows `path`.

    A link to a file that is seen stays a link: a program looks for its parts beside the file that it really is.
    """
    if path.is_symlink() and path.is_file():
        real = _real(path)
        if any(_is_below(real, each) for each in shown) or not any(_is_below(real, mask) for mask in hiding):
            return "--symlink", str(path.readlink()), str(path)
    return "--ro-bind-try", str(path), str(path)


def _to_show(tools: Iterable[Path], workspace: Path, masks: Sequence[Path]) -> list[Path]:
    """What is hidden by the masks and must be seen all the same, outer folders first."""
    shown: list[Path] = []
    for path in sorted(set(tools)):
        is_hidden = any(_is_below(path, mask) for mask in masks)
        # A folder that holds a home or the workspace is no tool.
        is_tool = not any(_is_below(mask, path) for mask in (*masks, workspace))
        is_seen = any(_is_below(path, other) for other in (*shown, workspace))
        # What this user may not reach would be an error to bubblewrap.
        if is_hidden and is_tool and not is_seen and os.path.exists(path):  # noqa: PTH110  # `Path.exists` may raise
            shown.append(path)
    return shown


def _tools(environ: Mapping[str, str], workspace: Path) -> Iterator[Path]:
    for entry in map(Path, environ.get("PATH", "").split(os.pathsep)):
        if entry.is_absolute():
            yield from around_programs(entry)
    home = Path(environ.get("HOME") or "/")
    yield from (home / place for place in _BELOW_HOME)
    named = (environ.get(name, "") for name in (*_INSTALLATIONS, *_CERTIFICATES))
    yield from (Path(place) for place in named if place.startswith("/"))
    yield from (Path(sys.prefix), Path(sys.base_prefix), *map(Path, _NEEDED_OF_RUN))
    for name in _ENVIRONMENTS:
        yield from environment(workspace / name)


def _real(path: str | os.PathLike[str]) -> Path:
    return Path(os.path.realpath(path))


def _is_below(path: Path, ancestor: Path) -> bool:
    return path.is_relative_to(ancestor)
