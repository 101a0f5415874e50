import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_server.daemon import control


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with a place of its own for daemons, with a short path; they are stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="as-", ignore_cleanup_errors=True) as folder:
        yield {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("ANTHROPIC_", "AGENT_SERVER_"))
            },
            "HOME": str(tmp_path / "home"),
            "AGENT_SERVER_STATE_DIR": str(tmp_path / "state"),
            "AGENT_SERVER_SETTINGS": str(tmp_path / "settings.toml"),
            "AGENT_SERVER_RUNTIME_DIR": folder,
            "AGENT_SERVER_IDLE_SECONDS": "30",
        }
        for name in control.names(folder):
            control.ask(folder, name, b"stop-now")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = (tmp_path / "workspace").resolve()
    root.mkdir()
    conflict = "# P\n\n## a: One\n- writes: `x.py`\n\nDo it.\n\n## b: Two\n- writes: `x.py`\n\nDo it.\n"
    (root / "a.plan.md").write_text(conflict)
    return root
