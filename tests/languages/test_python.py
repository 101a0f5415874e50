"""Python: what is read of a module, and where its imports lead."""

from textwrap import dedent

import pytest

from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Import, Resolution, Source

PYTHON = LANGUAGES["python"]


def read(text: str) -> Source:
    return PYTHON.read("module.py", dedent(text))


def modules(text: str) -> list[str]:
    return [found.module for found in read(text).imports if not found.perhaps]


def resolve(module: str, importer: str, *paths: str, **manifests: str) -> Resolution:
    """Resolves in a workspace of `paths` and of manifests: `backend__setup_cfg` is `backend/setup.cfg`."""
    texts = {_manifest(name): dedent(text) for name, text in manifests.items()}
    files = Tree((*paths, *texts))
    return PYTHON.layout(files, texts).resolve(module, importer, files)


def _manifest(name: str) -> str:
    folder, _, file = name.rpartition("__")
    stem, _, ending = file.rpartition("_")
    return "/".join(filter(None, (folder.replace("__", "/"), f"{stem}.{ending}")))


class TestImports:
    def test_wherever_they_stand(self) -> None:
        text = """
            import a
            try:
                import b
            except ImportError:
                b = None
            if TYPE_CHECKING:
                from c import C
            def late():
                import d
            class K:
                import e
            """
        assert modules(text) == ["a", "b", "c", "d", "e"]

    def test_a_name_may_be_a_module(self) -> None:
        assert read("from data import knowledge").imports == (
            Import("data", ("knowledge",)),
            Import("data.knowledge", (), perhaps=True),
        )

    def test_of_a_module_taken_whole_the_attributes_that_are_read(self) -> None:
        text = """
            import data.clay
            import data.wiki as w
            from data import maps
            data.clay.entries[0].title
            w.hub.render(w.title)
            maps.north
            other.south
            """
        found = {each.module: each.names for each in read(text).imports}
        assert found["data.clay"] == ("entries",)
        assert found["data.wiki"] == ("hub", "title")
        assert found["data.maps"] == ("north",)

    def test_attributes_of_a_name_that_a_function_binds_anew_tell_nothing(self) -> None:
        text = """
            from data import maps
            def draw(kind):
                maps = make(kind)
                return maps.north
            """
        assert {each.module: each.names for each in read(text).imports}["data.maps"] == ()

    def test_relative_ones_keep_their_dots(self) -> None:
        text = """
            from . import a
            from .. import b as c
            from ...d.e import (
                f,  # Why.
                g,
            )
            """
        assert modules(text) == [".", "..", "...d.e"]
        assert [each.module for each in read(text).imports if each.perhaps] == [".a", "..b", "...d.e.f", "...d.e.g"]

    def test_each_module_once_with_all_its_names(self) -> None:
        text = """
            from data import a
            def late():
                from data import b
                import data.a
            """
        assert read(text).imports == (
            Import("data", ("a", "b")),
            Import("data.a"),
            Import("data.b", (), perhaps=True),
        )

    @pytest.mark.parametrize(
        "call", ['importlib.import_module("data.clay")', "import_module('data.clay')", '__import__("data.clay")']
    )
    def test_by_a_call_with_a_literal(self, call: str) -> None:
        assert Import("data.clay") in read(f"import importlib\nx = {call}\n").imports

    def test_a_call_that_computes_its_module_tells_nothing(self) -> None:
        assert modules('import importlib\nimportlib.import_module("plugins." + name)') == ["importlib"]

    def test_a_broken_source_is_read_as_far_as_it_goes(self) -> None:
        text = """
            import a
            def f(:
                return
            x = = 2
            from d import e
            class
            """
        assert "a" in modules(text)
        assert "d" in modules(text)

    def test_text_that_only_looks_like_an_import_is_none(self) -> None:
        assert modules('"""\nimport a\n"""\n# import b\nx = "from c import d"') == []


