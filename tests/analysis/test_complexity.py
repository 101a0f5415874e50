"""Short tasks, the tier that each asks for, and the reason that the user reads."""

from dataclasses import dataclass

import pytest

from agent_server.analysis.model import ModelChoice
from agent_server.analysis.settings import AnalysisSettings, Tier
from tests.analysis.analysed import analysed

FILES = {
    "old.py": "",
    "src/app/wool/page.tsx": 'import { woolEntries } from "../../data/wool"\n',
    "src/app/wood/page.tsx": "",
    "src/app/glass/page.tsx": "",
    "checks/test_wool.py": "",
    "checks/test_wood.py": "",
    "checks/test_glass.py": "",
    "checks/conftest.py": "",
}

# fields ; instructions ; tier ; because
TASKS = """
writes: new.py | mirrors: old.py ; Copy it. ; fast ; it mirrors `old.py` and writes one file
writes: a.py, b.py | mirrors: old.py ; Copy it. ; fast ; it mirrors `old.py` and writes two files
writes: a.py, b.py, c.py | mirrors: old.py ; Copy it. ; default ; it writes 3 files after a pattern
writes: a.py | mirrors: old.py ; <151 words> ; default ; its instructions run to 151 words
mirrors: old.py ; Do it well. ; default ; nothing tells which files it writes

writes: a.py ; Show the title. ; default ; it writes one file without a pattern to copy
writes: a.py ; Use the design tokens. ; default ; it writes one file without a pattern to copy
writes: a.py ; Add the remove button. ; default ; it writes one file without a pattern to copy

writes: old.py ; Rename `go` to `run`. ; fast ; it asks to rename, in one file
writes: old.py ; Sort the links. ; fast ; it asks to sort, in one file
writes: old.py ; Fix a typo in the title. ; fast ; it asks to fix a typo, in one file
writes: old.py ; Find out why it is slow. Remove the cause. ; default ; it writes one file without a pattern to copy
writes: new.py ; Remove the flag. ; default ; it writes one file without a pattern to copy

writes: checks/test_clay.py ; Check it like the others. ; fast ; it is to do as 3 files of its kind do, in one file
writes: checks/test_clay.py ; Check it. ; default ; it writes one file without a pattern to copy
writes: checks/clay.toml ; Set it like the others. ; default ; it writes one file without a pattern to copy
writes: src/app/clay/page.tsx ; Like the others. ; fast ; it is to do as 3 files of its kind do, in one file

writes: a.py ; <601 words> ; capable ; its instructions run to 601 words
writes: a.py ; Design the store. ; capable ; it asks to design
writes: a.py ; Choose the architecture. ; capable ; it asks to work out an architecture
writes: a.py | mirrors: old.py ; Write 17 entries. ; capable ; it composes 17 entries
writes: a.py | mirrors: old.py ; Write 3 entries. ; fast ; it mirrors `old.py` and writes one file
writes: a, b, c, d, e, f, g, h, i ; Go. ; capable ; it writes 9 files
writes: a/x, b/x, c/x, d/x, e/x ; Go. ; capable ; it writes in 5 folders

writes: a.py, b.py, c.py, old.py ; Migrate all to v2. ; capable ; it asks to migrate, across 4 files
writes: old.py ; Migrate it to v2. ; default ; it writes one file without a pattern to copy
writes: n.py | imports: a, b, c, d, e, f, g, h ; Go. ; default ; it writes one file without a pattern to copy
writes: n.py | imports: a, b, c, d, e, f, g, h, i ; Go. ; capable ; it brings 9 modules together
writes: n/a.go, n/b.go, n/c.go, n/d.go ; Go. ; capable ; nothing like its 4 new files is there to go by
writes: n/a.go, n/b.go, n/c.go ; Go. ; default ; it writes 3 files without a pattern to copy
writes: a.py, b.py, c.py, d.py ; Go. ; default ; it writes 4 files without a pattern to copy
"""


