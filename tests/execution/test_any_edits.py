"""Whatever is done in a sandbox, its change list says exactly that: random edits, against those in a plain folder."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, content_before, content_of
from agent_server.execution.sandboxes.isolation import Isolation, SandboxError
from agent_server.execution.sandboxes.sandbox import Base, freeze
from agent_server.execution.state import StateDirectory
from tests.execution.trees import Link, Program, clear, put, read

NOT_UTF_8 = os.fsdecode(b"caf\xe9 \xff")
PATHS = st.sampled_from(
    [
        "README.md",
        "readme.md",
        "run.sh",
        "empty",
        "link",
        "src",
        "src/main.py",
        "src/deep",
        "src/deep/er",
        "src/deep/er/one.py",
        "new",
        "new/x",
        "Src/deep/er/one.py",
        NOT_UTF_8,
    ]
)
CONTENTS = st.sampled_from(
    ["", "text", "Read me\n", "ONE = 1\n", Program("text"), Program("Read me\n"), Link("README.md"), Link("/etc")]
)
EDITS = st.one_of(
    st.tuples(st.just("put"), PATHS, CONTENTS),
    st.tuples(st.just("overwrite"), PATHS, st.sampled_from(["", "Read ME\n", "text"])),
    st.tuples(st.just("remove"), PATHS, st.none()),
    st.tuples(st.just("move"), PATHS, PATHS),
    st.tuples(st.just("link"), PATHS, PATHS),
    st.tuples(st.just("mode"), PATHS, st.sampled_from([0o600, 0o644, 0o700, 0o755, 0o444])),
    st.tuples(st.just("touch"), PATHS, st.none()),
    st.tuples(st.just("directory"), PATHS, st.none()),
)
Edit = tuple[str, str, str | int | Program | Link | None]
Told = dict[str, tuple[ChangeKind, FileType, bytes, bytes]]


@pytest.fixture(params=list(Isolation))
def frozen(request: pytest.FixtureRequest, live: Path, state: StateDirectory) -> Iterator[tuple[asyncio.Runner, Base]]:
    """A base that many examples share, and the loop that it lives on."""
    with asyncio.Runner() as runner:
        try:
            base = runner.run(freeze(live, state, prefer=request.param))
        except SandboxError as refusal:
            pytest.skip(str(refusal))
        yield runner, base
        runner.run(base.close())


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=st.lists(EDITS, max_size=6), second=st.lists(EDITS, max_size=6))
def test_the_change_list_is_what_a_plain_folder_would_show(
    first: list[Edit],
    second: list[Edit],
    frozen: tuple[asyncio.Runner, Base],
    live: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    runner, base = frozen
    folder = tmp_path_factory.mktemp("edits")
    reference = folder / "reference"
    shutil.copytree(live, reference, symlinks=True, ignore=shutil.ignore_patterns(".git"))

    async def changed(edits: list[Edit], over: tuple[Change, ...]) -> tuple[Change, ...]:
        sandbox = await base.fork("edits", over)
        before = read(reference)
        assert read(sandbox.root) == before
        for edit in edits:
            perform(reference, edit)
            perform(sandbox.root, edit)
        changes = await sandbox.changes(folder / "store")
        await sandbox.close()
        assert told(changes) == expected(before, read(reference))
        return changes

    async def both() -> None:
        await changed(second, await changed(first, ()))

    runner.run(both())
    shutil.rmtree(folder)


def perform(root: Path, edit: Edit) -> None:
    """Do one edit; one that makes no sense there does nothing."""
    what, path, how = edit
    place = root / path
    match what, how:
        case "put", str() | Program() | Link():
            clear(root, path)
            put(place, how)
        case "remove", _:
            clear(root, path)
        case "move", str() if not _overlap(path, how) and _holds_files(root, path):
            clear(root, how)
            if _holds_files(root, path):
                (root / how).parent.mkdir(parents=True, exist_ok=True)
                shutil.move(place, root / how)
        case "link", str() if not _overlap(path, how) and _is_file(root, path):
            clear(root, how)
            if _is_file(root, path):
                (root / how).parent.mkdir(parents=True, exist_ok=True)
                os.link(place, root / how)
        case "directory", _:
            clear(root, path)
            place.mkdir(parents=True)
        case "overwrite" | "mode" | "touch", _ if _is_file(root, path):
            _edit_in_place(place, how)
        case _:
            pass


def _edit_in_place(place: Path, how: str | int | Program | Link | None) -> None:
    match how:
        case str():
            place.chmod(0o644 | place.stat().st_mode & 0o111)
            place.write_text(how)
        case int():
            place.chmod(how)
        case _:
            os.utime(place, (1, 1))


def _is_file(root: Path, path: str) -> bool:
    return isinstance(read(root).get(path), str | Program)


def _holds_files(root: Path, path: str) -> bool:
    return any(each == path or each.startswith(f"{path}/") for each in read(root))


def _overlap(one: str, other: str) -> bool:
    return Path(one).is_relative_to(other) or Path(other).is_relative_to(one)


def told(changes: tuple[Change, ...]) -> Told:
    return {change.path: (change.kind, change.type, content_before(change), content_of(change)) for change in changes}


def expected(before: dict[str, str | Program | Link], after: dict[str, str | Program | Link]) -> Told:
    found = {}
    for path in before.keys() | after.keys():
        old, new = before.get(path), after.get(path)
        if old != new:
            kind = ChangeKind.CREATE if old is None else ChangeKind.DELETE if new is None else ChangeKind.MODIFY
            found[path] = kind, _type(old if new is None else new), _bytes(old), _bytes(new)
    return found


def _type(what: str | Program | Link | None) -> FileType:
    match what:
        case Program():
            return FileType.EXECUTABLE
        case Link():
            return FileType.SYMLINK
        case _:
            return FileType.FILE


def _bytes(what: str | Program | Link | None) -> bytes:
    match what:
        case None:
            return b""
        case Program(text) | Link(text) | str(text):
            return os.fsencode(text)
