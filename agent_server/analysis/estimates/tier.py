"""The steps of capability that models come in."""

from enum import StrEnum


class Tier(StrEnum):
    """How capable a model a task asks for."""

    FAST = "fast"
    DEFAULT = "default"
    CAPABLE = "capable"