@dataclass(frozen=True)
class Row:
    fields: str
    instructions: str
    tier: Tier
    because: str


def rows() -> list[Row]:
    cells = [[cell.strip() for cell in line.split(" ; ")] for line in TASKS.splitlines() if line]
    return [Row(fields, instructions, Tier(tier), because) for fields, instructions, tier, because in cells]


def model_of(fields: str, prose: str = "Do it.", title: str = "T", front: str = "") -> ModelChoice:
    words = int(prose[1:].split(maxsplit=1)[0]) if prose.startswith("<") else 0
    bullets = "\n".join(f"- {field}" for field in fields.split(" | "))
    text = f"{front}# P\n\n## t: {title}\n{bullets}\n\n{'word ' * words or prose}\n"
    return analysed(text, FILES).tasks["t"].model


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.fields}; {row.instructions}")
def test_the_tier_that_a_task_asks_for_and_the_reason(row: Row) -> None:
    model = model_of(row.fields, row.instructions)
    assert (model.tier, model.wanted, model.because) == (row.tier, row.tier, row.because)


def test_fenced_code_is_no_wish() -> None:
    assert model_of("writes: a.py", "x\n```\ndesign the store\n```").tier is Tier.DEFAULT


def test_a_pattern_that_does_not_tell_an_import_is_not_just_copied() -> None:
    analysis = analysed(
        """
        ## data: Write the data
        - writes: src/data/clay.ts
        - exports: clayEntries

        Write it.

        ## page: Build the page
        - writes: src/app/clay/page.tsx
        - imports: src/lib/kiln.ts
        - mirrors: src/app/wool/page.tsx

        Build it.

        ## kiln: Build the kiln
        - writes: src/lib/kiln.ts

        Build it.
        """,
        FILES,
    )
    model = analysis.tasks["page"].model
    assert model.wanted is Tier.DEFAULT
    assert model.because == "`src/app/wool/page.tsx` does not tell how to import `src/lib/kiln.ts`"


def test_a_tier_that_the_task_pins_is_obeyed_and_what_it_asks_for_is_kept() -> None:
    model = model_of("writes: new.py | mirrors: old.py | model: capable")
    assert (model.tier, model.wanted) == (Tier.CAPABLE, Tier.FAST)
    assert model.id == "claude-opus-5-5"
    assert model.because == "the task asks for `capable`; it mirrors `old.py` and writes one file"


@pytest.mark.parametrize(
    ("model_id", "tier"),
    [
        ("claude-opus-5-5", Tier.CAPABLE),
        ("claude-haiku-4-5-20251001", Tier.FAST),
        ("other-model-7", Tier.FAST),  # nobody knows: it is taken for what the task asks for
    ],
)
def test_any_other_word_is_a_models_id_whose_tier_may_be_known(model_id: str, tier: Tier) -> None:
    model = model_of(f"writes: new.py | mirrors: old.py | model: {model_id}")
    assert (model.id, model.tier, model.wanted) == (model_id, tier, Tier.FAST)


def test_the_models_that_a_user_chose_for_the_tiers_are_known_by_their_ids() -> None:
    settings = AnalysisSettings(models={Tier.FAST: "small-1", Tier.DEFAULT: "middle-1", Tier.CAPABLE: "large-1"})
    analysis = analysed("## a: A\n- writes: a.py\n- model: large-1\n\nGo.\n", settings=settings)
    assert (analysis.tasks["a"].model.tier, analysis.tasks["a"].model.wanted) == (Tier.CAPABLE, Tier.DEFAULT)


def test_the_plans_model_counts_for_tasks_that_say_nothing() -> None:
    front = "---\nmodel: capable\n---\n"
    assert model_of("writes: a.py", front=front).tier is Tier.CAPABLE
    assert model_of("writes: a.py | model: fast", front=front).tier is Tier.FAST
    assert model_of("writes: a.py | model: auto", front=front).tier is Tier.DEFAULT
