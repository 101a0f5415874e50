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
            *("A", "LIMIT", "MORE", "shared", "run", "make", "Builder", "Builder.deep"),
            *("Draw", "SIZE", "draw"),
            *("Kind", "ONE", "TWO", "act"),
            *("Point", "x", "y"),
            *("Marked", "value"),
        )

    def test_of_nested_types_have_their_own_members(self) -> None:
        text = """
            class A {
                enum Kind { ONE; public void act() {} class Deep { static int HERE; } }
                static class Open extends B { static int LIMIT; }
                private enum Hidden { TWO }
            }
            """
        nested = ("Kind", "Kind.ONE", "Kind.act", "Kind.Deep", "Kind.Deep.HERE", "Open", "Open.*", "Open.LIMIT")
        assert read(text).exports == ("A", *nested)

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

    def test_may_break_the_custom_of_capitals(self) -> None:
        files = ("src/com/x/App/Store.java", "src/com/x/small.java")
        assert resolve("com.x.App.Store", files[0], *files).files == (files[0],)
        assert resolve("com.x.small", files[0], *files).files == (files[1],)
        assert resolve("com.x.small.Inner", files[0], *files) == Resolution((files[1],), ours=True, name="Inner")

    def test_of_one_name_in_two_modules_the_own_one_comes_first(self) -> None:
        files = ("a/src/main/java/com/x/Main.java", "b/src/main/java/com/x/Main.java", "b/src/main/java/com/x/B.java")
        assert resolve("com.x.Main", files[2], *files).files == (files[1], files[0])

    @pytest.mark.parametrize(
        "module", ["java.util.List", "javax.inject.Inject", "org.junit.Test", "com.y.Store", "Nope", "", "a..B"]
    )
    def test_of_others_are_not_ours(self, module: str) -> None:
        assert not resolve(module, self.FILES[2], *self.FILES).ours

    def test_below_a_package_without_a_domain_that_has_sources_are_ours(self) -> None:
        assert resolve("shop.carts.Cart", "src/shop/Main.java", "src/shop/Main.java", "src/shop/cart/A.java").ours
        assert not resolve("shop.carts.Cart", "src/shop/cart/A.java", "src/shop/cart/A.java").ours
        assert not resolve("com.carts.Cart", "src/com/Main.java", "src/com/Main.java").ours

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
    def test_sources_among_resources_are_data(self) -> None:
        data = "src/test/resources/fixtures/com/x/app/Made.java"
        assert resolve("com.x.app.New", data, APP, data) == Resolution()
        assert not resolve("org.y.app.New", APP, APP, data.replace("com/x", "org/y")).ours

    def test_a_type_may_come_from_a_schema(self) -> None:
        files = (APP, "src/main/proto/shop.proto")
        assert resolve("com.x.shop.CartProto", APP, *files) == Resolution()

    def test_or_from_a_source_of_another_language(self) -> None:
        trace = resolve("com.x.app.Cart", APP, APP).traces[0]
        assert trace.words == ("cart", "com", "x", "app")
        assert trace.may_be("src/main/kotlin/com/x/app/Types.kt")
        assert trace.may_be("src/main/kotlin/app/Types.kt")
        assert trace.may_be("src/main/kotlin/Types.kt")
        assert not trace.may_be("src/main/scala/com/x/scala/Types.scala")
        assert not trace.may_be("src/main/kotlin/com/x/web/Types.kt")
        assert not trace.may_be("src/main/kotlin/com/x/web/app/Types.kt")
        assert not trace.may_be("src/main/java/com/x/app/Types.java")

    def test_a_source_in_kotlin_is_found_as_one_in_java(self) -> None:
        kotlin = "src/main/kotlin/com/x/app/Prices.kt"
        assert resolve("com.x.app.Prices", APP, APP, kotlin) == Resolution((kotlin,), ours=True)
        assert resolve("com.x.app.PricesKt.round", APP, APP, kotlin) == Resolution((kotlin,), ours=True, name="round")
        assert resolve("com.x.app.Cart", APP, APP, "src/main/kotlin/com/x/app/New.kt").files == (
            "src/main/java/com/x/app/Cart.java",
            "src/main/kotlin/com/x/app/Cart.kt",
        )

    @pytest.mark.parametrize(
        ("schema", "made"),
        [
            ("cart_service.proto", "CartServiceGrpc"),
            ("CartService.proto", "CartServiceOuterClass"),
            ("CartService.g4", "CartServiceBaseListener"),
            ("cart-service.xsd", "CartServicePortType"),
        ],
    )
    def test_a_schema_is_found_by_the_name_of_what_is_made_from_it(self, schema: str, made: str) -> None:
        for name in ("CartService", made):
            assert resolve(f"com.x.app.{name}", APP, APP, schema) == Resolution((schema,))
        assert resolve("com.x.app.CartServices", APP, APP, schema).ours

    def test_a_schema_makes_no_service_of_what_it_is_called(self) -> None:
        assert resolve("com.x.app.CartService", APP, APP, "cart.proto").ours

    def test_a_schema_or_a_generator_may_fill_a_package_of_its_own(self) -> None:
        found = resolve("com.x.app.proto.Cart", APP, APP)
        assert any(trace.words == ("x", "app", "proto") for trace in found.traces)
        assert found.unless_imported == ("com.x.app.proto.",)
        assert resolve("com.x.app.Cart", APP, APP).unless_imported == ()
        assert resolve("com.x.app.proto.*", APP, APP).unless_imported == ("com.x.app.proto.",)

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

    def test_or_by_processors_of_its_own(self) -> None:
        processing = {"build_gradle": "annotationProcessor(auto)"}
        unless = ("com.x.app.Cart", "javax.annotation.processing.AbstractProcessor")
        assert resolve("com.x.app.Cart", APP, APP, **processing).unless_imported == unless
        assert resolve("com.x.app.Cart", APP, APP, build_gradle="implementation(batch)").unless_imported == ()

    def test_a_generator_may_fill_a_package_that_has_tests_alone(self) -> None:
        gradle = "plugins { id('org.openapi.generator') }"
        test = "src/test/java/com/x/app/api/PetTest.java"
        assert not resolve("com.x.app.api.Pet", APP, APP, test, build_gradle=gradle).ours
        assert resolve("com.x.app.api.Pet", APP, APP, test, test.replace("PetTest", "Pets"), build_gradle=gradle).ours

    def test_a_library_may_have_a_package_that_the_workspace_adds_to(self) -> None:
        own = "src/main/java/com/google/android/material/Mine.java"
        gradle = "implementation('com.google.android.material:material:1.9')"
        found = resolve("com.google.android.material.Bar", own, own, build_gradle=gradle)
        assert found.unless_imported == ("com.google.android.material.Bar",)

    def test_lombok_adds_members(self) -> None:
        made = ("builder", "ABuilder", "ABuilderImpl", "Fields")
        assert read("import lombok.Builder; @Builder class A {}").exports == ("A", *made)
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
