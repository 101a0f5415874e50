"""What benchmarks share: they run only when they are asked for, and some as a server does."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def only_when_asked(request: pytest.FixtureRequest) -> None:
    """A benchmark takes long, and other work beside it blurs it."""
    if request.config.getoption("benchmark_disable") and not request.config.getoption("benchmark_enable"):
        pytest.skip("a benchmark: pass --benchmark-enable")


@pytest.fixture
def as_a_server(only_when_asked: None) -> Iterator[None]:
    """Reference cycles are looked for rarely: see `daemon/sessions.py`."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 30, 30)
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
