"""Marking what landed as done, in a plan file that no editor holds."""

from pathlib import Path

from agent_server.execution.record import RunRecord
from agent_server.plan.edits import set_field
from agent_server.plan.formats import reader_for
from agent_server.plan.model import Edit, Plan, apply_edits


def ticks(plan: Plan, landed: tuple[str, ...]) -> tuple[Edit, ...]:
    """The edits that set `status: done` on the tasks that landed and are still open in the plan."""
    tasks = (plan.task(name) for name in landed)
    return tuple(edit for task in tasks if task and task.is_open for edit in set_field(plan, task, "status", "done"))


def tick(path: Path, record: RunRecord) -> None:
    """Tick the plan file at `path` off for a run that landed. Leaves every other byte as it is."""
    reader = reader_for(path.name)
    if reader is None:
        return
    text = path.read_bytes().decode("utf-8")
    plan, _ = reader.parse(text)
    draft = path.with_name(f".{path.name}.{record.id}")
    draft.write_bytes(apply_edits(text, ticks(plan, tuple(record.tasks))).encode("utf-8"))
    draft.chmod(path.stat().st_mode)
    draft.replace(path)
