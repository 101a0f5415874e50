"""Build the site: import every page module, render every page into `out/`, and publish nothing that is broken.

    python3 build.py
    python3 build.py --draft

The build fails, and `out/` stays as it was, on a broken import, a page module that raises, two pages with one address,
a broken link, a wiki that is missing from the navigation, and whatever the wiki's own module in `checks/` finds.
Needs Python 3.9 or later and nothing else.

A draft may have wikis that are not complete yet: what they still lack is told, and fails nothing.
"""

import importlib
import posixpath
import re
import shutil
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent
OUT = ROOT / "out"
STATIC = ROOT / "static"
MOST_SHOWN = 6
PIECES = ("data/{}.py", "pages/{}/hub.py", "pages/{}/entry.py", "checks/{}.py")


class BuildError(Exception):
    """The site cannot be published as it is. `problems` has one sentence for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(dict.fromkeys(problems))


def main() -> int:
    """Build, say how it went, and return the exit status."""
    sys.path.insert(0, str(ROOT))  # it is there already, unless Python was told to leave a script's folder out
    try:
        documents, incomplete = build(draft="--draft" in sys.argv[1:])
    except BuildError as error:
        report(error.problems)
        return 1
    publish(documents)
    print(f"Built {len(documents)} pages for {len(wiki_names())} wikis into `out/`. Every {'other ' if incomplete else ''}link holds.")
    return 0


def report(problems: list[str]) -> None:
    """Print the first few problems, and how many there are. The first usually causes the others."""
    for problem in problems[:MOST_SHOWN]:
        print(f"error: {problem}", file=sys.stderr)
    if len(problems) > MOST_SHOWN:
        print(f"... and {len(problems) - MOST_SHOWN} more.", file=sys.stderr)
    print(f"The build failed, problems: {len(problems)}. `out/` was not touched.", file=sys.stderr)


def build(draft: bool = False) -> tuple[dict[str, str], list[str]]:
    """All documents by their address, checked, and the wikis that a draft may have. Raises `BuildError`."""
    modules = import_all(["data", "navigation", "layout", "site_map", *module_names("pages"), *module_names("checks")])
    documents = render(modules)
    site = modules["site_map"].SiteMap(documents)
    lacking = {name: missing(modules, name) for name in wiki_names()} if draft else {}
    incomplete = [name for name, pieces in lacking.items() if pieces]
    for name in incomplete:
        print(f"draft: the wiki `{name}` still lacks {', '.join(lacking[name])}.")
    problems = [
        *unlisted_wikis(modules, incomplete),
        *failed_checks(modules, site, incomplete),
        *broken_links(site, incomplete),
    ]
    if problems:
        raise BuildError(problems)
    return documents, incomplete


def missing(modules: dict[str, ModuleType], name: str) -> list[str]:
    """The pieces that a wiki does not have yet."""
    slug = name.replace("_", "-")
    lacking = [file for piece in PIECES if not (ROOT / (file := piece.format(name))).is_file()]
    if slug not in {wiki.slug for wiki in modules["data"].WIKIS}:
        lacking.append("its place in data/__init__.py")
    if f"/{slug}/index.html" not in {link.url for link in modules["navigation"].MENU}:
        lacking.append("its place in navigation.py")
    return lacking


def module_names(folder: str) -> list[str]:
    """The modules below a folder, as they are imported: `pages.wood_wiki.hub`."""
    files = sorted(file for file in (ROOT / folder).rglob("*.py") if file.stem != "__init__")
    return [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]


def file_of(module_name: str) -> str:
    """Where a module lies: `pages/wood_wiki/hub.py`."""
    return f"{module_name.replace('.', '/')}.py"


def wiki_names() -> list[str]:
    """The wikis, by what is on the disk: a data file, or a folder with pages, whose name ends in `_wiki`."""
    from_data = {file.stem for file in (ROOT / "data").glob("*_wiki.py")}
    return sorted(from_data | {file.parent.name for file in (ROOT / "pages").glob("*_wiki/*.py")})


def import_all(names: list[str]) -> dict[str, ModuleType]:
    """The imported modules by name. Raises one `BuildError` for all that could not be imported."""
    modules, problems = {}, []
    for name in names:
        try:
            modules[name] = importlib.import_module(name)
        except Exception as error:  # whatever a module does wrong is a problem to report, not a reason to stop
            problems.append(f"Broken import in {place_of(error)}: {error}.")
    if problems:
        raise BuildError(problems)
    return modules


def render(modules: dict[str, ModuleType]) -> dict[str, str]:
    """Every page of every page module, framed. Raises `BuildError` for two pages of one address."""
    documents: dict[str, str] = {}
    titles: dict[str, str] = {}
    problems = []
    for name in module_names("pages"):
        try:
            for page in modules[name].pages():
                if page.url in documents:
                    problems.append(f"Duplicate slug: `{titles[page.url]}` and `{page.title}` both become {page.url}.")
                documents[page.url] = modules["layout"].framed(page)
                titles[page.url] = page.title
        except Exception as error:  # as above
            problems.append(f"{file_of(name)} cannot be rendered: {error!r} in {place_of(error)}.")
    if problems:
        raise BuildError(problems)
    return documents


def unlisted_wikis(modules: dict[str, ModuleType], incomplete: list[str]) -> Iterator[str]:
    """Wikis that exist on the disk, and that a reader could not find."""
    listed = {wiki.slug for wiki in modules["data"].WIKIS}
    in_menu = {link.url for link in modules["navigation"].MENU}
    for name in (each for each in wiki_names() if each not in incomplete):
        slug = name.replace("_", "-")
        if slug not in listed:
            yield f"The wiki `{name}` is not in `WIKIS` of data/__init__.py."
        if f"/{slug}/index.html" not in in_menu:
            yield f"The wiki `{name}` is not in the navigation: add it to `MENU` of navigation.py."


def broken_links(site, incomplete: list[str]) -> Iterator[str]:
    """Links that lead nowhere, each once, with the page that has it; those into a wiki that is not complete may."""
    unfinished = tuple(f"/{name.replace('_', '-')}/" for name in incomplete)
    for target, sources in site.links_to().items():
        if not target.startswith(unfinished) and target not in site and not (ROOT / target.lstrip("/")).is_file():
            more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
            yield f"Broken link to {target} from {sources[0]}{more}: no page module renders that address."


def failed_checks(modules: dict[str, ModuleType], site, incomplete: list[str]) -> Iterator[str]:
    """What each wiki's own check finds. A wiki without one fails."""
    for name in (each for each in wiki_names() if each not in incomplete):
        if f"checks.{name}" not in modules:
            yield f"The wiki `{name}` has no check: write checks/{name}.py."
            continue
        try:
            yield from modules[f"checks.{name}"].problems(site)
        except Exception as error:  # as above
            yield f"checks/{name}.py cannot be asked: {error!r} in {place_of(error)}."


def publish(documents: dict[str, str]) -> None:
    """Write `out/` anew. Links become relative, so that the pages can be read without a web server."""
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.copytree(STATIC, OUT / STATIC.name)
    for url, html in documents.items():
        file = OUT / url.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(relative_links(html, posixpath.dirname(url)), encoding="utf-8")


def relative_links(html: str, folder: str) -> str:
    """The document with the addresses in its links as they look from a folder of the site."""
    return re.sub(r'href="(/[^"]*)"', lambda found: f'href="{posixpath.relpath(found[1], folder)}"', html)


def place_of(error: Exception) -> str:
    """The last line of this site that an error passed through: `pages/index.py, line 6`."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{short(error.filename)}, line {error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(ROOT))]
    return f"{short(frames[-1].filename)}, line {frames[-1].lineno}" if frames else "build.py"


def short(filename: str) -> str:
    """A file's path from the root of the site."""
    return Path(filename).resolve().relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main())
