"""Java: what is read of a file, and which source a type or a package means."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Import, Resolution, Source, statements

JAVA = LANGUAGES["java"]

APP = "src/main/java/com/x/app/App.java"


def read(text: str) -> Source:
    return JAVA.read("A.java", dedent(text))


def sure(text: str) -> list[Import]:
    return [found for found in read(text).imports if not found.perhaps]


def perhaps(text: str) -> list[str]:
    return [found.module for found in read(text).imports if found.perhaps]


def resolve(module: str, importer: str, *paths: str, **manifests: str) -> Resolution:
    """Resolves in a workspace of `paths`; `pom_xml` is the text of `pom.xml`."""
    texts = {name.replace("_", "."): text for name, text in manifests.items()}
    files = Tree((*paths, *texts))
    return JAVA.layout(files, texts).resolve(module, importer, files)


class TestImports:
    def test_of_types_members_and_packages(self) -> None:
        text = """
            package com.x.app;
            import com.x.data.Store;
            import com.x.data.Store.Entry;
            import static com.x.text.Words.count;
            import static com.x.text.Words.LIMIT;
            import static com.x.text.Lines.*;
            import com.x.view.*;
            """
        assert sure(text) == [
            Import("com.x.data.Store"),
            Import("com.x.data.Store.Entry"),
            Import("com.x.text.Words", ("count", "LIMIT")),
            Import("com.x.text.Lines"),
            Import("com.x.view.*"),
        ]

    def test_a_type_without_an_import_may_be_of_the_own_package(self) -> None:
        text = """
            package com.x.app;
            import com.x.data.Store;
            @Marked
            public class App<T> extends Base implements Runnable {
                enum Kind { A }
                static final Limit LIMIT = Limits.of(1);
                Store store; T value; Kind kind; String name;
                Helper.Inner help(Map<Key, App> map) throws Broken {
                    LIMIT.check();
                    Kind.A.name();
                    Factory::create;
                    return new Made();
                }
            }
            """
        names = ["Marked", "Base", "Limit", "Limits", "Helper", "Map", "Key", "Broken", "Factory", "Made"]
        assert perhaps(text) == [f"com.x.app.{name}" for name in names]

    def test_a_type_may_be_spelled_with_its_package(self) -> None:
        assert perhaps("class A { com.x.data.Store<B> store; }") == ["com.x.data.Store"]

    def test_without_a_package_clause_nobody_can_tell(self) -> None:
        assert perhaps("class A { B b; }") == []


class TestExports:
    def test_are_types_with_their_public_methods_and_static_members(self) -> None:
        text = """
            package com.x;
            public class A {
                public static final int LIMIT = 1, MORE = 2;
                static int shared;
                private static int hidden;
                public int field;
                public A() {}
                public void run() {}
                void inner() {}
                static void make() {}
                public static class Builder { public void deep() {} }
                private class Secret {}
            }
            interface Draw { int SIZE = 1; void draw(); private void no() {} }
            enum Kind { ONE, TWO; public void act() {} }
            record Point(int x, int y) {}
            @interface Marked { String value(); }
            """
        assert read(text).package == "com.x"
        assert read(text).exports == (
            *("A", "LIMIT", "MORE", "shared", "run", "make", "Builder"),
            *("Draw", "SIZE", "draw"),
            *("Kind", "ONE", "TWO", "act"),
            *("Point", "x", "y"),
            *("Marked", "value"),
        )

    def test_what_is_inherited_is_passed_on(self) -> None:
        text = """
            package com.x;
            import com.y.Base;
            import java.io.Serializable;
            class A extends Base<B> implements Draw, com.z.Other, Comparable<A>, Serializable {}
            interface Draw extends Base.Inner {}
            """
        assert read(text).passes_on == ("com.y.Base", "com.x.Draw", "com.z.Other", "com.y.Base.Inner")


class TestTypes:
    FILES = (
        "core/src/main/java/com/x/core/Store.java",
        "core/src/test/java/com/x/core/StoreTest.java",
        "web/src/main/java/com/x/web/Page.java",
        "web/src/main/java/com/x/web/api/Api.java",
    )

    @pytest.mark.parametrize(
        ("module", "file", "name"),
        [
            ("com.x.core.Store", "core/src/main/java/com/x/core/Store.java", ""),
            ("com.x.core.Store.Entry", "core/src/main/java/com/x/core/Store.java", "Entry"),
            ("com.x.core.Store.Entry.Key", "core/src/main/java/com/x/core/Store.java", "Entry.Key"),
            ("com.x.core.Store.LIMIT", "core/src/main/java/com/x/core/Store.java", "LIMIT"),
            ("com.x.web.*", "web/src/main/java/com/x/web/", ""),
            ("com.x.web", "web/src/main/java/com/x/web/", ""),
            ("com/x/web/Page.java", "web/src/main/java/com/x/web/Page.java", ""),
            ("com/x/web/Page", "web/src/main/java/com/x/web/Page.java", ""),
            ("web/src/main/java/com/x/web/Page.java", "web/src/main/java/com/x/web/Page.java", ""),
            ("web/src/main/java/com/x/web", "web/src/main/java/com/x/web/", ""),
        ],
    )
    def test_that_exist_are_found_in_any_module(self, module: str, file: str, name: str) -> None:
        assert resolve(module, self.FILES[2], *self.FILES) == Resolution((file,), ours=True, name=name)

    def test_that_do_not_exist_are_expected_in_the_own_module_first(self) -> None:
        assert resolve("com.x.shop.Cart", self.FILES[2], *self.FILES).files == (
            "web/src/main/java/com/x/shop/Cart.java",
            "core/src/main/java/com/x/shop/Cart.java",
            "core/src/test/java/com/x/shop/Cart.java",
        )

    def test_or_beside_their_package(self) -> None:
        found = resolve("com.x.core.Cart", self.FILES[2], *self.FILES)
        assert found.files[0] == "core/src/main/java/com/x/core/Cart.java"
        assert found.ours

    def test_of_tests_are_expected_among_tests(self) -> None:
        found = resolve("com.x.core.CartTest", self.FILES[1], *self.FILES)
        assert found.files[0] == "core/src/test/java/com/x/core/CartTest.java"

    def test_of_one_name_in_two_modules_the_own_one_comes_first(self) -> None:
        files = ("a/src/main/java/com/x/Main.java", "b/src/main/java/com/x/Main.java", "b/src/main/java/com/x/B.java")
        assert resolve("com.x.Main", files[2], *files).files == (files[1], files[0])

    @pytest.mark.parametrize(
        "module", ["java.util.List", "javax.inject.Inject", "org.junit.Test", "com.y.Store", "Nope", "", "a..B"]
    )
    def test_of_others_are_not_ours(self, module: str) -> None:
        assert not resolve(module, self.FILES[2], *self.FILES).ours

    def test_a_package_that_many_share_does_not_make_others_ours(self) -> None:
        files = ("src/main/java/com/google/shop/A.java", "src/main/java/com/google/cart/B.java")
        assert resolve("com.google.common.base.Strings", files[0], *files) == Resolution()
        assert resolve("com.google.shop.New", files[0], *files).ours


class TestRoots:
    @pytest.mark.parametrize(
        ("existing", "expected"),
        [
            ("src/main/java/com/x/A.java", "src/main/java/com/x/New.java"),
            ("app/src/main/java/com/x/A.java", "app/src/main/java/com/x/New.java"),
            ("services/a/src/integrationTest/java/com/x/A.java", "services/a/src/integrationTest/java/com/x/New.java"),
            ("src/com/x/A.java", "src/com/x/New.java"),
            ("com/x/A.java", "com/x/New.java"),
        ],
    )
    def test_are_known_by_the_sources_that_are_there(self, existing: str, expected: str) -> None:
        assert resolve("com.x.New", existing, existing).files[0] == expected

    def test_may_be_named_by_a_manifest(self) -> None:
        pom = "<build><sourceDirectory>code/java</sourceDirectory></build>"
        assert resolve("shop.New", "code/java/shop/A.java", "code/java/shop/A.java", pom_xml=pom).files == (
            "code/java/shop/New.java",
        )
        gradle = 'sourceSets { main { java { srcDirs = ["code/app"] } } }'
        assert resolve("shop.New", "code/app/shop/A.java", "code/app/shop/A.java", build_gradle=gradle).files == (
            "code/app/shop/New.java",
        )

    def test_a_package_becomes_ours_when_a_task_creates_it(self) -> None:
        created = Tree([APP, "src/main/java/org/new/first/A.java"])
        layout = JAVA.layout(Tree([APP]), {})
        assert not layout.resolve("org.new.first.B", APP, Tree([APP])).ours
        assert layout.resolve("org.new.first.B", APP, created).ours


class TestWhatBuildsMake:
    def test_a_type_may_come_from_a_schema(self) -> None:
        files = (APP, "src/main/proto/shop.proto")
        assert resolve("com.x.shop.CartProto", APP, *files) == Resolution()

    def test_or_from_a_source_of_another_language(self) -> None:
        files = (APP, "src/main/kotlin/com/x/app/Types.kt")
        assert resolve("com.x.app.Cart", APP, *files) == Resolution()

    def test_or_from_a_generator_that_the_build_names(self) -> None:
        gradle = 'sourceSets { main { java { srcDirs = ["src/generated/java", "src/main/java"] } } }'
        assert resolve("com.x.message.Data", APP, APP, build_gradle=gradle) == Resolution()
        assert resolve("com.x.app.New", APP, APP, build_gradle=gradle).ours

    def test_or_from_an_annotation(self) -> None:
        assert resolve("com.x.app.DaggerShop", APP, APP) == Resolution()
        assert resolve("com.x.app.databinding.MainBinding", APP, APP) == Resolution()
        assert resolve("com.x.app.OrderMapperImpl", APP, APP) == Resolution()

    def test_or_be_made_from_another_type(self) -> None:
        assert resolve("com.x.app.QApp", APP, APP) == Resolution()
        assert resolve("com.x.app.QOther", APP, APP).ours

    @pytest.mark.parametrize("name", ["ImmutableApp", "AppBuilder"])
    def test_values_and_builders_only_where_the_manifest_names_a_processor(self, name: str) -> None:
        assert resolve(f"com.x.app.{name}", APP, APP).ours
        pom = "<artifactId>record-builder-core</artifactId><groupId>org.immutables</groupId>"
        assert resolve(f"com.x.app.{name}", APP, APP, pom_xml=pom) == Resolution()

    def test_lombok_adds_members(self) -> None:
        assert read("import lombok.Builder; @Builder class A {}").exports == ("A", "*")
        assert read("import lombok.extern.slf4j.Slf4j; @Slf4j class A {}").exports == ("A",)


class TestRelatives:
    """Packages of other projects of the same group."""

    BILL = "src/main/java/com/x/billing/Bill.java"

    @pytest.mark.parametrize(
        ("dependency", "ours"),
        [
            ("<groupId>com.x</groupId><artifactId>money</artifactId>", False),
            ("<groupId>com.x</groupId><artifactId>shop</artifactId>", True),
            ("<groupId>org.other</groupId><artifactId>money</artifactId>", True),
        ],
    )
    def test_come_from_where_the_manifest_says(self, dependency: str, ours: bool) -> None:
        own = "<project><parent><artifactId>base</artifactId></parent><artifactId>shop</artifactId><dependencies>"
        pom = f"{own}<dependency>{dependency}</dependency></dependencies></project>"
        assert resolve("com.x.money.Money", APP, APP, self.BILL, pom_xml=pom).ours is ours
        assert resolve("com.x.app.pages.Page", APP, APP, self.BILL, pom_xml=pom).ours

    @pytest.mark.parametrize(
        "line",
        [
            'implementation("com.x:money:1.0")',
            "implementation 'com.x:money'",
            "implementation group: 'com.x', name: 'money', version: '1.0'",
            'money = { module = "com.x:money", version = "1.0" }',
            'money = { group = "com.x", name = "money" }',
        ],
    )
    def test_are_read_from_gradle_too(self, line: str) -> None:
        files = Tree((APP, self.BILL, "build.gradle"))
        layout = JAVA.layout(files, {"build.gradle": line})
        assert layout.resolve("com.x.money.Money", APP, files) == Resolution()


class TestPlans:
    def test_statements_are_understood(self) -> None:
        assert statements("import com.x.Foo", JAVA) == (Import("com.x.Foo"),)
        assert statements("import static com.x.Foo.bar;", JAVA) == (Import("com.x.Foo", ("bar",)),)

    def test_lead_nowhere_outside(self) -> None:
        assert resolve("../x/A.java", APP, APP) == Resolution()
        assert resolve("/etc/A.java", APP, APP) == Resolution()


FRAGMENTS = [
    "package a.b;",
    "import ",
    "static ",
    "a.B",
    ".*",
    ";",
    "class A {",
    "}",
    "<T",
    "@",
    "enum E {",
    "/*",
    '"',
    "é",
]


SOURCE = """
@N package com.x; /* A comment. */
import static a.b.C.d; import e.f.*; import g.H;
public final class A<T extends B & C.D> extends E.F<T> implements G, h.i.J {
  public static int K = 1, L; enum M { N, O; public void p() {} } record Q(R s) {}
  public <U> V w(X... y) throws Z { return a.b.C.d(E::f, G.h, new I<>() {}); }
}
"""


class TestStrangersFiles:
    @given(st.text())
    def test_any_text_is_read(self, text: str) -> None:
        assert isinstance(JAVA.read("A.java", text), Source)

    @given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
    def test_any_piece_of_a_source_is_read(self, text: str) -> None:
        assert isinstance(JAVA.read("A.java", text), Source)

    @given(st.integers(0, len(SOURCE)), st.integers(0, len(SOURCE)), st.text(max_size=3))
    def test_any_change_of_a_source_is_read(self, start: int, end: int, new: str) -> None:
        assert isinstance(JAVA.read("A.java", f"{SOURCE[:start]}{new}{SOURCE[end:]}"), Source)

    @given(st.text(), st.text(), st.sampled_from(["", APP, "A.java", "x/y/Z.java"]))
    def test_any_manifest_and_module_is_understood(self, module: str, rest: str, importer: str) -> None:
        found = resolve(module, importer, APP, pom_xml=f"<sourceDirectory>{rest}</sourceDirectory>")
        assert not any(file.startswith("../") for file in found.files)

    @given(st.lists(st.sampled_from(["com", "x", "App", "*", "", "app", "/", "New"]), max_size=6))
    def test_any_dotted_name_is_understood(self, segments: list[str]) -> None:
        assert isinstance(resolve(".".join(segments), APP, APP), Resolution)


def test_manifests_of_other_languages_say_nothing() -> None:
    texts = {
        "a/tsconfig.json": '{\n"module": "a"\n}',
        "b/pom.xml": "<sourceDirectory>c</sourceDirectory>",
        "c/go.mod": "module c",
        "d/Cargo.toml": "[",
    }
    files = Tree(("src/com/x/A.java", *texts))
    own = {path: text for path, text in texts.items() if path.rpartition("/")[2] in JAVA.manifests}
    for module in ("com.x.New", "a", ":", "b", "c", "c/x", "d", "crate::b"):
        for importer in ("src/com/x/A.java", "a/x", "b/x", "c/x", "d/x"):
            expected = JAVA.layout(files, own).resolve(module, importer, files)
            assert JAVA.layout(files, texts).resolve(module, importer, files) == expected
