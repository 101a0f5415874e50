from datetime import UTC, datetime

import pytest

from agent_server.execution.record import began, new_run_id


def test_an_id_tells_when_its_run_began() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= began(new_run_id()) <= datetime.now(UTC)
    assert began("20261128T000512-0a1b2c") == datetime(2026, 11, 28, 0, 5, 12, tzinfo=UTC)


def test_what_is_no_id_tells_nothing() -> None:
    with pytest.raises(ValueError, match="does not match format"):
        began("yesterday")
