"""From the output of a build to problems at files of the workspace."""

from collections.abc import Collection, Iterator, Sequence

from agent_server.analysis.build_output import (
    c_compilers,
    dotnet,
    eslint,
    github,
    go,
    java,
    javascript_tests,
    make,
    node,
    pytest,
    python_checkers,
    python_tracebacks,
    rust,
    typescript,
)
from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.build_output.places import Places
from agent_server.analysis.build_output.remark import Family, Remark
from agent_server.analysis.settings import Severity

MOST = 200
"""At most so many problems are told of one build."""

FAMILIES: tuple[Family, ...] = (
    github.remarks,
    typescript.remarks,
    eslint.remarks,
    rust.remarks,
    python_checkers.remarks,
    pytest.remarks,
    python_tracebacks.remarks,
    javascript_tests.remarks,
    node.remarks,
    java.remarks,
    go.remarks,
    dotnet.remarks,
    make.remarks,
    c_compilers.remarks,
)
"""All families. Where two read one line, the first is right: those whose form is their own come before the others."""

_LONGEST_OUTPUT = 1_000_000  # characters; of a longer one the end is read
_LONGEST_LINE = 1_000  # characters
_LONGEST_MESSAGE = 500
_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION, Severity.HINT)


def problems_in(output: str, roots: Collection[str], known_paths: Collection[str]) -> tuple[BuildProblem, ...]:
    """What the output of a build says is wrong with files of the workspace, in its order; each thing once.

    `output` is plain text. `roots` are absolute paths at which the workspace may have stood for the build,
    `known_paths` its files, relative to its root: nothing is told of any other file. Of too many problems the gravest
    are kept.
    """
    lines = [line[:_LONGEST_LINE] for line in output[-_LONGEST_OUTPUT:].split("\n")]
    places = Places(lines, roots, known_paths)
    best: dict[tuple[str, int, str], BuildProblem] = {}
    for problem in _problems(_remarks(lines), places):
        key = (problem.path, problem.line, problem.message)
        known = best.get(key)
        if known is None or (known.column is None and problem.column is not None):
            best[key] = problem
    found = list(best.values())
    kept = set(sorted(range(len(found)), key=lambda each: _ORDER.index(found[each].severity))[:MOST])
    return tuple(problem for number, problem in enumerate(found) if number in kept)


def _remarks(lines: Sequence[str]) -> list[Remark]:
    """What all families say, in the order of the output; of each line what the first says that reads it."""
    said: dict[int, tuple[int, list[Remark]]] = {}
    for number, family in enumerate(FAMILIES):
        for remark in family(lines):
            owner, remarks = said.setdefault(remark.at, (number, []))
            if owner == number:
                remarks.append(remark)
    return [remark for at in sorted(said) for remark in said[at][1]]


def _problems(remarks: Sequence[Remark], places: Places) -> Iterator[BuildProblem]:
    for remark in remarks:
        for place in remark.places:
            path = places.find(place.path, remark.at)
            if path is not None and remark.message:
                yield BuildProblem(
                    path=path,
                    line=max(place.line - 1, 0),
                    message=remark.message[:_LONGEST_MESSAGE],
                    column=None if place.column is None else max(place.column - 1, 0),
                    severity=remark.severity,
                    source=remark.source,
                    code=remark.code,
                )
                break
