"""TypeScript and JavaScript: what is read of a module, and where its imports lead."""

import json
from textwrap import dedent

import pytest

from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Resolution, Source

TYPESCRIPT = LANGUAGES["typescript"]


def read(text: str, path: str = "module.ts") -> Source:
    return TYPESCRIPT.read(path, dedent(text))


def imports(text: str, path: str = "module.ts") -> dict[str, tuple[str, ...]]:
    return {found.module: found.names for found in read(text, path).imports}


class Workspace:
    """Files and manifests by path; a manifest is a text, or a value that is written as JSON."""

    def __init__(self, *paths: str, manifests: dict[str, object] | None = None) -> None:
        given = (manifests or {}).items()
        texts = {path: said if isinstance(said, str) else json.dumps(said) for path, said in given}
        self.files = Tree((*paths, *texts))
        self.layout = TYPESCRIPT.layout(self.files, texts)

    def resolve(self, module: str, importer: str = "src/main.ts") -> Resolution:
        return self.layout.resolve(module, importer, self.files)

    def file(self, module: str, importer: str = "src/main.ts") -> str | None:
        """The file that a module means, None where it is not there."""
        files = self.resolve(module, importer).files
        return files[0] if files and files[0] in self.files else None


class TestImports:
    def test_statements(self) -> None:
        text = """
            import "./effect.css";
            import wiki, { entries as all, type Entry } from "./wiki";
            import type { Hub } from "@/hub";
            import legacy = require("./legacy");
            export { one as two, default } from "./parts";
            export * from "./rest";
            export * as maps from "./maps";
            export type { Kind } from "./kinds";
            """
        assert imports(text) == {
            "./effect.css": (),
            "./wiki": ("default", "entries", "Entry"),
            "@/hub": ("Hub",),
            "./legacy": (),
            "./parts": ("one", "default"),
            "./rest": (),
            "./maps": (),
            "./kinds": ("Kind",),
        }

    def test_calls_with_a_literal(self) -> None:
        text = """
            const whole = require("./whole"), { part, other: renamed } = require("./parts");
            const { page } = await import("./page");
            const Lazy = lazy(() => import(`./lazy`).then((m) => ({ default: m.Panel })));
            import("./dialog").then(({ Dialog }) => Dialog.open());
            const port = require("./config").port;
            type Api = typeof import("./api");
            type Row = import("./table").Row;
            require("./" + name);
            import(`./${name}`);
            whole.run(whole.speed);
            """
        assert imports(text) == {
            "./whole": ("run", "speed"),
            "./parts": ("part", "other"),
            "./page": ("page",),
            "./lazy": ("Panel",),
            "./dialog": ("Dialog",),
            "./config": ("port",),
            "./api": (),
            "./table": ("Row",),
        }

    def test_of_a_namespace_the_members_that_are_used(self) -> None:
        text = """
            import * as wiki from "./wiki";
            const shown = wiki.entries?.map(wiki.title), bound = wiki.bind(null);
            let entry: wiki.Entry;
            other.unrelated();
            """
        assert imports(text) == {"./wiki": ("entries", "title", "Entry")}

    def test_namespaces_of_one_name_in_two_callbacks_are_two(self) -> None:
        text = """
            const A = lazy(() => import("./a").then(mod => ({ default: mod.A })));
            const B = lazy(() => import("./b").then(mod => ({ default: mod.B })));
            """
        assert imports(text) == {"./a": ("A",), "./b": ("B",)}

    def test_a_name_of_two_modules_tells_of_neither_what_is_used(self) -> None:
        text = """
            it("a", () => { const made = require("./a"); made.a(); });
            it("b", () => { const made = require("./b"); made.b(); });
            """
        assert imports(text, "all.test.js") == {"./a": (), "./b": ()}

    def test_components_in_jsx_count_as_members(self) -> None:
        text = """
            import * as Tabs from "./tabs";
            export const Page = () => <Tabs.Root><Tabs.List /></Tabs.Root>;
            """
        assert imports(text, "page.tsx") == {"./tabs": ("Root", "List")}

    def test_comments_and_strings_import_nothing(self) -> None:
        assert (
            imports('// import a from "./a"\n/** @type {import("./b").B} */\nconst x = \'import c from "./c"\';') == {}
        )

    def test_a_broken_source_is_read_as_far_as_it_goes(self) -> None:
        text = """
            import { a } from "./a";
            const broken = { x: ;
            }
            import { b } from "./b";
            """
        assert set(imports(text)) == {"./a", "./b"}

    def test_scripts_of_components(self) -> None:
        vue = """
            <script>export const shared = 1;</script>
            <script setup lang="ts">
            import { entries } from "@/data";
            const shown: number = entries.length;
            </script>
            <template><a v-if="x < 3">import no from "./no"</a></template>
            """
        assert imports(vue, "Page.vue") == {"@/data": ("entries",)}
        assert read(vue, "Page.vue").exports == ("default", "shared")
        astro = (
            '---\nimport Card from "./Card.astro";\nconst { title }: Props = Astro.props;\n---\n<Card>{title}</Card>'
        )
        assert imports(astro, "page.astro") == {"./Card.astro": ("default",)}
        assert imports('<script src="./main.ts"></script>', "App.svelte") == {"./main.ts": ()}

    def test_a_reference_is_an_import(self) -> None:
        assert imports('/// <reference path="globals.d.ts" />\n') == {"./globals.d.ts": ()}


