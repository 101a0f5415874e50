from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def private_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep commands away from the state and the settings of whoever runs the tests."""
    monkeypatch.setenv("AGENT_SERVER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("AGENT_SERVER_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
