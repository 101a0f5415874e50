"""Other hosts than this one, for a program that a test runs there: one with a small disk, one without namespaces."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SMALL_DISK = 'mount -t tmpfs -o size=2m,nr_inodes=2000 tmpfs "$0"'
"""A disk of two megabytes is mounted at the place."""

NO_NAMESPACES = "echo 0 > /proc/sys/user/max_user_namespaces"
"""Nobody can make namespaces."""

NO_NETWORKS = "echo 0 > /proc/sys/user/max_net_namespaces"
"""Nobody can make a network of their own; all other namespaces can be made."""

DISK_THAT_IS_AN_OVERLAY = (
    'mkdir "$0/disk" && mount -t tmpfs tmpfs "$0/disk" && mkdir "$0/disk/lower" "$0/disk/upper" "$0/disk/work" && '
    'mount -t overlay -o "lowerdir=$0/disk/lower,upperdir=$0/disk/upper,workdir=$0/disk/work,userxattr" overlay "$0"'
)
"""At the place is an overlay, as in a container; and an overlay cannot be the upper layer of another."""


def run_on_host(host: str, program: str, place: Path, *arguments: Path) -> str:
    """Run a Python program, its arguments `place` and `arguments`, on such a host; what it prints.

    The host is made in namespaces of its own, and vanishes with the program. Skips where that is not allowed.
    """
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*unshare, "sh", "-c", host, place], check=False, capture_output=True).returncode:
        pytest.skip("this host cannot play another")
    for made in place.iterdir():
        made.rmdir()
    # The program finds what this process finds.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [*unshare, "sh", "-c", f'{host} && exec "$@"', place, sys.executable, "-c", program, place, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environ).stdout
