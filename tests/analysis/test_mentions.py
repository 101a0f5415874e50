import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.words.mentions import mentions
from agent_server.analysis.words.same_files import same_files

# Each sentence, and what it does: `+` writes, `?` reads, `!` runs, and `-` only cites a path.
SENTENCES = [
    # The verb decides.
    ("Create `src/user.py`.", "+src/user.py"),
    ("Rename `old.py` to `new.py`.", "+old.py +new.py"),
    ("Please also update src/nav.py and docs/index.md.", "+src/nav.py +docs/index.md"),
    ("Add a link in `nav.py`, then run `scripts/build.py`.", "+nav.py !scripts/build.py"),
    ("Verify that `src/nav.py` still imports.", "?src/nav.py"),
    ("Look at the code, review `src/nav.py` and extend `src/hub.py`.", "?src/nav.py +src/hub.py"),
    ("Copy `a.py` to `b.py`.", "?a.py +b.py"),
    ("Remove the entry from `nav.py`.", "+nav.py"),
    ("Extract the retries from `client.py`.", "+client.py"),
    ("Extract the colours from `template.png`.", "?template.png"),
    # The words before the path outweigh the verb.
    ("Write `hub.py` based on `old/hub.py`.", "+hub.py ?old/hub.py"),
    ("Build the page like `old/hub.py`.", "?old/hub.py"),
    ("Create `src/hub.py`, mirroring `src/knowledge.py`.", "+src/hub.py ?src/knowledge.py"),
    ("Add the fields as documented in `docs/api.md` to `src/api.py`.", "?docs/api.md +src/api.py"),
    ("Import `entries` from `data/wiki.py`.", "?data/wiki.py"),
    ("Write tests for `src/nav.py` in `tests/test_nav.py`.", "?src/nav.py +tests/test_nav.py"),
    ("Add a link to `pages/hub.py` in `nav.py`.", "-pages/hub.py +nav.py"),
    ("Implement the endpoint per contracts/api.md (see `spec.md`).", "?contracts/api.md ?spec.md"),
    # The folder of a file that prose names without markup.
    ("Create a Dockerfile in `web/site/`.", "+web/site/Dockerfile -web/site/"),
    # A path from the root of a machine.
    ("Extend the checks in /Users/ada/kiln/tests/fire.test.ts:12.", "+/Users/ada/kiln/tests/fire.test.ts"),
    (r"Add the heat to `C:\kiln\src\heat.ts`.", "+C:/kiln/src/heat.ts"),
    ("Serve `/home/settings` and `/Users/{id}/x` in `src/app.ts`.", "+src/app.ts"),
    # What is written down where a verb may be a noun.
    (
        "Replace the mocks where they hide faults in src/fire.py and document results in specs/1/research.md",
        "+src/fire.py +specs/1/research.md",
    ),
    ("Decide when to fire, and why the document store is slow in specs/1/research.md", "-specs/1/research.md"),
    ("Add the route as agreed in specs/1/research.md", "?specs/1/research.md"),
    ("Replace the uses of `Old.vue` in `src/Page.vue` with `New.vue`", "-Old.vue +src/Page.vue -New.vue"),
    # A mark before the last path parts what is to be done from where; between two it lists them.
    ("Show a badge when the kiln is hot \u00b7 `src/badge.ts`", "+src/badge.ts"),
    ("Show a badge when the kiln is hot @ `src/badge.ts`", "+src/badge.ts"),
    ("Add `a.ts` \u00b7 `b.ts`", "+a.ts +b.ts"),
    ("Restyle guests `src/Guests.tsx` + details `src/Guest.tsx`", "+src/Guests.tsx +src/Guest.tsx"),
    # Models, what a thing shows, and what it makes when it runs.
    ("Create `b/vars.tf` with identical fields to `a/vars.tf`", "+b/vars.tf ?a/vars.tf"),
    ("Apply identical changes to `b/vars.tf`", "+b/vars.tf"),
    ("Create `b/out.tf` exposing the same outputs as `a/out.tf`", "+b/out.tf ?a/out.tf"),
    ("Create the route in `src/terms.tsx`, renders `terms.md`", "+src/terms.tsx ?terms.md"),
    ("Build the command that generates `app.toml`, `x.py` in `cli/new.go`", "-app.toml -x.py +cli/new.go"),
    ("Generate `app.toml` in `cli/new.go`", "+app.toml +cli/new.go"),
    ("Add two entries to `.goreleaser.yaml`, each using the root `Dockerfile`", "+.goreleaser.yaml ?Dockerfile"),
    # Negation.
    ("Do not edit `nav.py` or `index.py`.", "-nav.py -index.py"),
    ("Add the page without changing `nav.py`.", "-nav.py"),
    ("Change every page except `pages/home.py`.", "-pages/home.py"),
    ("Leave `nav.py` alone.", "-nav.py"),
    ("Write it like the one it mirrors, and never mention `nav.py`.", "-nav.py"),
    # A verb form that is a noun.
    ("The update in `nav.py` is another task's.", "-nav.py"),
    ("Add a unit test and a review step in `ci/steps.py`.", "+ci/steps.py"),
    ("Change the page to use icons in `nav.py`.", "+nav.py"),
    # What follows the path.
    ("In `nav.py`, add the link.", "+nav.py"),
    ("In `nav.py`, use the new icons.", "+nav.py"),
    ("In `nav.py`, read the names.", "?nav.py"),
    ("Fix the endpoint to check the level \u2014 `src/api.py`", "+src/api.py"),
    ("`nav.py` must list the page, and `hub.py` must not change.", "+nav.py -hub.py"),
    ("`nav.py` needs to be updated.", "+nav.py"),
    ("`src/hub.py` (new)", "+src/hub.py"),
    ("`src/hub.py`: add the intro", "+src/hub.py"),
    ("`nav.py` lists every page.", "-nav.py"),
    # A clause that orders nothing.
    ("Update the page once `data/wiki.py` exists.", "-data/wiki.py"),
    ("The new export must be added to `src/index.ts`.", "+src/index.ts"),
    # No verb at all.
    ("Contract test for the users endpoint in tests/test_users.py", "+tests/test_users.py"),
    ("Test the ranking in `tests/test_search.py`.", "+tests/test_search.py"),
    ("Verify that all tests pass in `tests/test_search.py`.", "?tests/test_search.py"),
    ("Parse the flags in `src/cli.py`.", "+src/cli.py"),
    ("Parse the entries in `data/wiki.csv`.", "?data/wiki.csv"),
    ("Ensure that the fields are optional in `src/user.py`.", "+src/user.py"),
    ("Test: `tests/test_nav.py`", "+tests/test_nav.py"),
    ("Show nothing when the list is empty in `tests/test_nav.py`.", "+tests/test_nav.py"),
    ("Show the level in `src/hub.py` with a colour of its own.", "+src/hub.py"),
    ("Refuse an entry if its title is taken at `src/entry.py`.", "-src/entry.py"),
    ("Add a check: refuse an entry if its title is taken at `src/entry.py`.", "+src/entry.py"),
    # What stands in brackets, and nouns that look like verbs.
    ("Add the form (skip, use or view it) in `src/form.py`.", "+src/form.py"),
    ("Create `a/.npmrc` (new) and `b/.npmrc`.", "+a/.npmrc +b/.npmrc"),
    ("Add a form with validation, loading state and test data in `src/form.py`.", "+src/form.py"),
    # A verb has one object.
    ("Extend `a.sh` to call `b.sh`.", "+a.sh ?b.sh"),
    ("Update `.gitignore` to ensure that `.env` stays out.", "+.gitignore -.env"),
    ("Add `lint.json` with a rule encoding `docs/style.md`.", "+lint.json ?docs/style.md"),
    ("Add `rules/all.yml`, a rule that fires on each handler in `src/web/`.", "+rules/all.yml -src/web/"),
    ("Create `src/form.py` extending `src/base.py`.", "+src/form.py ?src/base.py"),
    ("Add the route in `a.ts` leveraging `b.ts`.", "+a.ts ?b.ts"),
    ("Replace the badge in `a.ts`, removing `b.ts`.", "+a.ts +b.ts"),
    ("Extend `a.sh` to refuse broken samples in `data/`.", "+a.sh -data/"),
    ("Move `a.sh` to the folder `bin/`.", "+a.sh +bin/"),
    ("Create `a.ts`, wired to `b.ts`.", "+a.ts ?b.ts"),
    ("Create the form per `api.md` on errors and `style.md`.", "?api.md ?style.md"),
    ('Test the message "missing a.yml error" in `tests/test_a.py`.', "+tests/test_a.py"),
    # A name apart from its folder.
    ("Create `hub.py` in `src/pages/`.", "+src/pages/hub.py -src/pages/"),
    ("Create `hub.py` and the `nav.py` module in src/pages.", "+src/pages/hub.py +src/pages/nav.py"),
    ("Write the pages in `src/pages/`: `hub.py`, `nav.py`.", "-src/pages/ +src/pages/hub.py +src/pages/nav.py"),
    ("Create `src/pages/` with an `__init__.py`.", "-src/pages/ +src/pages/__init__.py"),
    ("Create `src/pages/` and a `README.md`.", "+src/pages/ +README.md"),
    ("Update `setup.cfg` to cover all code in `src/`.", "+setup.cfg -src/"),
    ("Create `hub.py` at `src/pages/hub.py`.", "+src/pages/hub.py +src/pages/hub.py"),
    ("Create `README.md` with a link in `docs/README.md`.", "+docs/README.md +docs/README.md"),
    ("Update `README.md` and `docs/README.md`.", "+README.md +docs/README.md"),
    ("Create `fakes/a.go`, `b.go` and `c.md`.", "+fakes/a.go +fakes/b.go +c.md"),
    # The order that opens a sentence, and the file that it ends in.
    ("Add a notice when the list is empty in `a.ts`.", "+a.ts"),
    ("Add a mapper that reuses the old rules in `a.ts` and `b.ts`.", "+a.ts +b.ts"),
    ("Add a reader that loads the entries in `data/wiki.json`.", "?data/wiki.json"),
    ("Fix the bug where users are not found in `a.ts`.", "+a.ts"),
    ("Show a hint if no entries exist in `a.ts`.", "+a.ts"),
    ("Ensure that the page exists in `a.html`.", "+a.html"),
    ("Verify that the page exists in `a.html`.", "?a.html"),
    ("Use the new logger: `a.ts`, `b.ts`.", "?a.ts ?b.ts"),
    ("Update all jobs to use the new logger: `a.ts`, `b.ts`.", "+a.ts +b.ts"),
    ("Review and harden the checks in `a.ts`.", "+a.ts"),
    ("Integration test for a token refused on reuse (401) in `tests/a.py`.", "+tests/a.py"),
    ("Integration tests in `tests/a.py` verifying the login.", "+tests/a.py"),
    ("Add the form (see the note in `b.ts`).", "?b.ts"),
    ("Track the level (implemented in `a.ts`).", "+a.ts"),
    ("In `a.ts`, do not add the link.", "-a.ts"),
    ("The log() of `a.ts` is wrong.", "-a.ts"),
    ("Add an example in `a.ts`, following the pattern in `b.ts`.", "+a.ts ?b.ts"),
    ("Add the import to `a.ts`.", "+a.ts"),
    ("Add the route to `a.ts`.", "+a.ts"),
    ("Add a route to `pages/a.ts` in `nav.ts`.", "-pages/a.ts +nav.ts"),
    ("Show the level (file: `a.ts`).", "+a.ts"),
    ("`a.ts` (reference only)", "?a.ts"),
    # Documents of the spec are sources.
    ("Add the routes (contracts/api.yaml) in `a.ts`.", "?contracts/api.yaml +a.ts"),
    ("Add the routes (T003, research.md Decision 1; plan.md) in `a.ts`.", "?research.md ?plan.md +a.ts"),
    ("Add the colours (style.md \u00a72) to `a.ts`.", "?style.md +a.ts"),
    ("Write the spec (spec.md, plan.md).", "+spec.md +plan.md"),
    ("Document the outcome in `specs/1/quickstart.md`.", "+specs/1/quickstart.md"),
    # Paths in every shape.
    ("Edit src/a.ts,src/b.ts and src/{a,b}.py.", "+src/a.ts +src/b.ts +src/{a,b}.py"),
    ("Edit tests/test_a.py::test_login, `src/a.rs:1-9` and `/app.js`.", "+tests/test_a.py +src/a.rs +app.js"),
    ("Edit Directory.Build.props, `api/.gitkeep` and `secrets.yaml.example`.",
     "+Directory.Build.props +api/.gitkeep +secrets.yaml.example"),
    ("Edit [the nav](src/nav.py) and `app/[slug]/(group)/page.tsx`.", "+src/nav.py +app/[slug]/(group)/page.tsx"),
    ("Edit src/nav.py:12 and `./src/hub.py#L3`.", "+src/nav.py +src/hub.py"),
    ("Edit `Dockerfile`, `.env.local` and `src/auth/`.", "+Dockerfile +.env.local +src/auth/"),
    ("Edit all of `src/**/*.py`.", "+src/**/*.py"),
    ("Insert the rows of `data/rows.json`.", "?data/rows.json"),
    ("Insert a row at the end of `data/rows.json`.", "+data/rows.json"),
    ("Use Node.js 20, e.g. with https://example.org/a/b.html, `npm run build` and `foo.bar()`.", ""),
    ("Add nothing to /etc/passwd, `../up.py` or `~/x.py`.", ""),
]  # fmt: skip

