"""The index of a live workspace: nothing before a question, then answers that follow the disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent_server.analysis.questions import Answer, Importers, Naming, Question
from agent_server.workspace.index import live as live_module
from agent_server.workspace.index.live import Indexing, LiveIndex
from tests.workspace.disk import commit_all, git, plant, repository
from tests.workspace.following import DEADLINE, Following
from tests.workspace.indexing import database_in, is_running

QUARTZ = Naming(("quartz",))
MARBLE = Naming(("marble",))
FILES = {"a.py": "import b\n# quartz\n", "b.py": "", "c.txt": "quartz and marble"}


class Watched:
    """A live index with what it has told."""

    def __init__(self, following: Following, cache: Path) -> None:
        self.following = following
        self.sentences: list[str] = []
        self.progress: list[Indexing | None] = []
        self._news = asyncio.Event()
        self.index = LiveIndex(
            following.workspace,
            {"AGENT_SERVER_CACHE_DIR": str(cache)},
            changed=self._news.set,
            report=self.sentences.append,
            progress=self.progress.append,
        )

    def ask(self, *questions: Question, plan: str = "a.plan.md") -> list[Answer | None]:
        """What an analysis of a plan does."""
        answers = [self.index.known.get(question) for question in questions]
        unanswered = [question for question, answer in zip(questions, answers, strict=True) if answer is None]
        known = self.index.known
        self.index.asked(plan, known, known.take_asked().union(unanswered), unanswered)
        return answers

    async def until(self, question: Question, answer: Answer) -> None:
        """Returns when an analysis, made anew whenever answers change, gets this answer."""
        try:
            async with asyncio.timeout(DEADLINE):
                while self.ask(question) != [answer]:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"This never came: {answer}; the last was {self.ask(question)}") from None

    @property
    def pids(self) -> tuple[int, ...]:
        return self.index._index.pids if self.index._index else ()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
async def watched(root: Path, follow: Callable[..., Following], cache: Path) -> AsyncIterator[Watched]:
    watched = Watched(await follow(plant(root, FILES)).start(), cache)
    yield watched
    await watched.index.stop()
    assert watched.sentences == []


async def test_nothing_starts_before_a_question(watched: Watched, cache: Path) -> None:
    plant(watched.following.root, {"new.py": ""})
    await watched.following.until_files([*FILES, "new.py"])
    watched.index.asked("a.plan.md", watched.index.known, set(), ())
    assert watched.index.is_settled
    assert watched.pids == ()
    assert not cache.exists()
    assert watched.progress == []


async def test_a_question_is_answered_behind_the_analysis(watched: Watched) -> None:
    assert watched.ask(QUARTZ) == [None]
    assert not watched.index.is_settled
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    assert watched.index.is_settled


async def test_answers_are_the_same_object_until_they_change(watched: Watched) -> None:
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    known = watched.index.known
    assert watched.ask(QUARTZ) == [("a.py", "c.txt")]
    assert watched.index.known is known
    await watched.until(MARBLE, ("c.txt",))
    assert watched.index.known is not known
    assert known.get(MARBLE) is None


async def test_answers_follow_the_disk(watched: Watched) -> None:
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    root = plant(watched.following.root, {"b.py": "# quartz\n"})
    await watched.until(QUARTZ, ("a.py", "b.py", "c.txt"))
    (root / "c.txt").unlink()
    await watched.until(QUARTZ, ("a.py", "b.py"))
    (root / "a.py").rename(root / "z.py")
    await watched.until(QUARTZ, ("b.py", "z.py"))


async def test_a_folder_that_moves_takes_its_files_along(watched: Watched) -> None:
    root = plant(watched.following.root, {"pkg/one.py": "quartz", "pkg/two.py": "quartz"})
    await watched.until(QUARTZ, ("a.py", "c.txt", "pkg/one.py", "pkg/two.py"))
    (root / "pkg").rename(root / "lib")
    await watched.until(QUARTZ, ("a.py", "c.txt", "lib/one.py", "lib/two.py"))


async def test_a_new_file_changes_what_imports_mean(watched: Watched) -> None:
    await watched.until(Importers("b.py"), ("a.py",))
    plant(watched.following.root, {"b/__init__.py": ""})
    await watched.until(Importers("b.py"), ())


async def test_what_becomes_ignored_is_forgotten(watched: Watched) -> None:
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    plant(watched.following.root, {".gitignore": "c.txt\n"})
    await watched.until(QUARTZ, ("a.py",))


async def test_an_open_document_is_not_in_the_index(watched: Watched) -> None:
    watched.following.workspace.open_buffer("b.py", "quartz")
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    plant(watched.following.root, {"last.py": "quartz"})
    await watched.until(QUARTZ, ("a.py", "c.txt", "last.py"))


async def test_what_no_plan_asks_any_more_is_not_answered_again(watched: Watched) -> None:
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    watched.ask(MARBLE, plan="other.plan.md")
    watched.index.forget("a.plan.md")
    plant(watched.following.root, {"b.py": "marble"})
    async with asyncio.timeout(DEADLINE):
        while watched.ask(MARBLE, plan="other.plan.md") != [("b.py", "c.txt")]:
            watched._news.clear()
            await watched._news.wait()
    assert QUARTZ not in watched.index.known


async def test_a_closed_plan_that_is_opened_again_gets_what_is_true_then(watched: Watched) -> None:
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    watched.index.forget("a.plan.md")
    plant(watched.following.root, {"b.py": "quartz"})
    await watched.following.caught_up()
    await watched.until(QUARTZ, ("a.py", "b.py", "c.txt"))


async def test_a_commit_is_learnt(root: Path, follow: Callable[..., Following], cache: Path) -> None:
    watched = Watched(await follow(repository(root, FILES)).start(), cache)
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    assert commits_in(database_in(cache)) == 1
    git(root, "commit", "--quiet", "--allow-empty", "--message", "Nothing")
    plant(root, {"b.py": "quartz"})
    commit_all(root)
    await eventually(lambda: commits_in(database_in(cache)) == 3)
    await watched.index.stop()


def commits_in(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM history_commits").fetchone()[0])


async def eventually(condition: Callable[[], bool]) -> None:
    """Returns when `condition` is true. Nobody tells of it, so it is tried again and again."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)


