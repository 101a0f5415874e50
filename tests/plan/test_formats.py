"""Which files are plans."""

import pytest

from agent_server.plan.formats import is_plan, reader_for


@pytest.mark.parametrize("path", ["clay.plan.md", "docs/plans/clay.plan.md", "C:/work/CLAY.PLAN.MD"])
def test_a_plan_is_known_by_its_name(path: str) -> None:
    assert is_plan(path)


@pytest.mark.parametrize("path", ["README.md", "plan.md", "clay.plan.md.bak", "clay.plan.txt", ""])
def test_other_files_are_none(path: str) -> None:
    assert reader_for(path) is None


def test_the_reader_reads() -> None:
    reader = reader_for("clay.plan.md")
    assert reader is not None
    plan, problems = reader.parse("# Clay\n")
    assert (reader.name, plan.format, plan.title, problems) == ("agent-plan", "agent-plan", "Clay", ())
