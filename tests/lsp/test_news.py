"""Who waits for news is told them, and after a while also that there are none."""

import asyncio

import pytest

from agent_server.lsp import news as module
from agent_server.lsp.news import News


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is found, one after the other; the last one for ever."""
    monkeypatch.setattr(module, "PAUSE", 0.0)
    return [0, 0, 3]


async def first(news: News, looked: list[int]) -> int:
    async def look() -> int:
        return looked.pop(0) if len(looked) > 1 else looked[0]

    return await news.first(look, bool)


async def test_what_is_news_already_is_told_at_once(looked: list[int]) -> None:
    del looked[:2]
    assert await first(News(), looked) == 3


async def test_it_looks_only_when_something_has_happened_and_tells_what_is_new(looked: list[int]) -> None:
    news = News()
    waiting = asyncio.create_task(first(news, looked))
    for left in (2, 1):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (waiting.done(), len(looked)) == (False, left)
        news.tell()
        for _ in range(10):
            await asyncio.sleep(0)
    assert await waiting == 3


async def test_what_happens_during_the_look_is_looked_at_again(looked: list[int]) -> None:
    news, looks = News(), 0

    async def look() -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            news.tell()
        return looks - 1

    assert await news.first(look, bool) == 1


async def test_nothing_new_is_told_after_a_while(looked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_HELD", 0.01)
    assert await first(News(), looked) == 0
