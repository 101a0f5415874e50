"""The fixes that put one task behind another: by `needs`, or by the wave that the author fixes."""

from agent_server.analysis.model import Analysis, Fix
from agent_server.analysis.rules.wording import listed
from agent_server.plan.edits import add_items, set_field
from agent_server.plan.model import Edit, Plan, Task
from agent_server.plan.text import Span


def run_after(analysis: Analysis, task: str, *others: str) -> Fix:
    """`task` needs the others."""
    edits = add_items(analysis.plan, analysis.tasks[task].task, "needs", others)
    return Fix(f"Run `{task}` after {listed(others)}", edits, preferred=True)


def move_to_wave(plan: Plan, task: Task, wave: int) -> Fix:
    """`task` is fixed to `wave`: by its `wave` field, or by standing below the heading of that wave."""
    is_grouped = plan.has_fields and task.wave is not None and task.field("wave") is None
    edits = _moved_section(plan, task, wave) if is_grouped else set_field(plan, task, "wave", str(wave))
    return Fix(f"Move `{task.id}` to wave {wave}", edits)


def _moved_section(plan: Plan, task: Task, wave: int) -> tuple[Edit, ...]:
    grouped = [each for each in plan.tasks if each != task and each.wave is not None and each.field("wave") is None]
    there = [each for each in grouped if each.wave == wave]
    earlier = [each for each in grouped if each.wave is not None and each.wave < wave]
    # Where the wave has no heading yet, it gets one behind the waves before it.
    at = there[-1].span.end if there else max([task.span.start, *(each.span.end for each in earlier)])
    heading = "" if there else f"## Wave {wave}\n\n"
    section = task.span.of(plan.text).strip()
    before = "" if plan.text[:at].endswith("\n\n") else "\n" if plan.text[:at].endswith("\n") else "\n\n"
    is_last = len(plan.text) in {at, task.span.end if at == task.span.start else at}
    after = "\n" if is_last else "\n\n"
    return Edit(task.span, ""), Edit(Span(at, at), f"{before}{heading}{section}{after}")
