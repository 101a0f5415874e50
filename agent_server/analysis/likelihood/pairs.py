"""How likely two tasks are to meet in a file, from what each is likely to write."""

from collections.abc import Mapping
from math import prod


def pair_score(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How likely two tasks are to write a file in common, from the probabilities of each one's files."""
    return 1.0 - prod(1.0 - probability * other[path] for path, probability in one.items() if path in other)
