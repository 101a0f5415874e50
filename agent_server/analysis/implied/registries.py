"""A file that lists every sibling of a new file wants the new one too: a barrel, a registry, a navigation.

It is found because it imports, or names, each sibling that is there now, and it counts only where its text lists them
all in one form. A file that merely uses some of them does not.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from agent_server.analysis.claims import Claim
from agent_server.analysis.implied.ecosystems import MANIFESTS
from agent_server.analysis.implied.listings import lists_all, name_pattern, spells_out
from agent_server.analysis.implied.siblings import BARRELS, COLLECTING, FEWEST, Siblings, is_test, kin_of, siblings_of
from agent_server.analysis.implied.work import Kind, Work, implied_claim
from agent_server.analysis.questions import Importers, Naming
from agent_server.analysis.tree import Tree, fold_case
from agent_server.analysis.words.path_shapes import extension

ASKED = 4
"""Of how many siblings the index is asked; the text is held against them all."""

MOST_NAMING = 16
"""So many of the files that name a mirrored one are read."""

_LIKE_ITS_PATTERN = 0.9

_JAVA = ".java"

_DATA = frozenset({"xml", "yaml", "yml", "json", "toml"})
"""Files that name others for one reason: to have them read too."""

MOST = 6
"""More candidates than this are no registries: the siblings are words that the whole program uses."""

_WORDS = re.compile(r"\w+")
_PROSE = frozenset({"md", "mdx", "rst", "txt", "adoc"})
_NO_REGISTRIES = re.compile(
    r"(?:^|/)(?:changelog|changes|history|news|releases?|authors|codeowners)[^/]*$"
    r"|(?:^|/)(?:dist|build|out|coverage|node_modules|vendor|target|\.[^/]+)/"
    r"|lock(?:\.json|\.yaml|b)?$|\.(?:lock|snap|map|sum|svg|csv|log|sql|min\.\w+)$|\.plan\.md$",
    re.IGNORECASE,
)
_GO_IMPORT = re.compile(r"^\s+(?:(?!_ )[\w.]+ )?\"[^\"\n]+\"$", re.MULTILINE)
"""An import of Go that gives the file something to use. One for its effect alone (`_ "x/plugins/cpu"`) lists it."""

_SEEN = frozenset({"app", "commands", "content", "docs", "pages", "routes", "screens", "views"})
"""Folders of what users see or call by name: a list that spells no folder is a list of these."""

_WORKSPACES = frozenset({"go.work", "pom.xml"})
"""Manifests that list the modules below them."""

_PROSE_REGISTRY = re.compile(r"(?:^|/)(?:_?sidebar|summary|_?toc|index|readme)\.\w+$", re.IGNORECASE)


def _implied(work: Work) -> Iterator[Claim]:
    done: set[str] = set()
    for path, claim, name, group in _groups(work):
        for registry, imports_them in _candidates(path, group, work.tree):
            siblings = group.without(registry)
            text = work.tree.contents.get(registry)
            if text is None or registry in done or _has(text, name) or not _lists(registry, text, siblings):
                continue
            if _lists_others(text, siblings, work.tree):
                continue
            if not imports_them and not _means(registry, text, siblings, work.tree):
                continue
            done.add(registry)
            because = f"it lists every neighbour of the new `{path}`, such as {_examples(siblings)}"
            yield from implied_claim(registry, claim.span, _confidence(registry, siblings), because, work.tree)
    for path, claim, mirrored, registry in _beside_mirrored(work):
        text = work.tree.contents.get(registry, "")
        if registry not in done and spells_out(text, _stem_of(mirrored)) and not _has(text, _stem_of(path)):
            done.add(registry)
            because = f"it spells out what there is like `{mirrored}`, whose pattern the new `{path}` follows"
            yield from implied_claim(registry, claim.span, _LIKE_ITS_PATTERN, because, work.tree)


def _sources(work: Work) -> Iterable[str]:
    for path, _, _, group in _groups(work):
        yield from (registry for registry, _ in _candidates(path, group, work.tree))
    yield from (registry for _, _, _, registry in _beside_mirrored(work))


def _beside_mirrored(work: Work) -> Iterator[tuple[str, Claim, str, str]]:
    """The new classes of Java that mirror one beside them, with that file and each source that names it."""
    mirrored = [item.text for item in work.task.mirrors if item.text in work.tree and item.text.endswith(_JAVA)]
    for path, claim in work.created():
        for mirror in mirrored:
            if path.endswith(_JAVA) and mirror.rpartition("/")[0] == path.rpartition("/")[0]:
                naming = (each for each in _naming((_stem_of(mirror),), work.tree) if each.endswith(_JAVA))
                found = [each for each in naming if each != mirror and _may_list(each, path)]
                found.sort(
                    key=lambda each: not mirror.startswith(f"{each.rpartition('/')[0]}/")
                )  # Above it comes first.
                yield from ((path, claim, mirror, each) for each in found[:MOST_NAMING])


def _stem_of(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def _groups(work: Work) -> Iterator[tuple[str, Claim, str, Siblings]]:
    """The new files, each with its name and the files that may be treated as it will be."""
    for path, claim in work.created():
        for found in filter(None, (siblings_of(path, work.tree), kin_of(path, work.tree))):
            yield path, claim, *found


def _candidates(path: str, siblings: Siblings, tree: Tree) -> tuple[tuple[str, bool], ...]:
    """The files that import (True) or name the siblings that were asked for, as far as that is known yet."""
    key = "registries", siblings.files[0], siblings.files[-1], len(siblings.files), siblings.names[0]
    return tree.answers.derived(key, partial(_ask, path, siblings, tree))


def _ask(path: str, siblings: Siblings, tree: Tree) -> tuple[tuple[str, bool], ...]:
    asked = range(len(siblings.files)) if len(siblings.files) <= ASKED else _spread(len(siblings.files))
    importing = [tree.answers.files(Importers(siblings.files[at])) for at in asked]
    naming = _naming([siblings.names[at] for at in asked], tree)
    importers = set.intersection(*(set(each or ()) for each in importing))
    found = sorted(each for each in importers.union(naming).difference(siblings.files) if _may_list(each, path))
    if siblings.are_folders or extension(path) in _DATA:
        found += _among(siblings, asked, naming, tree)
    elif path.endswith(".go"):
        found += [each for each in _in_package(siblings, tree) if each not in found]
    if len(found) > MOST:
        found = [each for each in found if _stem(each) in COLLECTING][:MOST]
    return tuple((each, each in importers) for each in found)


def _naming(names: Iterable[str], tree: Tree) -> tuple[str, ...]:
    """The files that hold each word of the names."""
    words = {word.lower() for name in names for word in _WORDS.findall(name)}
    return tree.answers.files(Naming(tuple(sorted(words)))) or ()


def _among(siblings: Siblings, asked: Sequence[int], naming: Iterable[str], tree: Tree) -> Iterator[str]:
    """The siblings that may list all others: the routes of the whole site are called like those of its parts.

    So are the changelog of a database and its parts, or what a cluster gets and each piece of it.
    """
    unlike = siblings.are_folders and _stem(siblings.files[0]) not in COLLECTING
    if len(siblings.files) <= FEWEST or unlike:
        return
    found = set(naming).intersection(siblings.files)
    for place in asked:
        others = [siblings.names[at] for at in asked if at != place]
        if siblings.files[place] in _naming(others, tree):
            found.add(siblings.files[place])
    yield from sorted(found)


def _in_package(siblings: Siblings, tree: Tree) -> Iterator[str]:
    """The files beside the siblings that bring others together: within a package of Go nobody imports anything.

    One that is called like the package does, too. The index knows none of them by the names of the siblings, which are
    parts of longer words there: `newMonthCommand`.
    """
    home = f"{siblings.home}/" if siblings.home else ""
    own = [siblings.home.rpartition("/")[2]] if len(siblings.files) > FEWEST else []
    return (path for stem in sorted(COLLECTING.union(own)) if (path := f"{home}{stem}.go") in tree)


def _spread(count: int) -> list[int]:
    """Some of so many places, far apart: the first and the last may have a name in common."""
    return sorted({round(step * (count - 1) / (ASKED - 1)) for step in range(ASKED)})


def _may_list(candidate: str, path: str) -> bool:
    if is_test(candidate) or _NO_REGISTRIES.search(candidate):
        return False
    folder, _, name = candidate.rpartition("/")
    if name in MANIFESTS and folder and not path.startswith(f"{folder}/"):
        return False  # It depends on them, and is no list of what lies below it.
    return extension(candidate) not in _PROSE or (
        extension(path) in _PROSE and _PROSE_REGISTRY.search(candidate) is not None
    )


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0].lower()


def _lists(registry: str, text: str, siblings: Siblings) -> bool:
    if registry.endswith(".go"):
        text = _GO_IMPORT.sub("", text)
    return lists_all(
        text,
        siblings.names,
        imports_count=_stem(registry) in BARRELS,
        is_prose=extension(registry) in _PROSE,
        folder="" if extension(registry) in _PROSE else f"{siblings.home.rpartition('/')[2]}/",
    )


def _means(registry: str, text: str, siblings: Siblings, tree: Tree) -> bool:
    """Whether the names in a file that imports none of the siblings are theirs, and not those of other files.

    `src/data/glass.ts` and `src/pages/glass.tsx` have one name. A barrel means the files beside it. Any other file
    means those beside it too, else those whose folder it spells (`pages/glass`) or, where it spells none, those that
    people see.
    """
    if _stem(registry) in BARRELS:
        return registry.rpartition("/")[0] == siblings.home
    rivals = frozenset.intersection(*(_homes(name, tree) for name in siblings.names[:ASKED])) - {siblings.home}
    if not rivals:
        return True
    last = siblings.home.rpartition("/")[2]
    folder = registry.rpartition("/")[0]
    if folder in {siblings.home, *rivals}:
        return folder == siblings.home
    if all(f"{last}/{name}".lower() in text.lower() for name in siblings.names):
        return True
    others = [rival.rpartition("/")[2] for rival in rivals]
    spelled = set(_WORDS.findall(text.lower()))
    return last in _SEEN and not any(other in _SEEN or other.lower() in spelled for other in others)


def _lists_others(text: str, siblings: Siblings, tree: Tree) -> bool:
    """Whether the text spells, behind each sibling that is a folder, another file in it: `orders.urls`, not `apps`."""
    return siblings.are_folders and all(
        any(
            word.lower() != _stem(file) and _is_beside(file, word, tree)
            for word in re.findall(rf"\b{re.escape(name)}[./](\w+)", text)
        )
        for file, name in zip(siblings.files, siblings.names, strict=True)
    )


def _is_beside(file: str, stem: str, tree: Tree) -> bool:
    folder = file.rpartition("/")[0]
    return any(path.startswith((f"{folder}/{stem}.", f"{folder}/{stem}/")) for path in tree.below(folder))


def _homes(name: str, tree: Tree) -> frozenset[str]:
    """The folders in which a file (whatever its ending) or a folder of that name lies, in any case."""
    return tree.derived(("homes", name), lambda: frozenset(_homes_of(fold_case(name), tree)))


def _homes_of(name: str, tree: Tree) -> Iterator[str]:
    for folded, path in tree.spelling.items():
        if name in folded:
            folders, segments = path.split("/"), folded.split("/")
            for depth, segment in enumerate(segments):
                if segment == name or (depth == len(segments) - 1 and segment.partition(".")[0] == name):
                    yield "/".join(folders[:depth])


def _has(text: str, name: str) -> bool:
    return name_pattern(name).search(text) is not None


def _confidence(registry: str, siblings: Siblings) -> float:
    """Two siblings may be listed together by chance; a name that says what the file is for makes up for it."""
    if _stem(registry) in COLLECTING or registry.rpartition("/")[2] in _WORKSPACES:
        return 0.9
    if extension(registry) in _PROSE:
        return 0.6
    return 0.85 if len(siblings.files) > FEWEST else 0.6


def _examples(siblings: Siblings) -> str:
    return f"`{siblings.files[0]}` and `{siblings.files[-1]}`"


KIND = Kind(_implied, _sources)
