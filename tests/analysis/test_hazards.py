"""Which pairs of tasks may not run at once, or not in any order."""

from agent_server.analysis.model import Analysis, HazardKind
from tests.analysis.analysed import analysed


def conflicts(analysis: Analysis) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(found.first, found.second, found.paths) for found in analysis.conflicts]


def waits(analysis: Analysis) -> list[tuple[str, str, str]]:
    """Each task, what it waits for, and the file it waits for."""
    return [(found.task, found.on, found.path) for found in analysis.dependencies]


class TestWriteConflicts:
    def test_two_tasks_that_write_one_file_conflict_and_each_place_is_shown(self) -> None:
        analysis = analysed("## a: A\n- writes: nav.py, a.py\n\n## b: B\n- writes: `*.py`, `!a.py`\n")
        (found,) = analysis.conflicts
        assert found.kind is HazardKind.WRITE_CONFLICT
        assert conflicts(analysis) == [("a", "b", ("nav.py",))]
        assert found.first_spans[0].of(analysis.plan.text) == "nav.py"
        assert found.second_spans[0].of(analysis.plan.text) == "*.py"

    def test_globs_may_meet_in_a_file_that_does_not_exist_yet(self) -> None:
        ((first, second, (example,)),) = conflicts(
            analysed("## a: A\n- writes: `src/**/*.ts`\n\n## b: B\n- writes: `src/app/*`\n")
        )
        assert (first, second) == ("a", "b")
        assert example.startswith("src/app/")
        assert example.endswith(".ts")

    def test_a_file_that_prose_names_conflicts_with_one_that_is_declared(self) -> None:
        analysis = analysed("## a: A\n- writes: nav.py\n\n## b: B\n\nAdd the link to `nav.py`.\n")
        assert conflicts(analysis) == [("a", "b", ("nav.py",))]

    def test_a_pair_that_needs_orders_even_through_others_has_no_conflict(self) -> None:
        analysis = analysed("""
            ## a: A
            - writes: nav.py
            ## b: B
            - writes: b.py
            - needs: a
            ## c: C
            - writes: nav.py
            - needs: b
        """)
        assert conflicts(analysis) == []

    def test_tasks_that_are_done_or_skipped_take_no_part(self) -> None:
        analysis = analysed("""
            ## a: A
            - writes: nav.py
            - status: done
            ## b: B
            - writes: nav.py
            - status: skip
            ## c: C
            - writes: nav.py
            - needs: a
        """)
        assert conflicts(analysis) == []
        assert waits(analysis) == []

    def test_a_task_that_changes_nothing_conflicts_with_nothing(self) -> None:
        analysis = analysed("## a: A\n- writes: nothing\n\nReview `nav.py`.\n\n## b: B\n- writes: nav.py\n")
        assert conflicts(analysis) == []


class TestLocks:
    def test_one_lock_is_held_by_one_task_at_a_time(self) -> None:
        analysis = analysed("""
            ## a: A
            - writes: a.py
            - locks: database, port-3000
            ## b: B
            - writes: b.py
            - locks: port-3000, database
            ## c: C
            - writes: c.py
            - locks: gpu
        """)
        (found,) = analysis.conflicts
        assert found.kind is HazardKind.LOCK_CONFLICT
        assert (found.first, found.second, found.paths) == ("a", "b", ("database", "port-3000"))
        assert found.second_spans[0].of(analysis.plan.text) == "database"


