"""Approvals: nothing runs without one, and one is good only for exactly what was seen."""

from dataclasses import dataclass, field

from agent_server.agents.backend import Limits
from agent_server.analysis.estimates.costs import basis, in_words, total
from agent_server.analysis.globs.path_sets import Glob, PathSet
from agent_server.analysis.globs.pattern import Wildcard
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.picture import count
from agent_server.analysis.rules import RULES
from agent_server.analysis.settings import Severity
from agent_server.execution.isolation import Isolation
from agent_server.plan.digest import digest
from agent_server.plan.model import Budget, Landing
from agent_server.plan.visible import is_invisible, visible
from agent_server.settings import ExecutionSettings

_SHOWN = 200  # of a name or a glob, in characters; commands are shown whole
_LONGEST_COMMAND = 2_000
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class ApprovedTask:
    """What one agent was approved to do.

    `writes` are the patterns of its write set, as the plan spells them; a name that stood for a directory, and so for
    all below it, ends in `/**`.
    """

    id: str
    title: str
    writes: tuple[str, ...]
    model: str
    agent: str
    verify: str | None = None
    runs: str = ""
    """The command line of the program that the agent is; empty for an agent in our own process."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Everything that the person saw when they said yes. Two approvals are equal when nothing of that differs.

    `limits` hold for each agent, `verify_minutes` for each command. `isolation` is the one that the user insists on,
    None for the best that the host allows.
    """

    plan: str
    digest: str
    wave: int
    tasks: tuple[ApprovedTask, ...]
    verify: str | None
    budget: Budget
    limits: Limits = _LIMITS
    verify_minutes: float = 30.0
    isolation: str | None = None
    network: str = "on"
    """Who reaches the network: `on` (agents and commands), `agents`, or `off` (nobody)."""
    land: Landing = Landing.TREE
    stream: bool = False
    """Each task begins as soon as what it waits for is done and has passed; `tasks` are then all open ones."""
    estimate: str = field(default="", compare=False)
    """What the wave is likely to cost. It moves with every run that ends, so two approvals may differ in it."""


class NotLaunchable(Exception):
    """The wave cannot be approved or launched as the plan stands. The message says why and what to do."""


class StaleApproval(NotLaunchable):
    """The plan, or what follows from it, is no longer what was approved."""


def propose(path: str, analysis: Analysis, wave: int, chosen: ExecutionSettings) -> Approval:
    """What a person is asked to approve for `wave` (counted from 1) of the plan at `path`.

    Raises `NotLaunchable` where the wave cannot run.
    """
    _refuse_unlaunchable(analysis, wave)
    settings = analysis.plan.settings
    default_agent = settings.agent.text if settings.agent else chosen.agent
    tasks = []
    for task_id in analysis.schedule.waves[wave - 1]:
        known = analysis.tasks[task_id]
        tasks.append(
            ApprovedTask(
                id=task_id,
                title=known.task.title,
                writes=spelled(known.writes.paths),
                model=known.model.id,
                agent=known.task.agent.text if known.task.agent else default_agent,
                verify=known.task.verify.text if known.task.verify else None,
            )
        )
    verify = settings.verify.text if settings.verify else analysis.settings.verify
    for command in (verify, *(task.verify for task in tasks)):
        _refuse_unreadable(command or "")
    return Approval(
        plan=path,
        digest=digest(analysis.plan.text),
        wave=wave,
        tasks=tuple(tasks),
        verify=verify,
        budget=settings.budget,
        limits=Limits(chosen.task_minutes * 60, chosen.task_tokens, chosen.turns),
        verify_minutes=chosen.verify_minutes,
        isolation=chosen.isolation,
        estimate=_estimate(analysis, [task.id for task in tasks if task.agent != "replay"]),
    )


def confirm(approval: Approval, analysis: Analysis, chosen: ExecutionSettings) -> None:
    """Raise `StaleApproval` unless `approval` is still what `propose` would ask for."""
    if approval == propose(approval.plan, analysis, approval.wave, chosen):
        return
    reason = (
        "The plan changed after it was approved."
        if approval.digest != digest(analysis.plan.text)
        else "What the wave would do changed after it was approved (the files, the models or the settings)."
    )
    raise StaleApproval(f"{reason} Nothing was started. Look at wave {approval.wave} again and approve it.")


