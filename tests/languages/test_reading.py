"""What holds of every language: strangers' files are read without fail, a plan's imports may be written freely."""

import resource
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Import, Language, Resolution, Source, language_of, read_source, statements
from agent_server.languages.parsing import MOST_BYTES

SOURCES = {
    "go": """
        package shop
        import (
            "fmt"
            data "example.com/shop/data"
        )
        type Cart struct { Items []data.Item }
        func New() *Cart { fmt.Println(`x`); return &Cart{} }
        """,
    "java": """
        package com.shop;
        import com.shop.data.Item;
        import static com.shop.Tools.*;
        public class Cart<T extends Item> { public static void main(String[] a) { run(() -> "x"); } }
        """,
    "python": """
        from __future__ import annotations
        import data.clay as clay, os
        from .wiki import (entries, Hub as H)
        __all__ = ["Cart"] + clay.__all__
        @register
        class Cart:
            async def total(self): return f"{sum(x for x in clay.entries)!r}"
        if os.name == "nt": from . import windows
        """,
    "rust": """
        use crate::data::{self, Item, maps::*};
        mod wiki;
        pub use wiki::entries as all;
        pub struct Cart<'a> { items: Vec<&'a Item> }
        impl Cart<'_> { pub fn total(&self) -> usize { self.items.iter().map(|x| x.0).sum() } }
        """,
    "typescript": """
        import wiki, { type Entry as E } from "./wiki";
        export * from "@/data";
        export const { a, b: [c] } = require("./parts"), d = <T,>(x: T) => `${x}`;
        export default class Cart extends Base<E> { total = () => import("./total").then(({ sum }) => sum(wiki)); }
        """,
}
"""A small source of every language."""

ODD = [
    "",
    "\0",
    "\ud800",
    "\ufeff",
    "import",
    "from",
    "use",
    "export",
    "(",
    "{",
    "[",
    '"',
    "`",
    "'''",
    "/*",
    "\r\n",
    "=>",
    "::",
]

languages = st.sampled_from([*LANGUAGES.values()])


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Language, str]:
    """A source of which parts were cut out, doubled or replaced by something odd."""
    language = draw(languages)
    text = dedent(SOURCES[language.id])
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        put = draw(st.sampled_from([*ODD, text[start:end] * 2]))
        text = text[:start] + put + text[end:]
    return language, text


def reads(language: Language, text: str) -> Source:
    """What is read of the text by all endings of the language; every part of it must be a name."""
    found = [language.read(f"folder/file{ending}", text) for ending in language.endings]
    for source in found:
        assert all(each.module and isinstance(each.names, tuple) for each in source.imports)
    return found[0]


@given(languages, st.text())
def test_any_text_is_read(language: Language, text: str) -> None:
    reads(language, text)


@given(mutated())
def test_broken_sources_are_read(broken: tuple[Language, str]) -> None:
    reads(*broken)


@given(mutated(), st.sampled_from(["", "a/b/c.x", "x"]))
def test_whatever_is_read_is_resolved_within_the_workspace(broken: tuple[Language, str], importer: str) -> None:
    language, text = broken
    files = Tree([f"a/b/file{ending}" for ending in language.endings])
    layout = language.layout(files, {})
    for each in language.read("a/b/c.x", text).imports:
        for file in layout.resolve(each.module, importer, files).files:
            assert not file.startswith(("/", "../"))
            assert "/../" not in file


@given(languages, st.text(), st.text(max_size=20))
def test_any_manifest_and_any_module_is_survived(language: Language, text: str, module: str) -> None:
    texts = {f"folder/{name}": text for name in language.manifests}
    files = Tree(texts)
    found = language.layout(files, texts).resolve(module, "folder/file", files)
    assert isinstance(found, Resolution)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=[*LANGUAGES])
@pytest.mark.parametrize(
    "unit", ["(", "[", "{", "a(", "x.", "a,", '"', "`${", "/*", "if (a) ", "-", "\n", "\0", "import a\n"]
)
def test_nesting_without_end_is_read(language: Language, unit: str) -> None:
    reads(language, unit * 5_000)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=[*LANGUAGES])
