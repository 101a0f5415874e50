from agent_server.analysis.model import Source, WriteSet
from tests.analysis.analysed import footprint_of


def writes_of(text: str, *paths: str) -> WriteSet:
    return footprint_of(text, *paths).writes


def test_declared_globs_are_spelled_out_over_the_files_that_exist() -> None:
    writes = writes_of("## t: T\n- writes: `src/*.py`, `!src/b.py`, new/a.py\n", "src/a.py", "src/b.py", "src/c.py")
    assert [(entry.path, entry.exists) for entry in writes.entries] == [
        ("src/a.py", True),
        ("src/c.py", True),
        ("new/a.py", False),
    ]
    assert all(entry.source is Source.DECLARED and entry.confidence == 1 for entry in writes.entries)
    assert writes.entries[0].because == "writes: src/*.py"


def test_the_set_holds_files_that_do_not_exist_yet() -> None:
    writes = writes_of("## t: T\n- writes: `src/*.py`, `!src/b.py`\n", "src/a.py")
    assert writes.paths.matches("src/later.py")
    assert not writes.paths.matches("src/b.py")


def test_a_glob_that_matches_nothing_yet_stays_a_glob() -> None:
    writes = writes_of("## t: T\n- writes: `src/auth/`, `docs/**/*.md`\n", "src/a.py")
    assert [(entry.path, entry.exists) for entry in writes.entries] == [("src/auth/", False), ("docs/**/*.md", False)]


def test_braces_spell_out_files_that_exist_and_files_that_do_not() -> None:
    writes = writes_of("## t: T\n- writes: `src/{a,b}.py`\n", "src/a.py")
    assert [(entry.path, entry.exists) for entry in writes.entries] == [("src/a.py", True), ("src/b.py", False)]


def test_what_is_excepted_again_is_no_entry() -> None:
    assert writes_of("## t: T\n- writes: a.py, b.py, !b.py\n").entries[0].path == "a.py"
    assert len(writes_of("## t: T\n- writes: a.py, b.py, !b.py\n").entries) == 1


def test_a_glob_that_matches_a_crowd_stays_one_entry() -> None:
    writes = writes_of("## t: T\n- writes: `src/**`\n", *(f"src/{number}.py" for number in range(501)))
    assert [(entry.path, entry.exists) for entry in writes.entries] == [("src/**", True)]


def test_what_is_declared_is_not_enlarged_by_what_the_instructions_name() -> None:
    writes = writes_of("## t: T\n- writes: a.py\n\nAlso edit `b.py`.\n")
    assert [entry.path for entry in writes.entries] == ["a.py"]


def test_a_task_that_declares_nothing_writes_what_its_title_and_instructions_name() -> None:
    text = "## t: Extend `nav.py`\n\nCreate `pages/clay.py` like `pages/glass.py`.\n"
    writes = writes_of(text, "nav.py")
    assert [(entry.path, entry.exists) for entry in writes.entries] == [("nav.py", True), ("pages/clay.py", False)]
    page = writes.entries[1]
    assert page.source is Source.NAMED
    assert page.confidence < 1
    assert page.because == "“Create `pages/clay.py` like `pages/glass.py`.”"
    assert page.span is not None
    assert page.span.of(text) == "pages/clay.py"


def test_a_named_file_is_found_by_the_end_of_its_path() -> None:
    assert [entry.path for entry in writes_of("## t: T\n\nEdit `nav.py`.\n", "site/nav.py").entries] == ["site/nav.py"]


def test_a_name_that_several_files_bear_names_none_of_them() -> None:
    assert writes_of("## t: T\n\nEdit `nav.py`.\n", "a/nav.py", "b/nav.py").unknown


def test_a_named_directory_means_everything_below_it() -> None:
    writes = writes_of("## t: T\n\nRework src/auth.\n", "src/auth/login.py")
    assert [entry.path for entry in writes.entries] == ["src/auth/login.py"]
    assert writes.paths.matches("src/auth/new.py")


def test_a_task_that_neither_declares_nor_names_anything_is_unknown() -> None:
    assert writes_of("## t: T\n\nMake it nice. Do not touch `nav.py`.\n").unknown


def test_nothing_is_a_declaration() -> None:
    for word in ("nothing", "none", "`nothing`", "Nothing"):
        writes = writes_of(f"## t: T\n- writes: {word}\n\nEdit `a.py`.\n")
        assert not writes.unknown
        assert writes.entries == ()
        assert not writes.paths


def test_a_bad_glob_is_left_out_and_leaves_a_task_unknown_if_it_stands_alone() -> None:
    assert [entry.path for entry in writes_of("## t: T\n- writes: ../up.py, a.py\n").entries] == ["a.py"]
    assert writes_of("## t: T\n- writes: ../up.py\n").unknown
