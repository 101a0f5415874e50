"""Git's memory: what is learnt, kept current and forgotten, and that no repository runs anything by it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_server.workspace.git import GitError
from agent_server.workspace.index import history
from tests.workspace.disk import git as run_git
from tests.workspace.disk import plant, program

Commit = Callable[..., str]

SIGNED = """\
tree {}
author A <a@b> 1 +0000
committer A <a@b> 1 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 x
 -----END PGP SIGNATURE-----

Signed
"""


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


def git(root: Path, *arguments: str) -> str:
    return run_git(root, *arguments).strip()


@pytest.fixture
def commit(root: Path) -> Commit:
    """Commits files (None: deleted) and returns the hash."""
    git(root, "init", "--quiet", "--initial-branch=main")

    def commit(message: str, files: dict[str, str | None]) -> str:
        plant(root, {path: text for path, text in files.items() if text is not None})
        for path, text in files.items():
            if text is None:
                (root / path).unlink()
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(root, "rev-parse", "HEAD")

    return commit


def changed(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """The paths that each commit changed, by the words of its subject."""
    rows = connection.execute(
        "SELECT subject, history_paths.path FROM history_messages "
        "LEFT JOIN history_changes ON commit_id = history_messages.rowid "
        "LEFT JOIN history_paths ON history_paths.id = history_changes.path"
    )
    found: dict[str, set[str]] = {}
    for subject, path in rows:
        found.setdefault(subject, set()).add(path)
    return found


def ages(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT hash FROM history_commits ORDER BY age")]


def test_commits_and_their_files_are_learnt(root: Path, commit: Commit, connection: sqlite3.Connection) -> None:
    first = commit("Parser\n\nReads tokens.", {"b.py": "1", "a.py": "1", "c/d e.py": "1"})
    second = commit("Printer", {"a.py": "2", "c/d e.py": None})
    history.refresh(connection, root)
    assert changed(connection) == {"parser": {"a.py", "b.py", "c/d e.py"}, "printer": {"a.py", "c/d e.py"}}
    assert ages(connection) == [second, first]
    assert connection.execute("SELECT body FROM history_messages WHERE subject = 'parser'").fetchone() == (
        "read token",
    )


def test_a_second_look_adds_what_is_new(root: Path, commit: Commit, connection: sqlite3.Connection) -> None:
    first = commit("One", {"a.py": "1"})
    history.refresh(connection, root)
    second = commit("Two", {"a.py": "2"})
    history.refresh(connection, root)
    history.refresh(connection, root)
    assert ages(connection) == [second, first]
    assert connection.execute("SELECT changes FROM history_paths WHERE path = 'a.py'").fetchone() == (2,)


def test_the_past_of_a_renamed_file_is_its_own(root: Path, commit: Commit, connection: sqlite3.Connection) -> None:
    text = "".join(f"line {number}\n" for number in range(30))
    commit("Parser", {"old.py": text})
    commit("Turn", {"old.py": None, "new.py": text + "more\n"})
    history.refresh(connection, root)
    assert changed(connection) == {"parser": {"new.py"}, "turn": {"new.py"}}


def test_another_branch_forgets_the_commits_of_this_one(
    root: Path, commit: Commit, connection: sqlite3.Connection
) -> None:
    first = commit("Begin", {"a.py": "1"})
    git(root, "switch", "--quiet", "--create", "other")
    commit("Extra", {"b.py": "1"})
    history.refresh(connection, root)
    git(root, "switch", "--quiet", "main")
    third = commit("Next", {"c.py": "1"})
    history.refresh(connection, root)
    assert ages(connection) == [third, first]
    assert changed(connection) == {"begin": {"a.py"}, "next": {"c.py"}}


def test_a_rename_that_was_undone_is_unlearnt(root: Path, commit: Commit, connection: sqlite3.Connection) -> None:
    first = commit("Parser", {"old.py": "text\n" * 9})
    commit("Turn", {"old.py": None, "new.py": "text\n" * 9})
    history.refresh(connection, root)
    git(root, "reset", "--quiet", "--hard", first)
    history.refresh(connection, root)
    assert changed(connection) == {"parser": {"old.py"}}


def test_only_the_newest_are_kept(
    root: Path, commit: Commit, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_COMMITS", 2)
    commit("One", {"one.py": "1"})
    second = commit("Two", {"two.py": "1"})
    history.refresh(connection, root)
    third = commit("Three", {"three.py": "1"})
    history.refresh(connection, root)
    assert ages(connection) == [third, second]
    assert connection.execute("SELECT count(*) FROM history_paths WHERE path = 'one.py'").fetchone() == (0,)


def test_a_sweep_over_the_tree_says_nothing_about_a_file(
    root: Path, commit: Commit, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_FILES", 3)
    commit("Reformat", {f"{number}.py": "1" for number in range(4)})
    history.refresh(connection, root)
    assert changed(connection) == {}


def test_paths_are_those_of_the_workspace(root: Path, commit: Commit, connection: sqlite3.Connection) -> None:
    commit("Two folders", {"inner/a.py": "1", "outer.py": "1"})
    history.refresh(connection, root / "inner")
    assert changed(connection) == {"two folder": {"a.py"}}


def test_merges_are_passed_over(root: Path, commit: Commit, connection: sqlite3.Connection) -> None:
    commit("Begin", {"a.py": "1"})
    git(root, "switch", "--quiet", "--create", "side")
    commit("Extra", {"b.py": "1"})
    git(root, "switch", "--quiet", "main")
    commit("Main", {"c.py": "1"})
    git(root, "merge", "--quiet", "--no-ff", "--message", "Merged branch", "side")
    history.refresh(connection, root)
    assert set(changed(connection)) == {"begin", "extra", "main"}


def test_a_message_cannot_pass_for_a_commit_or_a_file(
    root: Path, commit: Commit, connection: sqlite3.Connection
) -> None:
    name = commit(f"Trick\n\n{'0' * 40} 1\nM\nforged.py\nR100\na\nb", {"M": "1", "R100": "1"})
    history.refresh(connection, root)
    assert ages(connection) == [name]
    assert changed(connection) == {"trick": {"M", "R100"}}


def test_no_repository_means_no_past(root: Path, connection: sqlite3.Connection) -> None:
    history.refresh(connection, root)
    assert ages(connection) == []


def test_a_repository_without_commits_means_no_past(root: Path, connection: sqlite3.Connection) -> None:
    git(root, "init", "--quiet")
    history.refresh(connection, root)
    assert ages(connection) == []


def test_a_repository_that_is_gone_is_forgotten(root: Path, commit: Commit, connection: sqlite3.Connection) -> None:
    commit("One", {"a.py": "1"})
    history.refresh(connection, root)
    (root / ".git").rename(root / "no-git")
    history.refresh(connection, root)
    assert ages(connection) == []


def test_a_folder_that_is_gone_is_told(root: Path, connection: sqlite3.Connection) -> None:
    with pytest.raises(GitError):
        history.refresh(connection, root / "nowhere")


def test_what_was_learnt_before_git_was_stopped_is_whole(
    root: Path, commit: Commit, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [commit(f"Number {number}", {"a.py": f"{number}"}) for number in range(3)]
    batches = iter((history._read, history._read))

    def read_twice(*arguments: object) -> list[history._Commit]:
        read = next(batches, None)
        if read is None:
            raise GitError("it was cancelled")
        return read(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(history, "_BATCH", 1)
        patch.setattr(history, "_read", read_twice)
        with pytest.raises(GitError):
            history.refresh(connection, root)
    assert connection.execute("SELECT hash, age FROM history_commits ORDER BY id").fetchall() == [
        (names[0], 2),
        (names[1], 1),
    ]
    history.refresh(connection, root)
    assert ages(connection) == names[::-1]


def test_no_setting_of_the_repository_runs_a_program(
    root: Path, commit: Commit, connection: sqlite3.Connection, tmp_path: Path
) -> None:
    ran, evil = tmp_path / "ran", tmp_path / "evil"
    program(evil, f"touch {ran}\ncat")
    commit("One", {"a.py": "1", ".gitattributes": "*.py diff=evil\n"})
    commit("Two", {"b.py": "1"})
    for name, value in {
        "log.showSignature": "true",
        "gpg.program": str(evil),
        "core.fsmonitor": str(evil),
        "core.pager": str(evil),
        "diff.external": str(evil),
        "diff.evil.command": str(evil),
        "diff.evil.textconv": str(evil),
    }.items():
        git(root, "config", name, value)
    tree = git(root, "rev-parse", "HEAD^{tree}")
    (tmp_path / "signed").write_text(SIGNED.format(tree))
    name = git(root, "hash-object", "-t", "commit", "-w", str(tmp_path / "signed"))
    git(root, "update-ref", "HEAD", name)
    history.refresh(connection, root)
    assert ages(connection) == [name]
    assert not ran.exists()
