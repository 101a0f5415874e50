"""Commands ask the index of all sources, and make it only when there is something to ask."""

from pathlib import Path

import pytest

from agent_server.analysis.questions import Naming
from agent_server.analysis.tree import Tree
from agent_server.cli import answering
from agent_server.cli.answering import Answering


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    root.mkdir()
    (root / "a.py").write_text("quartz = 1\n")
    return root


def test_no_question_makes_no_index(root: Path, tmp_path: Path) -> None:
    with Answering(root, Tree(["a.py"]), {"AGENT_SERVER_CACHE_DIR": str(tmp_path / "cache")}) as asked:
        assert not asked.answer(())
    assert not (tmp_path / "cache").exists()


def test_questions_are_answered_round_after_round(root: Path, tmp_path: Path) -> None:
    with Answering(root, Tree(["a.py"]), {"AGENT_SERVER_CACHE_DIR": str(tmp_path / "cache")}) as asked:
        assert asked.answer({Naming(("quartz",))})
        assert asked.answer({Naming(("marble",))})
        assert asked.known == {Naming(("quartz",)): ("a.py",), Naming(("marble",)): ()}


def test_a_terminal_is_told_once_what_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(answering, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    notice = answering._Notice()
    for done in (0, 10, 20):
        notice(done, 5000)
    assert capsys.readouterr().err == "agent-server: Reading 5,000 files that are new or have changed ...\n"


def test_what_is_no_terminal_is_told_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(answering, "PATIENCE_SECONDS", 0.0)
    answering._Notice()(10, 5000)
    assert capsys.readouterr().err == ""
