"""Whole leaflets, ticks and handwriting: `python -m benchmarks.leaflets --help`.

Invented leaflets in drawn hands, so the words are easier than real ink: for that, see
`benchmarks.handwriting`. Seeds below 1000 are for tuning; the figures in the README use 1000 on.
"""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.leaflets.measure import row, run
from benchmarks.options import conditions, seeded, workers, workspace
from scan_pipeline.demo.paper import CONDITIONS


@click.command()
@conditions("flat")
@click.option("-n", "count", default=100, show_default=True, help="Leaflets a condition.")
@seeded()
@click.option("--engine", default="ppocr", show_default=True)
@workers()
@workspace("leaflets")
def main(
    names: tuple[str, ...], count: int, seed: int, engine: str, workers: int, workspace: Path
) -> None:
    """Placed, ticks, words: by condition and, for the first condition, by font."""
    unknown = set(names) - set(CONDITIONS)
    if unknown:
        raise click.BadParameter(f"no such condition: {', '.join(sorted(unknown))}")
    results = run(names, count, seed, workspace, engine, workers)
    rows = [row(name, [r for r in results if r.condition == name]) for name in names]
    first = [r for r in results if r.condition == names[0]]
    rows += [
        row(font, [r for r in first if r.font == font]) for font in sorted({r.font for r in first})
    ]
    click.echo("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for line in rows:
        click.echo("| " + " | ".join(str(v) for v in line.values()) + " |")
    for result in results:
        if not result.placed:
            click.echo(f"{result.condition}: refused: {result.reason}")
        for wrong in result.tick_silent:
            click.echo(f"{result.condition}: SILENT {wrong}")


if __name__ == "__main__":
    main()
