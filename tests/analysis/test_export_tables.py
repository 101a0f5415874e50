"""Which names can be imported from a file, and whether those are surely all."""

from agent_server.analysis.imports.export_tables import exports_of, read_for
from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, language_of


def lacks(files: dict[str, str], path: str, name: str) -> bool:
    return exports_of(path, language_of(path), Tree(files, files)).lack(name)


def test_a_name_that_no_word_of_the_file_spells_is_lacking() -> None:
    assert lacks({"a.py": "ENTRIES = []\n"}, "a.py", "LEVELS")
    assert not lacks({"a.py": "ENTRIES = []\n"}, "a.py", "ENTRIES")
    assert not lacks({"a.py": "ENTRIES = []\nglobals()['LEVELS'] = 1\n"}, "a.py", "LEVELS")


def test_what_a_module_passes_on_counts() -> None:
    files = {"data/__init__.py": "from .clay import *\n", "data/clay.py": "ENTRIES = []\n"}
    assert not lacks(files, "data/__init__.py", "ENTRIES")
    assert lacks(files, "data/__init__.py", "LEVELS")
    barrel = {"index.ts": 'export * from "./clay";\n', "clay.ts": "export const entries = [];\n"}
    assert not lacks(barrel, "index.ts", "entries")
    assert lacks(barrel, "index.ts", "levels")


def test_a_default_export_is_lacking_like_any_name_but_in_commonjs() -> None:
    assert lacks({"a.ts": "export const levels = 3;\n"}, "a.ts", "default")
    assert not lacks({"a.ts": "export default 3;\n"}, "a.ts", "default")
    assert not lacks({"a.ts": "const a = 3;\nexport { a as default };\n"}, "a.ts", "default")
    assert not lacks({"a.js": "exports.levels = 3;\n"}, "a.js", "default")
    assert not lacks({"a.vue": "<script setup>const a = 3;</script>\n"}, "a.vue", "default")


def test_a_module_of_javascript_keeps_to_itself_what_it_does_not_export() -> None:
    text = "const levels = 3;\nexport const double = () => levels * 2;\n"
    assert lacks({"a.ts": text}, "a.ts", "levels")
    assert lacks({"a.js": text}, "a.js", "levels")
    assert not lacks({"a.js": f"/** @typedef {{keyof typeof levels}} levels */\n{text}"}, "a.js", "levels")
    assert not lacks({"a.ts": f"{text}const = ;\n"}, "a.ts", "levels")
    assert not lacks({"a.d.ts": "declare const levels: number;\nexport const double: number;\n"}, "a.d.ts", "levels")
    assert not lacks(
        {"a.js": "const levels = 3;\nexports.double = levels;\nexports['levels'] = 3;\n"}, "a.js", "levels"
    )


def test_a_module_of_javascript_has_the_types_that_are_declared_beside_it() -> None:
    files = {"kit.js": "export const open = () => {};\n", "kit.d.ts": "export interface Kit { level: number }\n"}
    for path in files:
        assert not lacks(files, path, "Kit")
        assert not lacks(files, path, "open")
        assert lacks(files, path, "Kiln")
    assert not lacks({"kit.js": files["kit.js"], "kit.d.ts": "export * from 'kits';\n"}, "kit.js", "Kiln")


def test_in_doubt_nothing_is_lacking() -> None:
    assert not lacks({"a.js": "module.exports = makeLevels();\n"}, "a.js", "LEVELS")
    assert not lacks({"a.py": "from somewhere import *\nA = 1\n"}, "a.py", "LEVELS")
    assert not lacks({"a.py": "def __getattr__(name): ...\n"}, "a.py", "LEVELS")
    assert not lacks({"a.py": ""}, "a.py", "LEVELS")
    unread = Tree(["a.py"])
    assert not exports_of("a.py", language_of("a.py"), unread).lack("LEVELS")
    assert not exports_of("a.txt", None, unread).lack("LEVELS")


def test_a_package_that_is_a_folder_exports_what_its_files_do() -> None:
    files = {"db/a.go": "package db\n\nfunc Open() {}\n", "db/b.go": "package db\n\nfunc Close() {}\n", "db/x/c.go": ""}
    exports = exports_of("db/", LANGUAGES["go"], Tree(files, files))
    assert exports.names == {"Open", "Close"}
    assert exports.lack("Query")
    assert not exports_of("db/", LANGUAGES["go"], Tree(files, {"db/a.go": files["db/a.go"]})).lack("Query")


def test_a_folder_of_python_holds_modules_and_nothing_else() -> None:
    files = {"data/clay.py": "ENTRIES = []\n", "data/deep/glass.py": "", "data/notes.txt": ""}
    exports = exports_of("data/", LANGUAGES["python"], Tree(files, files))
    assert exports.names == exports.modules == {"clay", "deep"}
    assert exports.lack("ENTRIES")


def test_a_regular_package_of_python_has_modules_beside_its_names() -> None:
    files = {"data/__init__.py": "LEVELS = 3\n", "data/clay.py": "ENTRIES = []\n"}
    exports = exports_of("data/__init__.py", LANGUAGES["python"], Tree(files, files))
    assert (exports.names, exports.modules) == ({"LEVELS"}, {"clay"})


def test_a_package_of_python_that_says_nothing_has_no_names() -> None:
    assert lacks({"data/__init__.py": ""}, "data/__init__.py", "ENTRIES")
    assert not lacks({"data/__init__.py": "from somewhere import *\n"}, "data/__init__.py", "ENTRIES")


def test_taking_names_from_a_module_gives_no_name_of_that_module() -> None:
    files = {"data/__init__.py": "# Of clay.\nfrom .clay import ENTRIES\nfrom data.glass import LEVELS\n"}
    assert lacks(files, "data/__init__.py", "clay")
    assert lacks(files, "data/__init__.py", "glass")
    assert not lacks(files, "data/__init__.py", "LEVELS")
    above = {"__init__.py": "from data import *\n", "data/glass.py": "", "data/clay.py": ""}
    assert not lacks(files | above, "__init__.py", "clay")


def test_of_names_with_two_underscores_every_module_has_some() -> None:
    files = {"data/__init__.py": "LEVELS = 3\n"}
    assert not lacks(files, "data/__init__.py", "__file__")
    assert lacks(files, "data/__init__.py", "__version__")


def test_the_texts_to_read_are_found_one_after_the_other() -> None:
    files = {"data/__init__.py": "from .clay import *\n", "data/clay.py": "ENTRIES = []\n"}
    python = LANGUAGES["python"]
    assert read_for("data/__init__.py", python, Tree(files)) == ("data/__init__.py",)
    with_first = Tree(files, {"data/__init__.py": files["data/__init__.py"]})
    assert read_for("data/__init__.py", python, with_first) == ("data/__init__.py", "data/clay.py")
