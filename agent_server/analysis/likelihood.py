"""How likely a task is to write a file, from what its text shares with the file and with the file's past.

The signals are added up as log odds, so each one's share in an answer can be told. Nothing is trained on a workspace.
The weights were fitted once, on the development repositories of `tests/benchmarks/prediction.md`; they are the same
for every workspace.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import exp, log1p

from agent_server.analysis.likelihood_kinds import Kind
from agent_server.analysis.questions import Likelihood

HALF_LIFE = 200
"""After how many commits a change counts half."""


def fading(age: int) -> float:
    """The weight of a commit that `age` newer ones followed."""
    return float(0.5 ** (age / HALF_LIFE))


@dataclass(slots=True)
class Evidence:
    """What speaks for a file. All numbers are shares from 0 to 1, but `changes` and `length`, which count."""

    kind: Kind = Kind.SOURCE
    asked: frozenset[Kind] = frozenset()
    """The kinds of files that the task speaks of."""

    path: float = 0.0
    """BM25 of the task's words against its path, as a share of the best file's."""

    text: float = 0.0
    """The same against its text."""

    covered: float = 0.0
    """How much of what the task says its text has, rare words weighing more."""

    names: float = 0.0
    """The same as `path` against the names that it defines."""

    stem: float = 0.0
    """How much of its file name the task says."""

    spelled: bool = False
    """Whether the task spells its path or its file name."""

    holds: float = 0.0
    """How many of the identifiers that the task spells are in its text, rare ones weighing more."""

    defines: float = 0.0
    """How many of them it defines."""

    past: float = 0.0
    """The share it has in the commits that are like the task."""

    opening: float = 0.0
    """The share of the commits whose subject has the task's first word that changed it."""

    folder: float = 0.0
    """The share of the commits like the task that changed something in its folder."""

    recent: float = 0.0
    """The share of the newest commits that changed it."""

    changes: int = 0
    """How many commits changed it."""

    length: int = 0
    """How many words it has."""

    together: float = 0.0
    """How likely it changes because the likeliest files do."""

    companion: float = 0.0
    """How likely the file that it tests, or that tests it, is to be written."""

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For the reason: what stands behind the signals of these names, in the task's words or as paths."""


def pair_score(one: Iterable[Likelihood], other: Iterable[Likelihood]) -> float:
    """How likely two tasks are to write a file in common, from the likely files of each."""
    of_other = {found.path: found.probability for found in other}
    apart = 1.0
    for found in one:
        apart *= 1.0 - found.probability * of_other.get(found.path, 0.0)
    return 1.0 - apart


def probability(evidence: Evidence) -> float:
    """How likely the file is to be written."""
    return 1.0 / (1.0 + exp(-_BIAS - sum(shares(evidence).values())))


def shares(evidence: Evidence) -> dict[str, float]:
    """What each signal adds to the log odds."""
    return {name: _WEIGHTS[name] * value for name, value in _scaled(evidence).items()}


def _scaled(e: Evidence) -> dict[str, float]:
    return {
        "path": e.path,
        "text": e.text,
        "covered": e.covered,
        "names": e.names,
        "stem": float(e.stem == 1.0),
        "spelled": float(e.spelled),
        "holds": e.holds,
        "defines": e.defines,
        "past": log1p(e.past / 0.1),
        "opening": log1p(e.opening / 0.01),
        "folder": e.folder,
        "recent": log1p(e.recent / 0.005),
        "changes": log1p(e.changes),
        "length": log1p(e.length),
        "together": log1p(e.together / 0.02),
        "companion": e.companion,
        "fits": float(e.kind in e.asked),
        "misfits": float(bool(e.asked) and e.kind not in e.asked),
        **{f"is {kind}": float(e.kind is kind) for kind in _SPECIAL},
    }


_SPECIAL = (Kind.TEST, Kind.DOCUMENT, Kind.CHANGELOG, Kind.MANIFEST, Kind.LOCK, Kind.AUTOMATION, Kind.VENDORED)
_BIAS = -5.8
_WEIGHTS = {
    "path": 1.15,
    "text": 1.7,
    "covered": 0.5,
    "names": 0.2,
    "stem": 0.5,
    "spelled": 1.5,
    "holds": 0.8,
    "defines": 2.0,
    "past": 1.27,
    "opening": 0.28,
    "folder": 0.32,
    "recent": 0.2,
    "changes": -0.1,
    "length": -0.1,
    "together": 0.0,
    "companion": 0.0,
    "fits": 0.5,
    "misfits": -0.3,
    **{f"is {kind}": 0.0 for kind in _SPECIAL},
}
