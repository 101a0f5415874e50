"""What the findings about implied and predicted writes rest on, and what their fixes do to a plan."""

from collections.abc import Mapping

import pytest

from agent_server.analysis import rules
from agent_server.analysis.implied.generated import made_from
from agent_server.analysis.implied.listings import lists_all, spells_out
from agent_server.analysis.implied.siblings import kin_of, siblings_of
from agent_server.analysis.model import Analysis, Diagnostic, Source
from agent_server.analysis.questions import Importers, Likelihood, Naming
from agent_server.analysis.report import report
from agent_server.analysis.tree import Tree
from agent_server.plan.model import apply_edits
from agent_server.plan.native import parse
from tests.analysis.analysed import analysed
from tests.answering import analysed_in_full

SHOP: Mapping[str, str] = {
    "package.json": "{}",
    "yarn.lock": "",
    "src/cart.ts": "",
    "src/mail.ts": "",
    "src/form.ts": "",
}


def of(analysis: Analysis, code: str) -> list[Diagnostic]:
    return [found for found in analysis.diagnostics if found.code == code]


def in_full(text: str, files: Mapping[str, str] = SHOP, **likely: tuple[Likelihood, ...]) -> Analysis:
    return analysed_in_full(parse(text), files, likely=likely)


THREE = """\
---
verify: yarn test
---
# Shop

## cart: Check the cart
* writes: src/cart.ts

Add the `zod` package, and refuse an empty cart.

## mail: Write mails
* writes: src/mail.ts

Add the `nodemailer` package, and thank the customer.

## form: Style the form
* writes: src/form.ts

Make it calm.
"""


def test_what_several_tasks_forget_can_be_given_to_a_task_that_prepares_it() -> None:
    analysis = in_full(THREE)
    found = of(analysis, "implied-write")
    assert [each.tasks for each in found] == [("cart", "mail"), ("mail", "cart")]
    given = rules.fixes(analysis, found[0])[0]
    mended = apply_edits(THREE, given.edits)
    after = in_full(mended)
    assert of(after, "implied-write") == []
    assert after.schedule.waves == (("form", "prepare-package"), ("cart", "mail"))
    kept = [line for line in THREE.splitlines() if line not in mended.splitlines()]
    assert kept == []


def test_a_file_that_is_implied_for_a_declared_set_is_reported_and_not_allowed() -> None:
    analysis = in_full(THREE)
    cart = analysis.tasks["cart"].writes
    assert not cart.paths.matches("yarn.lock")
    assert [(entry.path, entry.source) for entry in cart.beyond] == [
        ("package.json", Source.IMPLIED),
        ("yarn.lock", Source.IMPLIED),
    ]
    assert analysis.conflicts == ()


def test_the_report_shows_what_is_implied_with_its_source() -> None:
    task = report("/w", [("p.plan.md", in_full(THREE))])["plans"][0]["tasks"][0]
    assert [(each["path"], each["source"]) for each in task["writes"]] == [
        ("src/cart.ts", "declared"),
        ("package.json", "implied"),
        ("yarn.lock", "implied"),
    ]


def test_a_prediction_is_shown_and_binds_nobody() -> None:
    text = "# Shop\n\n## vouchers: Take vouchers\n\nA code makes it cheaper.\n"
    analysis = in_full(text, vouchers=(Likelihood("src/cart.ts", 0.62, "carts are about vouchers"),))
    writes = analysis.tasks["vouchers"].writes
    assert writes.unknown
    assert not writes.paths
    assert [(entry.path, entry.source, entry.confidence) for entry in writes.beyond] == [
        ("src/cart.ts", Source.PREDICTED, 0.62)
    ]
    (hint,) = of(analysis, "predicted-write")
    assert "`src/cart.ts` (62%)" in hint.message
    (fix,) = rules.fixes(analysis, hint)
    assert not fix.preferred
    assert "- writes: `src/cart.ts`" in apply_edits(text, fix.edits)