MARKS = {"writes": "+", "reads": "?", "runs": "!", "cites": "-"}


def uses(text: str, *, of_work: bool = False) -> str:
    return " ".join(f"{MARKS[found.use]}{found.path}" for found in mentions(text, of_work=of_work) if found.sure)


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_what_a_sentence_does_with_its_paths(sentence: str, expected: str) -> None:
    assert uses(sentence) == expected


# Each text that says what is to be done, and what it does.
WORK = [
    ("`src/a.py`", "+src/a.py"),
    ("`src/a.py` \u2014 the parser, verified against the old one", "+src/a.py"),
    ("Greet people on first visits: src/a.py", "+src/a.py"),
    ("Greet people when they come in src/a.py", "+src/a.py"),
    ("Greet people (src/a.py) once", "+src/a.py"),
    ("Greet people (as src/a.py does)", "?src/a.py"),
    ("Greet people without new words in src/a.py", "+src/a.py"),
    ("Manual test of `src/a.py`", "-src/a.py"),
    ("Greet people. Then see `src/a.py`", "?src/a.py"),
    ("Add `src/a.py`. It is called in `src/b.py`", "+src/a.py -src/b.py"),
    ("The greeting of spec.md", "-spec.md"),
    ("Test the greeting fails twice in tests/a.py", "+tests/a.py"),
    ("Write a test that nothing is not lost in tests/a.py", "+tests/a.py"),
    ("Greeting by hand documented in docs/a.md", "+docs/a.md"),
    ("Follow the rules documented in docs/a.md", "?docs/a.md"),
    ("Add a notice that lists what is missing (src/a.py:3-9)", "+src/a.py"),
    ("Add the same props as src/b.py to src/a.py", "?src/b.py +src/a.py"),
    ("Create src\\a\\b.py", "+src/a/b.py"),
    # Other languages.
    ("\u66f4\u65b0 Models/A.cs,\u52a0\u5165 X\uff08\u53c3\u8003 data-model.md\uff09", "+Models/A.cs ?data-model.md"),
    ("\u78ba\u8a8d X \u5df2\u8a3b\u518a\u5728 Models/A.cs", "?Models/A.cs"),
    ("\u6aa2\u67e5\u4e26\u66f4\u65b0 Models/A.cs", "+Models/A.cs"),
    ("\u9a8c\u8bc1\u767b\u5f55\u5728 tests/test_a.py", "+tests/test_a.py"),
    ("`a.toml` \u306b\u4f9d\u5b58\u3092\u8ffd\u52a0\u3057\u5c0e\u5165\u78ba\u8a8d", "+a.toml"),
    ("`a.toml` \u306e\u52d5\u4f5c\u3092\u78ba\u8a8d\u3059\u308b", "?a.toml"),
    ("`a.java` \uac80\uc99d", "?a.java"),
    ("\uc11c\ube44\uc2a4 \uad6c\ud604 in `a.java`", "+a.java"),
    ("Verificar el modelo en `a.py`", "?a.py"),
    ("Crear el modelo en `a.py` seg\u00fan `b.py`", "+a.py ?b.py"),
    ("Mettre \u00e0 jour la doc (fichier: `a.md`)", "+a.md"),
    ("Ex\u00e9cuter `a.sh`", "!a.sh"),
    # A label of a trial, a pattern that is no model, a place that is the only one.
    ("Benchmark: compare both stores in benches/store.rs", "+benches/store.rs"),
    ("Perf test: check the load in src/load.rs", "+src/load.rs"),
    ("Test the fold that returns that pattern in tests/fold.rs", "+tests/fold.rs"),
    ("Build the store in `a.py` with the same pattern in `b.py`", "+a.py ?b.py"),
    ("Write tests for the filter only in crates/q.rs", "+crates/q.rs"),
    # A bare name that describes another file.
    ("Create a valid spec.md sample `tests/a/valid.md`", "-spec.md +tests/a/valid.md"),
    ("spec.md\u30b5\u30f3\u30d7\u30eb\u3092\u4f5c\u6210 `tests/a/valid.md`", "-spec.md +tests/a/valid.md"),
    # A list of parts, each of which opens with its file.
    ("Write tests\n\n- [ ] 8.1 `tests/a.py`: empty\n- [ ] 8.2 tests/b.py (full)", "+tests/a.py +tests/b.py"),
    ("Show spinners\n\n- `a.tsx` \u2014 use the new one\n- `b.tsx`: same", "+a.tsx +b.tsx"),
    ("Trocar o spinner\n\n- `a.tsx`: a mesma troca", "+a.tsx"),
    ("Show spinners\n\n- `a.tsx`: existing spinner\n- `b.tsx`: check it", "-a.tsx -b.tsx"),
    ("Verify the spinners\n\n- `a.tsx`: large", "-a.tsx"),
    ("Show spinners\n\n**References**\n\n- `a.tsx`: large", "-a.tsx"),
    ("Show spinners\n\nRead first:\n\n- `a.tsx`: large", "?a.tsx"),
    ("Export the names\n\n- 1.3 Export Constraint from `pkg/__init__.py`", "+pkg/__init__.py"),
    ("Write a test with a value matching root pattern in tests/q.rs", "+tests/q.rs"),
    ("Build it using builder pattern in src/a.rs", "+src/a.rs"),
    ("Build it using the pattern in src/a.rs", "?src/a.rs"),
    ("Add short labels for title/date/total `src/a.swift`", "+src/a.swift"),
    ("Add a button that downloads `export-{date}.json`", ""),
    ("`b.tsx` \uc791\uc131 \u2014 a.test.tsx\uc758 \ubaa9 \ud328\ud134\uc744 \uc7ac\uc0ac\uc6a9", "+b.tsx ?a.test.tsx"),
    # Labels within a sentence, names that are listed with slashes, and files of which others are told.
    ("Create src/b.ts (pattern: src/a.ts)", "+src/b.ts ?src/a.ts"),
    ("Source: `a.ts` \u2192 Target: `b.ts`", "?a.ts +b.ts"),
    ("Review the following files: a.py, b.py", "?a.py ?b.py"),
    ("Update pyproject.toml/setup.py and `a.json/b.json`", "+pyproject.toml +setup.py +a.json +b.json"),
    ("Add the tasks.md parser", "-tasks.md"),
    # What a task that asks for tests says of a file is what to test.
    ("Add tests for the grid\n\nFile: lib/grid.rb\nLocation: test/grid.rb", "?lib/grid.rb +test/grid.rb"),
    ("Add tests of the grid\n\nFile: src/grid.rs", "+src/grid.rs"),
    ("Fix the tests of the grid\n\nFile: lib/grid.rb", "+lib/grid.rb"),
    # What opens with a place, whatever stands between that and the order.
    ('In `spec/a.rb`, under the `"x"` context, add an example that reads `b.rb`', "+spec/a.rb ?b.rb"),
    # What tells of a state, or of somebody else's software.
    ("Wait until all is done and scripts/check.sh passes", "-scripts/check.sh"),
    ("Honor NOTES.md: create the page", "?NOTES.md"),
    ("Fix the greeting. It is demonstrated in src/a.py", "?src/a.py"),
    ("Expose the parser through src/a.py", "+src/a.py"),
    ("Rewrite `a.py` as a port of `b.ts`", "+a.py ?b.ts"),
    ("Use the GRDB.swift package", ""),
    ("Create a commander.js program", ""),
    # Other languages, again.
    ("TileStore\u30af\u30e9\u30b9\u3092tile_store.py\u306b\u5b9f\u88c5", "+tile_store.py"),
    ("Firebase\u8a2d\u5b9a\u3092firebase.json\u306b\u8ffd\u52a0", "+firebase.json"),
    ("pubspec.yaml\u306bdependencies\u8ffd\u52a0", "+pubspec.yaml"),
    ("\u7d50\u679c\u3092 `specs/1/research.md` \u306b\u8ffd\u8a18", "+specs/1/research.md"),
    ("`specs/1/spec.md`\u306e\u691c\u8a3c", "?specs/1/spec.md"),
    ("\u53c2\u89c1 `test-rules.md`", "?test-rules.md"),
    ("Adicionar chaves em pt.json e en.json", "+pt.json +en.json"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WORK)
def test_what_a_text_that_says_what_is_to_be_done_does_with_its_paths(text: str, expected: str) -> None:
    assert uses(text, of_work=True) == expected


@pytest.mark.parametrize(
    ("sentence", "vague"),
    [
        ("Create the form in `src/forms/`.", True),
        ("Create `src/forms/`.", True),
        ("Change the prices in `src/forms/`.", True),
        ("Change all pages in `src/forms/`.", False),
        ("Remove `src/forms/`.", False),
        ("Create `README.md` for the server.", True),
        ("Create `README.md` for the whole project.", False),
        ("Update `README.md` for the server.", False),
        ("Create `form.py` for the server.", False),
        ("Create a package with `package.json`.", True),
        ("Create `package.json` at the root.", False),
        ("Add a script to `package.json`.", False),
        ("Configure the backend `tsconfig.json`.", True),
    ],
)
def test_some_words_leave_open_which_files_they_mean(sentence: str, vague: bool) -> None:
    assert [found.is_vague for found in mentions(sentence)] == [vague]


def test_a_line_that_ends_with_a_colon_leads_the_list_below_it() -> None:
    text = """\
Files to change:

- `src/nav.py`
- `src/hub.py`: the new page

Do not touch:
- `src/home.py`

Read first:
1. `docs/style.md`
"""
    assert uses(text) == "+src/nav.py +src/hub.py -src/home.py ?docs/style.md"


def test_a_lead_ends_with_its_list() -> None:
    assert uses("Update:\n- `a.py`\n\nThe rest stays.\n\n- `b.py`\n") == "+a.py -b.py"


def test_what_is_read_first_and_how_the_work_is_checked_are_no_sentences() -> None:
    text = "<read_first>\nsrc/base.py, src/kiln.py\n</read_first>\n<action>\nAdd a page to `nav.py`\n</action>\n"
    assert uses(text) == "+nav.py"
    assert (
        uses("<action>Create `nav.py`</action>\n<verify>\n<automated>Write `a.log`</automated>\n</verify>") == "+nav.py"
    )


def test_a_sentence_ends_with_the_part_in_tags_that_it_stands_in() -> None:
    assert uses("<done>src/base.py</done>\n<action>\nCreate `nav.py`\n</action>") == "-src/base.py +nav.py"


def test_fenced_code_and_comments_are_no_prose() -> None:
    text = "Edit `a.py`:\n\n```sh\nvim b.py\n```\n<!-- edit c.py -->\n~~~\nedit d.py\n"
    assert uses(text) == "+a.py"


def test_a_bare_word_without_an_extension_is_a_path_only_if_the_workspace_says_so() -> None:
    assert [(found.path, found.sure) for found in mentions("Use src/auth and/or docs.")] == [
        ("src/auth", False),
        ("and/or", False),
    ]


def test_a_file_that_is_listed_with_a_folder_is_no_less_certain() -> None:
    found = mentions("Create a sample in tests/samples/ and docs/start.md")
    assert [(each.path, each.is_vague) for each in found] == [("tests/samples/", True), ("docs/start.md", False)]


def test_some_files_are_named_in_prose_without_markup() -> None:
    text = "Add the health check to Dockerfile. Then run the Makefile, but no Makefile-like script or old.Makefile."
    assert [(found.path, found.use.value, found.sure) for found in mentions(text)] == [
        ("Dockerfile", "writes", False),
        ("Makefile", "runs", False),
    ]


def test_the_span_covers_the_path_without_its_markup() -> None:
    text = "Edit `./src/nav.py:12`, then [it](docs/x.md)."
    assert [found.span.of(text) for found in mentions(text)] == ["src/nav.py", "docs/x.md"]


def test_every_mention_says_which_word_decided() -> None:
    found = mentions("Create `a.py`, based on `b.py`. Do not edit `c.py`.")
    assert [mention.word for mention in found] == ["create", "based on", "not edit"]
    assert [mention.sentence for mention in found] == [
        "Create `a.py`, based on `b.py`.",
        "Create `a.py`, based on `b.py`.",
        "Do not edit `c.py`.",
    ]


@given(st.text(alphabet="ab `/.*[](){}_\n-:é~<>!\ue000\ue001", max_size=80))
def test_any_text_is_read_and_every_span_holds_its_path(text: str) -> None:
    for found in mentions(text):
        assert found.span.of(text) == found.path


def test_a_hostile_line_costs_no_more_than_its_length() -> None:
    for piece in ("(", "a/", "`", "[a](", "a.b", "**", "{", "a,", "\u5728", "\u3002", "(a. "):
        mentions(piece * 20_000)
    for piece in ("in `a.py` ", "`a.py` ("):
        mentions(piece * 2_000)


@pytest.mark.parametrize(
    "text",
    [
        "Add the `fuse.js` package, and search with it.",
        "Install `chart.js` for the report.",
        "Add the dependency `decimal.js`.",
        "Use the three.js library for the model.",
    ],
)
def test_a_package_that_is_called_like_a_file_is_none(text: str) -> None:
    assert mentions(text) == ()


def test_a_file_that_is_called_like_packages_are_stays_one() -> None:
    assert [found.path for found in mentions("Add the search to `fuse.js`, a library of ours is not needed.")] == [
        "fuse.js"
    ]


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("Add the tax in the same file as T001.", ["T001"]),
        ("Add the tax to T001's file.", ["T001"]),
        ("In the same test: the tax.", [""]),
        ("Im selben Test: die Steuer", [""]),
        ("A\u00f1adir el impuesto (mismo archivo que T001)", ["T001"]),
        ("Ajouter la taxe dans le m\u00eame fichier que T001", ["T001"]),
        ("\u5728\u540c\u4e00\u6587\u4ef6\u4e2d\u65b0\u589e\u7a05\u7387", [""]),
        ("Add the tax, not in the same file as T001.", []),
        ("No two tasks share one file.", []),
    ],
)
def test_a_text_may_name_the_file_of_another_task(text: str, tasks: list[str]) -> None:
    assert [found.task for found in same_files(text)] == tasks


def test_the_file_of_another_task_is_read_in_linear_time() -> None:
    for piece in ("same file as ", "T1's ", "in the same ", "not "):
        same_files(piece * 20_000)
