"""How likely a task is to write a file, from what its text shares with the file and with the file's past."""

from collections.abc import Mapping

HALF_LIFE = 200
"""After how many commits a change counts half."""


def fading(age: int) -> float:
    """The weight of a commit that `age` newer ones followed."""
    return float(0.5 ** (age / HALF_LIFE))


def pair_score(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How likely two tasks are to write a file in common, from the probabilities of each one's files."""
    apart = 1.0
    for path, probability in one.items():
        apart *= 1.0 - probability * other.get(path, 0.0)
    return 1.0 - apart
