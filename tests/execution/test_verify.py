"""Verification over real sandboxes: what the output says of files, and which tasks fail together."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.runs.verify import Combined, Verification, verified
from agent_server.execution.sandboxes.isolation import Isolation, SandboxError
from agent_server.execution.sandboxes.sandbox import Base
from tests.agents.limits import LongLimits

MAIN = "src/main.py"
CALLS = "python3 -S src/main.py"


class Told(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def told() -> Told:
    return Told()


class Written:
    """What tasks wrote: a text for each path."""

    def __init__(self, store: Path, files: Mapping[str, Mapping[str, str]]) -> None:
        self._changes: dict[str, list[Change]] = {}
        for number, (task, texts) in enumerate(files.items()):
            for path, text in texts.items():
                content = store / f"{number}-{path.replace('/', '-')}"
                content.write_text(text)
                change = Change(path, ChangeKind.CREATE, FileType.FILE, None, f"file-{number}", content)
                self._changes.setdefault(task, []).append(change)

    def __call__(self, tasks: frozenset[str]) -> Sequence[Change]:
        return [change for task, changes in self._changes.items() if task in tasks for change in changes]


@pytest.fixture
def combined(tmp_path: Path) -> Combined:
    """Three tasks: `two` calls what `one` has not written, `three` is fine."""
    files = {
        "one": {"src/kiln.py": "def heat():\n    return 1\n"},
        "two": {MAIN: "import kiln\n\nkiln.fire()\n"},
        "three": {"src/glaze.py": "GLAZE = 1\n"},
    }
    return Combined(tuple(files), Written(tmp_path, files), {"two": frozenset({"one"})})


def wanted(live: Path, command: str = CALLS, **more: bool) -> Verification:
    return Verification(command, 60, os.environ, root=str(live), paths=(MAIN, "README.md"), **more)


async def test_problems_stand_in_the_workspaces_files_with_their_writers(
    base: Base, live: Path, combined: Combined, told: Told
) -> None:
    facts = await verified(base, "verify", combined, wanted(live), told)
    (problem,) = facts.problems
    assert (problem.path, problem.line, problem.tasks, problem.source) == (MAIN, 2, ("two",), "python")
    assert problem.message == "AttributeError: module 'kiln' has no attribute 'fire'"


async def test_the_tasks_that_fail_together_are_named_and_the_rest_passes(
    base: Base, live: Path, combined: Combined, told: Told
) -> None:
    facts = await verified(base, "verify", combined, wanted(live), told)
    assert (facts.failing, facts.is_smallest, facts.base_fails) == (("one", "two"), True, False)
    assert facts.passing == ("one", "three")
    assert "seeking the cause without the work of any task" in told
    assert not any("with two alone" in line for line in told)


async def test_nothing_is_sought_where_that_is_not_wanted(
    base: Base, live: Path, combined: Combined, told: Told
) -> None:
    facts = await verified(base, "verify", combined, wanted(live, bisect=False), told)
    assert (facts.failing, facts.passing, len(facts.problems)) == ((), (), 1)
    assert not any("Seeking" in line for line in told)


async def test_a_workspace_that_fails_as_it_is_blames_no_task(
    base: Base, live: Path, combined: Combined, told: Told
) -> None:
    facts = await verified(base, "verify", combined, wanted(live, "echo README.md:1:1: error: cold; exit 1"), told)
    assert (facts.base_fails, facts.failing, facts.passing) == (True, (), ())
    assert [(each.path, each.tasks) for each in facts.problems] == [("README.md", ())]


async def test_a_build_that_passes_is_made_once(base: Base, live: Path, combined: Combined, told: Told) -> None:
    facts = await verified(base, "verify", combined, wanted(live, "echo built"), told)
    assert (facts.passed, facts.problems, list(told)) == (True, (), ["built"])


async def test_after_a_build_that_ran_out_of_time_nothing_is_sought(
    base: Base, live: Path, combined: Combined, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = LongLimits(monkeypatch)

    def tell(line: str) -> None:
        told(line)
        limits.reach()

    late = Verification("echo begun; sleep 1000", limits.LEAST, os.environ, root=str(live))
    facts = await verified(base, "verify", combined, late, tell)
    assert "the limit that `verify_minutes` sets" in facts.output
    assert list(told) == ["begun"]


async def test_a_part_that_hangs_ends_the_search_in_the_time_of_one_build(
    base: Base, live: Path, combined: Combined, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = LongLimits(monkeypatch)

    def tell(line: str) -> None:
        told(line)
        if line == "hanging":
            limits.reach()

    fails, passes = "test -f src/glaze.py && test -f src/kiln.py && exit 1", "test -f src/glaze.py || exit 0"
    hanging = f"{fails}; {passes}; echo hanging; sleep 1000"
    wanted = Verification(hanging, 2 * limits.LEAST, os.environ, root=str(live))
    facts = await verified(base, "verify", combined, wanted, tell)
    assert (facts.passed, facts.failing, facts.is_smallest) == (False, (), False)
    assert list(told)[-2:] == ["seeking the cause with three alone", "hanging"]
    builds = [each for each in limits.seconds if each <= wanted.seconds]  # Git has an hour
    assert builds == sorted(set(builds), reverse=True)  # each part has what is left of the time of one
    assert "verify_minutes" not in facts.output


async def test_a_build_that_ends_by_chance_blames_nobody(
    base: Base, live: Path, tmp_path: Path, combined: Combined, told: Told
) -> None:
    if base.isolation is Isolation.OVERLAY:
        pytest.skip("Nothing is left of a build in an overlay by which the next could end otherwise.")
    facts = await verified(base, "verify", combined, wanted(live, f"mkdir {tmp_path}/seen && exit 1 || true"), told)
    assert (facts.passed, facts.passed_again, facts.failing, facts.passing) == (False, True, (), ())


async def test_a_build_without_network_reaches_no_host(base: Base, live: Path, combined: Combined, told: Told) -> None:
    command = "test $(tail -n +3 /proc/net/dev | wc -l) = 1"
    if base.isolation is not Isolation.OVERLAY:
        with pytest.raises(SandboxError, match="cannot be cut"):
            await verified(base, "verify", combined, wanted(live, command, network=False), told)
    else:
        assert (await verified(base, "verify", combined, wanted(live, command, network=False), told)).passed
