"""Placing and ticks under the paper simulator: `python -m benchmarks.placing --help`.

Seeds below 1000 are for tuning; the figures in the README use 1000 on.
With `--strokes FOLDER` the marks in boxes are made of pen strokes cut from handwriting; the pages
are otherwise those of the same seed without it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.options import conditions, seeded, workers, workspace
from benchmarks.placing.measure import run, table
from benchmarks.placing.strokes import strokes_of
from benchmarks.reliability import report
from leaflets.errors import UnreadableInput
from scan_pipeline.demo.paper import CONDITIONS


@click.command()
@conditions()
@click.option("-n", "count", default=20, show_default=True, help="Pages a condition.")
@seeded()
@workers()
@workspace("placing")
@click.option(
    "--odd-marks", default=0.0, show_default=True, help="Share of marks made in unusual ways."
)
@click.option(
    "--strokes",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Marks are made of pen strokes cut from the pictures of handwriting in this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="One object a page.")
def main(
    names: tuple[str, ...],
    count: int,
    seed: int,
    workers: int,
    workspace: Path,
    odd_marks: float,
    strokes: Path | None,
    as_json: bool,
) -> None:
    """Placed, refused, misplaced; registration error; ticks right, flagged, silently wrong."""
    folder = "" if strokes is None else str(strokes.resolve())
    if folder:
        try:
            cut = len(strokes_of(folder))
        except UnreadableInput as error:
            raise click.BadParameter(str(error), param_hint="--strokes") from error
        click.echo(f"{cut} pen strokes cut from {strokes}", err=True)
    results = run(names or CONDITIONS, count, seed, workspace, workers, odd_marks, folder)
    if as_json:
        for result in results:
            click.echo(json.dumps(asdict(result), ensure_ascii=False))
        return
    rows = table(results)
    click.echo(" | ".join(rows[0]))
    for row in rows:
        click.echo(" | ".join(str(v) for v in row.values()))
    for result in results:
        if result.status != "placed":
            click.echo(f"{result.condition} {result.index}: {result.status} {result.reason}")
        for line in result.silent:
            click.echo(f"{result.condition} {result.index}: SILENT {line}")
    chances = [pair for result in results for pair in result.chances]
    said, right = [said for said, _ in chances], [right for _, right in chances]
    for line in report(said, right, workspace / "reliability.svg", "Tick boxes", "boxes"):
        click.echo(line)


if __name__ == "__main__":
    main()