class TestOutputDependencies:
    def test_a_reader_comes_after_the_task_before_it_that_changes_the_file(self) -> None:
        analysis = analysed("## a: A\n- writes: x.py\n\n## b: B\n- writes: y.py\n- reads: x.py\n", ("x.py",))
        assert waits(analysis) == [("b", "a", "x.py")]
        assert analysis.dependencies[0].because == "reads: x.py, and `a` changes `x.py`"

    def test_a_reader_before_the_task_that_changes_the_file_reads_the_old_version(self) -> None:
        assert waits(analysed("## b: B\n- writes: y.py\n- reads: x.py\n\n## a: A\n- writes: x.py\n", ("x.py",))) == []

    def test_a_reader_of_a_file_that_is_not_there_comes_after_its_creator_wherever_it_stands(self) -> None:
        analysis = analysed("## b: B\n- writes: y.py\n- reads: x.py\n\n## a: A\n- writes: x.py\n")
        assert waits(analysis) == [("b", "a", "x.py")]
        assert analysis.dependencies[0].because == "reads: x.py, and `a` creates `x.py`"

    def test_a_task_that_spells_a_missing_file_out_is_its_creator_before_any_glob(self) -> None:
        analysis = analysed("""
            ## reader: R
            - writes: y.py
            - reads: src/x.py
            ## wide: W
            - writes: `src/**`
            - needs: exact
            ## exact: E
            - writes: src/x.py
        """)
        assert ("reader", "exact", "src/x.py") in waits(analysis)
        assert not any(task == "reader" and on == "wide" for task, on, _ in waits(analysis))

    def test_a_glob_read_waits_for_files_that_tasks_before_it_create(self) -> None:
        text = """
            ## page: P
            - writes: src/app/clay/page.tsx
            ## nav: N
            - writes: nav.tsx
            - reads: `src/app/**/page.tsx`
            ## late: L
            - writes: src/app/late/page.tsx
        """
        assert waits(analysed(text, ("src/app/old/page.tsx",))) == [("nav", "page", "src/app/clay/page.tsx")]

    def test_a_glob_read_that_matches_nothing_yet_waits_for_every_creator(self) -> None:
        text = "## n: N\n- writes: nav.py\n- reads: `pages/*.py`\n\n## p: P\n- writes: pages/a.py\n"
        assert waits(analysed(text)) == [("n", "p", "pages/a.py")]

    def test_mirroring_and_importing_a_file_are_reading_it(self) -> None:
        text = """
            ## a: A
            - writes: pages/old.py, data/base.py
            ## b: B
            - writes: pages/new.py
            - mirrors: pages/old.py
            ## c: C
            - writes: c.py
            - imports: data.base
        """
        analysis = analysed(text, ("pages/old.py", "data/base.py"))
        assert waits(analysis) == [("b", "a", "pages/old.py"), ("c", "a", "data/base.py")]

    def test_a_file_that_the_instructions_read_counts_too(self) -> None:
        text = "## a: A\n- writes: x.py\n\n## b: B\n- writes: y.py\n\nBuild it from `x.py`.\n"
        assert waits(analysed(text)) == [("b", "a", "x.py")]

    def test_needs_stand_in_the_order_in_which_they_are_written_each_once(self) -> None:
        text = "## a: A\n- writes: a.py\n\n## b: B\n- writes: b.py\n\n## c: C\n- writes: c.py\n- needs: b, a, b, gone\n"
        assert waits(analysed(text)) == [("c", "b", ""), ("c", "a", "")]

    def test_a_pair_that_needs_orders_is_not_told_twice(self) -> None:
        text = "## a: A\n- writes: x.py\n\n## b: B\n- writes: y.py\n- reads: x.py\n- needs: a\n"
        (found,) = analysed(text).dependencies
        assert (found.kind, found.task, found.on) == (HazardKind.NEEDS, "b", "a")

    def test_an_author_who_puts_the_reader_first_by_needs_means_the_old_version(self) -> None:
        text = "## a: A\n- writes: x.py\n- needs: b\n\n## b: B\n- writes: y.py\n- reads: x.py\n"
        assert waits(analysed(text, ("x.py",))) == [("a", "b", "")]

    def test_fixed_waves_say_who_stands_first(self) -> None:
        text = """
            ## a: A
            - writes: x.py
            - wave: 2
            ## b: B
            - writes: y.py
            - reads: x.py
            - wave: 1
        """
        assert waits(analysed(text, ("x.py",))) == []

    def test_two_tasks_that_need_each_others_new_files_are_a_cycle(self) -> None:
        text = "## a: A\n- writes: x.py\n- reads: y.py\n\n## b: B\n- writes: y.py\n- reads: x.py\n"
        analysis = analysed(text)
        assert [set(cycle) for cycle in analysis.cycles] == [{"a", "b"}]
        assert set(analysis.schedule.unscheduled) == {"a", "b"}


