from agent_server.analysis.claims import Claim
from tests.analysis.analysed import footprint_of

FILES = ("data/knowledge.py", "pages/knowledge.py", "docs/style.md")


def reads_of(text: str, *paths: str) -> list[str]:
    return [claim.because for claim in claims_of(text, *paths)]


def claims_of(text: str, *paths: str) -> tuple[Claim, ...]:
    return footprint_of(text, *paths or FILES).read_claims


def test_reads_and_mirrors_are_declared_reads() -> None:
    text = "## t: T\n- writes: x.py\n- reads: `docs/*.md`\n- mirrors: pages/knowledge.py\n"
    assert reads_of(text) == ["reads: docs/*.md", "mirrors: pages/knowledge.py"]


def test_an_import_is_read_if_it_exists() -> None:
    assert reads_of("## t: T\n- writes: x.py\n- imports: data.knowledge, data.clay\n") == ["imports: data.knowledge"]


def test_a_package_is_not_read_where_only_its_modules_are_imported() -> None:
    files = ("data/__init__.py", "data/knowledge.py")
    text = "## t: T\n- writes: x.py\n- imports: "
    assert [claim.text for claim in claims_of(f"{text}`from data import knowledge`\n", *files)] == ["data/knowledge.py"]
    both = [claim.text for claim in claims_of(f"{text}`from data import knowledge, LEVELS`\n", *files)]
    assert both == ["data/__init__.py", "data/knowledge.py"]


def test_what_the_instructions_read_or_run_is_named() -> None:
    text = "## t: T\n- writes: x.py\n\nFollow `docs/style.md`. Run `tools/lint.py`. Leave `data/knowledge.py` alone.\n"
    assert [claim.text for claim in claims_of(text)] == ["docs/style.md", "tools/lint.py"]


def test_a_named_path_that_the_task_writes_or_imports_is_said_better_by_those_fields() -> None:
    text = """\
## t: T
- writes: pages/clay.py
- imports: data.clay

Import the entries from `data/clay.py`. Check `pages/clay.py`.
"""
    assert claims_of(text) == ()
