"""Approvals: nothing runs without one, and one is good only for exactly what was seen."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from hmac import compare_digest

from agent_server.agents.backend import Limits
from agent_server.agents.backends import program_named
from agent_server.agents.program_backend import is_told_its_model
from agent_server.analysis.estimates.costs import basis, in_words, total
from agent_server.analysis.estimates.prices import price_of
from agent_server.analysis.globs.path_sets import Glob, PathSet
from agent_server.analysis.globs.pattern import Wildcard
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.picture import count
from agent_server.analysis.rules import RULES
from agent_server.analysis.scheduling.streaming import predecessors
from agent_server.analysis.settings import Severity
from agent_server.execution.runs.verify import MOST_BUILDS
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.plan.digest import digest
from agent_server.plan.model import Budget, Landing
from agent_server.plan.visible import is_invisible, visible
from agent_server.settings import ExecutionSettings

_SHOWN = 200  # of a name or a glob, in characters; commands are shown whole
_LONGEST_COMMAND = 2_000
_LIMITS = Limits()
_FINGERPRINT = re.compile("[0-9a-f]{128}")
_OTHER_PLAN = "The plan changed after it was approved."
_OTHER_WORK = "What the wave would do changed after it was approved (the files, the models or the settings)."


@dataclass(frozen=True, slots=True)
class ApprovedTask:
    """What one agent was approved to do.

    `writes` are the patterns of its write set, as the plan spells them; a name that stood for a directory, and so for
    all below it, ends in `/**`. `model` is empty where the agent is told none, and uses the one that it is set to.
    """

    id: str
    title: str
    writes: tuple[str, ...]
    model: str
    agent: str
    verify: str | None = None
    runs: str = ""
    """The command line of the program that the agent is; empty for an agent in our own process."""
    given: tuple[str, ...] = ()
    """What the program gets of the user's, where they have it: environment variables, and paths of logins (`~/...`)."""
    program: str = ""
    """A digest of all that is set for that program: its mode, its logins, its variables, how it is given its prompt."""
    after: tuple[str, ...] = ()
    """The tasks of the run that must be done and have passed before it begins, and whose work it then sees."""
    repairs: bool = False
    """It is no task of the plan: it mends what the others made."""


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
    scheduler: str | None = None
    """The address of the Dask scheduler whose workers run the agents; None for this machine."""
    network: str = "on"
    """Who reaches the network: `on` (agents and commands), `agents`, or `off` (nobody)."""
    land: Landing = Landing.TREE
    stream: bool = False
    """Each task begins as soon as what it waits for is done and has passed; `tasks` are then all open ones."""
    agents: int | None = None
    """How many agents work at once, at most; None where all may."""
    unpriced: tuple[str, ...] = ()
    """The models whose price is not known, where there is a budget in money: it does not count them."""
    bisects: bool = False
    """A verification that fails is repeated on parts of the work, to find the tasks that make it fail."""
    estimate: str = field(default="", compare=False)
    """What the wave is likely to cost. It moves with every run that ends, so two approvals may differ in it."""

    @property
    def part(self) -> str:
        """Which part of the plan it is, in words."""
        return "all open tasks" if self.stream else f"wave {self.wave}"


class NotLaunchable(Exception):
    """The wave cannot be approved or launched as the plan stands. The message says why and what to do."""


class StaleApproval(NotLaunchable):
    """The plan, or what follows from it, is no longer what was approved."""


def in_our_process(_agent: str) -> str:
    """The command line of an agent that is no program: none."""
    return ""


def propose(
    path: str,
    analysis: Analysis,
    wave: int,
    chosen: ExecutionSettings,
    *,
    stream: bool = False,
) -> Approval:
    """What a person is asked to approve for `wave` (counted from 1) of the plan at `path`.

    With `stream` it is all that can run, whatever the wave. Raises `NotLaunchable` where it cannot run.
    """
    names = _launchable(analysis, wave, stream=stream)
    after = predecessors(analysis) if stream else {}
    settings = analysis.plan.settings
    tasks = tuple(replace(_approved_task(analysis, name, chosen), after=tuple(after.get(name, ()))) for name in names)
    verify = settings.verify.text if settings.verify else analysis.settings.verify
    for command in (verify, *(task.verify for task in tasks)):
        _refuse_unreadable(command or "")
    return Approval(
        plan=path,
        digest=digest(analysis.plan.text),
        wave=wave,
        tasks=tasks,
        verify=verify,
        budget=settings.budget,
        limits=Limits(chosen.task_minutes * 60, chosen.task_tokens, chosen.turns),
        verify_minutes=chosen.verify_minutes,
        isolation=chosen.isolation,
        scheduler=chosen.scheduler,
        network=chosen.network,
        land=settings.land,
        stream=stream,
        agents=settings.agents or analysis.settings.agents,
        unpriced=_unpriced(analysis, tasks) if settings.budget.usd is not None else (),
        bisects=chosen.bisect,
        estimate=_estimate(analysis, [task.id for task in tasks if task.agent != "replay" and task.model]),
    )


