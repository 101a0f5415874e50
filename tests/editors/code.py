"""A real VS Code to be driven: code-server, which is VS Code's own workbench served to a browser."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.editors import install

DEADLINE = 60.0

# What would come between a test and what it looks at (tours, updates, other people's features), and what VS Code for a
# browser has otherwise than that of a desktop.
QUIET = {
    "chat.disableAIFeatures": True,
    "editor.accessibilitySupport": "off",
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.enabled": False,
    "remote.autoForwardPorts": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "window.restoreWindows": "none",
    "workbench.enableExperiments": False,
    "workbench.reduceMotion": "on",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}


class Code:
    """A server that runs until `close`, with folders, settings and programs of its own.

    Its windows close for good: without `--reconnection-grace-time` an extension host, and the language server with it,
    would wait three hours for its browser to come back.
    """

    def __init__(
        self,
        folder: Path,
        extensions: Path,
        env: Mapping[str, str],
        settings: Mapping[str, Any],
        *,
        asks_for_trust: bool = False,
    ) -> None:
        self.folder = folder
        # A window on a remote host, as this is one, takes settings of machine scope from the host's file alone.
        for owner in ("User", "Machine"):
            (folder / "data" / owner).mkdir(parents=True)
            (folder / "data" / owner / "settings.json").write_text(json.dumps({**QUIET, **settings}))
        self._log = (folder / "code-server.log").open("wb")
        options = () if asks_for_trust else ("--disable-workspace-trust",)
        self._process = subprocess.Popen(
            [
                *_command(folder, extensions),
                *("--auth", "none"),
                *("--bind-addr", "127.0.0.1:0"),
                *("--session-socket", str(folder / "session")),
                *("--reconnection-grace-time", "5"),
                "--disable-telemetry",
                "--disable-update-check",
                "--disable-getting-started-override",
                "--disable-proxy",
                *options,
            ],
            env=_private(env, folder),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._place = self._listening()
        except BaseException:
            self.close()
            raise

    def address(self, workspace: Path, *files: Path) -> str:
        """Where a browser finds a window on the workspace, with these files open."""
        opened = [["openFile", f"vscode-remote://{self._place}{file}"] for file in files]
        asked = {"folder": str(workspace), "payload": json.dumps(opened)}
        return f"http://{self._place}/?{urlencode(asked)}"

    def logs(self) -> list[Path]:
        """What was written down: by the server, by its extension hosts, and into the extension's output channel."""
        written = (self.folder / "data/logs").rglob
        return [self.folder / "code-server.log", *written("remoteexthost.log"), *written("Agent Server.log")]

    def close(self) -> None:
        """End it with all that it started."""
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._log.close()

    def _listening(self) -> str:
        """The host and port at which it listens, which it writes into its log."""
        deadline = time.monotonic() + DEADLINE
        while True:
            log = (self.folder / "code-server.log").read_text()
            if found := re.search(r"listening on http://([\d.:]+)", log):
                return found[1]
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log)
            time.sleep(0.05)


def install_extension(vsix: Path, folder: Path, env: Mapping[str, str]) -> Path:
    """The folder of extensions that has this one, which any number of servers may use."""
    extensions = folder / "extensions"
    command = [*_command(folder, extensions), "--install-extension", str(vsix), "--force"]
    done = subprocess.run(command, env=_private(env, folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return extensions


def _command(folder: Path, extensions: Path) -> list[str]:
    entry = install.CODE_SERVER / "out/node/entry.js"
    return [
        *(str(install.node()), str(entry)),
        *("--user-data-dir", str(folder / "data")),
        *("--extensions-dir", str(extensions)),
    ]


def _private(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment with all places of the user's moved below `folder`."""
    places = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return {**env, **places, "XDG_RUNTIME_DIR": str(folder)}
