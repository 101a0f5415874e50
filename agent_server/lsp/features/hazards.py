"""`agentServer/hazards`: why tasks of a plan may not run at once, for clients that draw it."""

from collections.abc import Iterator
from itertools import pairwise

from agent_server.analysis.model import Analysis, HazardKind
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.messages import HAZARDS, Contention, Dependency, HazardsParams, HazardsResult
from agent_server.lsp.snapshot import PlanSnapshot


@plan_request(HAZARDS, uri_of=lambda params: params.plan, closed=True)
def hazards(plan: PlanSnapshot, _: HazardsParams) -> HazardsResult:
    """Answer `agentServer/hazards`."""
    return HazardsResult(
        version=plan.document.version,
        contentions=[
            Contention(kind=each.kind.value, tasks=each.tasks, paths=each.paths, together=each.together)
            for each in plan.analysis.contentions
        ],
        dependencies=[*_waits(plan.analysis), *_fixed_waves(plan.analysis)],
    )


def _waits(analysis: Analysis) -> Iterator[Dependency]:
    """What tasks need, read or say of one another."""
    for each in analysis.dependencies:
        guessed = each.kind is not HazardKind.NEEDS and not each.path
        yield Dependency(
            kind=each.kind.value,
            task=each.task,
            on=each.on,
            because=each.because,
            path=each.path or None,
            guessed=guessed or None,
        )


def _fixed_waves(analysis: Analysis) -> Iterator[Dependency]:
    """The waves that the author has fixed: each task comes after those of the fixed wave before its own."""
    said = {(each.task, each.on) for each in analysis.dependencies}
    waves: dict[int, list[str]] = {}
    for name, home in analysis.at_home.items():
        if home.task.wave is not None and home.task.is_open:
            waves.setdefault(home.task.wave, []).append(name)
    for before, wave in pairwise(sorted(waves)):
        because = f"the plan puts it into wave {wave}"
        for task in waves[wave]:
            for on in waves[before]:
                if (task, on) not in said:
                    yield Dependency(kind=HazardKind.FIXED_WAVE.value, task=task, on=on, because=because)