class TestExports:
    def test_names_bound_at_the_top_in_branches_too(self) -> None:
        text = """
            import os
            import a.b
            from x import y as z
            LIMIT: int = 3
            first, (second, *rest) = 1, (2, 3)
            one = two = 3
            type Pair = tuple[int, int]
            @decorated
            def function():
                inner = 1
            class Class:
                attribute = 1
            if windows:
                def only_there(): ...
            else:
                try:
                    fallback = 1
                except OSError:
                    last = 2
            """
        assert read(text).exports == (
            *("os", "a", "z", "LIMIT", "first", "second", "rest", "one", "two", "Pair", "function", "Class"),
            *("only_there", "fallback", "last"),
        )

    def test_names_that_are_listed(self) -> None:
        text = """
            from .parts import *
            __all__ = ["a", 'b'] + parts.__all__
            __all__ += ("c",)
            """
        assert read(text).exports == ("__all__", "a", "b", "c")
        assert read(text).passes_on == (".parts",)

    @pytest.mark.parametrize(
        "body",
        [
            "if name == 'a': return 1\n raise AttributeError(name)",
            "import warnings\n if name in ('a', 'b'): return make(name)\n raise AttributeError(f'no {name}')",
            "if name == 'a':\n  return 1\n elif (name == 'b' or name in {'c'}):\n  return 2\n raise AttributeError",
            "if name not in TABLE:\n  raise AttributeError(name)\n return import_module(TABLE[name])",
            "if name in TABLE: return import_module(TABLE[name])\n raise AttributeError(name)",
        ],
    )
    def test_asked_for_names_that_it_spells_out_a_module_makes_no_others(self, body: str) -> None:
        text = f"TABLE = {{'a': '.a', 'b': '.b'}}\ndef __getattr__(name: str) -> object:\n {body}\n"
        assert "__getattr__" not in read(text).exports
        assert "a" in read(text).exports
        assert "__getattr__" in read(f"{text}TABLE.update(more)\n{text.replace('(name: str)', '(*names)')}").exports

    @pytest.mark.parametrize(
        "body",
        [
            "...",
            "return 1",
            "if name == 'a': return 1",
            "if name.startswith('a'): return 1\n raise AttributeError(name)",
            "if name in OTHERS: return 1\n raise AttributeError(name)",
            "if name in TABLE: return 1\n return getattr(other, name)",
            "if name == 'a': return 1\n if later:\n  if name not in TABLE: raise KeyError\n return make(name)",
        ],
    )
    def test_a_module_that_may_make_any_name_says_so(self, body: str) -> None:
        text = f"TABLE = {{'a': '.a', 'b': '.b'}}\nOTHERS = [*TABLE, more]\ndef __getattr__(name):\n {body}\n"
        assert "__getattr__" in read(text).exports

    @pytest.mark.parametrize(
        "line",
        [
            "globals().update(make())",
            "for name in names:\n    globals()[name] = make(name)",
            "exec(text)",
            "setattr(sys.modules[__name__], name, 1)",
            "sys.modules[__name__] = Lazy()",
        ],
    )
    def test_names_that_are_worked_out_may_be_any(self, line: str) -> None:
        assert "__getattr__" in read(f"import sys\n{line}\n").exports

    @pytest.mark.parametrize(
        "line",
        [
            "__import__('pkg_resources').declare_namespace(__name__)",
            "__path__ = __import__('pkgutil').extend_path(__path__, __name__)",
            "__path__.append(vendored)",
            "sys.modules[__name__ + '.moves'] = moves",
        ],
    )
    def test_a_package_may_have_modules_that_lie_elsewhere(self, line: str) -> None:
        assert "__path__" in PYTHON.read("acme/__init__.py", f"{line}\n").exports

    def test_a_package_that_changes_others_has_its_own_modules(self) -> None:
        text = "def load():\n    plugins.__path__ += paths\n    sys.modules[name] = it\n    return __path__ == paths\n"
        assert "__path__" not in PYTHON.read("acme/__init__.py", text).exports

    def test_only_a_star_passes_names_on(self) -> None:
        assert read("from .a import b\nfrom c import *").passes_on == ("c",)


