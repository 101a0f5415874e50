from pathlib import Path

import pytest

from agent_server.analysis.rules import RULES
from protocol import generate
from protocol.generate import GENERATORS, ROOT, Generated, rule_pages, stale, write


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda each: each.__name__)
def test_what_is_committed_is_what_would_be_written(generator: generate.Generator) -> None:
    assert stale(ROOT, generator()) == {}, "Run `python -m protocol.generate`."


def test_every_rule_has_a_page() -> None:
    assert {Path(path).stem for path in rule_pages().files} == set(RULES)


def test_writing_makes_everything_current(tmp_path: Path) -> None:
    generated = Generated({"pages/one.md": "One.\n", "pages/two.md": "Zwei ist größer.\n"}, ("pages",))
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/one.md").write_text("Old.\n")
    (tmp_path / "pages/gone.md").write_text("Nothing makes this any more.\n")
    (tmp_path / "other.md").write_text("Not ours.\n")

    changes = stale(tmp_path, generated)
    assert changes == {"pages/one.md": "One.\n", "pages/two.md": "Zwei ist größer.\n", "pages/gone.md": None}

    write(tmp_path, changes)
    assert stale(tmp_path, generated) == {}
    assert sorted(file.name for file in tmp_path.rglob("*.md")) == ["one.md", "other.md", "two.md"]


def test_a_line_end_that_differs_is_stale(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_bytes(b"One.\r\n")
    assert stale(tmp_path, Generated({"one.md": "One.\n"})) == {"one.md": "One.\n"}


def test_check_changes_nothing_and_fails_on_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "GENERATORS", (lambda: Generated({"one.md": "One.\n"}),))

    assert generate.main(["--check"]) == 1
    assert "stale: one.md" in capsys.readouterr().out
    assert not (tmp_path / "one.md").exists()

    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
