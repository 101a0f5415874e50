from collections.abc import Iterator

import pytest

from tests.agents.messages_server import MessagesServer


@pytest.fixture
def messages_server() -> Iterator[MessagesServer]:
    """A local server that speaks the Messages API; `tests/agents/messages_server.py` says how to script it."""
    with MessagesServer() as server:
        yield server