class TestRelativeModules:
    def test_count_their_dots_from_the_importer(self) -> None:
        files = ("app/__init__.py", "app/data.py", "app/views/__init__.py", "app/views/page.py")
        assert resolve(".data", "app/main.py", *files) == Resolution(("app/data.py",), ours=True)
        assert resolve("..data", "app/views/page.py", *files) == Resolution(("app/data.py",), ours=True)
        assert resolve(".", "app/views/page.py", *files) == Resolution(("app/views/__init__.py",), ours=True)
        assert resolve("..", "app/views/__init__.py", *files) == Resolution(("app/__init__.py",), ours=True)

    def test_may_be_called_like_an_ending(self) -> None:
        assert resolve(".py", "app/main.py", "app/main.py", "app/py.py").files == ("app/py.py",)

    def test_are_always_ours(self) -> None:
        found = resolve(".missing", "app/main.py", "app/main.py")
        assert found.ours
        assert found.files[:2] == ("app/missing.py", "app/missing/__init__.py")

    def test_lead_nowhere_above_the_workspace_or_from_nowhere(self) -> None:
        assert resolve("...data", "app/main.py", "data.py") == Resolution()
        assert resolve(".data", "", "data.py") == Resolution()

    def test_may_name_what_is_in_a_module(self) -> None:
        found = resolve(".clay.entries", "data/hub.py", "data/clay.py", "data/hub.py")
        assert found == Resolution(("data/clay.py",), ours=True, name="entries")

    def test_a_package_wins_over_a_module_and_a_stub_comes_along(self) -> None:
        found = resolve(".x", "app/main.py", "app/main.py", "app/x.py", "app/x.pyi", "app/x/__init__.py")
        assert found.files == ("app/x/__init__.py", "app/x.py", "app/x.pyi")

    def test_what_is_compiled_is_there(self) -> None:
        assert resolve("._speed", "app/main.py", "app/main.py", "app/_speed.pyx").files == ("app/_speed.pyx",)

    @pytest.mark.parametrize("module", [".api_pb2", ".api_pb2_grpc", "._version"])
    def test_what_a_build_writes_is_not_missing(self, module: str) -> None:
        assert not resolve(module, "app/main.py", "app/main.py").ours


