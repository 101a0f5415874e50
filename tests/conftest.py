from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.agents.messages_server import MessagesServer

# How fast an example runs says more about the machine than about the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture
def messages_server() -> Iterator[MessagesServer]:
    """A local server that speaks the Messages API; `tests/agents/messages_server.py` says how to script it."""
    with MessagesServer() as server:
        yield server
