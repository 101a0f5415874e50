"""The benchmark of code in plans runs, on a small project and its plan made here."""

import subprocess
from pathlib import Path

import pytest

from tests.benchmarks.code_in_plans import main

PLAN = """\
# Ferry Implementation Plan

### Task 1: Harbours

**Files:**
- Create: `src/harbours.ts`

```ts
export const harbours = [];
```

```bash
git add src/harbours.ts
```

### Task 2: Routes, after Task 1

**Files:**
- Create: `src/routes.ts`

```ts
import { harbours } from "./harbours";
export const routes = harbours;
```

```bash
git add src/routes.ts README.md
```
"""


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    corpus, project = tmp_path / "corpus", tmp_path / "clones/ada+ferry"
    corpus.mkdir()
    (corpus / "ferry.md").write_text(PLAN)
    project.mkdir(parents=True)
    (project / "package.json").write_text('{"name": "ferry"}\n')
    (project / "src").mkdir()
    (project / "src/main.ts").write_text("export {};\n")
    identity = ("-c", "user.name=Ada", "-c", "user.email=a@b")
    for arguments in (("init", "--quiet"), ("add", "--all"), (*identity, "commit", "--quiet", "--message", "All")):
        subprocess.run(["git", *arguments], cwd=project, check=True, capture_output=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project, check=True, capture_output=True, text=True)
    rows = (
        "format\trepo\tpath\tcommit\tn_tasks\tn_P\tfile",
        f"superpowers\tada/ferry\tdocs/superpowers/plans/a.md\t{commit.stdout.strip()}\t2\t0\tferry.md",
    )
    (corpus / "index.tsv").write_text("\n".join(rows) + "\n")
    return corpus, tmp_path / "clones"


def test_imports_links_and_added_files_are_counted(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    main([*map(str, folders)])
    *_, row, total = capsys.readouterr().out.splitlines()
    kind, project, tasks, imports, links, in_order, *_ = row.strip("| ").split(" | ")
    assert (kind, project, tasks, imports, links, in_order) == ("superpowers", "ada/ferry", "2", "1", "1", "1")
    assert total.startswith("| all |  | 2 | 1 | 1 |")
