"""Go: what is read of a file, and which package folder an import path means."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Import, Resolution, Source, statements

GO = LANGUAGES["go"]

APP = {"go.mod": "module example.com/app\n\ngo 1.22\n"}


def read(text: str, path: str = "a.go") -> Source:
    return GO.read(path, dedent(text))


def resolve(module: str, importer: str, manifests: dict[str, str], *paths: str) -> Resolution:
    files = Tree((*paths, *manifests))
    return GO.layout(files, {path: dedent(text) for path, text in manifests.items()}).resolve(module, importer, files)


class TestImports:
    def test_single_and_in_blocks(self) -> None:
        text = """
            package a
            import "fmt"
            import (
                "os"
                // A comment.
                `example.com/app/store`
            )
            """
        assert [found.module for found in read(text).imports] == ["fmt", "os", "example.com/app/store"]

    def test_with_the_names_that_are_used(self) -> None:
        text = """
            package a
            import (
                "example.com/app/store"
                s "example.com/app/search"
                . "example.com/app/dsl"
                _ "example.com/app/driver"
            )
            type T struct { *store.Base; all []s.Hit }
            func F(db *store.DB) { store.Open(store.Options{}); s.New[int](); store.private() }
            """
        assert read(text).imports == (
            Import("example.com/app/store", ("Base", "DB", "Open", "Options")),
            Import("example.com/app/search", ("Hit", "New")),
            Import("example.com/app/dsl"),
            Import("example.com/app/driver"),
        )

    @pytest.mark.parametrize(
        ("path", "called"),
        [
            ("example.com/app/store", "store"),
            ("example.com/app/v2", "app"),
            ("gopkg.in/yaml.v3", "yaml"),
            ("github.com/mattn/go-isatty", "isatty"),
            ("example.com/app/data-store", "datastore"),
        ],
    )
    def test_a_package_is_called_as_its_path_suggests(self, path: str, called: str) -> None:
        found = read(f'package a\nimport "{path}"\nvar x = {called}.Name\n')
        assert found.imports == (Import(path, ("Name",)),)

    def test_a_variable_of_the_same_name_hides_the_package(self) -> None:
        text = """
            package a
            import "example.com/app/config"
            func Load(path string) config.Config {
                config := config.Read(path)
                if config.Verbose { config.Print() }
                return config
            }
            func Other() { config.Reset() }
            func (config *T) M() { config.Hidden() }
            """
        assert read(text).imports == (Import("example.com/app/config", ("Config", "Read", "Reset")),)


class TestExports:
    def test_are_the_capitalised_names_at_the_top(self) -> None:
        text = """
            package store
            type (
                DB struct{}
                private int
            )
            type Alias = DB
            const Limit, inner = 1, 2
            const (
                First = iota
                Second
            )
            var (
                ErrClosed = 1
            )
            var Default DB
            func Open() { type Local int; var Hidden int }
            func (db *DB) Close() {}
            func Map[T any](x T) {}
            """
        assert read(text).exports == (
            *("DB", "Alias", "Limit", "First", "Second", "ErrClosed", "Default", "Open", "Map"),
        )  # fmt: skip
        assert read(text).package == "store"

    def test_of_a_test_file_are_for_other_tests_alone(self) -> None:
        text = """
            package store
            var Internal = internal
            func TestOpen(t *testing.T) {}
            func BenchmarkOpen(b *testing.B) {}
            """
        assert read(text, "store/export_test.go").exports == ("Internal",)


class TestModules:
    def test_an_import_path_is_a_folder_below_its_module(self) -> None:
        found = resolve("example.com/app/internal/store", "cmd/app/main.go", APP)
        assert found == Resolution(("internal/store/",), ours=True)

    def test_the_module_itself_is_the_root(self) -> None:
        assert resolve("example.com/app", "cmd/app/main.go", APP).files == ("/",)

    @pytest.mark.parametrize(
        "module", ["fmt", "net/http", "C", "github.com/spf13/cobra", "example.com/application", ""]
    )
    def test_other_packages_are_not_ours(self, module: str) -> None:
        assert resolve(module, "main.go", APP, "net/dial.go", "fmt/fmt.go") == Resolution()

    def test_the_longest_module_path_decides(self) -> None:
        manifests = {
            "go.work": "go 1.22\nuse (\n\t.\n\t./tools\n)\n",
            "go.mod": "module example.com/app",
            "tools/go.mod": "module example.com/app/tools // moved\n",
        }
        assert resolve("example.com/app/tools/gen", "main.go", manifests).files == ("tools/gen/",)
        assert resolve("example.com/app/store", "tools/gen/gen.go", manifests).files == ("store/",)

    def test_a_module_may_lie_in_a_folder_of_another_name(self) -> None:
        manifests = {"services/api/go.mod": 'module "example.com/api/v2"\n'}
        assert resolve("example.com/api/v2/handlers", "services/api/main.go", manifests).files == (
            "services/api/handlers/",
        )

    def test_replaced_modules_lie_where_the_manifest_says(self) -> None:
        manifests = {
            "app/go.mod": """
                module example.com/app
                require github.com/x/fork v1.2.3
                replace (
                    github.com/x/fork v1.2.3 => ../third_party/fork
                    github.com/x/other => github.com/y/other v1.0.0
                    github.com/x/outside => ../../outside
                )
                """,
        }
        assert resolve("github.com/x/fork/sub", "app/main.go", manifests).files == ("third_party/fork/sub/",)
        assert resolve("github.com/x/other", "app/main.go", manifests) == Resolution()
        assert resolve("github.com/x/outside", "app/main.go", manifests) == Resolution()

    def test_a_module_required_from_elsewhere_is_not_ours(self) -> None:
        manifests = {"go.mod": "module example.com/app\nrequire example.com/app/plugins v1.0.0\n"}
        assert resolve("example.com/app/plugins/csv", "main.go", manifests) == Resolution()

    @pytest.mark.parametrize(
        ("version", "beside", "ours"),
        [
            ("v1.2.0", {}, False),
            ("v0.0.0", {}, True),
            ("v1.2.0", {"go.work": "use ./example\nuse .\n"}, True),
            ("v1.2.0 // indirect\nreplace example.com/app => ../", {}, True),
        ],
    )
    def test_a_release_of_a_module_has_what_it_had(self, version: str, beside: dict[str, str], ours: bool) -> None:
        example = f"module example.com/app/example\nrequire example.com/app {version}\n"
        found = resolve("example.com/app/x", "example/main.go", {**APP, **beside, "example/go.mod": example})
        assert found == Resolution(("x/",), ours=ours)

    def test_modules_among_test_data_are_only_seen_from_there(self) -> None:
        manifests = {**APP, "testdata/mod/go.mod": "module example.com/app\n"}
        assert resolve("example.com/app/x", "main.go", manifests).files == ("x/",)
        assert resolve("example.com/app/x", "testdata/mod/main.go", manifests).files == ("testdata/mod/x/",)


class TestInternal:
    @pytest.mark.parametrize(
        ("importer", "seen"),
        [
            ("svc/api/handler.go", True),
            ("svc/internal/store/store.go", True),
            ("svc/main.go", True),
            ("main.go", False),
            ("svcs/main.go", False),
            ("", True),
        ],
    )
    def test_is_for_the_tree_around_it(self, importer: str, seen: bool) -> None:
        found = resolve("example.com/app/svc/internal/db", importer, APP, "svc/internal/db/db.go")
        assert found == Resolution(("svc/internal/db/",) if seen else (), ours=True, closed_by="" if seen else "svc/")


class TestNewModules:
    """Those whose `go.mod` a task is yet to write, so that nobody knows their paths."""

    @pytest.mark.parametrize(
        ("module", "folder"),
        [
            ("example.com/kilns/internal/queue", "kilns/internal/queue/"),
            ("example.com/team/kilns/queue.Queue", "kilns/queue/"),
            ("github.com/team/kilns/queue", "kilns/queue/"),
            ("github.com/other/queue", None),
            ("example.com/app/store", "store/"),
            ("example.com/kilns/nothing", None),
        ],
    )
    def test_are_told_by_the_end_of_a_path(self, module: str, folder: str | None) -> None:
        files = ("kilns/go.mod", "kilns/main.go", "kilns/internal/queue/queue.go", "kilns/queue/q.go", "store/store.go")
        found = resolve(module, "kilns/main.go", {"go.mod": "module example.com/app\n"}, *files)
        assert found.files == ((folder,) if folder else ())

    @pytest.mark.parametrize(
        ("module", "files"),
        [
            ("todo/internal/list", ("internal/list/",)),
            ("todo/list", ("todo/list/",)),
            ("internal/list", ("internal/list/",)),
        ],
    )
    def test_may_have_a_path_without_a_host(self, module: str, files: tuple[str, ...]) -> None:
        assert resolve(module, "cmd/todo/main.go", {}, "internal/list/list.go").files == files

    def test_may_be_the_first_one(self) -> None:
        found = resolve("github.com/team/todo/internal/list", "cmd/todo/main.go", {}, "internal/list/list.go")
        assert found == Resolution(("internal/list/",), ours=True)


class TestWhatProgramsWrite:
    """Packages that may be no part of version control."""

    @pytest.mark.parametrize(
        ("module", "beside", "ours"),
        [
            ("example.com/app/gen/shop/v1", "api/shop.proto", False),
            ("example.com/app/gen/shop/v1", "api/shop.go", True),
            ("example.com/app/internal/sqlc", "sqlc.yaml", False),
            ("example.com/app/ent", "ent/schema/user.go", False),
            ("example.com/app/internal/shop", "api/shop.proto", True),
            ("example.com/app/internal/storemock", "main.go", False),
        ],
    )
    def test_is_not_missing(self, module: str, beside: str, ours: bool) -> None:
        assert resolve(module, "main.go", APP, beside).ours is ours

    @pytest.mark.parametrize("package", ["gen/orders/v1", "internal/pb/orders", "graph/model", "app/mocks/store"])
    def test_is_missing_where_its_neighbours_are_there(self, package: str) -> None:
        beside = ("gen/shop/v1/shop.pb.go", "internal/pb/shop/shop.pb.go", "graph/model/model.go", "proto/shop.proto")
        assert resolve(f"example.com/app/{package}", "main.go", APP, *beside).ours

    def test_is_told_by_its_folder_and_not_by_the_name_of_the_module(self) -> None:
        manifest = {"go.mod": "module github.com/acme/graph\n"}
        assert resolve("github.com/acme/graph/models", "main.go", manifest, "schema.graphql").ours

    @pytest.mark.parametrize(
        ("package", "schema"),
        [
            ("gen/shop/v1", "api/shop/v1/orders.proto"),
            ("gen/go/shop/v1/shopv1connect", "api/shop/v1/orders.proto"),
            ("internal/genproto/shop", "proto/shop_service.proto"),
            ("api/shoppb", "api/shoppb/orders.proto"),
            ("ent/order", "ent/schema/order.go"),
        ],
    )
    def test_means_what_it_is_made_of(self, package: str, schema: str) -> None:
        others = ("gen/other/v1/other.pb.go", "internal/genproto/other/other.pb.go", "ent/client.go", "api/other.proto")
        found = resolve(f"example.com/app/{package}", "main.go", APP, schema, *others)
        assert found == Resolution((f"{package}/", schema))


class TestPathsFromTheRoot:
    @pytest.mark.parametrize(
        ("spelled", "files"),
        [
            ("internal/store", ("internal/store/",)),
            ("internal/store/", ("internal/store/",)),
            ("internal/store/store.go", ("internal/store/store.go",)),
            ("./log", ("log/",)),
            ("pkg/../lib/wiki", ("lib/wiki/",)),
            ("../outside", ()),
            ("/etc", ()),
        ],
    )
    def test_are_understood(self, spelled: str, files: tuple[str, ...]) -> None:
        assert resolve(spelled, "main.go", APP).files == files

    @pytest.mark.parametrize(
        ("written", "files", "name"),
        [
            ('st "example.com/app/store"', ("store/",), ""),
            ("example.com/app/store as st", ("store/",), ""),
            ("example.com/app/store@v1.2.0", ("store/",), ""),
            ("example.com/app/store: Open", ("store/",), ""),
            ("example.com/app/store.{Open}", ("store/",), ""),
            ("example.com/app/store/...", ("store/",), ""),
            ("example.com/app/store.Open(path)", ("store/",), "Open"),
            ('"example.com/app/store".Open', ("store/",), "Open"),
            ("example.com/app/store.DB.Close", ("store/",), "DB.Close"),
            ("*internal/store.DB", ("internal/store/",), "DB"),
            ("internal/store/*.go", ("internal/store/",), ""),
            ("example.com/app/store/db.go", ("store/db.go", "store/db.go/"), ""),
        ],
    )
    def test_are_understood_as_people_write_them(self, written: str, files: tuple[str, ...], name: str) -> None:
        assert resolve(written, "main.go", APP) == Resolution(files, ours=True, name=name)

    def test_a_file_may_be_told_by_the_path_of_its_module(self) -> None:
        found = resolve("shop/store/db.go", "main.go", {"go.mod": "module shop\n"}, "store/db.go")
        assert found.files == ("shop/store/db.go", "store/db.go")

    def test_a_dot_in_front_means_the_folder_of_the_file_or_the_root(self) -> None:
        assert resolve("./log", "cmd/serve/main.go", APP).files == ("cmd/serve/log/", "log/")

    @pytest.mark.parametrize(("importer", "ours"), [("natives/src/reflect/type.go", False), ("src/shop/main.go", True)])
    def test_what_is_internal_to_go_is_not_missing_in_a_copy_of_its_sources(self, importer: str, ours: bool) -> None:
        assert resolve("internal/itoa", importer, APP).ours is ours

    def test_a_repository_may_be_called_like_a_file(self) -> None:
        assert resolve("github.com/nats-io/nats.go", "main.go", APP) == Resolution()

    def test_a_name_may_follow_the_package(self) -> None:
        assert resolve("internal/store.Open", "main.go", APP) == Resolution(
            ("internal/store/",), ours=True, name="Open"
        )
        assert resolve("example.com/app/store.DB", "main.go", APP).name == "DB"

    def test_inside_the_module_of_the_importer_first(self) -> None:
        manifests = {"api/go.mod": "module example.com/api\n"}
        assert resolve("pkg/wiki", "api/main.go", manifests).files == ("api/pkg/wiki/", "pkg/wiki/")

    def test_statements_are_understood_in_plans(self) -> None:
        assert statements('import s "example.com/app/store"', GO) == (Import("example.com/app/store"),)


FRAGMENTS = [
    "package a\n",
    "import (\n",
    '"x/y"',
    "`",
    "func F() {",
    "}",
    "x.Y",
    "var (",
    "x := 1;",
    ")",
    "\0",
    "é",
    "//",
]


SOURCE = """
package store // A comment.
import ("fmt"; x "example.com/x"; . "y"; _ `z`)
type ( A struct { x.B; c []x.D }; E[T any] = T )
const F, G = iota, "g"
func (a *A) M(x int) { x := x.H(func() { fmt.Println(x.I) }); for i, x := range x.J { x.K() } }
"""


class TestStrangersFiles:
    @given(st.text())
    def test_any_text_is_read(self, text: str) -> None:
        assert isinstance(GO.read("a.go", text), Source)

    @given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
    def test_any_piece_of_a_source_is_read(self, text: str) -> None:
        assert isinstance(GO.read("a.go", text), Source)

    @given(st.integers(0, len(SOURCE)), st.integers(0, len(SOURCE)), st.text(max_size=3))
    def test_any_change_of_a_source_is_read(self, start: int, end: int, new: str) -> None:
        assert isinstance(GO.read("a.go", f"{SOURCE[:start]}{new}{SOURCE[end:]}"), Source)

    @given(st.text(), st.sampled_from(["module ", "replace ", "require (", "use "]), st.text())
    def test_any_manifest_and_module_is_understood(self, module: str, word: str, rest: str) -> None:
        found = resolve(module, "cmd/main.go", {"go.mod": f"module m\n{word}{rest}", "go.work": rest})
        assert not any(file.startswith("../") for file in found.files)


def test_manifests_of_other_languages_say_nothing() -> None:
    texts = {
        "a/tsconfig.json": '{\n"module": "a"\n}',
        "b/pom.xml": "<sourceDirectory>c</sourceDirectory>",
        "c/go.mod": "module c",
        "d/Cargo.toml": "[",
    }
    files = Tree(("main.go", *texts))
    own = {path: text for path, text in texts.items() if path.rpartition("/")[2] in GO.manifests}
    for module in ("example.com/app/x", "a", ":", "b", "c", "c/x", "d", "crate::b"):
        for importer in ("main.go", "a/x", "b/x", "c/x", "d/x"):
            expected = GO.layout(files, own).resolve(module, importer, files)
            assert GO.layout(files, texts).resolve(module, importer, files) == expected
