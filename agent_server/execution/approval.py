"""Approvals: nothing runs without one, and one is good only for exactly what was seen."""

from dataclasses import dataclass

from agent_server.analysis.globs import PathSet
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import Severity
from agent_server.plan.digest import digest
from agent_server.plan.model import Budget, Landing


@dataclass(frozen=True, slots=True)
class ApprovedTask:
    """What one agent was approved to do. `writes` are the patterns of its write set, as the plan spells them."""

    id: str
    title: str
    writes: tuple[str, ...]
    model: str
    agent: str
    verify: str | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Everything that the person saw when they said yes. Two approvals are equal when nothing of that differs."""

    plan: str
    digest: str
    wave: int
    tasks: tuple[ApprovedTask, ...]
    verify: str | None
    budget: Budget


class NotLaunchable(Exception):
    """The wave cannot be approved or launched as the plan stands. The message says why and what to do."""


class StaleApproval(NotLaunchable):
    """The plan, or what follows from it, is no longer what was approved."""


def propose(path: str, analysis: Analysis, wave: int, agent: str) -> Approval:
    """What a person is asked to approve for `wave` (counted from 1) of the plan at `path`.

    `agent` is the backend for tasks that name none. Raises `NotLaunchable` where the wave cannot run.
    """
    _refuse_unlaunchable(analysis, wave)
    settings = analysis.plan.settings
    default_agent = settings.agent.text if settings.agent else agent
    tasks = []
    for task_id in analysis.schedule.waves[wave - 1]:
        known = analysis.tasks[task_id]
        tasks.append(
            ApprovedTask(
                id=task_id,
                title=known.task.title,
                writes=_spelled(known.writes.paths),
                model=known.model.id,
                agent=known.task.agent.text if known.task.agent else default_agent,
                verify=known.task.verify.text if known.task.verify else None,
            )
        )
    verify = settings.verify.text if settings.verify else analysis.settings.verify
    return Approval(path, digest(analysis.plan.text), wave, tuple(tasks), verify, settings.budget)


def confirm(approval: Approval, analysis: Analysis, agent: str) -> None:
    """Raise `StaleApproval` unless `approval` is still what `propose` would ask for."""
    if approval == propose(approval.plan, analysis, approval.wave, agent):
        return
    reason = (
        "The plan changed after it was approved."
        if approval.digest != digest(analysis.plan.text)
        else "What the wave would do changed after it was approved (the files, the models or the settings)."
    )
    raise StaleApproval(f"{reason} Nothing was started. Look at wave {approval.wave} again and approve it.")


def summary(approval: Approval) -> str:
    """What will happen, in words for the person who is asked."""
    agents = "1 agent" if len(approval.tasks) == 1 else f"{len(approval.tasks)} agents"
    lines = [f"Wave {approval.wave} of {approval.plan}: {agents} at once."]
    for task in approval.tasks:
        files = ", ".join(task.writes) or "nothing"
        lines.append(f"- {task.id} ({task.agent}, {task.model}) may write {files}")
        if task.verify:
            lines.append(f"  and must pass: {task.verify}")
    lines.append(f"Then verify with: {approval.verify}" if approval.verify else "Nothing verifies the result.")
    limits = _budget_words(approval.budget)
    if limits:
        lines.append(f"Budget: {limits}.")
    return "\n".join(lines)


def _spelled(paths: PathSet) -> tuple[str, ...]:
    return tuple(glob.text for part in paths.parts for glob in (*part.include, *part.exclude))


def _budget_words(budget: Budget) -> str:
    parts = (
        f"{budget.usd:g} USD" if budget.usd is not None else "",
        f"{budget.tokens:,} tokens" if budget.tokens is not None else "",
        f"{budget.minutes:g} min" if budget.minutes is not None else "",
    )
    return ", ".join(part for part in parts if part)


def _refuse_unlaunchable(analysis: Analysis, wave: int) -> None:
    waves = analysis.schedule.waves
    if not waves:
        raise NotLaunchable("The plan has no task that can run: every task is done, skipped, or part of a cycle.")
    if not 1 <= wave <= len(waves):
        raise NotLaunchable(f"The plan has no wave {wave}. Its waves are 1 to {len(waves)}.")
    if wave > 1:
        raise NotLaunchable(f"Wave {wave} waits for wave 1. Launch wave 1 first; the next one then becomes wave 1.")
    if analysis.plan.settings.land is Landing.COMMIT:
        raise NotLaunchable("`land: commit` cannot be carried out yet. Use `land: tree`, which is the default.")
    if analysis.plan.settings.budget.usd is not None:
        raise NotLaunchable("A budget in USD cannot be held yet. Give it in tokens or minutes: `budget: 2M tokens`.")
    blocking = _errors_in(analysis, frozenset(waves[wave - 1]))
    if blocking:
        more = f" (and {len(blocking) - 1} more)" if len(blocking) > 1 else ""
        raise NotLaunchable(f"Mend this first: {blocking[0].message}{more}")
    unknown = [name for name in waves[wave - 1] if analysis.tasks[name].writes.unknown]
    if unknown:
        raise NotLaunchable(f"`{unknown[0]}` does not say which files it writes. Add a `writes` field to it.")


def _errors_in(analysis: Analysis, tasks: frozenset[str]) -> list[Diagnostic]:
    """The errors that concern these tasks, or no task in particular. What a past run left behind blocks nothing."""
    return [
        found
        for found in analysis.diagnostics
        if found.severity is Severity.ERROR
        and not RULES[found.code].is_about_a_run
        and (not found.tasks or not tasks.isdisjoint(found.tasks))
    ]
