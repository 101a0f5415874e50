"""Links: every path in a plan that is there opens its file."""

from lsprotocol import types

from agent_server.analysis.links import Link, links
from agent_server.lsp import convert
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.visible import visible


@plan_request(types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkOptions(resolve_provider=False))
def document_link(plan: PlanSnapshot, _: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """Answer `textDocument/documentLink`."""
    return [_link(plan, link) for link in links(plan.analysis) if plan.is_here(link.span)]


def _link(plan: PlanSnapshot, link: Link) -> types.DocumentLink:
    tooltip = f"Open {visible(link.path)}" if plan.client.link_tooltips else None
    return types.DocumentLink(plan.range(link.span), convert.to_uri(plan.root / link.path), tooltip)
