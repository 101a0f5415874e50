import os
import stat
from pathlib import Path

import pytest

from agent_server.daemon import place


def test_the_folder_is_made_for_the_user_alone(tmp_path: Path) -> None:
    folder = Path(place.runtime_folder({place.RUNTIME_VARIABLE: str(tmp_path / "deep" / "run")}))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    folder = Path(place.runtime_folder({place.RUNTIME_VARIABLE: str(tmp_path / "run")}))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(place.NoPlace, match=r"no link.*AGENT_SERVER_RUNTIME_DIR"):
        place.runtime_folder({place.RUNTIME_VARIABLE: str(tmp_path / "run")})


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(place.NoPlace, match="cannot be made"):
        place.runtime_folder({place.RUNTIME_VARIABLE: str(tmp_path / "file" / "run")})


def test_a_name_is_of_the_workspace_the_version_and_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"HOME": "/home/me", "EDITOR": "vi"}
    name = place.daemon_name(str(tmp_path), environ)
    assert place.daemon_name(f"{tmp_path}/.", {**environ, "EDITOR": "nano"}) == name
    others = {
        place.daemon_name(str(tmp_path / "other"), environ),
        place.daemon_name(str(tmp_path), {**environ, "ANTHROPIC_API_KEY": "key"}),
        place.daemon_name(str(tmp_path), {**environ, "AGENT_SERVER_STATE_DIR": "/s"}),
    }
    monkeypatch.setattr(place, "__version__", "9.9.9")
    others.add(place.daemon_name(str(tmp_path), environ))
    assert len(others - {name}) == 4


def test_a_name_tells_no_key(tmp_path: Path) -> None:
    name = place.daemon_name(str(tmp_path), {"ANTHROPIC_API_KEY": "sk-very-secret"})
    assert "secret" not in name
    assert len(name) < 40


def test_a_link_to_a_workspace_is_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert place.root_key(str(tmp_path / "link")) == place.root_key(str(tmp_path / "real"))


def test_nobody_listens(tmp_path: Path) -> None:
    assert place.connect(str(tmp_path), "none", b"status") is None
    os.mkfifo(tmp_path / f"odd{place.SOCKET_SUFFIX}")
    assert place.connect(str(tmp_path), "odd", b"status") is None
    (tmp_path / f"odd2{place.PORT_SUFFIX}").write_text("no port")
    assert place.connect(str(tmp_path), "odd2", b"status") is None