def test_an_analysis_asks_about_new_files_and_about_tasks_that_say_nothing_and_goes_on_without_answers() -> None:
    files = ("pages/glass.py", "pages/kiln.py", "nav.py")
    analysis = analysed(
        "## hub: Hub\n- writes: pages/clay.py\n\nBuild it.\n\n## polish: Polish\n\nMake it calm.\n", files
    )
    kinds = {type(question).__name__ for question in analysis.unanswered}
    assert kinds == {"Importers", "Naming", "Likely"}
    assert {Importers("pages/glass.py"), Naming(("glass", "kiln"))} <= analysis.unanswered
    assert of(analysis, "implied-write") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sealed interface Cipher permits Caesar,\n    Atbash {\n}\n", True),
        ("module a { provides a.Cipher with\n a.Caesar, a.Atbash; }", True),
        ("sealed interface Cipher permits Atbash { Caesar caesar(); }", False),
        ("module a { provides a.Caesar with a.Atbash; }", False),
        ("new Caesar(), new Atbash()", False),
    ],
)
def test_java_spells_out_what_may_extend_a_type_and_what_a_module_provides(text: str, told: bool) -> None:
    assert spells_out(text, "Caesar") is told


def test_kin_are_the_files_of_one_kind_beside_it_or_in_the_folders_beside_its_own() -> None:
    daos = ("a/CartDao.java", "a/OrderDao.java", "a/UserDao.java")
    tree = Tree([*daos, "a/Cart.java", "a/Database.java", "c/x/ArtPage.java", "c/y/BookPage.java", "c/z/CupPage.java"])
    found = kin_of("a/ItemDao.java", tree)
    assert found is not None
    assert (found[0], found[1].files) == ("ItemDao", daos)
    pages = kin_of("c/new/NewPage.java", tree)
    assert pages is not None
    assert pages[1].names == ("ArtPage", "BookPage", "CupPage")
    for path in ("a/Item.java", "a/ItemRow.java", "a/ItemException.java", "a/ItemDaoTest.java", "d/new/NewPage.java"):
        assert kin_of(path, tree) is None


def test_siblings_are_the_files_beside_it_or_of_its_name_in_the_folders_beside_its_own() -> None:
    tree = Tree(["a/glass.ts", "a/kiln.ts", "a/index.ts", "a/kiln.test.ts", "b/glass/hub.tsx", "b/kiln/hub.tsx"])
    found = siblings_of("a/clay.ts", tree)
    assert found is not None
    assert (found[0], found[1].names) == ("clay", ("glass", "kiln"))
    cousins = siblings_of("b/clay/hub.tsx", tree)
    assert cousins is not None
    assert (cousins[0], cousins[1].files) == ("clay", ("b/glass/hub.tsx", "b/kiln/hub.tsx"))


@pytest.mark.parametrize("path", ["ui/clay/clay.card.ts", "ui/clay-wiki/clayWiki.card.ts"])
def test_a_file_whose_name_holds_its_folder_s_has_those_that_hold_theirs(path: str) -> None:
    tree = Tree(["ui/glass/glass.card.ts", "ui/old-kiln/OldKiln.card.ts", "ui/glass/glass.ts", "ui/deep/er/er.card.ts"])
    found = siblings_of(path, tree)
    assert found is not None
    assert found[1].names == ("glass", "old-kiln")
    assert siblings_of("ui/clay/clay.ts", tree) is None


@pytest.mark.parametrize("path", ["a/clay.test.ts", "a/index.ts", "a/clay.css", "c/clay.ts"])
def test_a_test_a_barrel_and_a_file_without_neighbours_have_no_siblings(path: str) -> None:
    assert siblings_of(path, Tree(["a/glass.ts", "a/kiln.ts"])) is None