def with_programs(approval: Approval, runs: Callable[[str], str]) -> Approval:
    """The approval with the programs that its agents are: `runs` says the command line of the agent of a name."""
    return replace(approval, tasks=tuple(replace(task, runs=runs(task.agent)) for task in approval.tasks))


def confirm(
    approval: Approval, analysis: Analysis, chosen: ExecutionSettings, runs: Callable[[str], str] = in_our_process
) -> None:
    """Raise `StaleApproval` unless `approval` is still what `propose` would ask for."""
    asked = propose(approval.plan, analysis, approval.wave, chosen, stream=approval.stream)
    if approval == with_programs(asked, runs):
        return
    raise stale(approval, _OTHER_WORK if approval.digest == digest(analysis.plan.text) else _OTHER_PLAN)


def fingerprint(approval: Approval) -> str:
    """What stands for exactly this approval where its `summary`, or as much, was shown: a digest of all that counts.

    It begins with the plan's digest, so that it can be told whether the plan has changed since.
    """
    counts = repr(replace(approval, estimate=""))
    return f"{approval.digest}{sha256(counts.encode('utf-8', 'backslashreplace')).hexdigest()}"


def is_fingerprint(text: str) -> bool:
    """Whether a text has the form of a `fingerprint`; it may come from anywhere."""
    return _FINGERPRINT.fullmatch(text) is not None


def expect_unchanged(approval: Approval, seen: str) -> None:
    """Raise `StaleApproval` unless `approval` is exactly what was `seen`, by its fingerprint."""
    if compare_digest(seen, fingerprint(approval)):
        return
    raise stale(approval, _OTHER_WORK if seen.startswith(approval.digest) else _OTHER_PLAN)


def confirm_again(
    approval: Approval,
    tasks: Collection[str],
    analysis: Analysis,
    chosen: ExecutionSettings,
    runs: Callable[[str], str] = in_our_process,
) -> None:
    """Raise `StaleApproval` unless `tasks` of a run may be tried again under its `approval`.

    What a task is told may have changed: that is why people try again. What it may do, and what holds it, may not.
    """
    limits = Limits(chosen.task_minutes * 60, chosen.task_tokens, chosen.turns)
    held = (approval.limits, approval.isolation, approval.network, approval.verify_minutes, approval.scheduler)
    if held != (limits, chosen.isolation, chosen.network, chosen.verify_minutes, chosen.scheduler):
        raise StaleApproval(
            "The limits of the agents, what holds them, or where they work is not what was approved for this run. "
            "Launch the wave again."
        )
    for task in approval.tasks:
        if task.id not in tasks:
            continue
        found = analysis.tasks.get(task.id)
        if found is None or not found.task.is_open:
            raise StaleApproval(f"`{visible(task.id)}` is no open task of the plan any more, so it is not tried again.")
        now = _approved_task(analysis, task.id, chosen)
        if replace(now, title=task.title, after=task.after, runs=runs(now.agent)) != task:
            raise StaleApproval(
                f"What `{visible(task.id)}` may write, its model, its agent or its check is not what was approved for "
                "this run. Launch the wave again."
            )


def summary(approval: Approval) -> str:
    """What will happen, in words for the person who is asked. What the plan says cannot pass for words of ours."""
    lines = [headline(approval)]
    for task in approval.tasks:
        files = ", ".join(map(shown, task.writes)) or "nothing"
        model = shown(task.model) if task.model else "its own model"
        lines.append(f"- {shown(task.id)} ({shown(task.agent)}, {model}) may write {files}")
        if task.after:
            lines.append(f"  once these are done: {', '.join(map(shown, task.after))}")
        if task.verify:
            lines.append(f"  and must pass: {visible(task.verify)}")
    for program, given in _programs(approval):
        lines.append(program)
        if given:
            lines.append(f"  and gets, where you have it: {given}")
    lines += _workplace_words(approval)
    lines += [f"Then verify with: {visible(approval.verify)}"] if approval.verify else ["Nothing verifies the result."]
    lines += _rules_of_the_run(approval)
    if budget := budget_words(approval):
        lines.append(f"Budget: {budget}.")
    if approval.estimate:
        lines.append(f"Estimate: {approval.estimate}.")
    return "\n".join(lines)