class TestAbsoluteModules:
    def test_start_at_the_root(self) -> None:
        files = ("data/__init__.py", "data/clay.py", "app.py")
        assert resolve("data.clay", "app.py", *files) == Resolution(("data/clay.py",), ours=True)
        assert resolve("data.knowledge", "app.py", *files).ours
        assert resolve("data.clay.entries", "app.py", *files).name == "entries"

    def test_start_at_src_for_the_package_its_tests_and_conftest(self) -> None:
        files = ("src/shop/__init__.py", "src/shop/cart.py", "tests/test_cart.py", "tests/conftest.py")
        for importer in ("src/shop/api.py", "tests/test_cart.py", "tests/conftest.py", "scripts/seed.py"):
            assert resolve("shop.cart", importer, *files) == Resolution(("src/shop/cart.py",), ours=True)
            assert resolve("shop.missing", importer, *files).ours

    def test_a_script_sees_its_neighbours_and_a_package_does_not(self) -> None:
        assert resolve("common", "scripts/run.py", "scripts/run.py", "scripts/common.py").ours
        inside = resolve("common", "app/run.py", "app/__init__.py", "app/run.py", "app/common.py")
        assert "app/common.py" not in inside.files
        assert not inside.ours

    def test_a_package_starts_where_its_outermost_folder_lies(self) -> None:
        files = ("backend/app/__init__.py", "backend/app/db.py", "backend/app/api/__init__.py", "backend/app/api/v1.py")
        assert resolve("app.db", "backend/app/api/v1.py", *files) == Resolution(("backend/app/db.py",), ours=True)

    def test_folders_without_init_are_packages_where_they_hold_python(self) -> None:
        files = ("data/clay.py", "images/logo.png", "tool.py")
        assert resolve("data.clay", "tool.py", *files).files == ("data/clay.py",)
        assert resolve("data", "tool.py", *files) == Resolution(("data/",), ours=True)
        assert resolve("data.knowledge", "tool.py", *files).ours
        assert not resolve("images.logo", "tool.py", *files).ours

    def test_a_missing_one_tells_the_package_that_it_would_lie_in(self) -> None:
        files = ("app/__init__.py", "app/models/__init__.py", "app/models/room.py")
        assert resolve("app.models.Room", "app/main.py", *files).holder == "app/models/__init__.py"
        assert resolve("app.other.Room", "app/main.py", *files).holder == "app/__init__.py"
        assert not resolve("app.models.room", "app/main.py", *files).holder

    def test_a_folder_of_packages_alone_is_not_missing(self) -> None:
        found = resolve("acme", "acme/web/app.py", "acme/web/__init__.py", "acme/web/app.py")
        assert not found.ours

    def test_python_s_own_library_is_never_ours(self) -> None:
        assert resolve("json", "app/main.py", "app/main.py", "app/json.py") == Resolution()
        assert resolve("os.path", "main.py", "os/path.py") == Resolution()

    def test_somebody_else_s_package_is_never_ours(self) -> None:
        assert not resolve("requests", "app.py", "app.py").ours
        assert not resolve("requests.adapters", "app.py", "app.py").ours

    def test_a_dependency_wins_over_a_folder_but_not_over_a_package_of_its_name(self) -> None:
        manifest = '[project]\nname = "shop"\ndependencies = ["alembic>=1.13", "redis[hiredis]"]'
        folder = resolve("alembic.op", "app.py", "app.py", "alembic/env.py", pyproject_toml=manifest)
        assert not folder.ours
        package = resolve("redis.keys", "app.py", "redis/__init__.py", "redis/keys.py", pyproject_toml=manifest)
        assert package == Resolution(("redis/keys.py",), ours=True)

    def test_stubs_stand_beside_a_package_or_for_somebody_else_s(self) -> None:
        files = ("orbit-stubs/__init__.pyi", "orbit-stubs/moons.pyi", "orbit-stubs/_typing.pyi", "orbit-stubs/x.pyi")
        assert resolve("orbit._typing", files[1], *files) == Resolution((files[2],), ours=True)
        assert resolve("orbit.missing", files[1], *files).ours
        assert not resolve("orbit.missing", "app.py", *files).ours
        both = (*files, "orbit/__init__.py", "orbit/moons.py")
        assert resolve("orbit.moons", "app.py", *both).files == ("orbit/moons.py",)
        assert resolve("orbit._typing", "app.py", *both) == Resolution((files[2],), ours=True)
        assert resolve("orbit.missing", "app.py", *both).ours

    def test_where_only_some_importers_see_a_package_a_dependency_of_its_name_may_be_meant(self) -> None:
        files = ("demo/redis/__init__.py", "demo/redis/app.py", "demo/redis/keys.py")
        manifest = '[project]\nname = "shop"\ndependencies = ["redis"]'
        assert resolve("redis.keys", "demo/redis/app.py", *files, pyproject_toml=manifest).files == files[2:]
        assert not resolve("redis.asyncio", "demo/redis/app.py", *files, pyproject_toml=manifest).ours
        assert resolve("redis.asyncio", "demo/redis/app.py", *files).ours

    def test_of_a_folder_and_a_package_of_one_name_the_nearer_that_has_the_module_is_meant(self) -> None:
        files = ("b/reads/__init__.py", "b/reads/load.py", "b/timed/reads/load.py", "b/timed/reads/case.py")
        assert resolve("reads.load", "b/timed/reads/case.py", *files).files == ("b/timed/reads/load.py",)
        assert resolve("reads.load", "b/timed/other.py", *files[:2]).files == ("b/reads/load.py",)

    def test_within_a_shared_folder_a_package_is_ours(self) -> None:
        manifest = '[project]\nname = "acme-web"\ndependencies = ["acme-core"]'
        files = ("src/acme/web/__init__.py", "src/acme/web/app.py")
        assert resolve("acme.web.app", "t.py", *files, pyproject_toml=manifest) == Resolution(files[1:], ours=True)
        assert resolve("acme.web.missing", "t.py", *files, pyproject_toml=manifest).ours
        assert not resolve("acme.core", "t.py", *files, pyproject_toml=manifest).ours

    def test_a_package_that_lies_in_no_known_place_is_found_where_there_is_but_one(self) -> None:
        files = ("apps/visits/__init__.py", "apps/visits/models.py", "tests/test_visits.py")
        assert resolve("visits.models", "tests/test_visits.py", *files) == Resolution(("apps/visits/models.py",))
        assert not resolve("visits.missing", "tests/test_visits.py", *files).ours
        assert resolve("visits.models", "t/test.py", *files, "demo/visits/__init__.py").files[0] != files[1]

    def test_paths_are_understood_as_the_last_thing(self) -> None:
        files = ("src/data/clay.py", "src/main.py")
        assert resolve("src/data/clay.py", "src/main.py", *files) == Resolution(("src/data/clay.py",), ours=True)
        assert resolve("src/data/clay", "src/main.py", *files).files == ("src/data/clay.py",)
        assert resolve("src/data/new.py", "", *files) == Resolution(("src/data/new.py",), ours=True)
        assert resolve("data/clay.py", "src/main.py", *files) == Resolution(("src/data/clay.py",), ours=True)
        assert not resolve("elsewhere/new.py", "", *files).ours
        assert resolve("../../etc/passwd", "src/main.py", *files) == Resolution()


