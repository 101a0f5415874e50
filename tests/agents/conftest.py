from pathlib import Path

import pytest

from agent_server.agents.backend import Event


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A small site with a Git directory. Beside it lies something that nobody in it may touch."""
    root = tmp_path / "site"
    for path, text in {
        "src/nav.tsx": "export const nav = ['home'];\n",
        "src/data.ts": "export const data = [];\n",
        "README.md": "A site.\n",
        ".git/config": "[core]\n",
        ".git/hooks/pre-commit.sample": "#!/bin/sh\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret\n")
    return root


@pytest.fixture
def events() -> list[Event]:
    return []
