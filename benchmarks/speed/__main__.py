"""Pages a second and memory of `leaflets scan`: `python -m benchmarks.speed --help`.

Makes a stack of filled-in leaflets as PDFs of 300 dpi grey JPEGs, as an office scanner writes them,
scans it with the command that people use, and watches the memory of all its processes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np
import psutil

from benchmarks.options import workspace
from benchmarks.speed.stack import make_stack

EVERY_SECONDS = 1.0


def memory_mb(process: psutil.Process) -> float:
    """Of the process and all it started, without what they share."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().uss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended while we looked
    return total / 1e6


@click.command()
@click.option("-n", "count", default=100, show_default=True, help="Pages.")
@click.option("--engine", default="none", show_default=True, help="As of `leaflets scan`.")
@click.option("--seed", default=1000, show_default=True)
@workspace("speed")
def main(count: int, engine: str, seed: int, workspace: Path) -> None:
    """Scan a stack; say pages a second, and memory in tenths of the time."""
    workspace.mkdir(parents=True, exist_ok=True)
    stack = workspace / f"stack-{count}-{seed}"
    if not stack.exists():
        make_stack(stack, count, seed)
    kept = workspace / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    command = [
        str(Path(sys.executable).with_name("leaflets")), "--workspace", str(kept),
        "scan", str(stack), "--engine", engine,
    ]  # fmt: skip
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        watched = psutil.Process(process.pid)
        used = []
        while process.poll() is None:
            used.append(memory_mb(watched))
            time.sleep(EVERY_SECONDS)
        said = process.stdout.read().decode() if process.stdout else ""
    seconds = time.perf_counter() - start
    click.echo(said.strip())
    tenths = [max(part) for part in np.array_split(np.array(used), min(10, len(used)))]
    click.echo(
        f"{count} pages, engine {engine}: {seconds:.1f} s, {count / seconds:.1f} pages a second, "
        f"{60 * count / seconds:.0f} a minute; memory of all processes in MB, over time: "
        + " ".join(f"{m:.0f}" for m in tenths)
    )


if __name__ == "__main__":
    main()
