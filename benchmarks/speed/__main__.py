"""Pages a second and memory of `leaflets scan`: `python -m benchmarks.speed --help`.

Makes a stack of filled-in leaflets as one PDF of 300 dpi grey JPEGs, as an office scanner writes
it, scans it with the command that people use, and watches the memory of all its processes.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import cv2
import numpy as np
import psutil
from PIL import Image as PilImage
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.truth import grey_of, simulated
from scan_pipeline.demo.paper import CONDITIONS

EVERY_SECONDS = 1.0
MANY = 100


def make_stack(path: Path, count: int, seed: int) -> None:
    """`count` pages, of which `MANY` are different leaflets; each copy of one has lines of its own,
    so that it is not taken for the same."""
    cv2.setNumThreads(1)
    pages = [
        cv2.imencode(".png", grey_of(simulated(CONDITIONS["skew"], seed, k)[1].image))[1]
        for k in range(min(count, MANY))
    ]
    rl_config.useA85 = 0  # scanners write pictures as they are, not as text
    canvas = Canvas(str(path))
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        page = cv2.imdecode(pages[k % len(pages)], cv2.IMREAD_GRAYSCALE)
        height, width = page.shape
        canvas.setPageSize((width / 300 * 72, height / 300 * 72))
        for _ in range(3 if k >= len(pages) else 0):
            start, end = rng.integers(400, 1500, 2), rng.integers(400, 1500, 2)
            cv2.line(page, tuple(start.tolist()), tuple(end.tolist()), 60, 4, cv2.LINE_AA)
        data = io.BytesIO()
        PilImage.fromarray(page).save(data, "JPEG", quality=85, dpi=(300, 300))
        data.seek(0)
        canvas.drawImage(ImageReader(data), 0, 0, width / 300 * 72, height / 300 * 72)
        canvas.showPage()
    canvas.save()


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
@click.option(
    "--workspace", type=click.Path(path_type=Path), default=Path("output/benchmarks/speed")
)
def main(count: int, engine: str, seed: int, workspace: Path) -> None:
    """Scan a stack; say pages a second, and memory in tenths of the time."""
    workspace.mkdir(parents=True, exist_ok=True)
    stack = workspace / f"stack-{MANY}-{count}-{seed}.pdf"
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
