"""The demo: leaflets filled in by drawn hands, put through a paper simulator, and read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def run_demo(workspace: Path, echo: Callable[[str], None]) -> Path:
    """Run the whole loop on invented leaflets in `<workspace>/demo`; the page to look at.

    `echo` is told each step in a plain line. Whatever an earlier demo made there is made afresh.
    """
    from scan_pipeline.demo.run import run  # everything else here stays light to import

    return run(workspace, echo)