class TestExports:
    def test_of_every_kind(self) -> None:
        text = """
            export const { a, b: renamed, ...rest } = source, [c, d = 1] = list;
            export let e: number;
            export function f() {}
            export async function* g() {}
            export abstract class H {}
            export interface I {}
            export type J = string;
            export enum K {}
            export declare const l: number;
            export namespace M { export const inner = 1; }
            export { n, o as p, q as default };
            export { r as s } from "./r";
            export * as t from "./t";
            export type { U } from "./u";
            const hidden = 1;
            """
        names = ("a", "renamed", "rest", "c", "d", "e", "f", "g", "H", "I", "J", "K", "l", "M", "n", "p", "default")
        assert read(text).exports == (*names, "s", "t", "U")

    @pytest.mark.parametrize(
        "text", ["export default class Page {}", "export default function () {}", "export default 3"]
    )
    def test_the_default(self, text: str) -> None:
        assert read(text).exports == ("default",)

    @pytest.mark.parametrize(
        "text",
        [
            *("export = page;", "module.exports = page;", "module.exports = [];", "module.exports = { ...pages };"),
            *("const page = make(); module.exports = page;", "module.exports = class Page extends Sheet {};"),
        ],
    )
    def test_of_a_value_as_a_whole_anybody_may_take_any_member(self, text: str) -> None:
        assert read(text).exports == ("default", "*")

    def test_a_star_passes_names_on(self) -> None:
        source = read('export * from "./a";\nexport * as b from "./b";\nexport { c } from "./c";')
        assert source.passes_on == ("./a",)

    def test_of_commonjs(self) -> None:
        text = """
            exports.a = 1;
            module.exports.b = exports.c = () => {};
            module.exports = { d, e: 1, f() {}, ...require("./more") };
            """
        source = read(text, "module.js")
        assert source.exports == ("a", "b", "c", "default", "d", "e", "f")
        assert read("exports.a = 1;", "module.js").exports == ("a", "default")
        assert source.passes_on == ("./more",)
        whole = read('module.exports = require("./lib");', "index.js")
        assert (whole.exports, whole.passes_on) == (("default",), ("./lib",))
        named = read("const all = { a, b: 1 };\nmodule.exports = exports = all;", "index.js")
        assert named.exports == ("default", "a", "b")
        assert read("function open() {}\nmodule.exports = open;\nopen.now = 1;", "open.js").exports == ("default",)

    def test_of_a_package_s_bundled_types(self) -> None:
        assert read('declare module "kit" { export interface Page {} const x: 1; }', "index.d.ts").exports == (
            "Page",
            "x",
        )


