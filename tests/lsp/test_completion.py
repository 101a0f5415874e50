from dataclasses import replace

from lsprotocol import types

from agent_server.lsp.features.completion import completion
from agent_server.settings import AgentProgram, ExecutionSettings
from tests.lsp.cursor import URI, plan_at

DOCUMENT = types.TextDocumentIdentifier(URI)


def complete(text: str, *files: str, markdown: bool = False) -> types.CompletionList | None:
    plan, position = plan_at(text, dict.fromkeys(files, ""), markdown_completions=markdown)
    return completion(plan, types.CompletionParams(DOCUMENT, position))


def item(text: str, *files: str, markdown: bool = False) -> types.CompletionItem:
    found = complete(text, *files, markdown=markdown)
    assert found is not None
    return found.items[0]


def test_an_item_replaces_what_is_typed() -> None:
    found = item("## a: A\n- writes: 🦊, `sr$0x`\n", "src/b.ts")
    assert found.text_edit == types.TextEdit(
        types.Range(types.Position(1, 15), types.Position(1, 18)),  # a fox is two units of UTF-16
        "src/",
    )
    assert (found.label, found.filter_text, found.kind) == ("src/", "src/", types.CompletionItemKind.Folder)


def test_items_stay_in_the_order_of_their_likelihood() -> None:
    found = complete("## a: A\n\n## b: B\n\n## c: C\n- needs: $0\n")
    assert found is not None
    assert [each.label for each in sorted(found.items, key=lambda each: each.sort_text or "")] == ["b", "a"]
    assert not found.is_incomplete


def test_a_client_that_shows_plain_text_gets_no_markup() -> None:
    text = "## a: A\n- $0\n"
    shown = item(text).documentation
    assert shown == types.MarkupContent(
        types.MarkupKind.PlainText,
        "Files the task will create, change or delete: paths or globs relative to the workspace root.",
    )
    rich = item(text, markdown=True).documentation
    assert isinstance(rich, types.MarkupContent)
    assert rich.kind is types.MarkupKind.Markdown


def test_titles_cannot_pass_for_something_else() -> None:
    assert item("## a: Left\u202eRight\n\n## b: B\n- needs: $0\n").detail == r"Left\u{202e}Right"


def test_nothing_is_offered_in_free_text() -> None:
    assert complete("## a: A\n\nDo $0it.\n") is None


def test_the_agents_are_those_of_the_settings_and_those_that_need_none() -> None:
    plan, position = plan_at("## a: A\n- agent: $0\n")
    own = ExecutionSettings(backends={"my-agent": AgentProgram("command", ("my-agent",))})
    found = completion(replace(plan, chosen=own), types.CompletionParams(DOCUMENT, position))
    assert found is not None
    assert {"my-agent", "anthropic", "claude"} <= {each.label for each in found.items}
    details = {each.label: each.detail for each in found.items}
    assert details["my-agent"] == "the program my-agent, as a command, from your settings"
    assert details["anthropic"] == "a model behind the Messages API, without a shell"
    assert all(details.values())
