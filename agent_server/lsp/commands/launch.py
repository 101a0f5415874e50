"""`agentServer.launch`: run a wave, or all that can run. What is not approved yet is shown first, and needs a yes.

A client that has shown what would run, and has the user's yes, says what exactly that was.
"""

import re
from itertools import accumulate
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.picture import count
from agent_server.execution.approval import Approval, NotLaunchable, expect_unchanged, stale, summary
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.commands.asking import BULLET, agrees
from agent_server.lsp.handlers import command
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer

_MOST_SHOWN = 1_000  # characters of a message, in VS Code
_ROOM = _MOST_SHOWN - 70  # without the line that counts what was left out


@command(names.LAUNCH)
async def launch(session: AgentLanguageServer, *given: Any) -> dict[str, Any]:
    """Carry the command out. It returns at once: `{"run": id}`, or `{"run": null}` while the user is being asked."""
    target = await arguments.target_of(session, names.LAUNCH, given)
    wave = arguments.wave_of(names.LAUNCH, target.given)
    stream = arguments.flag_of(names.LAUNCH, target.given, "stream")
    seen = arguments.fingerprint_of(names.LAUNCH, target.given)
    try:
        session.insist_on_trust()
        if seen is not None:
            return {"run": await _start_as_seen(session, target, wave, seen, stream=stream)}
        approved = target.project.executor.approved(target.plan.name)
        if approved is not None and (approved.wave, approved.stream) == (wave, stream):
            return {"run": _start(session, target)}
        proposal = await target.propose(wave, stream=stream)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    if len(question(proposal)) > _MOST_SHOWN:
        raise refusal("What would run is too long to be shown whole. Put the commands into a script.")
    session.go(_ask(session, target.plan.document.uri, proposal))
    return {"run": None}


def question(approval: Approval) -> str:
    """The approval's summary, for a message box.

    VS Code shows a message as one paragraph and cuts it off in silence. So every line begins with a bullet, and the
    tasks without a command of their own come last: of them, what does not fit is counted.
    """
    headline, *lines = re.split(r"\n(?!  )", unlinked(summary(approval)))
    tasks = [line for line in lines if line.startswith("- ") and "must pass" not in line]
    told = [headline, *(line for line in lines if line not in tasks)]
    lengths = accumulate((len(line) + len(BULLET) for line in tasks), initial=len(BULLET.join(told)))
    fitting = max(0, sum(length <= _ROOM for length in lengths) - 1)
    told += tasks[:fitting]
    if fitting < len(tasks):
        told.append(f"and {count(len(tasks) - fitting, 'more task')}, each held to its files in the plan")
    return BULLET.join(line.removeprefix("- ") for line in told)


async def _start_as_seen(
    session: AgentLanguageServer, target: arguments.Target, wave: int, seen: str, *, stream: bool
) -> str:
    """Start what the user has seen and said yes to elsewhere; raises `NotLaunchable` where it is another thing now."""
    proposal = await target.propose(wave, stream=stream)
    expect_unchanged(proposal, seen)
    if not target.plan.is_current(session.documents):
        raise stale(proposal)
    session.insist_on_trust()
    target.project.executor.approve(proposal)
    return _start(session, target)


def _start(session: AgentLanguageServer, target: arguments.Target) -> str:
    run = target.project.executor.launch(target.plan.name, target.plan.analysis, target.settings.execution)
    target.follow(run, session)
    return run.id


async def _ask(session: AgentLanguageServer, uri: str, proposal: Approval) -> None:
    """Show what would run, and launch it after a yes."""
    yes = f"Launch {count(len(proposal.tasks), 'agent')}"
    otherwise = f"Send `{names.APPROVE}` first."
    if not await agrees(session, question(proposal), yes, otherwise, types.MessageType.Info):
        return
    try:
        target = await arguments.target_of(session, names.LAUNCH, ({"uri": uri},))
    except JsonRpcException:
        session.warn("Nothing was started: the plan is no longer open.")
        return
    try:
        session.insist_on_trust()
        target.project.executor.approve(proposal)
        _start(session, target)
    except NotLaunchable as error:
        session.say(str(error), types.MessageType.Error)
