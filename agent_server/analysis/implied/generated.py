"""Generated code follows its source: a file whose header says that it is made from a file that the task writes."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from agent_server.analysis.claims import Claim
from agent_server.analysis.implied.siblings import is_test
from agent_server.analysis.implied.work import Kind, Work, implied_claim
from agent_server.analysis.questions import Naming
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.path_shapes import extension

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.

CONFIDENCE = 0.7
"""It follows its source for certain; that the agent is to write it, and not a command, is less so."""

MOST = 5
"""More files than this are not made from one source: they name a word that many do."""

_HEADER = 3000
"""Characters at the start of a file in which its header stands."""

_SOURCES = frozenset(
    "asn avdl avsc bnf capnp cue fbs g4 gql graphql graphqls idl json jsonnet l pest peg prisma proto smithy sql thrift"
    " toml wit wsdl xsd y yaml yml".split()
)
"""Endings of what code is generated from."""

_NO_SOURCES = re.compile(r"(?:^|/)(?:package|tsconfig[\w.]*|composer|pyproject|Cargo|\.[\w-]+)\.?(?:json|toml)?$|lock")
_MARK = re.compile(
    r"@generated|do not (?:edit|modify)|(?:code|file|is|was|been|auto(?:matically)?)[- ]?generated", re.IGNORECASE
)
_NAMED = re.compile(
    r"\.(?:pb|gen|generated|g|freezed|designer)\.\w+$|\.pb(?:\.gw)?\.go$|_(?:pb2|pb2_grpc|pb|gen|generated)\.\w+$"
    r"|(?:^|/)(?:__generated__|generated|gen)/",
    re.IGNORECASE,
)
_MARKS = (".pb", "_pb", "gen", ".g.", ".freezed.", ".designer.")
_PATH = re.compile(r"[\w./@-]+\.[A-Za-z]\w*")


def made_from(path: str, text: str, tree: Tree) -> str | None:
    """The existing file that a generated file's header names as its source; None for any other file."""
    header = text[:_HEADER]
    if not _says_generated(header):
        return None
    folder = path.rpartition("/")[0]
    for match in _PATH.finditer(header):
        found = _meant(match[0].removeprefix("./"), folder, tree)
        if found is not None and found != path and extension(found) in _SOURCES:
            return found
    return None


def looks_generated(path: str) -> bool:
    """Whether a file's name says that it is generated."""
    lower = path.lower()
    return any(mark in lower for mark in _MARKS) and _NAMED.search(path) is not None


@lru_cache(maxsize=512)
def _says_generated(header: str) -> bool:
    return any(_MARK.search(line) for line in header.splitlines()[:30])


def _meant(spelled: str, folder: str, tree: Tree) -> str | None:
    """The file that a header means: from the root, from beside it, or the only one whose path ends so."""
    beside = f"{folder}/{spelled}" if folder else spelled
    if spelled in tree or beside in tree:
        return spelled if spelled in tree else beside
    alike = [known for known in tree.named(spelled.rpartition("/")[2]) if known.endswith(f"/{spelled}")]
    return alike[0] if len(alike) == 1 else None


def _implied(work: Work) -> Iterator[Claim]:
    for source, claim in work.changed():
        for path in _candidates(source, work.tree):
            text = work.tree.contents.get(path)
            if text is not None and made_from(path, text, work.tree) == source:
                because = f"its header says that it is generated from `{source}`"
                yield from implied_claim(path, claim.span, CONFIDENCE, because, work.tree)


def _sources(work: Work) -> Iterable[str]:
    for path, _ in work.changed():
        if looks_generated(path):
            yield path
        yield from _candidates(path, work.tree)


def _candidates(source: str, tree: Tree) -> tuple[str, ...]:
    if extension(source) not in _SOURCES or _NO_SOURCES.search(source) or is_test(source):
        return ()
    words = re.findall(r"\w+", source.rpartition("/")[2].lower())
    found = tree.answers.files(Naming(tuple(sorted({"generated", *words})))) or ()
    others = tuple(path for path in found if path != source and not path.endswith(".md"))
    return others if len(others) <= MOST else tuple(path for path in others if looks_generated(path))[:MOST]


KIND = Kind(_implied, _sources)
