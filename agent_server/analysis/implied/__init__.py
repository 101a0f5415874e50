"""Implied writes: what a task changes as a consequence of what it does, and what people forget to say.

Learnt from the workspace at hand: a lock file is implied where there is one, a list of pages where it lists them all.
Each kind of consequence is one file that exposes `KIND`; adding a file adds a kind. A kind that is in doubt says
nothing.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from agent_server.analysis.claims import Claim
from agent_server.analysis.implied.work import Kind, Work

__all__ = ["implied_writes", "sources"]


def implied_writes(work: Work) -> tuple[Claim, ...]:
    """What the task changes beside its own claims, each file once: the surest reason counts."""
    best: dict[str, Claim] = {}
    for claim in _all(work):
        if not any(each.paths.matches(claim.text) for each in work.claims):
            known = best.get(claim.text)
            if known is None or claim.confidence > known.confidence:
                best[claim.text] = claim
    return tuple(best.values())


def sources(work: Work) -> frozenset[str]:
    """The files whose texts these consequences rest on."""
    return frozenset(path for kind in KINDS for path in kind.sources(work) if path in work.tree)


def _all(work: Work) -> Iterator[Claim]:
    return (claim for kind in KINDS for claim in kind.implied(work))


def _discover() -> tuple[Kind, ...]:
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return tuple(kind for kind in (vars(module).get("KIND") for module in modules) if kind is not None)


KINDS: tuple[Kind, ...] = _discover()
"""Every kind, in the order of their files."""
