"""Requests of many agents to one provider: how many at once, and the pause that all of them keep."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from agent_server.agents.throttle import Throttle


class Clock:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def turns(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


class Requests:
    """Requests that begin when they may, and end when the test says so."""

    def __init__(self, throttle: Throttle) -> None:
        self.throttle = throttle
        self.begun: list[int] = []
        self._ends: list[asyncio.Event] = []
        self.tasks: list[asyncio.Task[None]] = []
        self._numbers: Iterator[int] = count()

    def ask(self, number: int) -> None:
        for _ in range(number):
            self._ends.append(asyncio.Event())
            self.tasks.append(asyncio.create_task(self._ask(next(self._numbers))))

    def end(self, number: int) -> None:
        self._ends[number].set()

    async def _ask(self, number: int) -> None:
        async with self.throttle.request():
            self.begun.append(number)
            await self._ends[number].wait()


async def test_so_many_go_at_once_in_the_order_of_asking(clock: Clock) -> None:
    requests = Requests(Throttle(2, clock=clock, sleep=clock.sleep))
    requests.ask(5)
    await turns(3)
    assert requests.begun == [0, 1]
    requests.end(1)
    await turns(5)
    assert requests.begun == [0, 1, 2]
    for each in range(5):
        requests.end(each)
    await asyncio.gather(*requests.tasks)
    assert requests.begun == [0, 1, 2, 3, 4]


async def test_a_refusal_makes_all_wait_and_halves_once(clock: Clock) -> None:
    throttle = Throttle(8, clock=clock, sleep=clock.sleep)
    for _ in range(3):
        throttle.back_off(5)
    assert (throttle.allowed, throttle.pause) == (4, 5)
    requests = Requests(throttle)
    requests.ask(8)
    await turns(10)
    assert clock.now == 105
    assert requests.begun == [0, 1, 2, 3]


async def test_it_grows_by_one_with_each_round_and_never_above_the_most(clock: Clock) -> None:
    throttle = Throttle(6, clock=clock, sleep=clock.sleep)
    throttle.back_off(0)
    assert throttle.allowed == 3
    for _ in range(5):
        async with throttle.request():
            pass
    assert throttle.allowed == 4
    for _ in range(100):
        async with throttle.request():
            pass
    assert throttle.allowed == 6


async def test_it_never_falls_below_one(clock: Clock) -> None:
    throttle = Throttle(2, clock=clock, sleep=clock.sleep)
    for _ in range(10):
        throttle.back_off(1)
        await clock.sleep(2)
    assert throttle.allowed == 1
    async with throttle.request():
        pass


async def test_a_request_that_fails_gives_its_place_back_and_lets_nothing_grow(clock: Clock) -> None:
    throttle = Throttle(1, clock=clock, sleep=clock.sleep)
    with pytest.raises(ValueError, match="no"):
        async with throttle.request():
            raise ValueError("no")
    async with throttle.request():
        assert throttle.allowed == 1


@pytest.mark.parametrize("after", [0, 1, 2, 3])
async def test_who_gives_up_waiting_takes_nobodys_turn(clock: Clock, after: int) -> None:
    requests = Requests(Throttle(1, clock=clock, sleep=clock.sleep))
    requests.ask(3)
    await turns(3)
    requests.end(0)
    await turns(after)
    requests.tasks[1].cancel()
    requests.end(1)
    requests.end(2)
    await asyncio.wait_for(asyncio.gather(*requests.tasks, return_exceptions=True), 60)
    assert 2 in requests.begun
