import asyncio
import threading

import pytest

from agent_server.agents.threads import completed, in_cancellable_thread, in_thread, to_its_end


async def cancel_twice(work: asyncio.Task[object]) -> None:
    for _ in range(2):
        await asyncio.sleep(0)
        work.cancel()
    await asyncio.sleep(0)


async def test_a_thread_is_waited_for_however_often_its_caller_is_cancelled() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def work() -> None:
        go_on.wait(10)
        ended.set()

    task: asyncio.Task[object] = asyncio.create_task(in_thread(work))
    await cancel_twice(task)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_thread_that_can_be_told_is_told_and_waited_for() -> None:
    ended = threading.Event()

    def work(cancelled: threading.Event) -> None:
        cancelled.wait(10)
        ended.set()
        raise ValueError("nobody asks any more")

    task: asyncio.Task[object] = asyncio.create_task(in_cancellable_thread(work))
    await cancel_twice(task)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_what_must_not_be_half_done_comes_to_its_end_before_the_cancellation_goes_on() -> None:
    go_on, steps = asyncio.Event(), list[int]()

    async def work() -> None:
        await go_on.wait()
        steps.append(1)

    task: asyncio.Task[object] = asyncio.create_task(to_its_end(work()))
    await cancel_twice(task)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == [1]


async def test_results_and_faults_come_through() -> None:
    async def seven() -> int:
        return 7

    assert await to_its_end(seven()) == 7
    assert await in_thread(int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await in_thread(int, "x")
    assert not await completed()


async def test_what_must_not_be_half_done_begins_also_where_somebody_cancels_all_tasks() -> None:
    steps: list[int] = []

    async def work() -> None:
        await asyncio.sleep(0)
        steps.append(1)

    me = asyncio.current_task()
    task: asyncio.Task[object] = asyncio.create_task(to_its_end(work()))
    await asyncio.sleep(0)  # now there is a task that has not made its first step
    inner = asyncio.all_tasks() - {me, task}
    assert len(inner) == 1
    inner.pop().cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == [1]


async def test_work_that_a_task_does_already_is_waited_for() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await to_its_end(asyncio.ensure_future(work())) == 7