class TestRelativeModules:
    @pytest.mark.parametrize(
        ("module", "file"),
        [
            ("./wiki", "src/wiki.ts"),
            ("./wiki.js", "src/wiki.ts"),
            ("./wiki.ts", "src/wiki.ts"),
            ("./Page.jsx", "src/Page.tsx"),
            ("./Page", "src/Page.tsx"),
            ("./tool.mjs", "src/tool.mts"),
            ("./parts", "src/parts/index.tsx"),
            ("./parts/", "src/parts/index.tsx"),
            (".", "src/index.js"),
            ("..", "index.ts"),
            ("../shared/wiki.config", "shared/wiki.config.ts"),
            ("./Card.vue", "src/Card.vue"),
            ("./style.css", "src/style.css"),
            ("./logo.svg?react", "src/logo.svg"),
            ("./data", "src/data.json"),
            ("./types", "src/types.d.ts"),
            ("./Screen", "src/Screen.ios.tsx"),
        ],
    )
    def test_are_found_by_the_rules_of_the_language(self, module: str, file: str) -> None:
        files = (
            *("src/wiki.ts", "src/Page.tsx", "src/tool.mts", "src/parts/index.tsx", "src/index.js", "index.ts"),
            *("shared/wiki.config.ts", "src/Card.vue", "src/style.css", "src/logo.svg", "src/data.json"),
            *("src/types.d.ts", "src/Screen.ios.tsx"),
        )
        assert Workspace(*files).file(module) == file

    def test_are_ours_and_may_be_written_in_any_form(self) -> None:
        found = Workspace("src/main.ts").resolve("./new")
        assert found.ours
        assert found.files[:4] == ("src/new.ts", "src/new.tsx", "src/new/index.ts", "src/new/index.tsx")
        assert Workspace("src/main.ts").resolve("./new.js").files[:2] == ("src/new.ts", "src/new.tsx")
        assert Workspace("src/main.ts").resolve("./new.css").files == ("src/new.css",)

    @pytest.mark.parametrize(
        "module",
        [
            *("../dist/index.js", "./generated/api", "./.velite/posts", "./sdk.gen"),
            *("./$types", "./$types.js", "./+types/page"),
        ],
    )
    def test_what_a_build_writes_is_not_missing(self, module: str) -> None:
        assert not Workspace("src/main.ts").resolve(module).ours

    def test_a_folder_that_only_looks_built_is_the_workspace_s_own(self) -> None:
        assert Workspace("src/main.ts", "build/config.ts").resolve("../build/tasks").ours
        assert Workspace("src/main.ts", "src/lib/a.ts").resolve("./lib/b").ours

    def test_lead_nowhere_above_the_workspace_or_from_nowhere(self) -> None:
        assert Workspace("wiki.ts").resolve("../../wiki") == Resolution()
        assert Workspace("wiki.ts").resolve("./wiki", "") == Resolution()


