"""How likely a task is to write a file, from what its text shares with the file and with the file's past.

The signals are added up as log odds, so each one's share in an answer can be told. Nothing is trained on a workspace.
The weights were fitted once, on the development repositories of `tests/benchmarks/prediction.md`; they are the same
for every workspace.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log1p

from agent_server.analysis.likelihood.kinds import Kind

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

    remembered: bool = True
    """Whether anything is known of the workspace's past."""

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


def probability(evidence: Evidence) -> float:
    """How likely the file is to be written."""
    _, bias = _model(evidence)
    return 1.0 / (1.0 + exp(-bias - sum(shares(evidence).values())))


def shares(evidence: Evidence) -> dict[str, float]:
    """What each signal adds to the log odds."""
    weights, _ = _model(evidence)
    return {name: weight * value for name, value in _scaled(evidence).items() if (weight := weights.get(name))}


def _model(evidence: Evidence) -> tuple[Mapping[str, float], float]:
    return (_WITH_PAST, _BIAS_WITH_PAST) if evidence.remembered else (_WITHOUT_PAST, _BIAS_WITHOUT_PAST)


def _scaled(e: Evidence) -> dict[str, float]:
    """The signals as they are weighed: shares that matter most while they are small are taken by their logarithm."""
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
        e.kind: 1.0,
    }


# Fitted on the development repositories: half for "is this file written?", over all files, and half for "which of
# these files is written?", task by task; the first alone ranks worse, the second alone cannot compare two tasks. Then
# all were scaled alike, so that of the ten likeliest files as many are written as their percentages say.
_BIAS_WITH_PAST = -4.98
_WITH_PAST: Mapping[str, float] = {
    "path": 1.09,
    "text": 1.55,
    "covered": 0.53,
    "names": 0.32,
    "stem": 0.41,
    "spelled": 1.31,
    "holds": 0.89,
    "defines": 1.20,
    "past": 1.73,
    "opening": 0.13,
    "folder": 0.72,
    "recent": 0.12,
    "changes": -0.09,
    "length": -0.01,
    "together": 0.03,
    "fits": 0.43,
    "misfits": -0.17,
    Kind.TEST: -0.02,
    Kind.DOCUMENT: -0.17,
    Kind.CHANGELOG: -0.07,
    Kind.MANIFEST: 0.54,
    Kind.LOCK: 0.84,
    Kind.AUTOMATION: 0.47,
    Kind.VENDORED: -1.22,
}

# The same where nothing is known of the past: then the words have to tell more.
_BIAS_WITHOUT_PAST = -5.06
_WITHOUT_PAST: Mapping[str, float] = {
    "path": 1.33,
    "text": 1.64,
    "covered": 0.99,
    "names": 0.55,
    "stem": 0.46,
    "spelled": 1.29,
    "holds": 0.72,
    "defines": 1.25,
    "length": 0.07,
    "companion": 0.87,
    "fits": 0.64,
    "misfits": -0.26,
    Kind.TEST: -0.44,
    Kind.DOCUMENT: -0.24,
    Kind.CHANGELOG: 0.53,
    Kind.MANIFEST: 1.08,
    Kind.LOCK: 1.72,
    Kind.AUTOMATION: 0.54,
    Kind.VENDORED: -1.22,
}
# No development repository had vendored or generated files that tasks wrote; their weight is a rule, not a fit.
