"""How long work takes of the processor, and how that is printed."""

from collections.abc import Callable
from time import process_time


def seconds(work: Callable[[], object]) -> float:
    """What the work takes of the processor."""
    start = process_time()
    work()
    return process_time() - start


def milliseconds(amount: float) -> str:
    """So many seconds, for the reader."""
    return f"{amount * 1000:.1f} ms"