async def test_progress_ends(watched: Watched) -> None:
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    assert watched.progress[-1] is None
    assert watched.progress[-2] == Indexing(3, 3)


async def test_processes_end_when_there_is_nothing_to_do(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "IDLE_SECONDS", 0.01)
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    await eventually(lambda: not watched.pids)
    plant(watched.following.root, {"b.py": "quartz"})
    await watched.until(QUARTZ, ("a.py", "b.py", "c.txt"))


async def test_stopping_ends_the_processes(watched: Watched) -> None:
    await watched.until(QUARTZ, ("a.py", "c.txt"))
    pids = watched.pids
    assert pids
    await watched.index.stop()
    await watched.index.stop()
    assert not any(map(is_running, pids))


async def test_stopping_in_the_middle(watched: Watched) -> None:
    watched.ask(QUARTZ)
    await asyncio.sleep(0)
    await watched.index.stop()
    assert watched.pids == ()


async def test_without_any_place_questions_stay_open_and_the_user_hears_why_once(
    root: Path, follow: Callable[..., Following], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise place.NoPlace("the disk is full")

    from agent_server.workspace.index import index, place

    monkeypatch.setattr(index, "lasting_place", none)
    monkeypatch.setattr(index, "passing_place", none)
    watched = Watched(await follow(plant(root, FILES)).start(), cache)
    watched.ask(QUARTZ)
    await eventually(lambda: bool(watched.sentences) and watched.index.is_settled)
    assert watched.ask(QUARTZ, MARBLE) == [None, None]
    assert len(watched.sentences) == 1
    assert "because the disk is full" in watched.sentences[0]
    await watched.index.stop()