class TestConfigurations:
    def test_comments_and_trailing_commas_are_nothing(self) -> None:
        text = '{ // Ours.\n "compilerOptions": { /* "x" */ "paths": { "@/*": ["./app/*"], }, }, }'
        assert Workspace("app/wiki.ts", manifests={"tsconfig.json": text}).file("@/wiki") == "app/wiki.ts"

    def test_the_longest_beginning_goes_first(self) -> None:
        paths = {"*": ["./all/*"], "@/*": ["./src/*"], "@/ui/*": ["./ui/src/*"], "@/ui/icons": ["./icons/all.ts"]}
        files = ("all/x.ts", "src/ui/button.ts", "ui/src/button.ts", "ui/src/icons.ts", "icons/all.ts", "src/x.ts")
        workspace = Workspace(*files, manifests={"tsconfig.json": {"compilerOptions": {"paths": paths}}})
        assert workspace.file("@/ui/button") == "ui/src/button.ts"
        assert workspace.file("@/ui/icons") == "icons/all.ts"
        assert workspace.file("@/x") == "src/x.ts"
        assert workspace.file("x") == "all/x.ts"
        assert not workspace.resolve("y").ours

    def test_each_target_is_tried(self) -> None:
        config = {"compilerOptions": {"baseUrl": ".", "paths": {"~/*": ["generated/*", "src/*", "types/*.d.ts"]}}}
        workspace = Workspace("src/a.ts", "types/b.d.ts", manifests={"tsconfig.json": config})
        assert workspace.file("~/a") == "src/a.ts"
        assert workspace.file("~/b") == "types/b.d.ts"

    def test_an_alias_makes_a_module_ours_where_its_folder_is(self) -> None:
        config = {
            "compilerOptions": {"paths": {"@/*": ["./src/*"], "@gone/*": ["./gone/*"], "lib": ["./node_modules/l"]}}
        }
        workspace = Workspace("src/main.ts", manifests={"tsconfig.json": config})
        assert workspace.resolve("@/new/thing").ours
        assert workspace.resolve("@/new/thing").files[0] == "src/new/thing.ts"
        assert not workspace.resolve("@gone/thing").ours
        assert not workspace.resolve("lib").ours

    def test_modules_may_start_at_a_base_folder(self) -> None:
        manifests = {
            "tsconfig.json": {"compilerOptions": {"baseUrl": "src"}},
            "package.json": {"dependencies": {"utils": "1"}},
        }
        workspace = Workspace("src/components/Nav.tsx", manifests=manifests)
        assert workspace.file("components/Nav") == "src/components/Nav.tsx"
        assert workspace.resolve("components/New").ours
        assert not workspace.resolve("lodash/map").ours
        assert not workspace.resolve("utils/map").ours

    def test_one_extends_others_and_paths_start_where_they_are_written(self) -> None:
        manifests = {
            "tsconfig.base.json": {"compilerOptions": {"paths": {"@shop/*": ["packages/*/src"]}}},
            "packages/config/package.json": {"name": "@shop/config"},
            "packages/config/tsconfig.lib.json": {"compilerOptions": {"paths": {"$/*": ["${configDir}/lib/*"]}}},
            "apps/web/tsconfig.json": {"extends": "../../tsconfig.base.json"},
            "apps/api/tsconfig.json": {"extends": ["@shop/config/tsconfig.lib.json"]},
            "apps/loop/tsconfig.json": {"extends": "./tsconfig.json"},
            "package.json": {"workspaces": ["packages/*"]},
        }
        workspace = Workspace("packages/core/src/index.ts", "apps/api/lib/db.ts", manifests=manifests)
        assert workspace.file("@shop/core", "apps/web/page.ts") == "packages/core/src/index.ts"
        assert workspace.file("$/db", "apps/api/main.ts") == "apps/api/lib/db.ts"
        assert workspace.file("$/db", "apps/loop/main.ts") is None

    def test_the_nearest_one_governs(self) -> None:
        def config(folder: str) -> object:
            return {"compilerOptions": {"paths": {"@/*": [f"./{folder}/*"]}}}

        manifests = {"tsconfig.json": config("src"), "apps/web/tsconfig.json": config("app")}
        files = ("src/x.ts", "apps/web/app/x.ts", "apps/web/app/deep/y.ts")
        workspace = Workspace(*files, manifests=manifests)
        assert workspace.file("@/x", "apps/web/app/deep/y.ts") == "apps/web/app/x.ts"
        assert workspace.file("@/x", "tests/x.ts") == "src/x.ts"

    def test_one_that_only_refers_to_others_says_what_they_say(self) -> None:
        manifests = {
            "tsconfig.json": {"files": [], "references": [{"path": "./tsconfig.app.json"}]},
            "tsconfig.app.json": {"compilerOptions": {"paths": {"#ui/*": ["./ui/*"]}}},
        }
        assert Workspace("ui/nav.ts", manifests=manifests).file("#ui/nav") == "ui/nav.ts"

    def test_one_for_each_part_of_a_program_governs_all_of_them(self) -> None:
        def part(**paths: str) -> object:
            return {"compilerOptions": {"paths": {f"{name}/*": [f"./{place}/*"] for name, place in paths.items()}}}

        manifests = {
            "tsconfig.json": {
                "files": [],
                "references": [{"path": f"./tsconfig.{name}.json"} for name in ("node", "web")],
            },
            "tsconfig.node.json": part(main="src/main", own="src/main"),
            "tsconfig.web.json": part(web="src/web", own="src/web"),
        }
        workspace = Workspace("src/main/a.ts", "src/web/b.ts", manifests=manifests)
        assert workspace.file("main/a", "src/main/x.ts") == workspace.file("own/a", "src/main/x.ts") == "src/main/a.ts"
        assert workspace.file("web/b", "src/web/x.ts") == workspace.file("own/b", "src/web/x.ts") == "src/web/b.ts"
        assert workspace.resolve("web/new", "src/web/x.ts").ours

    def test_without_any_what_frameworks_take_for_granted(self) -> None:
        workspace = Workspace("src/data/clay.ts", "web/package.json", "web/data/maps.ts", "web/pages/index.ts")
        assert workspace.file("@/data/clay") == "src/data/clay.ts"
        assert workspace.file("~/data/clay", "tests/x.ts") == "src/data/clay.ts"
        assert workspace.resolve("@/data/new").files[0] == "src/data/new.ts"
        assert workspace.resolve("@/data/new").ours
        assert not workspace.resolve("@/nowhere/new").ours
        nested = Workspace("web/data/maps.ts", manifests={"web/package.json": {"name": "web"}})
        assert nested.file("@/data/maps", "web/pages/index.ts") == "web/data/maps.ts"
        library = Workspace("src/lib/db.ts", "src/lib/index.ts")
        assert library.file("$lib") == "src/lib/index.ts"
        assert library.file("$lib/db") == "src/lib/db.ts"
        assert library.resolve("$lib/dbs").ours
        assert not any(file.startswith("$") for file in library.resolve("$lib/dbs").files)

    def test_a_slip_in_an_alias_is_missing_where_the_rest_is_there(self) -> None:
        paths = {"@components/*": ["./src/components/*"], "@shop/cart": ["./libs/cart/index.ts"]}
        files = ("src/components/Nav.tsx", "libs/cart/index.ts")
        manifests = {"tsconfig.json": {"compilerOptions": {"paths": paths}}}
        workspace = Workspace(*files, manifests=manifests)
        for slip in ("@component/Nav", "@shop/carts"):
            assert workspace.resolve(slip).ours
            assert workspace.file(slip) is None
        for other in ("@component/Menu", "@parts/Nav", "@shop/orders"):
            assert not workspace.resolve(other).ours
        installed: dict[str, object] = {"package.json": {"dependencies": {"@component/Nav": "1.0.0"}}}
        assert not Workspace(*files, manifests={**manifests, **installed}).resolve("@component/Nav").ours

    def test_a_library_that_is_yet_to_get_a_path_lies_where_its_like_do(self) -> None:
        paths = {
            "@shop/cart/ui": ["libs/cart/ui/src/index.ts"],
            "@shop/shared-ui": ["libs/shared/ui/src/index.ts"],
            "@shop/odd": ["elsewhere/index.ts"],
        }
        workspace = Workspace(manifests={"tsconfig.json": {"compilerOptions": {"paths": paths}}})
        for module in ("@shop/orders/ui", "@shop/orders-ui"):
            found = workspace.resolve(module)
            assert "libs/orders/ui/src/index.ts" in found.files
            assert not found.ours
        assert workspace.resolve("@other/ui") == Resolution()

    @pytest.mark.parametrize(
        "broken",
        ["", "{", "[]", "null", '{"compilerOptions": 3, "extends": 4}', '{"compilerOptions": {"paths": {"@/*": 1}}}'],
    )
    def test_a_broken_one_says_nothing(self, broken: str) -> None:
        workspace = Workspace(
            "src/a.ts", manifests={"tsconfig.json": broken, "package.json": broken, "lerna.json": broken}
        )
        assert workspace.file("./a") == "src/a.ts"
        assert workspace.file("@/a") == "src/a.ts"


