"""Plain marks and others, told apart: `python -m benchmarks.shapes --help`.

Marks are drawn, go through what paper suffers, and are looked at by the network of
`scan_pipeline/reading/plain.py`. Words are written with two fonts that it was not trained on.
Seeds below 1000 are for training and tuning; the figures in the README use 1000 on.
"""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.options import conditions, seeded, workers, workspace
from benchmarks.reliability import report
from benchmarks.shapes.draw import PLAIN
from benchmarks.shapes.pages import HELD_OUT, USUAL, examples
from scan_pipeline.reading.plain import LIKELY


@click.command()
@conditions()
@click.option("-n", "count", default=40, show_default=True, help="Pages.")
@seeded()
@workers()
@workspace("shapes")
def main(names: tuple[str, ...], count: int, seed: int, workers: int, workspace: Path) -> None:
    """By kind of mark: how many are taken for a plain one, and how many surely are: only these give
    consent."""
    found = examples(
        count, seed, workspace, fonts=HELD_OUT, conditions=names or USUAL, workers=workers
    )
    click.echo("kind | marks | taken for plain | surely plain")
    for kind in sorted({e.kind for e in found}, key=lambda kind: (kind not in PLAIN, kind)):
        marks = [e for e in found if e.kind == kind]
        likely, sure = sum(e.said >= LIKELY for e in marks), sum(e.sure for e in marks)
        click.echo(f"{kind} | {len(marks)} | {likely} | {sure}")
    # Plain and not: half of each, as in training.
    said_of_all, truth = [e.said for e in found], [e.is_plain for e in found]
    for line in report(said_of_all, truth, workspace / "reliability.svg", "Plain marks", "marks"):
        click.echo(line)


if __name__ == "__main__":
    main()
