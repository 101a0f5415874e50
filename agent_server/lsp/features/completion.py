"""Completion: what may be written in the fields and the front matter of a plan, the likeliest first.

Suggestions come whole, with their documentation: they are made from what the analysis holds already, so that nothing
would be gained by resolving them one by one.
"""

from collections.abc import Mapping

from lsprotocol import types

from agent_server.agents.backends import agent_names, agent_words
from agent_server.analysis.suggestions import Suggestion, What, suggestions
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.markdown import without_markup
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.slots import Slot, slot_at
from agent_server.plan.visible import visible

_KINDS: Mapping[What, types.CompletionItemKind] = {
    What.TASK: types.CompletionItemKind.Reference,
    What.FIELD: types.CompletionItemKind.Field,
    What.SETTING: types.CompletionItemKind.Property,
    What.FILE: types.CompletionItemKind.File,
    What.FOLDER: types.CompletionItemKind.Folder,
    What.MODULE: types.CompletionItemKind.Module,
    What.NAME: types.CompletionItemKind.Variable,
    What.LOCK: types.CompletionItemKind.Constant,
    What.MODEL: types.CompletionItemKind.EnumMember,
    What.AGENT: types.CompletionItemKind.EnumMember,
    What.VALUE: types.CompletionItemKind.EnumMember,
}

_TRIGGERS = (" ", ",", "`", "/", ".", ":", "@")
"""What items begin behind, and what goes on within paths and modules."""

_LONGEST_DETAIL = 120


@plan_request(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=_TRIGGERS))
def completion(plan: PlanSnapshot, params: types.CompletionParams) -> types.CompletionList | None:
    """Answer `textDocument/completion`; null where free text is written."""
    slot = slot_at(plan.analysis.plan, plan.offset(params.position))
    if slot is None:
        return None
    agents = {name: agent_words(name, plan.chosen) for name in agent_names(plan.chosen)}
    found = suggestions(plan.analysis, slot, agents)
    items = [_item(plan, slot, each, number) for number, each in enumerate(found.items)]
    return types.CompletionList(is_incomplete=not found.complete, items=items)


def _item(plan: PlanSnapshot, slot: Slot, found: Suggestion, number: int) -> types.CompletionItem:
    return types.CompletionItem(
        label=visible(found.label or found.text),
        kind=_KINDS[found.what],
        detail=visible(found.detail, _LONGEST_DETAIL) or None,
        documentation=_documentation(plan, found.says) if found.says else None,
        sort_text=f"{number:04}",
        filter_text=found.text,
        text_edit=types.TextEdit(plan.range(slot.span), slot.fitted(found.text, whole=found.whole)),
    )


def _documentation(plan: PlanSnapshot, words: str) -> types.MarkupContent:
    if plan.client.markdown_completions:
        return types.MarkupContent(types.MarkupKind.Markdown, words)
    return types.MarkupContent(types.MarkupKind.PlainText, without_markup(words))
