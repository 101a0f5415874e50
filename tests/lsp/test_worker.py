import asyncio
import logging
from collections.abc import Iterator
from threading import Event, current_thread

import pytest

from agent_server.lsp.worker import Worker

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def worker() -> Iterator[Worker]:
    found = Worker("the worker of a test")
    yield found
    found.stop()


async def test_jobs_are_done_one_after_the_other_in_a_thread_of_their_own(worker: Worker) -> None:
    done: list[object] = []
    for number in range(100):
        worker.submit(lambda number=number: done.append(number))  # type: ignore[misc]
    assert await worker.run(lambda: current_thread().name) == "the worker of a test"
    assert done == list(range(100))


async def test_it_is_idle_when_all_is_done(worker: Worker) -> None:
    assert worker.is_idle
    go_on = Event()
    worker.submit(go_on.wait)  # type: ignore[arg-type]
    assert not worker.is_idle
    go_on.set()
    await until_idle(worker)


async def test_a_fault_is_logged_and_the_next_job_is_done(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    def fault() -> None:
        raise ValueError("a fault")

    with caplog.at_level(logging.ERROR):
        worker.submit(fault)
        assert await worker.run(lambda: 7) == 7
    assert "a fault" in caplog.text


async def test_what_is_awaited_raises_there(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0)
    assert await worker.run(lambda: 7) == 7


async def test_what_nobody_wants_any_more_is_not_begun(worker: Worker) -> None:
    go_on, done = Event(), list[int]()
    worker.submit(go_on.wait)  # type: ignore[arg-type]
    unwanted = asyncio.ensure_future(worker.run(lambda: done.append(1)))
    await asyncio.sleep(0)  # it is given to the worker now
    unwanted.cancel()
    await asyncio.gather(unwanted, return_exceptions=True)
    go_on.set()
    await worker.run(lambda: done.append(2))
    assert done == [2]


async def test_what_was_given_before_the_stop_is_answered_and_nothing_is_taken_after_it(worker: Worker) -> None:
    go_on, done = Event(), list[int]()
    worker.submit(go_on.wait)  # type: ignore[arg-type]
    awaited = asyncio.ensure_future(worker.run(lambda: 7))
    await asyncio.sleep(0)
    worker.stop()
    worker.stop()
    worker.submit(lambda: done.append(1))
    with pytest.raises(asyncio.CancelledError):
        await worker.run(lambda: done.append(2))
    go_on.set()
    assert await awaited == 7
    await until_idle(worker)
    assert done == []


async def until_idle(worker: Worker) -> None:
    while not worker.is_idle:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0.01)
