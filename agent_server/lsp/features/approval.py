"""`agentServer/approval`: what would happen if a wave were launched, as data: for clients that ask for the yes.

It tells all that the summary of the question does, and comes from the same value and the same words.
"""

from agent_server.analysis.model import Analysis
from agent_server.execution.approval import (
    Approval,
    ApprovedTask,
    NotLaunchable,
    budget_words,
    fingerprint,
    headline,
    notes,
    shown,
)
from agent_server.lsp.commands import arguments
from agent_server.lsp.handlers import session_request
from agent_server.lsp.messages import APPROVAL, ApprovalParams, ApprovalResult, ApprovalTask
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer
from agent_server.plan.visible import visible


@session_request(APPROVAL)
async def approval(session: AgentLanguageServer, params: ApprovalParams) -> ApprovalResult:
    """Answer `agentServer/approval`. Nothing is approved by that."""
    target = await arguments.target_of(session, APPROVAL, ({"uri": params.plan},))
    try:
        session.insist_on_trust()
        proposal = await target.propose(1 if params.wave is None else params.wave, stream=bool(params.stream))
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    return as_told(target.plan.document.uri, proposal, target.plan.analysis)


def as_told(uri: str, proposal: Approval, analysis: Analysis) -> ApprovalResult:
    """A proposal as data. What the plan says is shown as in the summary, so that it cannot pass for words of ours."""
    return ApprovalResult(
        plan=uri,
        wave=proposal.wave,
        stream=proposal.stream or None,
        approved=fingerprint(proposal),
        headline=headline(proposal),
        tasks=[_task(task, analysis) for task in proposal.tasks],
        verify=visible(proposal.verify) if proposal.verify else None,
        estimate=proposal.estimate or None,
        budget=budget_words(proposal) or None,
        minutes=_minutes(proposal, analysis),
        notes=notes(proposal),
    )


def _task(task: ApprovedTask, analysis: Analysis) -> ApprovalTask:
    known = analysis.tasks[task.id]
    return ApprovalTask(
        id=task.id,
        title=shown(task.title),
        agent=shown(task.agent),
        model=shown(task.model) if task.model else None,
        tier=known.model.tier.value,
        because=known.model.because,
        writes=[shown(path) for path in task.writes],
        after=task.after,
        verify=visible(task.verify) if task.verify else None,
        minutes=known.minutes,
    )


def _minutes(proposal: Approval, analysis: Analysis) -> float:
    """What the agents are likely to take, side by side."""
    if proposal.stream:
        return analysis.schedule.parallel_minutes
    return max(analysis.at_home[task.id].minutes for task in proposal.tasks)