def notes(approval: Approval) -> tuple[str, ...]:
    """The sentences of the `summary` that are about no task, but for the verification, the budget and the estimate."""
    programs = [
        words
        for (agent, _), (program, given) in zip(_program_tasks(approval), _programs(approval), strict=True)
        for words in (program, f"{shown(agent)} gets, where you have it: {given}" if given else "")
        if words
    ]
    return (*programs, *_workplace_words(approval), *_rules_of_the_run(approval))


def _estimate(analysis: Analysis, tasks: list[str]) -> str:
    """What those tasks are likely to cost; playing a transcript costs nothing."""
    cost = total(analysis.tasks[task].cost for task in tasks)
    if not cost.is_anything:
        return ""
    dated = basis(cost)
    return f"{in_words(cost)}{f' ({dated})' if dated else ''}"


def spelled(paths: PathSet) -> tuple[str, ...]:
    """The patterns of a write set, as the plan spells them; a name that stands for a directory ends in `/**`."""
    return tuple(_with_reach(glob) for part in paths.parts for glob in (*part.include, *part.exclude))


def _with_reach(glob: Glob) -> str:
    is_directory = any(pattern.tokens[-1] is Wildcard.TREE for pattern in glob.patterns)
    return f"{glob.text}/**" if is_directory else glob.text


def shown(text: str) -> str:
    """A name or a glob, as a person is shown it."""
    return visible(text, _SHOWN)


def headline(approval: Approval) -> str:
    """What would run, in one sentence."""
    agents = count(len(approval.tasks), "agent")
    if approval.stream:
        most = "" if approval.agents is None else f"{approval.agents} at once, "
        return f"All open tasks of {shown(approval.plan)}: {agents}, {most}each as soon as it can begin."
    together = " at once" if len(approval.tasks) > 1 else ""
    return f"Wave {approval.wave} of {shown(approval.plan)}: {agents}{together}."


def stale(approval: Approval, reason: str = _OTHER_PLAN) -> StaleApproval:
    """What is said of an approval that was good for something else."""
    again = "it" if approval.stream else f"wave {approval.wave}"
    return StaleApproval(f"{reason} Nothing was started. Look at {again} again and approve it.")


def _landing_words(approval: Approval) -> str:
    if approval.land is Landing.COMMIT:
        return "What passes lands as one commit a task, on a branch of its own; your files stay as they are."
    return "What passes lands in your files, all of it or nothing."


def _isolation_words(approval: Approval) -> str:
    """What holds the agents and the commands, and what does not."""
    commands = bool(approval.verify or any(task.verify for task in approval.tasks))
    programs = any(task.runs for task in approval.tasks)
    if not (commands or programs):
        return "Nothing is run but the agents, which have no shell."
    who = "Commands and agents" if commands and programs else "Commands" if commands else "Agents"
    limit = f"Commands may take {approval.verify_minutes:g} min each. " if commands else ""
    words = f"{limit}{_network_words(approval.network, commands=commands, programs=programs)}"
    if approval.isolation == Isolation.OVERLAY:
        return f"{words} {who} cannot change anything outside their sandbox, nor see your home."
    if approval.isolation is None:
        return (
            f"{words} {who} cannot change anything outside their sandbox, nor see your home; but where this host "
            "allows no overlays they run as you, in a copy, and nothing keeps them there."
        )
    return f"{words} {who} run as you, in a copy of the workspace: nothing keeps them from your other files."


def _network_words(network: str, *, commands: bool, programs: bool) -> str:
    """Who reaches the network, of those that run."""
    if network == "off":
        return "They have no network."
    if network == "on":
        return "They use the network."
    if not commands:
        return "They use the network."
    return "Commands have no network, agents do." if programs else "They have no network."


def _program_tasks(approval: Approval) -> tuple[tuple[str, ApprovedTask], ...]:
    """The agents that are programs, each with a task of its own."""
    return tuple({task.agent: task for task in approval.tasks if task.runs}.items())


def _programs(approval: Approval) -> Iterator[tuple[str, str]]:
    """Which programs the agents are, in words, and what of the user's each gets; empty where that is nothing."""
    for agent, task in _program_tasks(approval):
        yield f"{shown(agent)} is the program: {visible(task.runs)}", ", ".join(map(shown, task.given))


def _workplace_words(approval: Approval) -> Iterator[str]:
    """Who is no model, what reaches the network although nobody should, and where agents work that work elsewhere."""
    if any(task.agent == "replay" and not task.runs for task in approval.tasks):
        yield "replay plays recorded agents: no model is asked, and it costs nothing."
    inside = {task.agent: None for task in approval.tasks if not task.runs and task.agent != "replay"}
    if approval.network == "off" and inside:
        yield f"{', '.join(map(shown, inside))} reaches its model all the same: only what it writes is in a sandbox."
    if approval.scheduler is not None:
        yield (
            f"Agents work on the workers of the Dask scheduler at {shown(approval.scheduler)}. They get the files of "
            "the workspace, and take keys from the workers' own environment."
        )