@pytest.mark.parametrize(
    "text",
    [
        'export * from "./clay-wiki";\nexport * from "./kiln";\n',
        "mod clay_wiki;\npub mod kiln;\nmod kiln;\n",
        'LINKS = ["clay-wiki", "kiln"]\n',
        "router.use(clayWikiRouter);\nrouter.use(kilnRouter);\n",
        "  - Clay: clay-wiki.md\n  - Kilns: kiln.md\n  - Clay: kiln.md\n",
        "org.clay.ClayWikiPlugin\norg.clay.KilnPlugin\n",
        "    ClayWiki,\n    Kiln,\n",
    ],
)
def test_a_list_holds_every_name_in_one_form(text: str) -> None:
    assert lists_all(text, ("clay-wiki", "kiln"), imports_count=True)


@pytest.mark.parametrize(
    "text",
    [
        "router.use(clayWikiRouter);\n",
        "print(clay_wiki())\nif kiln:\n",
        "// clay-wiki\n// kiln\n",
        "router.use(clayWikis);\nrouter.use(kilns);\n",
    ],
)
def test_a_text_that_only_uses_the_names_is_no_list(text: str) -> None:
    assert not lists_all(text, ("clay-wiki", "kiln"), imports_count=True)


def test_names_behind_their_folder_are_a_list_in_any_form() -> None:
    text = 'index("routes/home.tsx"),\nroute("team", "routes/team.tsx"),\n'
    assert lists_all(text, ("home", "team"), imports_count=False, folder="routes/")
    assert not lists_all(text, ("home", "team"), imports_count=False, folder="pages/")
    assert not lists_all(text, ("home", "team", "road"), imports_count=False, folder="routes/")


def test_imports_count_only_for_files_that_do_nothing_else() -> None:
    text = "from shop import cart\nfrom shop import kiln\n"
    assert lists_all(text, ("cart", "kiln"), imports_count=True)
    assert not lists_all(text, ("cart", "kiln"), imports_count=False)


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("// Code generated by protoc-gen-go. DO NOT EDIT.\n// source: api/shop.proto\n", "api/shop.proto"),
        ("# This file was generated from openapi.yaml\n", "web/openapi.yaml"),
        ("/* @generated from shop.proto */\n", "api/shop.proto"),
        ("# Reads openapi.yaml at the start\n", None),
        ("// Code generated by mockgen. DO NOT EDIT.\n", None),
        ("// generated from gone.proto\n", None),
    ],
)
def test_a_header_names_what_a_file_is_made_from(header: str, source: str | None) -> None:
    assert made_from("gen/x.go", header, Tree(["api/shop.proto", "web/openapi.yaml"])) == source


HOT = """\
# Clay wiki


## data: Write the data
+ writes: src/data.py,   src/nav.py

Count them in `src/nav.py`.   Two spaces end this line.  

## hub: Build the hub
+ writes:
  + src/hub.py
  + src/nav.py

Link it.

## all: Style everything
+ writes: src/*.py

Make it calm.
"""  # noqa: W291  # the spaces are what is tested


def test_the_fix_of_a_hot_file_rewrites_nothing_but_what_it_has_to() -> None:
    files = {"src/nav.py": "", "src/hub.py": "", "src/data.py": ""}
    analysis = in_full(HOT.replace("src/*.py", "src/{nav,style}.py"), files)
    (hot,) = of(analysis, "hot-file")
    given = rules.fixes(analysis, hot)[0]
    text = HOT.replace("src/*.py", "src/{nav,style}.py")
    mended = apply_edits(text, given.edits)
    after = in_full(mended, files)
    assert of(after, "hot-file") == []
    assert after.tasks["integrate-nav"].wave == 2
    gone = [line for line in text.splitlines() if line not in mended.splitlines()]
    assert gone == ["+ writes: src/data.py,   src/nav.py", "  + src/nav.py", "+ writes: src/{nav,style}.py"]


def test_a_hot_file_that_costs_nothing_is_only_told() -> None:
    chain = "".join(
        f"## t{number}: T\n- writes: nav.py, f{number}.py\n- locks: database\n\nDo it.\n\n" for number in range(3)
    )
    (hot,) = of(in_full(chain, {"nav.py": ""}), "hot-file")
    assert hot.severity == "information"
    assert "as slow without that" in hot.message
