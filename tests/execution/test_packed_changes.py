"""A change set that travels: it arrives whole and as it was, or not at all."""

import pickle
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, change_set, content_of
from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.execution.workplaces import packed_changes
from agent_server.execution.workplaces.packed_changes import PackedChanges, pack, unpack
from tests.execution.trees import Link, Program, plant


@pytest.fixture
def changes(tmp_path: Path) -> tuple[Change, ...]:
    base = plant(tmp_path / "base", {"old": "old", "gone": "gone", "same": "1"})
    new = plant(tmp_path / "new", {"old": "new", "run": Program("run"), "to": Link("old"), "two": "new", "empty": ""})
    after: Mapping[str, Path | None] = {name: new / name for name in ("old", "run", "to", "two", "empty")}
    return change_set(base, {**after, "gone": None}, tmp_path / "store")


def facts(changes: tuple[Change, ...]) -> list[tuple[object, ...]]:
    return [(each.path, each.kind, each.type, each.base, each.new, content_of(each)) for each in changes]


def test_a_change_set_arrives_as_it_was(changes: tuple[Change, ...], tmp_path: Path) -> None:
    packed = pickle.loads(pickle.dumps(pack(changes)))
    arrived = unpack(packed, tmp_path / "there")
    assert facts(arrived) == facts(changes)
    assert {path.name for path in (tmp_path / "there").iterdir()} >= {each.new for each in changes if each.new}
    assert all(each.content is None or each.content.parent == tmp_path / "there" for each in arrived)


def test_what_stood_there_before_travels_too(changes: tuple[Change, ...], tmp_path: Path) -> None:
    modified = next(each for each in changes if each.kind is ChangeKind.MODIFY)
    assert modified.base is not None
    before = tmp_path / modified.base
    before.write_text("old")
    [arrived] = unpack(pack([replace(modified, before=before)]), tmp_path / "there")
    assert arrived.before == tmp_path / "there" / modified.base
    assert arrived.before.read_text() == "old"


def test_a_content_that_several_paths_share_travels_once(changes: tuple[Change, ...]) -> None:
    assert sorted(pack(changes).contents.values()) == [b"", b"gone", b"new", b"old", b"old", b"run"]


CONTENT = b"evil"
NAME = f"file-{__import__('hashlib').sha256(CONTENT).hexdigest()}"
CHANGE = Change("new", ChangeKind.CREATE, FileType.FILE, None, NAME, Path(NAME))


@pytest.mark.parametrize(
    ("change", "contents"),
    [
        (replace(CHANGE, path="../outside"), {NAME: CONTENT}),
        (replace(CHANGE, path="/etc/passwd"), {NAME: CONTENT}),
        (replace(CHANGE, path=".git/hooks/post-commit"), {NAME: CONTENT}),
        (CHANGE, {NAME: b"other"}),
        (CHANGE, {}),
        (CHANGE, {NAME: CONTENT, "../outside": CONTENT}),
        (CHANGE, {NAME: CONTENT, "directory": CONTENT}),
        (replace(CHANGE, content=None), {NAME: CONTENT}),
        (replace(CHANGE, content=Path("/etc/passwd")), {NAME: CONTENT}),
        (replace(CHANGE, before=Path("../outside")), {NAME: CONTENT}),
        (replace(CHANGE, kind=ChangeKind.DELETE, new=None), {NAME: CONTENT}),
    ],
)
def test_what_is_not_as_it_says_is_refused(change: Change, contents: Mapping[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="A worker"):
        unpack(PackedChanges((change,), contents), tmp_path / "store")
    assert list(tmp_path.iterdir()) == []


def test_too_much_is_not_sent(changes: tuple[Change, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_changes, "MOST_BYTES", 16)
    assert pack(changes).contents
    monkeypatch.setattr(packed_changes, "MOST_BYTES", 15)
    with pytest.raises(SandboxError, match="MB"):
        pack(changes)