class TestPackages:
    @pytest.mark.parametrize(
        "root",
        [
            {"package.json": {"workspaces": ["packages/*"]}},
            {"package.json": {"workspaces": {"packages": ["./packages/**", "!packages/old"]}}},
            {"pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n"},
            {"lerna.json": {"packages": ["packages/*"]}},
            {"apps/web/package.json": {"dependencies": {"@shop/core": "file:../../packages/core"}}},
        ],
    )
    def test_of_a_workspace_are_found_by_name(self, root: dict[str, object]) -> None:
        core = {"packages/core/package.json": {"name": "@shop/core", "main": "dist/index.js"}}
        workspace = Workspace("packages/core/src/index.ts", "packages/core/src/cart.ts", manifests=root | core)
        assert workspace.file("@shop/core", "apps/web/main.ts") == "packages/core/src/index.ts"
        assert workspace.file("@shop/core/cart", "apps/web/main.ts") == "packages/core/src/cart.ts"
        assert workspace.resolve("@shop/core/src/new", "apps/web/main.ts").ours
        assert not workspace.resolve("@shop/other", "apps/web/main.ts").ours

    def test_not_of_a_workspace_are_not(self) -> None:
        manifests = {
            "package.json": {"workspaces": ["packages/*", "!packages/private"]},
            "examples/react/package.json": {"name": "react"},
            "packages/private/package.json": {"name": "private"},
        }
        workspace = Workspace("examples/react/index.js", "packages/private/index.js", manifests=manifests)
        assert not workspace.resolve("react").ours
        assert workspace.file("react") is None
        assert workspace.file("private") is None

    def test_open_what_their_exports_say(self) -> None:
        exports = {
            ".": {"types": "./dist/index.d.ts", "import": "./dist/index.mjs"},
            "./plain": "./lib/plain.js",
            "./ui/*": {"import": "./source/ui/*.tsx"},
            "./ui/secret/*": None,
            "./built/*": ["./dist/esm/*.js"],
            "./adapters/next": {"node": {"require": "./dist/adapters/next.cjs"}},
        }
        manifests = {
            "package.json": {"workspaces": ["kit"]},
            "kit/package.json": {"name": "kit", "exports": exports},
        }
        files = (
            *("kit/src/index.ts", "kit/lib/plain.js", "kit/source/ui/button.tsx", "kit/source/ui/secret/key.tsx"),
            *("kit/src/deep/part.ts", "kit/src/adapters/next.ts"),
        )
        workspace = Workspace(*files, manifests=manifests)
        assert workspace.file("kit") == "kit/src/index.ts"
        assert workspace.file("kit/plain") == "kit/lib/plain.js"
        assert workspace.file("kit/ui/button") == "kit/source/ui/button.tsx"
        assert workspace.file("kit/ui/secret/key") is None
        assert workspace.file("kit/built/deep/part") == "kit/src/deep/part.ts"
        assert workspace.file("kit/adapters/next") == "kit/src/adapters/next.ts"
        assert not workspace.resolve("kit/unknown").ours

    def test_are_missing_what_their_exports_would_have_as_a_source(self) -> None:
        exports = {
            ".": "./src/index.ts",
            "./forms/*": "./src/forms/*.tsx",
            "./icons/*": {"types": "./src/icons/*.ts", "default": "./dist/icons/*.js"},
            "./plain/*": "./plain/*.js",
            "./made/*": "./made/*.js",
            "./built/*": {"types": "./dist/*.d.ts", "default": "./dist/*.js"},
            "./client": "./generated/client.ts",
        }
        manifests = {
            "package.json": {"workspaces": ["packages/*"]},
            "packages/ui/package.json": {"name": "@acme/ui", "exports": exports},
        }
        files = ("packages/ui/src/index.ts", "packages/ui/src/forms/input.tsx", "packages/ui/plain/one.js")
        workspace = Workspace(*files, manifests=manifests)
        assert workspace.file("@acme/ui/forms/input") == "packages/ui/src/forms/input.tsx"
        missing = workspace.resolve("@acme/ui/forms/select")
        assert missing.ours
        assert missing.files[0] == "packages/ui/src/forms/select.tsx"
        assert workspace.resolve("@acme/ui/icons/cart").ours
        assert workspace.resolve("@acme/ui/plain/two").ours
        for module in ("@acme/ui/made/two", "@acme/ui/built/two", "@acme/ui/client"):
            assert not workspace.resolve(module).ours

    def test_keep_to_themselves_what_their_exports_do_not_open(self) -> None:
        exports = {".": "./src/index.ts", "./forms/*": "./src/forms/*.tsx", "./forms/secret": None}
        manifests: dict[str, object] = {
            "package.json": {"workspaces": ["packages/*"]},
            "packages/ui/package.json": {"name": "@acme/ui", "exports": exports},
        }
        files = ("packages/ui/src/index.ts", "packages/ui/src/nav.tsx", "packages/ui/src/forms/input.tsx")
        workspace = Workspace(*files, manifests=manifests)
        for module in ("@acme/ui/src/nav", "@acme/ui/nav", "@acme/ui/forms/secret"):
            found = workspace.resolve(module)
            assert found.ours
            assert found.closed_by == "packages/ui/package.json"
            assert found.opened == ("@acme/ui", "@acme/ui/forms/input")
        assert not workspace.resolve("@acme/ui/package.json").closed_by
        config = {"compilerOptions": {"paths": {"@acme/ui/*": ["./packages/ui/src/*"]}}}
        aliased = Workspace(*files, manifests={**manifests, "tsconfig.json": config})
        assert aliased.file("@acme/ui/nav") == "packages/ui/src/nav.tsx"
        assert not aliased.resolve("@acme/ui/new").closed_by

    def test_that_are_built_open_no_slip(self) -> None:
        exports = {".": "./dist/index.js", "./testing": {"types": "./dist/testing.d.ts", "import": "./dist/testing.js"}}
        manifests = {
            "package.json": {"workspaces": ["packages/*"]},
            "packages/api/package.json": {"name": "@acme/api", "exports": exports},
        }
        workspace = Workspace("packages/api/src/test.ts", "packages/api/src/index.ts", manifests=manifests)
        slip = workspace.resolve("@acme/api/testin")
        assert (slip.closed_by, slip.opened) == ("packages/api/package.json", ("@acme/api", "@acme/api/testing"))
        assert not workspace.resolve("@acme/api/other").ours
        assert workspace.file("@acme/api/test") == "packages/api/src/test.ts"

    def test_are_written_where_their_exports_have_the_source_though_a_build_copies_it(self) -> None:
        exports = {"./*": {"types": "./dist/*.d.ts", "default": "./src/*.ts"}}
        manifests = {
            "package.json": {"workspaces": ["packages/*"]},
            "packages/db/package.json": {"name": "@acme/db", "exports": exports},
        }
        found = Workspace("packages/db/src/client.ts", manifests=manifests).resolve("@acme/db/clients")
        assert found == Resolution(("packages/db/src/clients.ts",), ours=True)

    def test_that_are_built_are_missing_no_less_where_an_alias_leads_to_their_sources(self) -> None:
        exports = {"./*": {"types": "./dist/*.d.ts"}, "./style.css": "./dist/style.css"}
        manifests = {
            "package.json": {"workspaces": ["packages/*"]},
            "packages/draw/package.json": {"name": "@acme/draw", "exports": exports},
            "tsconfig.json": {"compilerOptions": {"paths": {"@acme/draw/*": ["./packages/draw/src/*"]}}},
        }
        workspace = Workspace("packages/draw/src/line.ts", manifests=manifests)
        missing = workspace.resolve("@acme/draw/lines")
        assert missing.ours
        assert all(file.startswith("packages/draw/src/lines") for file in missing.files)
        assert "packages/draw/dist/style.css" in workspace.resolve("@acme/draw/style.css").files

    def test_that_are_folders_may_be_built(self) -> None:
        manifests = {"kit/package.json": {"name": "kit", "main": "./build/kit.js"}, "kit/old/package.json": {}}
        workspace = Workspace("kit/lib/kit.ts", "kit/test/a.js", manifests=manifests)
        assert not workspace.resolve("..", "kit/test/a.js").ours
        assert workspace.resolve("../old", "kit/test/a.js").ours

    def test_that_are_yet_to_come_are_called_as_their_folder(self) -> None:
        manifests: dict[str, object] = {
            "package.json": {"workspaces": ["packages/*"], "dependencies": {"@lib/wikis": "1.0.0"}},
            "packages/wiki/package.json": {"name": "@shop/wiki"},
            "packages/lib/package.json": {"name": "@lib/wiki"},
        }
        workspace = Workspace("packages/wiki/index.ts", manifests=manifests)
        assert "packages/cart/src/index.ts" in workspace.resolve("@shop/cart").files
        assert "packages/cart/src/lines.ts" in workspace.resolve("@shop/cart/lines").files
        assert workspace.resolve("@shop/wikis").ours  # A slip.
        assert not workspace.resolve("@shop/cart").ours
        assert not workspace.resolve("@lib/wikies").ours
        unread = Workspace("packages/wiki/index.ts", "tools/package.json", manifests=manifests)
        assert not unread.resolve("@shop/wikis").ours

    def test_of_one_name_in_two_workspaces_are_the_importer_s_own(self) -> None:
        manifests: dict[str, object] = {}
        for template in ("one", "two"):
            manifests[f"{template}/package.json"] = {"workspaces": ["ui"]}
            manifests[f"{template}/ui/package.json"] = {"name": "ui", "main": "index.ts"}
        workspace = Workspace("one/ui/index.ts", "two/ui/index.ts", manifests=manifests)
        assert workspace.file("ui", "one/app.ts") == "one/ui/index.ts"
        assert workspace.file("ui", "two/app.ts") == "two/ui/index.ts"

    def test_know_themselves_and_their_inner_names(self) -> None:
        package = {
            "name": "shop",
            "exports": "./src/index.ts",
            "imports": {"#db": "./src/db.ts", "#ui/*": "./dist/ui/*.js"},
        }
        workspace = Workspace("src/index.ts", "src/db.ts", "src/ui/nav.tsx", manifests={"package.json": package})
        assert workspace.file("shop") == "src/index.ts"
        assert workspace.file("#db") == "src/db.ts"
        assert workspace.file("#ui/nav") == "src/ui/nav.tsx"
        assert workspace.resolve("#ui/new").files[0] == "dist/ui/new.ts"
        assert not any("index" in file for file in workspace.resolve("#ui/new.js").files)
        assert workspace.resolve("#uis/nav").ours  # A slip.
        assert not workspace.resolve("#uis/new").ours
        assert not workspace.resolve("#unknown").ours

    @pytest.mark.parametrize(
        "module", ["fs", "node:fs", "fs/promises", "react", "@scope/pkg", "https://x.y/z.js", "virtual:x"]
    )
    def test_of_others_are_never_ours(self, module: str) -> None:
        workspace = Workspace("src/fs.ts", "fs/index.ts", "react.ts.md", manifests={"package.json": {"name": "shop"}})
        found = workspace.resolve(module)
        assert not found.ours
        assert not any(file in workspace.files for file in found.files)


class TestPaths:
    def test_are_understood_as_the_last_thing(self) -> None:
        workspace = Workspace("src/data/clay.ts", "src/main.ts")
        assert workspace.file("src/data/clay.ts", "") == "src/data/clay.ts"
        assert workspace.file("src/data/clay", "") == "src/data/clay.ts"
        assert workspace.resolve("src/data/new", "").ours
        assert workspace.resolve("src/data/new.ts", "").files == ("src/data/new.ts",)
        assert not workspace.resolve("elsewhere/new", "").ours

    def test_do_not_hide_a_package(self) -> None:
        manifests = {"package.json": {"dependencies": {"data": "1.0.0"}}}
        workspace = Workspace("data/clay.ts", manifests=manifests)
        assert workspace.file("data/clay") is None