def summary(approval: Approval) -> str:
    """What will happen, in words for the person who is asked. What the plan says cannot pass for words of ours."""
    agents = count(len(approval.tasks), "agent")
    lines = [f"Wave {approval.wave} of {_shown(approval.plan)}: {agents} at once."]
    for task in approval.tasks:
        files = ", ".join(map(_shown, task.writes)) or "nothing"
        lines.append(f"- {_shown(task.id)} ({_shown(task.agent)}, {_shown(task.model)}) may write {files}")
        if task.verify:
            lines.append(f"  and must pass: {visible(task.verify)}")
    lines.append(f"Then verify with: {visible(approval.verify)}" if approval.verify else "Nothing verifies the result.")
    lines.append(_isolation_words(approval))
    lines.append(f"Each agent may use {_limits_words(approval.limits)}.")
    budget = _budget_words(approval.budget)
    if budget:
        lines.append(f"Budget: {budget}.")
    if approval.estimate:
        lines.append(f"Estimate: {approval.estimate}.")
    return "\n".join(lines)


def _estimate(analysis: Analysis, tasks: list[str]) -> str:
    """What those tasks are likely to cost; playing a transcript costs nothing."""
    cost = total(analysis.tasks[task].cost for task in tasks)
    if not cost.tokens:
        return ""
    dated = basis(cost)
    return f"{in_words(cost)}{f' ({dated})' if dated else ''}"


def spelled(paths: PathSet) -> tuple[str, ...]:
    """The patterns of a write set, as the plan spells them; a name that stands for a directory ends in `/**`."""
    return tuple(_with_reach(glob) for part in paths.parts for glob in (*part.include, *part.exclude))


def _with_reach(glob: Glob) -> str:
    is_directory = any(pattern.tokens[-1] is Wildcard.TREE for pattern in glob.patterns)
    return f"{glob.text}/**" if is_directory else glob.text


def _shown(text: str) -> str:
    return visible(text, _SHOWN)


def _isolation_words(approval: Approval) -> str:
    """What holds the agents and the commands, and what does not."""
    if not (approval.verify or any(task.verify for task in approval.tasks)):
        return "Nothing is run but the agents, which have no shell."
    limit = f"Commands may take {approval.verify_minutes:g} min each, and use the network."
    if approval.isolation == Isolation.COPY:
        return f"{limit} They run as you, in a copy of the workspace: nothing keeps them from your other files."
    inside = f"{limit} They cannot change anything outside their sandbox, nor see your home"
    if approval.isolation == Isolation.OVERLAY:
        return f"{inside}."
    return f"{inside}; but where this host allows no overlays they run as you, in a copy, and nothing keeps them there."


def _limits_words(limits: Limits) -> str:
    parts = (
        f"{limits.seconds / 60:g} min" if limits.seconds is not None else "",
        f"{limits.tokens:,} tokens" if limits.tokens is not None else "",
        f"{limits.turns:,} turns",
    )
    return ", ".join(part for part in parts if part)


def _budget_words(budget: Budget) -> str:
    parts = (
        f"{budget.usd:g} USD" if budget.usd is not None else "",
        f"{budget.tokens:,} tokens" if budget.tokens is not None else "",
        f"{budget.minutes:g} min" if budget.minutes is not None else "",
    )
    return ", ".join(part for part in parts if part)


def _refuse_unreadable(command: str) -> None:
    """Nobody can approve what they cannot read."""
    if len(command) > _LONGEST_COMMAND:
        raise NotLaunchable(
            f"A verify command of {len(command):,} characters is too long to be approved. Put it into a script."
        )
    hidden = next((each for each in command if each not in "\n\r\t" and is_invisible(each)), None)
    if hidden is not None:
        raise NotLaunchable(
            f"The verify command `{visible(command)}` holds a character that cannot be seen. Type the command anew."
        )


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
