"""`agentServer.land`: land what a run holds, all of it or what some tasks made. It is verified once more.

Without that, it lands only after a yes.
"""

from typing import Any

from agent_server.execution.approval import NotLaunchable
from agent_server.execution.runs.decisions import to_land
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.commands.deciding import decide_after_yes, last_record
from agent_server.lsp.commands.questions import before_unverified
from agent_server.lsp.handlers import command
from agent_server.lsp.messages import LandResult
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.LAND)
async def land(session: AgentLanguageServer, *given: Any) -> LandResult:
    """Carry the command out. It returns at once: `{"run": id}`, or `{"run": null}` while the user is being asked."""
    target = await arguments.target_of(session, names.LAND, given, closed=True)
    tasks = arguments.tasks_of(names.LAND, target.given)
    unverified = arguments.flag_of(names.LAND, target.given, "unverified")
    try:
        session.insist_on_trust()
        if not unverified:
            run = target.project.executor.land(target.plan.name, tasks=tasks)
            target.follow(run, session)
            return LandResult(run=run.id)
        record = last_record(target)
        _, chosen = to_land(record, tasks, verify=False)
    except NotLaunchable as error:
        raise refusal(str(error)) from error

    async def land_now(now: arguments.Target) -> None:
        now.follow(now.project.executor.land(now.plan.name, tasks=chosen, unverified=True), session)

    question = before_unverified(record, [name for name in record.tasks if name in chosen])
    asking = decide_after_yes(session, names.LAND, target, question=question, yes="Land anyway", decision=land_now)
    session.go(asking)
    return LandResult(run=None)