def _rules_of_the_run(approval: Approval) -> Iterator[str]:
    """What happens when it does not pass and when it does, what holds the agents, and what each may use."""
    if approval.verify and approval.bisects and len(approval.tasks) > 1:
        yield (
            f"Where the verification fails, it runs up to {MOST_BUILDS} times more, on parts of the work, to find "
            "whose work it is."
        )
    yield _landing_words(approval)
    yield _isolation_words(approval)
    yield f"Each agent may use {_limits_words(approval.limits)}."


def _limits_words(limits: Limits) -> str:
    parts = (
        f"{limits.seconds / 60:g} min" if limits.seconds is not None else "",
        f"{limits.tokens:,} tokens" if limits.tokens is not None else "",
        f"{limits.turns:,} turns",
    )
    return ", ".join(part for part in parts if part)


def budget_words(approval: Approval) -> str:
    """What the run may cost at most, and what that does not count; empty where there is no limit."""
    budget = approval.budget
    parts = (
        f"{budget.usd:g} USD" if budget.usd is not None else "",
        f"{budget.tokens:,} tokens" if budget.tokens is not None else "",
        f"{budget.minutes:g} min" if budget.minutes is not None else "",
    )
    words = ", ".join(part for part in parts if part)
    without = f", without {', '.join(map(shown, approval.unpriced))}: the price is not known"
    return f"{words}{without}" if words and approval.unpriced else words


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


def _approved_task(analysis: Analysis, name: str, chosen: ExecutionSettings) -> ApprovedTask:
    known = analysis.tasks[name]
    agent = known.task.agent.text if known.task.agent else default_agent(analysis, chosen)
    program = program_named(agent, chosen)
    return ApprovedTask(
        id=name,
        title=known.task.title,
        writes=spelled(known.writes.paths),
        model=known.model.id if program is None or is_told_its_model(program) else "",
        agent=agent,
        verify=known.task.verify.text if known.task.verify else None,
        given=(*program.variables, *(f"~/{login}" for login in program.logins)) if program else (),
        program=sha256(repr(program).encode("utf-8", "backslashreplace")).hexdigest() if program else "",
    )


def default_agent(analysis: Analysis, chosen: ExecutionSettings) -> str:
    """The agent of tasks that name none."""
    return analysis.plan.settings.agent.text if analysis.plan.settings.agent else chosen.agent


def _unpriced(analysis: Analysis, tasks: Sequence[ApprovedTask]) -> tuple[str, ...]:
    prices = analysis.settings.prices
    models = dict.fromkeys(task.model for task in tasks if task.agent != "replay")
    return tuple(model or "what uses its own model" for model in models if price_of(model, prices) is None)


def _launchable(analysis: Analysis, wave: int, *, stream: bool) -> tuple[str, ...]:
    """The tasks of the wave, or all that are scheduled; raises `NotLaunchable` where they cannot run."""
    waves = analysis.schedule.waves
    if not waves:
        raise NotLaunchable("The plan has no task that can run: every task is done, skipped, or part of a cycle.")
    if not 1 <= wave <= len(waves):
        raise NotLaunchable(f"The plan has no wave {wave}. Its waves are 1 to {len(waves)}.")
    if wave > 1:
        raise NotLaunchable(f"Wave {wave} waits for wave 1. Launch wave 1 first; the next one then becomes wave 1.")
    names = tuple(name for each in waves for name in each) if stream else waves[wave - 1]
    blocking = _errors_in(analysis, frozenset(names))
    if blocking:
        more = f" (and {len(blocking) - 1} more)" if len(blocking) > 1 else ""
        raise NotLaunchable(f"Mend this first: {blocking[0].message}{more}")
    unknown = [name for name in names if analysis.tasks[name].writes.unknown]
    if unknown:
        how = "Add a `writes` field to it." if analysis.plan.has_fields else "Name them there."
        raise NotLaunchable(f"`{unknown[0]}` does not say which files it writes. {how}")
    return names


def _errors_in(analysis: Analysis, tasks: frozenset[str]) -> list[Diagnostic]:
    """The errors that concern these tasks, or no task in particular. What a past run left behind blocks nothing."""
    return [
        found
        for found in analysis.diagnostics
        if found.severity is Severity.ERROR
        and not RULES[found.code].is_about_a_run
        and (not found.tasks or not tasks.isdisjoint(found.tasks))
    ]