class TestManifests:
    @pytest.mark.parametrize(
        "manifest",
        [
            '[tool.setuptools.package-dir]\n"" = "lib"',
            '[tool.setuptools.packages.find]\nwhere = ["lib"]',
            '[tool.hatch.build.targets.wheel]\npackages = ["lib/shop"]',
            '[tool.hatch.build.targets.wheel.sources]\n"lib" = ""',
            '[[tool.poetry.packages]]\ninclude = "shop"\nfrom = "lib"',
            '[tool.pytest.ini_options]\npythonpath = ["lib"]',
            '[tool.uv.build-backend]\nmodule-root = "lib"',
            '[tool.pyright]\nextraPaths = ["lib"]',
        ],
    )
    def test_say_where_modules_start(self, manifest: str) -> None:
        found = resolve("shop.cart", "tests/test_cart.py", "lib/shop/cart.py", pyproject_toml=manifest)
        assert found == Resolution(("lib/shop/cart.py",), ours=True)

    def test_setup_cfg_and_setup_py_and_pytest_ini_say_so_too(self) -> None:
        for manifest in (
            {"setup_cfg": "[options]\npackage_dir =\n    =lib\n"},
            {"setup_cfg": "[options.packages.find]\nwhere = lib\n"},
            {"setup_py": 'setup(package_dir={"": "lib"}, packages=find_packages("lib"))'},
            {"pytest_ini": "[pytest]\npythonpath = lib\n"},
        ):
            assert resolve("shop.cart", "tests/test_cart.py", "lib/shop/cart.py", **manifest).files == (
                "lib/shop/cart.py",
            )

    @pytest.mark.parametrize(
        "line",
        [
            'sys.path.append(str(Path(__file__).resolve().parent / "apps"))',
            'sys.path.insert(0, os.path.join(os.path.dirname(__file__), "apps"))',
            'sys.path.insert(0, os.path.join(BASE_DIR, "apps"))',
            'sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web" / "apps"))',
        ],
    )
    def test_django_s_program_may_put_folders_on_the_path(self, line: str) -> None:
        files = ("web/apps/visits/__init__.py", "web/apps/visits/models.py", "tests/test_visits.py")
        found = resolve("visits.models", "tests/test_visits.py", *files, web__manage_py=f"import sys\n{line}\n")
        assert found == Resolution(("web/apps/visits/models.py",), ours=True)

    def test_a_project_that_is_yet_to_come_is_known_by_its_folder(self) -> None:
        files = ("plugins/a/src/a/__init__.py", "plugins/beer-hops/README.md")
        found = resolve("beer_hops.oil", "app.py", *files, plugins__a__pyproject_toml="[project]\nname = 'a'")
        assert found.files[0] == "plugins/beer-hops/src/beer_hops/oil.py"
        assert not found.ours
        assert resolve("beer_hops", "app.py", *files).files[0] == "src/beer_hops.py"

    def test_projects_that_share_a_name_fill_it_alone_unless_they_need_another(self) -> None:
        files = ("p/acme-a/src/acme/a/__init__.py", "p/acme-b/src/acme/b/__init__.py", "p/acme-c/README.md")
        own = {"p__acme-a__pyproject_toml": "[project]\nname = 'acme-a'\ndependencies = ['acme-b']"}
        own["p__acme-b__pyproject_toml"] = "[project]\nname = 'acme-b'"
        assert resolve("acme.b", files[0], *files, **own) == Resolution(files[1:2], ours=True)
        assert resolve("acme.missing", files[0], *files, **own).ours
        assert "p/acme-c/src/acme/c/__init__.py" in resolve("acme.c", files[0], *files, **own).files
        own["p__acme-b__pyproject_toml"] = "[project]\nname = 'acme-b'\ndependencies = ['acme-log']"
        assert not resolve("acme.missing", files[0], *files, **own).ours

    def test_a_package_may_have_a_folder_of_its_own(self) -> None:
        manifest = '[tool.setuptools.package-dir]\nshop = "sources/web"'
        found = resolve("shop.cart", "tests/t.py", "sources/web/cart.py", pyproject_toml=manifest)
        assert found.files == ("sources/web/cart.py",)

    @pytest.mark.parametrize(
        "manifest",
        [
            '[tool.hatch.build.targets.wheel]\npackages = ["shop"]',
            '[tool.poetry]\nname = "x"\npackages = [{include = "shop"}]',
            '[tool.uv.build-backend]\nmodule-name = "shop.till"\nmodule-root = ""',
            '[tool.flit.module]\nname = "shop"',
        ],
    )
    def test_name_the_packages_that_other_projects_see(self, manifest: str) -> None:
        found = resolve("shop.cart", "web/app.py", "web/app.py", "core/shop/cart.py", core__pyproject_toml=manifest)
        assert found == Resolution(("core/shop/cart.py",), ours=True)

    @pytest.mark.parametrize(
        "setup",
        [
            'setup(install_requires=["fast-api[all]>=1", "acme-core", ], extras_require={"a": ["b"]})',
            'needed = [\n    "a[b]",  # Why "so".\n    \'acme-core>=2\',\n]\nsetup(install_requires=needed)',
            'setup(extras_require={"all": ["acme-core"]})',
        ],
    )
    def test_of_setup_py_tell_what_it_requires(self, setup: str) -> None:
        assert not resolve("acme.other", "app.py", "acme/web/app.py", setup_py=setup).ours
        assert resolve("acme.other", "app.py", "acme/web/app.py", setup_py="setup(install_requires=[])").ours

    @pytest.mark.parametrize(
        "manifest",
        [
            '[project]\ndependencies = ["acme-core>=1"]',
            "[project.optional-dependencies]\nfast = [\"acme-core[all]; python_version > '3'\"]",
            '[dependency-groups]\ndev = [{include-group = "test"}, "acme-core"]',
            '[tool.poetry.dependencies]\npython = "^3.11"\nacme-core = {version = "^2", optional = true}',
            '[tool.poetry.group.dev.dependencies]\nacme-core = "^2"',
            '[tool.hatch.metadata.hooks.some-hook.optional-dependencies]\nfast = ["acme-core"]',
        ],
    )
    def test_of_pyproject_toml_tell_what_it_requires(self, manifest: str) -> None:
        assert not resolve("acme.other", "app.py", "acme/web/app.py", pyproject_toml=manifest).ours
        assert resolve("fast.other", "app.py", "fast/web/app.py", pyproject_toml=manifest).ours

    def test_projects_of_one_workspace_see_each_other_s_packages(self) -> None:
        files = (
            *("packages/core/src/core/__init__.py", "packages/core/src/core/model.py", "packages/core/tests/help.py"),
            *("packages/web/web/__init__.py", "packages/web/web/app.py", "packages/web/tests/help.py"),
        )
        manifests = {
            "packages__core__pyproject_toml": '[project]\nname = "core"',
            "packages__web__pyproject_toml": '[project]\nname = "web"\ndependencies = ["core"]',
            "pyproject_toml": '[tool.uv.workspace]\nmembers = ["packages/*"]',
        }
        core = resolve("core.model", "packages/web/web/app.py", *files, **manifests)
        assert core == Resolution(("packages/core/src/core/model.py",), ours=True)
        assert resolve("core.missing", "packages/web/web/app.py", *files, **manifests).ours
        assert resolve("web.app", "packages/core/tests/help.py", *files, **manifests).files == (
            "packages/web/web/app.py",
        )
        own = resolve("tests.help", "packages/web/web/app.py", *files, **manifests)
        assert own.files == ("packages/web/tests/help.py",)

    def test_a_project_that_nobody_has_read_yet_has_its_packages_at_src_or_beside_its_manifest(self) -> None:
        files = ("libs/mail/pyproject.toml", "libs/mail/src/mail/__init__.py", "web/setup.py", "web/pages/__init__.py")
        assert resolve("mail", "app/main.py", *files) == Resolution(("libs/mail/src/mail/__init__.py",), ours=True)
        assert resolve("pages", "app/main.py", *files) == Resolution(("web/pages/__init__.py",), ours=True)

    def test_modules_in_other_languages_are_not_missing_where_a_build_makes_them(self) -> None:
        manifest = '[build-system]\nbuild-backend = "maturin"'
        files = ("shop/__init__.py",)
        assert not resolve("._core", "shop/__init__.py", *files, pyproject_toml=manifest).ours
        assert resolve("._core", "shop/__init__.py", *files).ours

    @pytest.mark.parametrize("manifest", ["", "[", "[project]\nname = 3\ndependencies = 4", "\0", "[tool]\nhatch = []"])
    def test_a_broken_one_says_nothing(self, manifest: str) -> None:
        found = resolve("data.clay", "app.py", "data/clay.py", pyproject_toml=manifest, setup_cfg=manifest)
        assert found.files == ("data/clay.py",)

    def test_none_leads_out_of_the_workspace(self) -> None:
        manifest = '[tool.pytest.ini_options]\npythonpath = ["../../secret", "/etc"]'
        assert resolve("passwd.x", "app.py", "app.py", pyproject_toml=manifest).files == (
            *("src/passwd/x.py", "src/passwd/x/__init__.py", "src/passwd/x.pyi", "src/passwd/x/__init__.pyi"),
            *("passwd/x.py", "passwd/x/__init__.py", "passwd/x.pyi", "passwd/x/__init__.pyi"),
        )
