from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.lsp.agent_uris import (
    AgentUri,
    BaseUri,
    BriefUri,
    ChangesUri,
    ProposedUri,
    TranscriptUri,
    parsed,
    uri_of,
)

ROOT = Path("/home/me & you/a=b?c#d%20e/ünï")
RUN = "20260101T000000-abcdef"
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
TASKS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(("1.1", "T-001", "bd-a3f8", "..", ".", "a/b", "/", "%2F", "%", "🦊", "T001" * 30)),
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
ROOTS = PATHS.map(lambda path: Path("/", path))
URIS = st.one_of(
    st.builds(BriefUri, ROOTS, PATHS, TASKS),
    st.builds(TranscriptUri, ROOTS, NAMES, TASKS),
    st.builds(ChangesUri, ROOTS, NAMES, TASKS),
    st.builds(ProposedUri, ROOTS, NAMES, TASKS, PATHS),
    st.builds(BaseUri, ROOTS, NAMES, TASKS, PATHS),
)


def as_vs_code_sends_it(uri: str) -> str:
    """Decoded, and encoded anew: slashes of the path stay, everything else does not."""
    before, _, query = uri.partition("?")
    scheme, _, path = before.partition(":")
    return f"{scheme}:{quote(unquote(path))}?{quote(unquote(query), safe='')}"


@given(URIS)
def test_a_uri_says_what_it_was_made_of_also_when_it_was_encoded_anew(wanted: AgentUri) -> None:
    assert parsed(uri_of(wanted)) == wanted
    assert parsed(as_vs_code_sends_it(uri_of(wanted))) == wanted


@pytest.mark.parametrize("task", ["..", ".", "a/../b", "/"])
def test_no_id_leads_to_another_place(task: str) -> None:
    path = uri_of(BaseUri(Path("/w"), RUN, task, "src/a.py")).partition("?")[0]
    segments = unquote(path).split("/")
    assert (segments[2], segments[4:]) == (RUN, ["src", "a.py"])
    assert segments[3] not in {"", ".", ".."}


def test_uris_are_made_for_people() -> None:
    assert uri_of(BriefUri(Path("/w"), "plans/a.plan.md", "hub")) == (
        "agent-server:/brief/plans/a.plan.md/hub.brief.md?root=%2Fw"
    )
    assert (
        uri_of(TranscriptUri(Path("/w"), RUN, "hub")) == f"agent-server:/transcript/{RUN}/hub.transcript.md?root=%2Fw"
    )
    assert uri_of(ProposedUri(ROOT, RUN, "hub", "src/a b.py")).startswith(
        f"agent-server:/proposed/{RUN}/hub/src/a%20b.py?root=%2Fhome"
    )


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "agent-server:",
        "agent-server:/brief/a.plan.md/hub.md",
        "agent-server:/brief/hub.brief.md?root=%2Fw",
        "agent-server:/brief/a.plan.md/hub?root=%2Fw",
        "agent-server:/secret/a/b.md?root=%2Fw",
        "agent-server:/proposed/run/task?root=%2Fw",
        "agent-server:/proposed?root=%2Fw",
        "agent-server:/brief/a/b.brief.md?other=%2Fw",
        "file:///brief/a/b.md?root=%2Fw",
        "agent-server:/brief/\ud800/b.brief.md?root=%2Fw",
    ],
)
def test_what_is_no_uri_of_ours_wants_nothing(uri: str) -> None:
    assert parsed(uri) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    parsed(text)
    parsed(f"agent-server:/{text}?root={text}")


def test_a_name_that_is_not_utf_8_comes_back() -> None:
    wanted = ProposedUri(Path("/w"), RUN, "hub", "caf\udce9")
    assert parsed(uri_of(wanted)) == wanted
