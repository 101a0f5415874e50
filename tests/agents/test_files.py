import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_server.agents.confinement import FileError, Refused
from agent_server.agents.files import MAX_BYTES, MAX_ENTRIES, ConfinedFiles
from agent_server.analysis.globs.path_sets import PathSet
from tests.agents.workbench import contents


def files(root: Path, *writes: str, visible_root: str | None = None, folds_case: bool | None = None) -> ConfinedFiles:
    return ConfinedFiles(root, PathSet.of(writes), visible_root=visible_root, folds_case=folds_case)


class TestItsOwnFiles:
    def test_are_created_with_their_directories(self, workspace: Path) -> None:
        assert files(workspace, "src/pages/new/**").write("src/pages/new/page.tsx", "page\n")
        assert (workspace / "src/pages/new/page.tsx").read_text() == "page\n"

    def test_are_replaced(self, workspace: Path) -> None:
        assert not files(workspace, "src/nav.tsx").write("src/nav.tsx", "nav\n")
        assert (workspace / "src/nav.tsx").read_text() == "nav\n"

    def test_keep_their_mode(self, workspace: Path) -> None:
        (workspace / "run.sh").write_text("#!/bin/sh\n")
        (workspace / "run.sh").chmod(0o755)
        files(workspace, "run.sh").write("run.sh", "#!/bin/sh\nexit\n")
        assert stat.S_IMODE((workspace / "run.sh").stat().st_mode) == 0o755

    def test_are_new_files_where_another_place_links_to_them(self, workspace: Path, tmp_path: Path) -> None:
        os.link(workspace / "src/nav.tsx", tmp_path / "outside/nav.tsx")
        files(workspace, "src/nav.tsx").write("src/nav.tsx", "nav\n")
        assert (tmp_path / "outside/nav.tsx").read_text() == "export const nav = ['home'];\n"

    def test_leave_nothing_else_behind(self, workspace: Path) -> None:
        before = contents(workspace)
        files(workspace, "src/nav.tsx").write("src/nav.tsx", "nav\n")
        assert contents(workspace) == {**before, "src/nav.tsx": "nav\n"}

    @pytest.mark.parametrize("path", ["./src//nav.tsx", "src/../src/nav.tsx", "src/nav.tsx/"])
    def test_may_be_written_in_a_roundabout_way(self, workspace: Path, path: str) -> None:
        files(workspace, "src/nav.tsx").write(path, "nav\n")
        assert (workspace / "src/nav.tsx").read_text() == "nav\n"

    def test_may_be_named_as_the_agent_sees_the_workspace(self, workspace: Path) -> None:
        files(workspace, "src/nav.tsx", visible_root="/home/ada/site").write("/home/ada/site/src/nav.tsx", "nav\n")
        assert (workspace / "src/nav.tsx").read_text() == "nav\n"

    def test_may_be_reached_through_a_process_root(self, workspace: Path) -> None:
        root = Path(f"/proc/{os.getpid()}/root{workspace}")
        if not root.exists():
            pytest.skip("this system has no /proc/<pid>/root")
        files(root, "src/nav.tsx").write(str(workspace / "src/nav.tsx"), "nav\n")
        assert (workspace / "src/nav.tsx").read_text() == "nav\n"

    def test_can_be_deleted(self, workspace: Path) -> None:
        files(workspace, "src/nav.tsx").delete("src/nav.tsx")
        assert not (workspace / "src/nav.tsx").exists()

    def test_that_are_links_can_be_deleted_and_what_they_point_to_stays(self, workspace: Path) -> None:
        (workspace / "alias.tsx").symlink_to("src/nav.tsx")
        files(workspace, "alias.tsx").delete("alias.tsx")
        assert not (workspace / "alias.tsx").is_symlink()
        assert (workspace / "src/nav.tsx").exists()


