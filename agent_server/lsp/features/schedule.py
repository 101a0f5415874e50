"""`agentServer/schedule`: the waves of a plan as data, for clients that draw them."""

from collections.abc import Mapping

from agent_server.analysis.model import Analysis, TaskAnalysis
from agent_server.analysis.scheduling.waiting import waits
from agent_server.execution.approval import spelled
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.messages import SCHEDULE, ScheduledTask, ScheduledWave, ScheduleParams, ScheduleResult
from agent_server.lsp.snapshot import PlanSnapshot


@plan_request(SCHEDULE, uri_of=lambda params: params.plan)
def schedule(plan: PlanSnapshot, _: ScheduleParams) -> ScheduleResult:
    """Answer `agentServer/schedule`."""
    found = plan.analysis.schedule
    waiting = _waiting(plan.analysis)
    tasks = [[plan.analysis.tasks[name] for name in wave] for wave in found.waves]
    return ScheduleResult(
        version=plan.document.version,
        waves=[
            ScheduledWave(
                number=number,
                minutes=max(task.minutes for task in wave),
                tasks=[_task(task, waiting.get(task.task.id, ())) for task in wave],
            )
            for number, wave in enumerate(tasks, 1)
        ],
        unscheduled=found.unscheduled,
        critical_path=found.critical_path,
        sequential_minutes=found.sequential_minutes,
        parallel_minutes=found.parallel_minutes,
        speedup=found.speedup,
        agents=max(map(len, tasks), default=0),
    )


def _task(known: TaskAnalysis, waits_for: tuple[str, ...]) -> ScheduledTask:
    return ScheduledTask(
        id=known.task.id,
        title=known.task.title,
        minutes=known.minutes,
        model=known.model.id,
        tier=known.model.tier.value,
        because=known.model.because,
        writes=spelled(known.writes.paths),
        waits_for=waits_for,
    )


def _waiting(analysis: Analysis) -> Mapping[str, tuple[str, ...]]:
    """For each task that has to wait, what for: tasks of an earlier wave, in the plan's order."""
    places = {name: place for place, name in enumerate(analysis.tasks)}
    waves = {name: task.wave for name, task in analysis.tasks.items()}
    found: dict[str, set[str]] = {}
    for wait in waits(analysis):
        if waves.get(wait.on) is not None:
            found.setdefault(wait.task, set()).add(wait.on)
    return {task: tuple(sorted(on, key=places.__getitem__)) for task, on in found.items()}
