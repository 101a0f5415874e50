"""The site itself: it builds, and nothing broken gets past its build."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from agent_server.demo.material import DemoPaths

Build = Callable[..., CompletedProcess[str]]


@dataclass(frozen=True)
class Slip:
    """What somebody does to a file of the site, and what the build says to that."""

    file: str
    old: str
    new: str
    message: str

    def make(self, site: Path) -> None:
        text = (site / self.file).read_text("utf-8")
        assert text.count(self.old) == 1
        (site / self.file).write_text(text.replace(self.old, self.new), "utf-8")


def test_it_builds_as_it_is(demo: DemoPaths, build: Build) -> None:
    built = build(demo.root)
    assert built.returncode == 0, built.stderr
    assert built.stdout == "Built 19 pages for 2 wikis into `out/`. Every link holds.\n"
    assert 'href="../glossary.html"' in (demo.root / "out/wood-wiki/dovetail-joint.html").read_text("utf-8")
    assert (demo.root / "out/static/style.css").is_file()


def test_a_draft_says_what_a_new_wiki_lacks_and_fails_for_what_is_wrong_elsewhere(
    demo: DemoPaths, build: Build
) -> None:
    data = demo.root / "data/wood_wiki.py"
    (demo.root / "data/clay_wiki.py").write_text(data.read_text("utf-8"), "utf-8")
    assert build(demo.root).returncode == 1
    drafted = build(demo.root, "--draft")
    assert drafted.returncode == 0, drafted.stderr
    lacks = "pages/clay_wiki/hub.py, pages/clay_wiki/entry.py, checks/clay_wiki.py, its place in data/__init__.py"
    assert drafted.stdout.startswith(f"draft: the wiki `clay_wiki` still lacks {lacks}, its place in navigation.py.\n")
    assert drafted.stdout.endswith("Every other link holds.\n")
    Slip("navigation.py", "/wood-wiki/sharp-edges.html", "/wood-wiki/sharp-edge.html", "").make(demo.root)
    broken = build(demo.root, "--draft")
    assert broken.returncode == 1
    assert "Broken link to /wood-wiki/sharp-edge.html" in broken.stderr


def test_every_link_of_the_output_works_without_a_web_server(demo: DemoPaths, build: Build) -> None:
    build(demo.root)
    out = demo.root / "out"
    pages = list(out.rglob("*.html"))
    for page in pages:
        for target in page.read_text("utf-8").split('href="')[1:]:
            assert (page.parent / target.split('"')[0]).is_file()
    assert len(pages) == 19


@pytest.mark.parametrize(
    "slip",
    [
        pytest.param(
            Slip(
                "pages/wool_wiki/hub.py",
                "from data.wool_wiki import",
                "from data.wol_wiki import",
                "error: Broken import in pages/wool_wiki/hub.py, line 6: No module named 'data.wol_wiki'.",
            ),
            id="broken-import",
        ),
        pytest.param(
            Slip(
                "pages/wool_wiki/hub.py",
                "    shelves =",
                "  shelves =",
                "error: Broken import in pages/wool_wiki/hub.py, line ",
            ),
            id="syntax-error",
        ),
        pytest.param(
            Slip(
                "navigation.py",
                "/wool-wiki/drop-spindle.html",
                "/wool-wiki/spindle.html",
                "error: Broken link to /wool-wiki/spindle.html from /wood-wiki/index.html: no page module renders that",
            ),
            id="broken-link",
        ),
        pytest.param(
            Slip(
                "data/wood_wiki.py",
                "[[dovetail joint]]",
                "[[dovetale joint]]",
                "error: Broken link to /wood-wiki/dovetale-joint.html from /wood-wiki/sharp-edges.html",
            ),
            id="broken-wiki-link",
        ),
        pytest.param(
            Slip(
                "data/wood_wiki.py",
                'title="Marking out"',
                'title="Reading: the grain"',
                "error: Duplicate slug: `Reading the grain` and `Reading: the grain` both become "
                "/wood-wiki/reading-the-grain.html.",
            ),
            id="duplicate-slug",
        ),
        pytest.param(
            Slip(
                "navigation.py",
                "    Link(WOOL_WIKI.title, WOOL_WIKI.url),\n",
                "",
                "error: The wiki `wool_wiki` is not in the navigation: add it to `MENU` of navigation.py.",
            ),
            id="not-in-the-navigation",
        ),
        pytest.param(
            Slip(
                "data/__init__.py",
                "    WOOL_WIKI,\n)",
                ")",
                "error: The wiki `wool_wiki` is not in `WIKIS` of data/__init__.py.",
            ),
            id="not-exported",
        ),
        pytest.param(
            Slip(
                "checks/wool_wiki.py",
                "ENTRIES = 7",
                "ENTRIES = 17",
                "error: The wool wiki should have 17 entries, and has 7.",
            ),
            id="broken-promise",
        ),
        pytest.param(
            Slip(
                "pages/wool_wiki/entry.py",
                '    return f\'<p class="onward">',
                '    return missing, f\'<p class="onward">',
                "error: pages/wool_wiki/entry.py cannot be rendered: NameError(\"name 'missing' is not defined\") in "
                "pages/wool_wiki/entry.py, line 25.",
            ),
            id="page-that-raises",
        ),
    ],
)
def test_nothing_broken_is_published(demo: DemoPaths, build: Build, slip: Slip) -> None:
    build(demo.root)
    before = {page: page.read_bytes() for page in (demo.root / "out").rglob("*.html")}
    slip.make(demo.root)
    built = build(demo.root)
    assert built.returncode == 1
    assert slip.message in built.stderr
    assert "Traceback" not in built.stderr
    assert before == {page: page.read_bytes() for page in (demo.root / "out").rglob("*.html")}


def test_a_wiki_without_a_check_is_not_published(demo: DemoPaths, build: Build) -> None:
    (demo.root / "checks/wool_wiki.py").unlink()
    built = build(demo.root)
    assert built.returncode == 1
    assert "error: The wiki `wool_wiki` has no check: write checks/wool_wiki.py." in built.stderr


def test_only_the_first_of_many_problems_are_printed(demo: DemoPaths, build: Build) -> None:
    (demo.root / "pages/wood_wiki/entry.py").unlink()
    lines = build(demo.root).stderr.splitlines()
    assert len([line for line in lines if line.startswith("error: ")]) == 6
    assert lines[-2:] == ["... and 3 more.", "The build failed, problems: 9. `out/` was not touched."]
