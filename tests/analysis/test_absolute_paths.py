import pytest

from agent_server.analysis.absolute_paths import relative
from agent_server.analysis.analyse import analyse
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.mentions import mentions
from tests.analysis.analysed import plan_of

NOTHING = Tree(())


@pytest.mark.parametrize(
    ("path", "others", "folders", "files", "expected"),
    [
        # The workspace has the folder.
        ("/Users/ada/kiln/src/a.ts", [], [], ["src/b.ts"], "src/a.ts"),
        ("C:/work/kiln/src/a.ts", [], [], ["src/b.ts"], "src/a.ts"),
        # It has the file itself, which says more than a folder that has a common name.
        ("/home/ada/docs/kiln/docs/a.md", [], [], ["docs/a.md"], "docs/a.md"),
        ("/home/ada/kiln/setup.py", [], [], ["setup.py"], "setup.py"),
        # The plan names others from its root, or the folder of the specs beside it.
        ("/Users/ada/kiln/src/a.ts", [], ["src"], [], "src/a.ts"),
        ("/Users/ada/kiln/web/a.ts", ["/Users/ada/kiln/specs/1/plan.md"], [], [], "web/a.ts"),
        # Of two folders of which each may be the root, most decide; of as many, the outer one.
        ("/home/ada/w/web/src/a.ts", ["/home/ada/w/src/b.ts"], ["src"], [], "web/src/a.ts"),
        ("/home/ada/w/web/src/a.ts", [], ["src", "web"], [], "web/src/a.ts"),
        # Nobody knows where the root is, or it is another one: the path stays what it is, without leading out.
        ("/Users/ada/kiln/src/a.ts", [], [], [], "Users/ada/kiln/src/a.ts"),
        ("C:/kiln/src/a.ts", [], [], [], "C/kiln/src/a.ts"),
        ("/home/ada/.zshrc.d/a.sh", ["/home/ada/w/src/b.ts"], ["src"], [], "home/ada/.zshrc.d/a.sh"),
        # The root itself is no path.
        ("/home/ada/w/", ["/home/ada/w/src/b.ts"], ["src"], [], ""),
    ],
)
def test_an_absolute_path_is_spelled_from_the_root_of_the_workspace(
    path: str, others: list[str], folders: list[str], files: list[str], expected: str
) -> None:
    assert relative(path, frozenset([path, *others]), frozenset(folders), Tree(files)) == expected


@pytest.mark.parametrize(
    ("path", "others", "folders", "files", "expected"),
    [
        ("/Users/ada/repo/kiln/app/a.tsx", [], [], [], "app/a.tsx"),
        ("/Users/ada/repo/Kiln/a.tsx", [], [], [], "a.tsx"),
        # The name says more than a folder that has a common name, also where most paths have that.
        ("/Users/ada/app/kiln/web/a.tsx", ["/Users/ada/app/kiln/web/b.tsx"], ["app"], [], "web/a.tsx"),
        # What is here says more than a name; of two folders that have it, the outer one is the root.
        ("/Users/ada/kiln/site/app/a.tsx", [], [], ["app/a.tsx"], "app/a.tsx"),
        ("/Users/ada/kiln/src/kiln/a.py", [], [], [], "src/kiln/a.py"),
        # It is the name of a folder, not the end of one.
        ("/Users/ada/my-kiln/app/a.tsx", [], [], [], "Users/ada/my-kiln/app/a.tsx"),
    ],
)
def test_a_folder_called_like_the_workspace_was_its_root(
    path: str, others: list[str], folders: list[str], files: list[str], expected: str
) -> None:
    tree = Tree(files, name="kiln")
    assert relative(path, frozenset([path, *others]), frozenset(folders), tree) == expected


@pytest.mark.parametrize(
    "words",
    ["/Users/ada/../../etc/a.sh", "`/home/../a.sh`", "`C:\\..\\a.sh`", "/etc/cron.d/a.sh", "/Users/ada/./../a.sh"],
)
def test_no_path_leads_out_of_the_workspace(words: str) -> None:
    plan = plan_of(f"## a: A\nWrite {words}\n")
    written = analyse(plan, (), NOTHING).tasks["a"].writes
    assert not any(entry.path.startswith(("/", "..")) or ".." in entry.path for entry in written.entries)


def test_a_written_absolute_path_is_claimed_inside_the_workspace_alone() -> None:
    plan = plan_of("## a: A\nWrite /home/ada/kiln/src/a.py\n")
    written = analyse(plan, (), NOTHING).tasks["a"].writes
    assert [entry.path for entry in written.entries] == ["home/ada/kiln/src/a.py"]
    assert "/home/ada/kiln/src/a.py" not in written.paths


def test_a_hostile_absolute_path_costs_no_more_than_its_length() -> None:
    for piece in ("/Users", "/home/a", "C:/a", "C:\\", "/Users/a/."):
        mentions(piece * 20_000)
