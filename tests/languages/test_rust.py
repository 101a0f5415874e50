"""Rust: what is read of a file, and which file a path of modules means."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Import, Resolution, Source, statements

RUST = LANGUAGES["rust"]

CRATE = {"Cargo.toml": '[package]\nname = "my-app"\nedition = "2021"\n'}


def read(text: str) -> Source:
    return RUST.read("src/a.rs", dedent(text))


def imports(text: str) -> dict[str, tuple[str, ...]]:
    """The modules that are surely imported, with the names that are taken from them."""
    return {found.module: found.names for found in read(text).imports if not found.perhaps}


def resolve(module: str, importer: str, manifests: dict[str, str], *paths: str) -> Resolution:
    files = Tree((*paths, *manifests))
    return RUST.layout(files, {path: dedent(text) for path, text in manifests.items()}).resolve(module, importer, files)


class TestUses:
    def test_trees_are_flattened(self) -> None:
        text = """
            use std::{fmt, io::{self, Read as _, Write}};
            use crate::data::{store::Store, *};
            pub(crate) use super::Entry as Item;
            use ::serde;
            use ::serde::de;
            use ::{core::cell};
            fn f() { ::serde::from(x) }
            """
        assert imports(text) == {
            "std": ("fmt",),
            "std::io": ("Read", "Write"),
            "crate::data::store": ("Store",),
            "crate::data": (),
            "super": ("Entry",),
            "::serde": ("de", "from"),
            "::core": ("cell",),
        }

    def test_a_name_in_small_letters_may_be_a_module(self) -> None:
        assert read("use crate::data::knowledge;").imports == (
            Import("crate::data", ("knowledge",)),
            Import("crate::data::knowledge", perhaps=True),
        )

    def test_what_follows_a_type_is_no_module(self) -> None:
        assert imports("use crate::shape::Kind::{Round, Square};") == {"crate::shape": ("Kind",)}

    def test_a_module_that_was_taken_whole_is_followed(self) -> None:
        text = """
            use crate::data::store as db;
            use crate::text;
            fn f() -> db::Store { text::words("x"); db::open() }
            """
        found = imports(text)
        assert found["crate::data::store"] == ("Store", "open")
        assert found["crate::text"] == ("words",)

    def test_a_name_that_is_two_modules_leads_to_neither(self) -> None:
        text = """
            fn f() { use crate::port::error; error::NoPort }
            fn g() { use crate::fare::error; error::NoFare }
            """
        assert imports(text) == {"crate::port": ("error",), "crate::fare": ("error",)}

    def test_of_older_editions(self) -> None:
        assert imports("extern crate serde as s;") == {"serde": ()}


class TestModules:
    def test_a_declaration_imports_the_file(self) -> None:
        text = """
            pub mod store;
            mod text { mod words; }
            cfg_if! { if #[cfg(unix)] { mod unix; mod bsd { fn f() { "}" } mod aio; } mod all; } }
            """
        assert list(imports(text)) == [
            *("self::store", "self::text::words", "self::unix", "self::bsd::aio", "self::all"),
        ]  # fmt: skip

    def test_the_path_attribute_names_the_file(self) -> None:
        text = """
            #[cfg(unix)]
            #[path = "sys/unix.rs"]
            mod imp;
            fn f() { imp::start() }
            """
        assert imports(text) == {"./sys/unix.rs": ("start",)}

    @pytest.mark.parametrize(
        "text",
        [
            '#[cfg(unix)] #[path = "a.rs"] mod imp; #[cfg(windows)] #[path = "b.rs"] mod imp; pub use imp::*;',
            '#[cfg_attr(unix, path = "a.rs")] #[cfg_attr(windows, path = "b.rs")] mod imp; pub use imp::*;',
        ],
    )
    def test_one_that_may_be_several_files_may_hold_anything(self, text: str) -> None:
        assert imports(text) == {"./a.rs": (), "./b.rs": ()}
        assert read(text).passes_on == ("self::imp",)
        assert read(text).awaits == ()

    def test_paths_in_a_module_with_a_body_count_from_the_top_of_the_file(self) -> None:
        text = """
            mod disk;
            fn helper() {}
            #[cfg(test)]
            mod tests {
                use super::*;
                use super::disk::Disk;
                use super::super::text;
                fn f() { super::helper(); disk::open(); crate::a::b(); }
            }
            """
        assert imports(text) == {
            "self::disk": ("Disk", "open"),
            "super": ("text",),
            "crate::a": ("b",),
        }

    def test_what_lies_in_the_file_itself_is_not_imported(self) -> None:
        text = """
            mod inner { pub fn f() {} }
            enum Kind { A }
            use self::inner::f;
            use Kind::A;
            fn g() { inner::f(); Kind::A; u32::MAX; Self::new(); std::mem::swap(a, b) }
            """
        assert read(text).imports == ()


class TestPaths:
    def test_in_types_patterns_expressions_and_macros(self) -> None:
        text = r"""
            fn f(x: &crate::a::A<super::B>) -> Result<(), crate::error::Error> {
                match x { crate::c::C::One => {}, _ => crate::d::run::<u8>() }
                vec![crate::e::E, '"', "crate::no::no \" crate::no::no"]; // crate::no::no
                let x = vec![ /* crate::no::no */
                    /// [`no`](crate::no::no)
                ];
                serde_json::to_string(x)
            }
            """
        assert imports(text) == {
            "crate::a": ("A",),
            "crate::error": ("Error",),
            "crate::c": ("C",),
            "crate::d": ("run",),
            "crate::e": ("E",),
            "serde_json": ("to_string",),
            "super": ("B",),
        }

    def test_relative_ones_among_items_that_a_macro_makes_say_nothing(self) -> None:
        text = """
            diesel::table! { use super::sql_types::Kind; ports (id) { kind -> super::sql_types::Kind, } }
            macro_rules! open { () => { super::open(); $crate::shut(); crate::lock() } }
            fn f() { vec![super::here()]; quote! { crate::there::Name }; syn::parse_quote!(crate::there::Name) }
            """
        assert imports(text) == {"crate": ("shut", "lock"), "super": ("here",)}


class TestExports:
    def test_are_the_public_items_at_the_top(self) -> None:
        text = """
            pub mod store;
            pub fn open() {}
            pub(crate) struct Store;
            pub enum Kind { A }
            pub trait Draw { fn draw(); }
            pub type Alias = u8;
            pub const LIMIT: u8 = 1;
            pub static NAME: &str = "";
            pub union Bits { a: u8 }
            fn private() {}
            mod hidden;
            impl Store { pub fn new() {} }
            mod inner { pub fn deep() {} }
            #[macro_export]
            macro_rules! shout { () => {} }
            macro_rules! quiet { () => {} }
            """
        assert read(text).exports == (
            *("store", "open", "Store", "Kind", "Draw", "Alias", "LIMIT", "NAME", "Bits", "shout"),
        )  # fmt: skip

    def test_modules_are_passed_on_by_their_own_names_or_others(self) -> None:
        text = "pub use ferry_core as core; pub use ferry_store; pub use self::ports::{self, find}; use time::local;"
        assert read(text).leads_to == (
            ("core", "ferry_core"),
            ("ferry_store", "ferry_store"),
            ("ports", "self::ports"),
            ("find", "self::ports::find"),
        )

    @pytest.mark.parametrize(
        ("text", "open_ended"),
        [
            ("#[derive(Debug, Clone, serde::Serialize)] pub struct A;", False),
            ("#[derive(DeriveEntityModel)] pub struct Model;", True),
            ("#[cxx::bridge] mod ffi {}", True),
            ('#[cfg(test)] #[doc = "x"] mod tests { #[rstest] fn a() {} }', False),
            ('include!(concat!(env!("OUT_DIR"), "/table.rs"));', True),
            ('pub mod known { include!("table.rs"); }', False),
            ("diesel::table! { readings (id) { id -> Integer, } }", False),
        ],
    )
    def test_are_open_where_macros_and_derives_make_names(self, text: str, open_ended: bool) -> None:
        assert ("*" in read(text).exports) is open_ended

    @pytest.mark.parametrize(
        "text",
        [
            "#[derive(Builder)] pub struct A;",
            '#[cfg_attr(feature = "mock", automock)] #[mockall::automock] pub trait A {}',
        ],
    )
    def test_may_be_called_after_an_item_with_a_macro(self, text: str) -> None:
        assert read(text).makes_from == ("A",)
        assert read(text).exports == ("A",)

    def test_what_is_used_in_public_is_passed_on(self) -> None:
        text = """
            mod store;
            pub use store::{Store, open as start, *};
            pub use crate::text::{self, Words as _};
            pub extern crate core_text as other;
            use crate::hidden::Hidden;
            #[macro_use] mod macros;
            """
        assert read(text).exports == ("other", "Store", "start", "text")
        assert read(text).passes_on == ("self::store",)
        assert read(text).sees == ("self::macros",)

    def test_crates_are_passed_on_as_modules_are(self) -> None:
        source = read("pub extern crate ferry_core as core; pub extern crate log; extern crate serde; pub use core::X;")
        assert source.leads_to == (("core", "ferry_core"), ("log", "log"))
        assert source.exports == ("core", "log", "X")

    def test_modules_with_a_body_are_sources_of_their_own(self) -> None:
        text = """
            pub mod prelude {
                pub use crate::port::*;
                use crate::season::*;
                pub mod nested { pub struct Deep; mod file; }
            }
            mod shapes { pub struct Round; include!("shapes.rs"); }
            pub use shapes::*;
            """
        found = read(text)
        assert found.passes_on == ("self::shapes",)
        assert dict(found.within) == {
            "prelude": Source(exports=("nested",), passes_on=("crate::port",), sees=("crate::season",)),
            "prelude::nested": Source(exports=("Deep",), awaits=("file",)),
            "shapes": Source(exports=("Round", "*")),
        }

    def test_a_glob_in_a_module_with_a_body_means_a_crate_of_that_name(self) -> None:
        found = read("mod fare {} pub mod uncased { pub use uncased::*; pub use super::fare::*; }")
        assert found.at("uncased").passes_on == ("uncased", "self::fare")

    def test_only_modules_below_see_what_is_used_in_private(self) -> None:
        found = read("use crate::port::*; use Kind::*; fn f() { use crate::fare::*; } mod tests { use super::*; }")
        assert found.sees == ("crate::port",)
        assert found.at("tests").sees == ("self",)
        assert found.passes_on == ()

    @pytest.mark.parametrize(
        ("text", "awaits"),
        [
            ("mod a; pub mod b;", ("a", "b")),
            ("mod join; pub use self::join::join;", ("join",)),
            ("cfg_if! { if #[cfg(unix)] { mod unix; } else { mod other; } }", ("unix", "other")),
            ('#[path = "sys/unix.rs"] mod imp;', ()),
            ("#[cfg(unix)] mod imp; #[cfg(not(unix))] mod imp { pub fn f() {} }", ()),
            ("#[cfg(unix)] mod imp; #[cfg(not(unix))] use crate::other as imp;", ()),
            ('cfg_if! { if #[cfg(unix)] { #[path = "unix.rs"] mod imp; } }', ()),
        ],
    )
    def test_modules_that_must_be_files_are_awaited(self, text: str, awaits: tuple[str, ...]) -> None:
        assert read(text).awaits == awaits

    @pytest.mark.parametrize(
        ("text", "makes_from", "open_ended"),
        [
            ("mock! { Store {} }", ("Store",), False),
            ("mock! { Store { pub fn get(); } }", ("Store", "pub", "get"), False),
            ('cfg_net! { pub fn open() { "x" } }', (), False),
            ("git_testament!(BUILT);", ("BUILT",), False),
            ("macro_rules! make { () => { pub fn f() {} } } make!(Store);", (), False),
            ("macro_rules! make { ($x:ident) => { paste! { fn [<$x _f>]() {} } } } make!(Store);", ("Store",), False),
            ("criterion_main!(benches);", (), False),
            ('impl_serde!(Uri, "a URI");', (), False),
            ('export! { "a text" => Uri }', ("text", "Uri"), False),
            ("all_the_tuples!(implement, T1, T2);", ("implement",), False),
            ('i18n!("locales");', (), True),
            ("setup!();", (), True),
            ("macro_rules! setup { () => { other!(); } } setup!();", (), True),
        ],
    )
    def test_a_macro_makes_names_of_its_arguments(
        self, text: str, makes_from: tuple[str, ...], open_ended: bool
    ) -> None:
        found = read(text)
        assert (found.makes_from, "*" in found.exports) == (makes_from, open_ended)

    def test_what_macros_declare(self) -> None:
        text = """
            pin_project! { pub struct Stream { x: u8 } }
            cfg_rt! { pub mod rt; pub use rt::{spawn, Handle}; }
            #[proc_macro_derive(Draw, attributes(draw))]
            pub fn derive_draw(x: T) -> T { x }
            """
        assert read(text).exports == ("Stream", "rt", "Draw", "derive_draw", "spawn", "Handle")


class TestModuleTrees:
    FILES = ("src/lib.rs", "src/data/mod.rs", "src/data/store.rs", "src/text.rs", "src/text/words.rs", "src/main.rs")

    @pytest.mark.parametrize(
        ("module", "importer", "file", "name"),
        [
            ("crate", "src/text.rs", "src/lib.rs", ""),
            ("crate::data", "src/text.rs", "src/data/mod.rs", ""),
            ("crate::data::store", "src/text.rs", "src/data/store.rs", ""),
            ("crate::text::words", "src/data/store.rs", "src/text/words.rs", ""),
            ("crate::data::store::Store", "src/text.rs", "src/data/store.rs", "Store"),
            ("crate::data::store::open", "src/text.rs", "src/data/store.rs", "open"),
            ("crate::Error", "src/text.rs", "src/lib.rs", "Error"),
            ("crate::prelude::Text", "src/text.rs", "src/lib.rs", "prelude::Text"),
            ("self::store", "src/data/mod.rs", "src/data/store.rs", ""),
            ("self::words", "src/text.rs", "src/text/words.rs", ""),
            ("self::text", "src/lib.rs", "src/text.rs", ""),
            ("super::Data", "src/data/store.rs", "src/data/mod.rs", "Data"),
            ("super::super::text::Text", "src/data/store.rs", "src/text.rs", "Text"),
            ("store::Store", "src/data/mod.rs", "src/data/store.rs", "Store"),
            ("my_app::text::Text", "src/main.rs", "src/text.rs", "Text"),
            ("my-app::text", "src/main.rs", "src/text.rs", ""),
            ("crate::data::store", "", "src/data/store.rs", ""),
        ],
    )
    def test_the_longest_part_that_is_a_file_comes_first(
        self, module: str, importer: str, file: str, name: str
    ) -> None:
        found = resolve(module, importer, CRATE, *self.FILES)
        assert (found.files[0], found.name, found.ours) == (file, name, True)

    def test_a_module_that_does_not_exist_may_be_either_file(self) -> None:
        found = resolve("crate::data::clay_wiki", "src/text.rs", CRATE, *self.FILES)
        assert found.files == ("src/data/mod.rs", "src/data/clay_wiki.rs", "src/data/clay_wiki/mod.rs")
        assert found.name == "clay_wiki"

    def test_it_is_found_as_soon_as_it_is_there(self) -> None:
        found = resolve("crate::data::clay_wiki", "src/text.rs", CRATE, *self.FILES, "src/data/clay_wiki.rs")
        assert found == Resolution(("src/data/clay_wiki.rs",), ours=True)

    @pytest.mark.parametrize(
        "module", ["std::io", "core::fmt", "alloc::vec", "serde::Serialize", "::serde", "super::x", "a::", "::", ""]
    )
    def test_others_and_nonsense_are_not_ours(self, module: str) -> None:
        assert resolve(module, "src/lib.rs", CRATE, *self.FILES) == Resolution()

    def test_a_workspace_without_manifests_shows_its_roots(self) -> None:
        assert resolve("crate::data", "crates/x/src/a/b.rs", {}, "crates/x/src/lib.rs").files[-2:] == (
            "crates/x/src/data.rs",
            "crates/x/src/data/mod.rs",
        )


class TestCrates:
    def test_of_tests_examples_and_binaries_are_their_own(self) -> None:
        files = ("src/lib.rs", "tests/api.rs", "tests/common/mod.rs", "examples/show/main.rs", "src/bin/tool/main.rs")
        assert resolve("self::common", "tests/api.rs", CRATE, *files).files == ("tests/common/mod.rs",)
        assert resolve("crate::view", "examples/show/main.rs", CRATE, *files).files == (
            *("examples/show/main.rs", "examples/show/view.rs", "examples/show/view/mod.rs"),
        )  # fmt: skip
        assert resolve("crate::args::Args", "src/bin/tool/main.rs", CRATE, *files).files[1] == "src/bin/tool/args.rs"
        assert resolve("my_app::Api", "tests/api.rs", CRATE, *files).files == ("src/lib.rs",)

    def test_a_test_that_is_called_like_its_package_is_no_module(self) -> None:
        files = ("src/lib.rs", "src/cart.rs", "tests/my_app.rs", "tests/cart.rs")
        assert resolve("my_app::cart::Cart", "tests/my_app.rs", CRATE, *files).files == ("src/cart.rs",)
        assert resolve("my_app::cart::Cart", "tests/cart.rs", CRATE, *files).files == ("src/cart.rs",)
        assert resolve("cart::Cart", "tests/my_app.rs", CRATE, *files).files == ("tests/cart.rs",)

    @pytest.mark.parametrize("folder", ["crates/shop-carts", "crates/carts", "shop_carts"])
    def test_of_packages_to_come_are_known_by_their_folders(self, folder: str) -> None:
        manifests = {
            "Cargo.toml": '[workspace]\nmembers = ["crates/*"]',
            "crates/api/Cargo.toml": '[package]\nname = "shop-api"\n[dependencies]\nserde = "1"',
        }
        files = (*manifests, "crates/api/src/main.rs", f"{folder}/Cargo.toml", f"{folder}/src/line.rs")
        found = resolve("shop_carts::line::Line", "crates/api/src/main.rs", manifests, *files)
        assert (found.files[0], found.name) == (f"{folder}/src/line.rs", "Line")
        assert resolve("crate::line", f"{folder}/src/lib.rs", manifests, *files).files == (f"{folder}/src/line.rs",)
        assert resolve("shop_wagons::Line", "crates/api/src/main.rs", manifests, *files) == Resolution()

    def test_roots_may_lie_anywhere(self) -> None:
        manifests = {
            "Cargo.toml": """
                [package]
                name = "rg"
                build = "build/main.rs"
                [lib]
                name = "grep"
                path = "lib/grep.rs"
                [[bin]]
                name = "rg"
                path = "crates/core/main.rs"
                """
        }
        files = (
            "crates/core/main.rs",
            "crates/core/flags.rs",
            "lib/grep.rs",
            "lib/line.rs",
            "build/main.rs",
            "build/x.rs",
        )
        assert resolve("crate::flags", "crates/core/main.rs", manifests, *files).files == ("crates/core/flags.rs",)
        assert resolve("grep::line", "crates/core/main.rs", manifests, *files).files == ("lib/line.rs",)
        assert resolve("self::x", "build/main.rs", manifests, *files).files == ("build/x.rs",)

    def test_of_a_workspace_see_each_other(self) -> None:
        manifests = {
            "Cargo.toml": """
                [workspace]
                members = ["crates/*"]
                [workspace.dependencies]
                app-text = { path = "crates/text" }
                log = "0.4"
                """,
            "crates/app/Cargo.toml": """
                [package]
                name = "app"
                [dependencies]
                app-text.workspace = true
                log.workspace = true
                db = { path = "../store", package = "app-store" }
                time = "0.3"
                [target.'cfg(unix)'.dependencies]
                sys = { path = "../sys" }
                """,
            "crates/text/Cargo.toml": '[package]\nname = "app-text"\n',
            "crates/store/Cargo.toml": '[package]\nname = "app-store"\n',
            "crates/sys/Cargo.toml": '[package]\nname = "sys"\n[lib]\nname = "app_sys"\n',
            "crates/time/Cargo.toml": '[package]\nname = "time"\n',
        }
        files = [f"crates/{name}/src/lib.rs" for name in ("app", "text", "store", "sys", "time")]

        def first(module: str) -> str | None:
            return next(iter(resolve(module, "crates/app/src/lib.rs", manifests, *files).files), None)

        assert first("app_text::Words") == "crates/text/src/lib.rs"
        assert first("db::Store") == "crates/store/src/lib.rs"
        assert first("app_sys::x") == "crates/sys/src/lib.rs"
        assert first("app_store::Store") == "crates/store/src/lib.rs"
        assert first("log::info") is None
        assert first("time::Time") is None

    def test_a_patch_replaces_what_a_registry_has(self) -> None:
        manifests = {
            "Cargo.toml": '[workspace]\n[patch.crates-io]\ntime = { path = "time" }\n',
            "app/Cargo.toml": '[package]\nname = "app"\n[dependencies]\ntime = "1"\n',
            "time/Cargo.toml": '[package]\nname = "time"\n',
        }
        files = ("app/src/lib.rs", "time/src/lib.rs")
        assert resolve("time::Time", "app/src/lib.rs", manifests, *files).files == ("time/src/lib.rs",)

    def test_a_broken_manifest_says_nothing(self) -> None:
        assert resolve(
            "crate::a", "x/src/lib.rs", {"x/Cargo.toml": "[package"}, "x/src/lib.rs", "x/src/a.rs"
        ).files == ("x/src/a.rs",)


class TestPlans:
    @pytest.mark.parametrize(
        ("spelled", "file"),
        [
            ("src/data.rs", "src/data.rs"),
            ("src/data", "src/data.rs"),
            ("crate::data::*", "src/data.rs"),
            ("crate::data::{A, B}", "src/data.rs"),
            ("data::A", "src/data.rs"),
        ],
    )
    def test_may_spell_a_module_in_other_ways(self, spelled: str, file: str) -> None:
        assert resolve(spelled, "src/lib.rs", CRATE, "src/lib.rs", "src/data.rs").files[0] == file

    def test_lead_nowhere_outside(self) -> None:
        assert resolve("../../x.rs", "src/lib.rs", CRATE) == Resolution()
        assert resolve("/etc/x.rs", "src/lib.rs", CRATE) == Resolution()

    def test_statements_are_understood(self) -> None:
        expected = (Import("crate::data", ("A", "b")), Import("crate::data::b", perhaps=True))
        assert statements("use crate::data::{A, b}", RUST) == expected
        assert statements("crate::data::{A, b}", RUST) == expected


FRAGMENTS = [
    "use ",
    "a::{",
    "}",
    "mod x",
    ";",
    "{",
    "pub ",
    "crate::",
    '#[path = "',
    "m!(",
    "'",
    '"',
    "super::",
    "::",
    "*",
    "é",
]


SOURCE = """
#[macro_use] extern crate log as l;
#[cfg_attr(unix, path = "unix.rs")] pub(crate) mod imp;
pub use self::imp::{self, Store as S, *};
use ::std::{io::{Read, Write as _}, fmt};
mod tests { use super::super::*; fn f() { crate::a::<B>::c("::", 'x'); m!(crate::d::E; "a\\"b" super::f); } }
pin_project! { pub struct P { x: Vec<crate::g::H> } }
"""


class TestStrangersFiles:
    @given(st.text())
    def test_any_text_is_read(self, text: str) -> None:
        assert isinstance(RUST.read("a.rs", text), Source)

    @given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
    def test_any_piece_of_a_source_is_read(self, text: str) -> None:
        assert isinstance(RUST.read("a.rs", text), Source)

    @given(st.integers(0, len(SOURCE)), st.integers(0, len(SOURCE)), st.text(max_size=3))
    def test_any_change_of_a_source_is_read(self, start: int, end: int, new: str) -> None:
        assert isinstance(RUST.read("a.rs", f"{SOURCE[:start]}{new}{SOURCE[end:]}"), Source)

    @given(st.text(), st.text(), st.sampled_from(["", "src/lib.rs", "a.rs", "tests/x/y.rs", "build.rs"]))
    def test_any_manifest_and_module_is_understood(self, module: str, rest: str, importer: str) -> None:
        found = resolve(module, importer, {"Cargo.toml": f'[package]\nname = "x"\n{rest}'})
        assert not any(file.startswith(("../", "/")) for file in found.files)

    @given(st.lists(st.sampled_from(["crate", "self", "super", "a", "B", "", "*", "x"]), max_size=6))
    def test_any_path_of_modules_is_understood(self, segments: list[str]) -> None:
        assert isinstance(resolve("::".join(segments), "src/a/x.rs", CRATE, "src/lib.rs", "src/a.rs"), Resolution)

    def test_manifests_may_hold_anything(self) -> None:
        text = 'package = 1\nlib = []\nbin = {}\ndependencies = "x"\n[target]\nx = 1\n[patch]\ny = 2\n'
        assert resolve("crate::a", "src/b.rs", {"Cargo.toml": text}).ours


def test_manifests_of_other_languages_say_nothing() -> None:
    texts = {
        "a/tsconfig.json": '{\n"module": "a"\n}',
        "b/pom.xml": "<sourceDirectory>c</sourceDirectory>",
        "c/go.mod": "module c",
        "d/Cargo.toml": "[",
    }
    files = Tree(("src/lib.rs", *texts))
    own = {path: text for path, text in texts.items() if path.rpartition("/")[2] in RUST.manifests}
    for module in ("crate::a", "a", ":", "b", "c", "c/x", "d", "crate::b"):
        for importer in ("src/lib.rs", "a/x", "b/x", "c/x", "d/x"):
            expected = RUST.layout(files, own).resolve(module, importer, files)
            assert RUST.layout(files, texts).resolve(module, importer, files) == expected
