"""Real agents from npm, for the tests that run them: kept in pytest's cache folder, so that each is installed once.

They are not part of the suite, for they take some hundred megabytes each the first time. `poe agents` runs them;
`pytest --cache-clear` gets today's versions. They need Node.js, no key and no account.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WANTED = os.environ.get("AGENT_SERVER_REAL_AGENTS") == "1"

skipped_unless_wanted = [
    pytest.mark.skipif(not WANTED, reason="it installs real agents: `poe agents` runs it"),
    pytest.mark.timeout(600),
]


def installed(package: str, cache: pytest.Cache) -> Path:
    """The folder of the programs of a package."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm")
    folder = cache.mkdir(f"agent-{package.replace('/', '-')}")
    if not (folder / "node_modules" / package).exists():
        install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]
        subprocess.run(install, check=True, capture_output=True)
    return folder / "node_modules" / ".bin"
