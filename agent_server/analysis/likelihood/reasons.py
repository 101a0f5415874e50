"""Why a file is likely to be written, as a clause for the user."""

from collections.abc import Mapping
from heapq import nlargest

from agent_server.analysis.likelihood.kinds import Kind
from agent_server.analysis.likelihood.score import Evidence, shares

MOST_REASONS = 2

_REASONS = {
    "spelled": "the task names it",
    "path": "its path says {}",
    "defines": "it defines {}",
    "holds": "it uses {}",
    "past": "commits about {} touched it",
    "text": "its text is about {}",
    "companion": "it goes with {}",
    "together": "it changes together with {}",
    "opening": "commits that begin with {} often touch it",
    "recent": "it changes often",
}

_PART_OF = {"stem": "path", "names": "path", "covered": "text", "folder": "past"}
"""Signals that are told with another one."""

_WORK = {
    Kind.TEST: "the task is about tests",
    Kind.DOCUMENT: "the task is about documents",
    Kind.CHANGELOG: "the task is about the changelog",
    Kind.AUTOMATION: "the task is about automation",
    Kind.MANIFEST: "the task is about dependencies",
    Kind.LOCK: "the task is about dependencies",
    Kind.VENDORED: "the task is about generated files",
}


def because(evidence: Evidence, spelling: Mapping[str, str]) -> str:
    """The one or two signals that speak loudest for a file. `spelling` tells how the task spells a term."""
    weights: dict[str, float] = {}
    for name, share in shares(evidence).items():
        # Who defines a name also has it.
        told = "defines" if name == "holds" and "defines" in evidence.words else _PART_OF.get(name, name)
        weights[told] = weights.get(told, 0.0) + share
    sayable = {}
    for name, weight in weights.items():
        reason = _reason(name, evidence, spelling) if weight > 0 else ""
        if reason:
            sayable[reason] = weight
    return ", and ".join(nlargest(MOST_REASONS, sayable, key=sayable.__getitem__)) or "it is like the task"


def _reason(name: str, evidence: Evidence, spelling: Mapping[str, str]) -> str:
    if name == "fits":
        return _WORK.get(evidence.kind, "")
    reason = _REASONS.get(name, "")
    if "{}" not in reason:
        return reason
    words = [spelling.get(word, word) for word in evidence.words.get(name, ())]
    return reason.format(" and ".join(f"`{word}`" for word in words)) if words else ""
