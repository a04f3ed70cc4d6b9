"""Real handwriting: `python -m benchmarks.reading FOLDER… --engine ppocr --engine tesseract`."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from benchmarks.reading.measure import read_folder, reliability, summary
from scan_pipeline.reading.recognise import recogniser


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--engine", "engines", multiple=True, default=["ppocr", "tesseract"])
@click.option("--limit", type=int, help="Only so many lines of each folder.")
@click.option("--bins", is_flag=True, help="The reliability table too.")
def main(
    folders: tuple[Path, ...], engines: tuple[str, ...], limit: int | None, bins: bool
) -> None:
    """Errors of each engine on folders of line pictures with their texts (lines.tsv)."""
    for number, (folder, engine) in enumerate((f, e) for f in folders for e in engines):
        lines = read_folder(folder, recogniser(engine), limit)
        row = summary(folder.name, engine, lines)
        if not number:
            click.echo("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        click.echo("| " + " | ".join(str(v) for v in row.values()) + " |")
        if bins:
            words = np.array([pair for line in lines for pair in line.words])
            for said, true, count in reliability(words)[0]:
                click.echo(f"  said {said:.2f}, right {true:.2f} ({count} words)")


if __name__ == "__main__":
    main()
