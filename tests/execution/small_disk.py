"""A real disk of a few megabytes to fill: a tmpfs in namespaces of its own, for a program that a test runs there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_on_small_disk(program: str, disk: Path, *arguments: str, size: str = "2m") -> str:
    """Run a Python program while a small disk is mounted at `disk`; what it prints. Skips where nobody may mount."""
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    mount = f'mount -t tmpfs -o size={size},nr_inodes=2000 tmpfs "$0" && '
    if subprocess.run([*unshare, "sh", "-c", f"{mount} true", disk], check=False, capture_output=True).returncode:
        pytest.skip("this host lets nobody mount a small disk")
    # `sys.path` as it is here, so that the program finds what the tests find.
    run = f'{mount} exec "$@"'
    command = [*unshare, "sh", "-c", run, disk, sys.executable, "-c", program, str(disk), *arguments]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environ).stdout