class TestOutsideItsFiles:
    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("src/data.ts", "src/data.ts"),
            ("src/../src/data.ts", "src/data.ts"),
            ("src/new.ts", "src/new.ts"),
            ("src/NAV.tsx", "src/NAV.tsx"),
            ("SRC/nav.tsx", "SRC/nav.tsx"),
            ("src\\nav.tsx", "src\\nav.tsx"),
            ("../outside/secret.txt", "../outside/secret.txt"),
            ("src/../../outside/secret.txt", "src/../../outside/secret.txt"),
            ("../site/src/nav.tsx", "../site/src/nav.tsx"),
            ("/etc/passwd", "/etc/passwd"),
            ("//etc/passwd", "//etc/passwd"),
            ("/home/ada/site/../../../etc/passwd", "/home/ada/site/../../../etc/passwd"),
            ("/home/ada/site-two/nav.tsx", "/home/ada/site-two/nav.tsx"),
            ("/home/ada/site/src/data.ts", "src/data.ts"),
            ("~/.ssh/authorized_keys", "~/.ssh/authorized_keys"),
            ("src/nav.tsx\0.png", "src/nav.tsx\0.png"),
            ("src/\ud800.ts", "src/\ud800.ts"),
            ("", "."),
            (".", "."),
            ("src/..", "."),
        ],
    )
    def test_nothing_is_written(self, workspace: Path, tmp_path: Path, path: str, told: str) -> None:
        before = contents(tmp_path)
        confined = files(workspace, "src/nav.tsx", visible_root="/home/ada/site")
        for attempt in (
            lambda: confined.write(path, "x"),
            lambda: confined.edit(path, "export", "import"),
            lambda: confined.delete(path),
        ):
            with pytest.raises(Refused) as refusal:
                attempt()
            assert refusal.value.path == told
        assert contents(tmp_path) == before

    @pytest.mark.parametrize(
        "path",
        [
            ".git/hooks/pre-commit",
            ".GIT/hooks/pre-commit",
            ".Git/config",
            "src/.git/config",
            ".g\u200cit/config",
            "git~1/x",
        ],
    )
    def test_git_is_out_of_reach_whatever_the_brief_says(self, workspace: Path, tmp_path: Path, path: str) -> None:
        before = contents(tmp_path)
        confined = files(workspace, "**", path)
        with pytest.raises(Refused):
            confined.write(path, "x")
        with pytest.raises(Refused):
            confined.read(path)
        assert contents(tmp_path) == before

    @pytest.mark.parametrize(
        ("link", "path", "told"),
        [
            ("src/alias.ts -> data.ts", "src/alias.ts", "src/data.ts"),
            ("src/alias.ts -> ../../outside/secret.txt", "src/alias.ts", "../../outside/secret.txt"),
            ("src/alias.ts -> /etc/passwd", "src/alias.ts", "/etc/passwd"),
            ("src/alias.ts -> /home/ada/site/src/data.ts", "src/alias.ts", "src/data.ts"),
            ("src/alias.ts -> not-there.ts", "src/alias.ts", "src/not-there.ts"),
            ("pages -> src", "pages/data.ts", "src/data.ts"),
            ("pages -> ../outside", "pages/secret.txt", "../outside"),
            ("pages -> .git/hooks", "pages/pre-commit", ".git/hooks/pre-commit"),
        ],
    )
    def test_nothing_is_written_through_a_link_and_where_it_leads_is_told(
        self, workspace: Path, link: str, path: str, told: str
    ) -> None:
        name, _, target = link.partition(" -> ")
        (workspace / name).symlink_to(target)
        before = contents(workspace.parent)
        confined = files(workspace, path, visible_root="/home/ada/site")  # its own path: only the link is in the way
        with pytest.raises(Refused) as refusal:
            confined.write(path, "x")
        assert refusal.value.path == told
        assert contents(workspace.parent) == before

    @given(
        path=st.builds(
            "".join,
            st.lists(
                st.sampled_from(
                    [
                        "/",
                        "/",
                        "/",
                        ".",
                        "..",
                        "src",
                        "nav.tsx",
                        "out",
                        "in",
                        "new",
                        ".git",
                        "~",
                        "\0",
                        "outside",
                        "SRC",
                    ]
                ),
                max_size=9,
            ),
        )
    )
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
    def test_no_path_at_all_leads_out(self, workspace: Path, path: str) -> None:
        for link, target in (("out", "../outside"), ("in", "src")):
            if not (workspace / link).is_symlink():
                (workspace / link).symlink_to(target)
        before = contents(workspace.parent)
        confined = files(workspace, "src/nav.tsx", "src/new/**", "out/**", "in/**", ".git/**")
        with suppress(Refused, FileError):
            confined.write(path, "written")
        after = contents(workspace.parent)
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        assert all(path == "site/src/nav.tsx" or path.startswith("site/src/new/") for path in changed)
        with suppress(Refused, FileError):
            assert confined.read(path) != "secret\n"

    def test_a_directory_is_not_written(self, workspace: Path) -> None:
        with pytest.raises(Refused, match="directory"):
            files(workspace, "src", "src/**").write("src", "x")

    def test_a_pipe_is_neither_written_nor_read(self, workspace: Path) -> None:
        os.mkfifo(workspace / "pipe")
        with pytest.raises(Refused, match="ordinary"):
            files(workspace, "pipe").write("pipe", "x")
        with pytest.raises(Refused, match="ordinary"):
            files(workspace, "pipe").read("pipe")

    def test_a_link_that_appears_between_the_check_and_the_write_is_not_followed(
        self, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        confined = files(workspace, "pages/secret.txt")
        checked = confined._tree.writable

        def then_swap(path: str) -> tuple[str, ...]:
            parts = checked(path)
            (workspace / "pages").symlink_to(tmp_path / "outside")
            return parts

        monkeypatch.setattr(confined._tree, "writable", then_swap)
        with pytest.raises(FileError):
            confined.write("pages/secret.txt", "x")
        assert (tmp_path / "outside/secret.txt").read_text() == "secret\n"


class TestWhereCaseDoesNotCount:
    def test_a_file_is_known_by_its_stored_name(self, workspace: Path) -> None:
        files(workspace, "src/nav.tsx", folds_case=True).write("SRC/Nav.TSX", "nav\n")
        assert (workspace / "src/nav.tsx").read_text() == "nav\n"
        assert not (workspace / "SRC").exists()

    def test_another_spelling_opens_no_second_file(self, workspace: Path) -> None:
        with pytest.raises(Refused) as refusal:
            files(workspace, "src/DATA.ts", folds_case=True).write("src/DATA.ts", "x")
        assert refusal.value.path == "src/data.ts"

    def test_this_is_asked_of_the_file_system(self, workspace: Path) -> None:
        folds = (workspace / "readme.MD").exists()
        assert files(workspace)._tree._folds_case == folds


class TestReading:
    def test_follows_links_inside_the_workspace(self, workspace: Path) -> None:
        (workspace / "pages").symlink_to("src")
        (workspace / "src/alias.ts").symlink_to("/home/ada/site/pages/../src/data.ts")
        confined = files(workspace, visible_root="/home/ada/site")
        assert confined.read("pages/alias.ts") == "export const data = [];\n"

    @pytest.mark.parametrize("target", ["../outside/secret.txt", "/etc/passwd", "src/../../outside/secret.txt"])
    def test_does_not_follow_links_out_of_it(self, workspace: Path, target: str) -> None:
        (workspace / "alias").symlink_to(target)
        with pytest.raises(Refused) as refusal:
            files(workspace).read("alias")
        assert refusal.value.path == "alias"

    def test_an_absolute_link_means_the_agents_own_file_system(self, workspace: Path) -> None:
        root = Path(f"/proc/{os.getpid()}/root{workspace}")
        if not root.exists():
            pytest.skip("this system has no /proc/<pid>/root")
        (workspace / "alias.ts").symlink_to(workspace / "src/data.ts")
        assert files(root).read("alias.ts") == "export const data = [];\n"

    def test_stops_at_a_circle_of_links(self, workspace: Path) -> None:
        (workspace / "a").symlink_to("b")
        (workspace / "b").symlink_to("a")
        with pytest.raises(FileError, match="circle"):
            files(workspace).read("a")

    def test_does_not_reach_git_through_a_link(self, workspace: Path) -> None:
        (workspace / "alias").symlink_to(".git/config")
        with pytest.raises(Refused, match="Git"):
            files(workspace).read("alias")

    @pytest.mark.parametrize(
        ("data", "why"), [(b"a\0b", "text"), (b"\xff\xfe", "text"), (b"x" * (MAX_BYTES + 1), "larger")]
    )
    def test_says_what_it_cannot_read(self, workspace: Path, data: bytes, why: str) -> None:
        (workspace / "it").write_bytes(data)
        with pytest.raises(FileError, match=why):
            files(workspace).read("it")

    @pytest.mark.parametrize("path", ["missing.ts", "src", "src/nav.tsx/more", "x" * 300])
    def test_never_tells_where_the_workspace_lies(self, workspace: Path, tmp_path: Path, path: str) -> None:
        with pytest.raises(FileError) as error:
            files(workspace, "**").read(path)
        assert str(tmp_path) not in str(error.value)


class TestEditing:
    def test_replaces_the_one_occurrence(self, workspace: Path) -> None:
        files(workspace, "src/nav.tsx").edit("src/nav.tsx", "'home'", "'home', 'wiki'")
        assert (workspace / "src/nav.tsx").read_text() == "export const nav = ['home', 'wiki'];\n"

    @pytest.mark.parametrize(("old", "why"), [("away", "does not occur"), ("e", "occurs 2 times"), ("", "empty")])
    def test_wants_exactly_one(self, workspace: Path, old: str, why: str) -> None:
        with pytest.raises(FileError, match=why):
            files(workspace, "src/nav.tsx").edit("src/nav.tsx", old, "x")
        assert (workspace / "src/nav.tsx").read_text() == "export const nav = ['home'];\n"

    def test_keeps_crlf(self, workspace: Path) -> None:
        (workspace / "src/nav.tsx").write_bytes(b"one\r\ntwo\r\nthree\r\n")
        files(workspace, "src/nav.tsx").edit("src/nav.tsx", "one\ntwo", "1\n2\n2.5")
        assert (workspace / "src/nav.tsx").read_bytes() == b"1\r\n2\r\n2.5\r\nthree\r\n"

    def test_writes_no_half_character(self, workspace: Path) -> None:
        with pytest.raises(FileError, match="surrogate"):
            files(workspace, "src/nav.tsx").edit("src/nav.tsx", "'home'", "\ud800")

    def test_writes_no_giant(self, workspace: Path) -> None:
        with pytest.raises(FileError, match="larger"):
            files(workspace, "src/nav.tsx").write("src/nav.tsx", "x" * (MAX_BYTES + 1))


class TestListing:
    def test_shows_one_level_without_git(self, workspace: Path) -> None:
        (workspace / "latest").symlink_to("src")
        assert files(workspace).entries().paths == ("README.md", "latest@", "src/")

    def test_goes_as_deep_as_asked(self, workspace: Path) -> None:
        assert files(workspace).entries(depth=2).paths == ("README.md", "src/", "src/data.ts", "src/nav.tsx")

    def test_does_not_enter_what_git_ignores_unless_asked(self, workspace: Path) -> None:
        (workspace / ".gitignore").write_text("node_modules/\n*.log\n")
        (workspace / "src/.gitignore").write_text("!keep.log\n")
        for path in ("node_modules/a/index.js", "debug.log", "src/keep.log"):
            (workspace / path).parent.mkdir(parents=True, exist_ok=True)
            (workspace / path).write_text("x")
        shown = files(workspace).entries(depth=9).paths
        assert "node_modules/" in shown
        assert "node_modules/a/" not in shown
        assert "debug.log" not in shown
        assert "src/keep.log" in shown
        assert files(workspace).entries("node_modules", depth=2).paths == ("node_modules/a/", "node_modules/a/index.js")

    def test_is_cut_at_a_cap(self, workspace: Path) -> None:
        for number in range(MAX_ENTRIES + 1):
            (workspace / f"src/{number}.ts").touch()
        found = files(workspace).entries("src")
        assert found.cut
        assert len(found.paths) == MAX_ENTRIES


class TestSearching:
    def test_finds_lines_by_regular_expression(self, workspace: Path) -> None:
        found = files(workspace).search(r"const (nav|data)\b")
        assert [(line.path, line.number) for line in found.lines] == [("src/data.ts", 1), ("src/nav.tsx", 1)]

    def test_finds_plain_words(self, workspace: Path) -> None:
        found = files(workspace).search("const nav", "src")
        assert [(line.path, line.text) for line in found.lines] == [("src/nav.tsx", "export const nav = ['home'];")]

    def test_looks_into_one_file(self, workspace: Path) -> None:
        assert [line.path for line in files(workspace).search("export", "src/data.ts").lines] == ["src/data.ts"]

    def test_leaves_out_git_links_and_what_is_no_text(self, workspace: Path) -> None:
        (workspace / "picture.png").write_bytes(b"core\0core")
        (workspace / "alias").symlink_to(".git/config")
        assert files(workspace).search("core").lines == ()

    def test_says_what_is_wrong_with_the_expression(self, workspace: Path) -> None:
        with pytest.raises(FileError, match="wrong"):
            files(workspace).search("(")
