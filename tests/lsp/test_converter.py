"""The converter of all messages, asked in one thread while it learns in another."""

from threading import Thread

import pytest
from lsprotocol import types

from agent_server.daemon.sessions import table
from agent_server.lsp.converter import MessageConverter
from tests.hasty_threads import hasty_threads

CAPABILITIES = {
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "textDocument": {
        "synchronization": {"dynamicRegistration": True, "didSave": False},
        "completion": {"completionItem": {"snippetSupport": True}},
    },
    "general": {"positionEncodings": ["utf-8"]},
}
FOLDER = {"uri": "file:///a", "name": "a"}
INITIALIZE = {"processId": 1, "rootUri": "file:///a", "workspaceFolders": [FOLDER], "capabilities": CAPABILITIES}


@pytest.mark.parametrize("_again", range(4))
def test_a_client_is_understood_while_types_are_learnt(_again: int) -> None:
    converter = MessageConverter()
    functions = [handler.function for handler in table().messages.values()]
    learning = Thread(target=converter.learn_types, args=[functions])
    with hasty_threads():
        learning.start()
        while learning.is_alive():
            assert converter.structure(INITIALIZE, types.InitializeParams).process_id == 1


def test_what_was_learnt_is_not_learnt_again() -> None:
    converter = MessageConverter()
    converter.learn_types(handler.function for handler in table().messages.values())
    learnt = converter._asked.get_structure_hook(types.InitializeParams)

    converter.structure(INITIALIZE, types.InitializeParams)
    converter.structure({"uri": "file:///a"}, types.TextDocumentIdentifier)

    assert converter._asked.get_structure_hook(types.InitializeParams) is learnt
