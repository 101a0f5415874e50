"""When a daemon leaves. Real ones, with editors, are in `test_daemon.py`."""

import asyncio
import socket
from pathlib import Path

import pytest

from agent_server.daemon.service import Service


async def test_it_is_not_idle_before_it_can_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it takes to get ready, whoever has started it finds it there."""
    monkeypatch.setenv("AGENT_SERVER_STATE_DIR", str(tmp_path / "state"))
    service = Service(tmp_path, "name", b"-", idle_seconds=0.0)
    for _ in range(3):
        await asyncio.sleep(0.01)
    assert not service.stopping.is_set()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "s"))
    await service.serve(listening)
    assert service.stopping.is_set()
