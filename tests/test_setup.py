"""The set-up script: what is there is found, at every try."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[1] / ".ci" / "setup.sh"


@pytest.mark.skipif(shutil.which("bash") is None, reason="the script is for bash")
@pytest.mark.parametrize(("library", "found"), [("libGL.so.1", True), ("libnone.so.7", False)])
def test_a_library_is_found_wherever_it_stands_in_a_long_list(
    tmp_path: Path, library: str, found: bool
) -> None:
    body = re.search(
        r"^has_library\(\) \{.*?^\}", SETUP.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert body is not None
    fake = tmp_path / "ldconfig"
    # The one that is looked for comes first: a reader that leaves there closes the pipe.
    fake.write_text("#!/bin/sh\necho '  libGL.so.1 => /lib/libGL.so.1'\nseq 200000\n", "utf-8")
    fake.chmod(0o755)
    script = f"set -euo pipefail\n{body.group()}\nhas_library {library}"
    paths = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", script], env={"PATH": paths}, check=False)
    assert (done.returncode == 0) == found
