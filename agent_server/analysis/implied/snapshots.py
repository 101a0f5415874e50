"""Snapshots follow what they show: the files that a test compares its results with."""

import re
from collections.abc import Iterator

from agent_server.analysis.claims import Claim, files, path_set
from agent_server.analysis.globs.path_sets import BadGlob
from agent_server.analysis.implied.work import Kind, Work, implied_claim

CONFIDENCE = 0.5
"""A change need not show in a snapshot."""

_TEST = re.compile(r"(?P<stem>.+?)[._-](?:test|spec|stories)\.\w+$|test_(?P<python>.+)\.py$|(?P<go>.+)_test\.go$")
_SCRIPT = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".vue", ".svelte")


def _implied(work: Work) -> Iterator[Claim]:
    for path, claim in work.changed():
        for pattern in _patterns(path, work):
            if _is_there(pattern, work):
                because = f"it shows what the tests of `{path}` expect"
                yield from implied_claim(pattern, claim.span, CONFIDENCE, because, work.tree)


def _is_there(pattern: str, work: Work) -> bool:
    try:
        return bool(files(path_set((pattern,), work.tree), work.tree))
    except BadGlob:
        return False


def _patterns(path: str, work: Work) -> Iterator[str]:
    """Where the snapshots of a test, or of the tests of a source, may lie."""
    folder, _, name = path.rpartition("/")
    at = f"{folder}/" if folder else ""
    if name.endswith(_SCRIPT):
        yield from _script_snapshots(at, name, work)
    elif name.endswith(".py"):
        yield from _python_snapshots(at, name, work)
    elif name.endswith(".rs"):
        stem = name.removesuffix(".rs")
        is_test = at.endswith("tests/")
        yield f"{at}snapshots/{stem}__*.snap" if is_test else f"{at}snapshots/*__{stem}__*.snap"
    elif name.endswith(".go"):
        stem = name.removesuffix(".go").removesuffix("_test")
        if f"{at}{stem}_test.go" in work.tree:
            yield f"{at}testdata/{stem}*.golden"


def _script_snapshots(at: str, name: str, work: Work) -> Iterator[str]:
    """Jest and Vitest keep them beside the test."""
    if _TEST.match(name):
        yield f"{at}__snapshots__/{name}.snap"
        return
    stem, _, ending = name.rpartition(".")
    for test in (f"{stem}.test.{ending}", f"{stem}.spec.{ending}"):
        for place in (at, f"{at}__tests__/"):
            if f"{place}{test}" in work.tree:
                yield f"{place}__snapshots__/{test}.snap"


def _python_snapshots(at: str, name: str, work: Work) -> Iterator[str]:
    """Syrupy keeps them beside the test."""
    tests = [f"{at}{name}"] if _TEST.match(name) else work.tree.named(f"test_{name}")
    if len(tests) == 1:
        folder, _, test = tests[0].rpartition("/")
        place = f"{folder}/__snapshots__/" if folder else "__snapshots__/"
        yield f"{place}{test.removesuffix('.py')}.ambr"


KIND = Kind(_implied)
