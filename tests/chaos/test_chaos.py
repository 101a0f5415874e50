"""A few rounds of chaos; `python -m tests.chaos` plays a thousand."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts orphans")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("isolations", "kills"), [(("overlay",), 11), (("worktree", "copy"), 8)])
def test_kills_and_edits_lose_no_byte_and_leave_nothing(isolations: tuple[str, ...], kills: int) -> None:
    command = (sys.executable, "-m", "tests.chaos", "--kills", str(kills), "--workers", "1", "--isolation", *isolations)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{kills} kills" in done.stdout
    assert " 0 faults" in done.stdout
