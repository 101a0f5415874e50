"""What plans are likely to cost and what runs did cost, on the command line."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.cli import main
from tests.agents.messages_server import MessagesServer, say, use

PLAN = """\
---
verify: test -f a.txt
---
# One

## a: Write the file
- writes: `a.txt`

Write the text that the file needs.
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "site").mkdir()
    path = tmp_path / "site/one.plan.md"
    path.write_text(PLAN)
    monkeypatch.chdir(path.parent)
    return path


def test_the_waves_say_what_they_are_likely_to_cost(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["waves", str(plan)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("estimate: about ")
    plan.write_text(PLAN.replace("`a.txt`\n", "`a.txt`\n- model: other-model-7\n"))
    assert main(["waves", str(plan)]) == 0
    assert "USD" not in capsys.readouterr().out


def test_a_run_says_what_it_used_and_the_next_estimate_goes_by_it(
    plan: Path,
    messages_server: MessagesServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (tmp_path / "settings.toml").write_text('[prices."claude-sonnet-5-5"]\ninput = 1000\noutput = 0\ncache_read = 0\n')
    for name, value in messages_server.environ.items():
        monkeypatch.setenv(name, value)
    messages_server.script(
        replace(use("write", path="a.txt", content="a\n"), cache_read_tokens=39_000), say("Done.", input_tokens=860)
    )
    assert main(["run", str(plan), "--approve", "--isolation", "copy"]) == 0
    out = capsys.readouterr().out
    assert "Estimate: about " in out
    # 100 + 860 tokens of input at 1,000 USD a million; 40 of output and what the cache held cost nothing.
    assert "The agents used about 40k tokens, 0.96 USD (your own prices)." in " ".join(out.split())

    plan.write_text(PLAN)
    assert main(["check", "--format", "json", str(plan)]) == 0
    (task,) = json.loads(capsys.readouterr().out)["plans"][0]["tasks"]
    assert task["minutes_because"] == "as its last run took"
    assert task["cost"] == {"tokens": 40_000, "usd": 0.96, "because": "as its last run used; your own prices"}
