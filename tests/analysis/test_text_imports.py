import pytest

from agent_server.analysis.text_imports import imports_in


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('import { entries, type Entry } from "@/data/knowledge";', [("@/data/knowledge", ("entries", "Entry"))]),
        ("import {\n  entries as all,\n} from './knowledge'\n", [("./knowledge", ("entries",))]),
        ('import * as data from "../data"', [("../data", ())]),
        ('import "./style.css";', [("./style.css", ())]),
        ('export { entries } from "./knowledge";', [("./knowledge", ("entries",))]),
        ("const { find, all: every } = require('./knowledge')", [("./knowledge", ("find", "all"))]),
        ('const page = await import("./page.js")', [("./page.js", ())]),
        ('import (\n\t"fmt"\n\tk "site/internal/knowledge"\n)', [("fmt", ()), ("site/internal/knowledge", ())]),
        ('import "site/internal/knowledge"', [("site/internal/knowledge", ())]),
        ("use crate::data::knowledge::{Entry, find};", [("crate::data::knowledge", ("Entry", "find"))]),
        ("import com.site.data.Knowledge;", [("com.site.data.Knowledge", ())]),
        ('#include "data/knowledge.h"', [("data/knowledge.h", ())]),
        ("const x = 'from nowhere';", []),
    ],
)
def test_import_statements_are_found_by_their_text(source: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(found.module, found.names) for found in imports_in(source)] == expected


@pytest.mark.parametrize("piece", ["import ", "import {", "\n", "use a::", "const {", "import (\n", 'import "'])
def test_a_hostile_source_costs_no_more_than_its_length(piece: str) -> None:
    imports_in(piece * 20_000)
