"""The ignore rules of a walk are git's: whatever `.gitignore` says, both leave out the same."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent_server.workspace.walking import walk
from tests.workspace.disk import git, plant

FILES = (
    "a",
    "b.py",
    "x.log",
    "a.d/a",
    "a.d/b.py",
    "a.d/x.log",
    "a.d/b/a",
    "a.d/b/x.log",
    "b/a",
    "b/b/b.py",
    "b/c/a.d/a",
    "b/c/x.log",
    "c/a",
    "c/ c",
    "c/#c",
    "c/!c",
    "c/C.PY",
)

_segments = st.sampled_from(
    ["a", "b", "c", "a.d", "x.log", "C.PY", "*", "**", "*.log", "a*", "*d", "?", "[ab]", "[!a]", "[^a]*", "[a-c]"]
)
_patterns = st.builds(
    lambda negated, anchored, segments, folder: (
        ("!" if negated else "") + ("/" if anchored else "") + "/".join(segments) + ("/" if folder else "")
    ),
    st.booleans(),
    st.booleans(),
    st.lists(_segments, min_size=1, max_size=3),
    st.booleans(),
)
_odd = st.sampled_from(
    r"""
    # comment|\#c|\!c|#c|!!c| c|c |\ c|c\ |\\ |[|[a|[]a]|[!]a]|[]|a\|/|//|!|!/|***|a**b|***/a|b/**//|/**|\a|\*|a.d\/a
    [[:alpha:]]|[[:digit:]x]|[[:nonsense:]]|[^[:upper:]]*|[z-a]|[-a]|[a-]|[\a-\c]|[!-b]|[a-\]]|[[:alpha]|[*]|[?]|?.log|*.*|.*
    """.replace("\n    ", "|").split("|")
)
_rules = st.lists(st.one_of(_patterns, _patterns, _patterns, _odd), max_size=5)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("world")
    plant(root, dict.fromkeys(FILES, ""))
    git(root, "init", "--quiet")
    return root


def by_git(root: Path) -> set[str]:
    names = git(root, "-c", "core.excludesFile=", "ls-files", "-z", "--others", "--exclude-standard")
    return set(names.split("\0")[:-1])


def write_rules(root: Path, rules: Mapping[str, list[str]]) -> None:
    for old in root.rglob(".gitignore"):
        old.unlink()
    plant(root, {f"{folder}/.gitignore": "\n".join(lines) + "\n" for folder, lines in rules.items()})


@settings(max_examples=60, deadline=None)
@given(outer=_rules, inner=_rules)
@example(outer=["*", "!*/", "!*.py"], inner=[])
@example(outer=["a.d/**", "!a.d/b.py"], inner=[])
@example(outer=["*", "!b", "!b/**"], inner=["a"])
@example(outer=["a.d/*", "!a.d/b/"], inner=[])
@example(outer=["*.log"], inner=["!x.log"])
@example(outer=["b/", "!b/"], inner=[])
@example(outer=["**/a"], inner=["/c"])
@example(outer=[], inner=["**/*/**"])
def test_a_walk_leaves_out_what_git_leaves_out(world: Path, outer: list[str], inner: list[str]) -> None:
    write_rules(world, {".": outer, "b": inner})
    assert set(walk(str(world)).files) == by_git(world)


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf*.log\n",
        b"*.log\r\na\r\n",
        b"*.log",
        b"*.log \n",
        b"[\n*.log\n",
        b"\xe9\n*.log\n",
        b"a\\\n*.log\n",
    ],
)
def test_odd_rule_files_are_read_as_git_reads_them(world: Path, text: bytes) -> None:
    write_rules(world, {})
    plant(world, {".gitignore": text})
    assert set(walk(str(world)).files) == by_git(world)


def test_a_rule_file_that_is_a_symlink_says_nothing(root: Path, tmp_path: Path) -> None:
    plant(tmp_path, {"rules": "*.py\n"})
    plant(root, {"a.py": ""})
    (root / ".gitignore").symlink_to(tmp_path / "rules")
    git(root, "init", "--quiet")
    assert set(walk(str(root)).files) == by_git(root) == {".gitignore", "a.py"}


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("src", {"src/a.py", "src/deep/b.py"}),
        ("src/a.py", {"src/a.py"}),
        ("src/x.log", set()),
        ("build/a.py", set()),
        ("src/deep/build", set()),
        ("nowhere", set()),
        ("env/lib/a.py", set()),
    ],
)
def test_a_walk_from_inside_obeys_the_rules_above(root: Path, path: str, files: set[str]) -> None:
    plant(root, {".gitignore": "*.log\nbuild/\n", "src/a.py": "", "src/x.log": "", "src/deep/b.py": ""})
    plant(root, {"build/a.py": "", "src/deep/build/c.py": "", "env/pyvenv.cfg": "", "env/lib/a.py": ""})
    assert set(walk(str(root), [path]).files) == files


def test_a_rule_of_very_many_wildcards_does_not_hold_up_the_walk(root: Path) -> None:
    plant(root, {".gitignore": f"{'*a' * 40}b\n{'**/a/' * 40}b\n", "a" * 200: "", f"{'a/' * 200}a": ""})
    assert len(walk(str(root)).files) == 3  # With a search that comes back to each wildcard, this takes for ever