def test_the_head_of_an_endless_source_is_read(language: Language) -> None:
    head = dedent(SOURCES[language.id])
    source = language.read(f"file{language.endings[-1]}", head + "\n" * MOST_BYTES + "\n(" * 1000)
    assert {each.module for each in language.read(f"file{language.endings[-1]}", head).imports} <= {
        each.module for each in source.imports
    }


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "python"),
        ("b.pyi", "python"),
        ("types.d.ts", "typescript"),
        ("page.test.tsx", "typescript"),
        ("App.vue", "typescript"),
        ("main.go", "go"),
        ("lib.rs", "rust"),
        ("Cart.java", "java"),
        ("a.py/notes", None),
        ("py", None),
        ("README.md", None),
        ("", None),
    ],
)
def test_a_language_is_known_by_the_ending(path: str, language: str | None) -> None:
    found = language_of(path)
    assert (found and found.id) == language


def test_a_source_of_no_language_is_not_read() -> None:
    assert read_source("README.md", "import a") is None
    assert read_source("a.py", "import a") == Source((Import("a"),), ("a",))


class TestStatements:
    @pytest.mark.parametrize(
        ("written", "imports"),
        [
            ("data.clay", (Import("data.clay"),)),
            (" `data.clay` ", (Import("data.clay"),)),
            (".wiki", (Import(".wiki"),)),
            ("src/data/clay.py", (Import("src/data/clay.py"),)),
            ("import data.clay", (Import("data.clay"),)),
            (
                "from data.clay import entries;",
                (Import("data.clay", ("entries",)), Import("data.clay.entries", (), True)),
            ),
            ("data.clay:entries", (Import("data.clay", ("entries",)), Import("data.clay.entries", (), True))),
            ("data.clay (entries)", (Import("data.clay", ("entries",)), Import("data.clay.entries", (), True))),
            ("data.{clay, wiki}", statements("from data import clay, wiki", LANGUAGES["python"])),
            ("data.clay import entries", statements("from data.clay import entries", LANGUAGES["python"])),
            ("data/clay.py::entries", (Import("data/clay.py", ("entries",)),)),
            ("data.clay as clay", (Import("data.clay"),)),
            ("two words", (Import("two words"),)),
            ("", ()),
            (";", ()),
        ],
    )
    def test_in_python(self, written: str, imports: tuple[Import, ...]) -> None:
        assert statements(written, LANGUAGES["python"]) == imports

    @pytest.mark.parametrize(
        ("written", "imports"),
        [
            ("@/data/clay", (Import("@/data/clay"),)),
            ("'./clay.js';", (Import("./clay.js"),)),
            ('import { a, b as c } from "@/x";', (Import("@/x", ("a", "b")),)),
            ("import X from './x'", (Import("./x", ("default",)),)),
            ("import type { T } from '../t'", (Import("../t", ("T",)),)),
            ('export * from "./all"', (Import("./all"),)),
            ("const { a } = require('./a')", (Import("./a", ("a",)),)),
        ],
    )
    def test_in_typescript(self, written: str, imports: tuple[Import, ...]) -> None:
        assert statements(written, LANGUAGES["typescript"]) == imports

    @pytest.mark.parametrize(
        ("language", "written", "module"),
        [
            ("rust", "use crate::data::{entries, maps};", "crate::data"),
            ("rust", "use crate::data::entries", "crate::data"),
            ("rust", "crate::data::entries", "crate::data::entries"),
            ("java", "import com.shop.Cart;", "com.shop.Cart"),
            ("java", "import com.shop.Cart", "com.shop.Cart"),
            ("java", "com.shop.Cart", "com.shop.Cart"),
            ("go", 'import "example.com/shop/data"', "example.com/shop/data"),
            ("go", '"example.com/shop/data"', "example.com/shop/data"),
        ],
    )
    def test_in_the_others(self, language: str, written: str, module: str) -> None:
        assert module in [each.module for each in statements(written, LANGUAGES[language])]


@pytest.mark.parametrize("path", ["a.ts", "a.tsx", "a.js", "A.java", "a.go", "a.rs", "a.py"])
@pytest.mark.parametrize("piece", ["a=>", "a<b,", "[..a", "(=>a", "a=*", "[>a", "|a="])
def test_an_expression_without_end_takes_no_memory(path: str, piece: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read_source(path, piece * 20_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB; unlimited it is tens of GiB