class TestImports:
    MIRROR = "from data.knowledge import KNOWLEDGE, find_knowledge\n"

    def test_an_import_that_nobody_creates_is_missing(self) -> None:
        analysis = analysed("## a: A\n- writes: data/a.py\n- imports: data.clay, requests\n", ("data/__init__.py",))
        (found,) = analysis.imports
        assert (found.task, found.module, found.producer) == ("a", "data.clay", None)
        assert found.span.of(analysis.plan.text) == "data.clay"

    def test_an_import_that_a_mirrored_file_predicts_is_a_contract(self) -> None:
        text = """
            ## hub: Hub
            - writes: pages/clay_wiki/hub.py
            - imports: data.clay_wiki
            - mirrors: `pages/knowledge/*.py`
            ## data: Data
            - writes: data/clay_wiki.py
        """
        analysis = analysed(text, {"pages/knowledge/hub.py": self.MIRROR, "data/knowledge.py": ""})
        (contract,) = analysis.contracts
        assert (contract.task, contract.producer) == ("hub", "data")
        assert (contract.module, contract.path) == ("data.clay_wiki", "data/clay_wiki.py")
        assert contract.names == ("CLAY_WIKI", "find_clay_wiki")
        assert contract.mirror == "pages/knowledge/hub.py"
        assert analysis.imports == ()
        assert analysis.schedule.waves == (("hub", "data"),)

    def test_exports_of_the_producer_are_a_contract_too(self) -> None:
        text = """
            ## data: Data
            - writes: data/clay.py
            - exports: CLAY, find
            ## hub: Hub
            - writes: pages/clay.py
            - imports: data/clay.py
        """
        analysis = analysed(text)
        (contract,) = analysis.contracts
        assert (contract.mirror, contract.names) == (None, ("CLAY", "find"))
        assert analysis.schedule.waves == (("data", "hub"),)

    def test_without_a_contract_the_importer_waits_and_a_finding_says_so(self) -> None:
        text = "## hub: H\n- writes: pages/clay.py\n- imports: data.clay\n\n## data: D\n- writes: `data/*.py`\n"
        analysis = analysed(text)
        assert waits(analysis) == [("hub", "data", "data/clay.py")]
        (found,) = analysis.imports
        assert (found.producer, found.unpredictable) == ("data", "")

    def test_a_mirrored_file_that_does_not_predict_the_import_is_named(self) -> None:
        text = """
            ## hub: Hub
            - writes: pages/clay.py
            - imports: data.clay
            - mirrors: pages/glass.py
            ## data: Data
            - writes: data/clay.py
        """
        analysis = analysed(text, {"pages/glass.py": "from content.glass import GLASS\n"})
        assert waits(analysis) == [("hub", "data", "data/clay.py")]
        (found,) = analysis.imports
        assert found.unpredictable == ("with `glass` → `clay`, the imports of `pages/glass.py` become `content.clay`")

    def test_a_read_of_the_same_file_outweighs_the_contract(self) -> None:
        text = """
            ## data: Data
            - writes: data/clay.py
            - exports: CLAY
            ## hub: Hub
            - writes: pages/clay.py
            - imports: data.clay
            - reads: data/clay.py
        """
        analysis = analysed(text)
        assert analysis.contracts == ()
        assert waits(analysis) == [("hub", "data", "data/clay.py")]

    def test_prose_that_only_repeats_the_import_does_not(self) -> None:
        text = """
            ## data: Data
            - writes: data/clay.py
            - exports: CLAY
            ## hub: Hub
            - writes: pages/clay.py
            - imports: data.clay

            Import `CLAY` from `data/clay.py`.
        """
        analysis = analysed(text)
        assert len(analysis.contracts) == 1
        assert waits(analysis) == []

    def test_an_importer_that_needs_its_producer_needs_nothing_else(self) -> None:
        text = "## d: D\n- writes: data/clay.py\n\n## h: H\n- writes: h.py\n- imports: data.clay\n- needs: d\n"
        analysis = analysed(text)
        assert (analysis.contracts, analysis.imports) == ((), ())
        assert waits(analysis) == [("h", "d", "")]

    def test_an_importer_in_a_later_fixed_wave_simply_waits(self) -> None:
        text = """
            ## d: D
            - writes: data/clay.py
            - wave: 1
            ## h: H
            - writes: h.py
            - imports: data.clay
            - wave: 2
        """
        analysis = analysed(text)
        assert (analysis.contracts, analysis.imports) == ((), ())
        assert waits(analysis) == [("h", "d", "data/clay.py")]

    def test_a_task_may_import_what_it_creates_itself(self) -> None:
        analysis = analysed("## a: A\n- writes: data/a.py, data/b.py\n- imports: data.b\n")
        assert (analysis.imports, analysis.contracts, analysis.dependencies) == ((), (), ())
