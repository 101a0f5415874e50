"""The benchmark of real imports runs, on a small project made here."""

import subprocess
from pathlib import Path

import pytest

from tests.benchmarks.real_imports import main

SOURCES = {
    "pyproject.toml": '[project]\nname = "ferry"\n',
    "src/ferry/__init__.py": "",
    "src/ferry/harbours.py": "HARBOURS = []\n\n\ndef nearest():\n    return HARBOURS\n",
    "src/ferry/routes.py": "from .harbours import HARBOURS\n\nROUTES = HARBOURS\n",
    "tests/test_routes.py": "import pytest\n\nfrom ferry.routes import ROUTES\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "ada+ferry"
    for path, text in SOURCES.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    identity = ("-c", "user.name=Ada", "-c", "user.email=a@b")
    for arguments in (("init", "--quiet"), ("add", "--all"), (*identity, "commit", "--quiet", "--message", "All")):
        subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)
    return root


def test_all_that_is_there_is_found_and_every_slip_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(repository)])
    *_, row = capsys.readouterr().out.splitlines()
    repository, _, *told = row.strip("| ").split(" | ")
    assert (repository, *told) == ("ada/ferry", "python", "2", "5", "4", "0", "1", "1", *["2"] * 4)
