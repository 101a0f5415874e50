"""A new file of a Rust crate is no part of it until its parent module declares it: `mod foo;`."""

import re
from collections.abc import Iterable, Iterator

from agent_server.analysis.claims import Claim
from agent_server.analysis.implied.work import Kind, Work, implied_claim

_ROOTS = ("lib.rs", "main.rs")
_NO_MODULES = frozenset({"lib", "main", "mod", "build"})


def _implied(work: Work) -> Iterator[Claim]:
    for path, claim in work.created():
        parent = _parent(path, work)
        if parent is None:
            continue
        module = _module(path)
        text = work.tree.contents.get(parent)
        if text is not None and re.search(rf"\bmod\s+(?:r#)?{re.escape(module)}\b", text):
            continue
        because = f"the new `{path}` is no part of the crate without `mod {module};`"
        yield from implied_claim(parent, claim.span, 0.95, because, work.tree)


def _sources(work: Work) -> Iterable[str]:
    parents = (_parent(path, work) for path, _ in work.created())
    return (parent for parent in parents if parent is not None)


def _parent(path: str, work: Work) -> str | None:
    """The existing file that declares the module `path`; None where it is none, or its parent is made by the task.

    `src/foo.rs` belongs to `src/lib.rs` or `src/main.rs`, `src/foo/bar.rs` to `src/foo.rs` or `src/foo/mod.rs`.
    """
    if not path.endswith(".rs") or not _is_source(path):
        return None
    folder, _, name = path.rpartition("/")
    if name == "mod.rs":
        folder = folder.rpartition("/")[0]
    elif name.removesuffix(".rs") in _NO_MODULES:
        return None
    is_root = folder.endswith("src") or folder == "src"
    around = [f"{folder}/{root}" for root in _ROOTS] if is_root else [f"{folder}.rs", f"{folder}/mod.rs"]
    if any(parent not in work.tree and _is_claimed(parent, work) for parent in around):
        return None
    found = [parent for parent in around if parent in work.tree]
    return None if any(_is_claimed(parent, work) for parent in found) else next(iter(found), None)


def _is_claimed(path: str, work: Work) -> bool:
    return any(claim.paths.matches(path) for claim in work.claims)


def _is_source(path: str) -> bool:
    """Whether the file lies in a crate's `src`, and is no program of its own."""
    parts = path.split("/")
    return "src" in parts[:-1] and "bin" not in parts[parts.index("src") : -1]


def _module(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2] if name == "mod.rs" else name.removesuffix(".rs")


KIND = Kind(_implied, _sources)
