"""Who may be the daemon of a workspace. Daemons that answer are in `test_daemon.py`."""

import json
import os
from pathlib import Path

import pytest

from agent_server.daemon import ownership, place
from agent_server.daemon.ownership import Unreachable, Whereabouts


def traces(folder: Path, name: str) -> list[Path]:
    files = [folder / f"{name}{suffix}" for suffix in (place.SOCKET_SUFFIX, place.PORT_SUFFIX)]
    for file in files:
        file.touch()
    return files


def test_who_takes_it_says_where_it_is_found(tmp_path: Path) -> None:
    mine = Whereabouts(str(tmp_path), "mine")
    lock = ownership.take(tmp_path, mine)
    assert ownership.owner(tmp_path) == mine
    os.close(lock)


def test_what_a_dead_owner_left_behind_is_removed_and_nothing_else(tmp_path: Path) -> None:
    """Also where its version or settings were others, so that nobody would replace its socket."""
    os.close(ownership.take(tmp_path, Whereabouts(str(tmp_path), "dead")))
    dead, stranger = traces(tmp_path, "dead"), traces(tmp_path, "stranger")
    os.close(ownership.take(tmp_path, Whereabouts(str(tmp_path), "mine")))
    assert not any(file.exists() for file in dead)
    assert all(file.exists() for file in stranger)


def test_an_owner_whose_folder_is_gone_is_followed(tmp_path: Path) -> None:
    os.close(ownership.take(tmp_path, Whereabouts(str(tmp_path / "gone"), "dead")))
    os.close(ownership.take(tmp_path, Whereabouts(str(tmp_path), "mine")))


@pytest.mark.parametrize("said", ["", "{", "[]", "{}", '{"folder": "f"}', "null"])
def test_a_damaged_note_says_nothing(tmp_path: Path, said: str) -> None:
    (tmp_path / "daemon.json").write_text(said)
    assert ownership.owner(tmp_path) is None
    os.close(ownership.take(tmp_path, Whereabouts(str(tmp_path), "mine")))
    assert json.loads((tmp_path / "daemon.json").read_text())["name"] == "mine"


def test_an_owner_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "SECONDS", 0.0)
    lock = ownership.take(tmp_path, Whereabouts(str(tmp_path), "first"))
    left = traces(tmp_path, "first")
    with pytest.raises(Unreachable, match=f"Process {os.getpid()} holds the workspace"):
        ownership.take(tmp_path, Whereabouts(str(tmp_path), "second"))
    assert all(file.exists() for file in left), "it may answer later"
    os.close(lock)
