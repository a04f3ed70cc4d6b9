"""Real handwriting on whole leaflets: `python -m benchmarks.handwriting_pages FOLDER…`.

The lines of a folder (pictures named by its `lines.tsv`) are multiplied onto the printed leaflet at
300 dpi, a line to each rule, put through what paper suffers, scanned and read. The first row
reads the same lines as they come, the second as they were put on paper (size, slope, darkness);
the distance to that one is what lifting ink off paper costs. `--whole ENGINE` gives the picture of
the page to another engine instead.
`--blank N` reads N blank leaflets of every condition instead, and counts the words invented.
"""

from __future__ import annotations

from pathlib import Path

import click
import cv2

from benchmarks.handwriting.lines import from_folder
from benchmarks.handwriting_pages.measure import (
    from_blank,
    from_crops,
    from_inks,
    from_leaflets,
    from_pictures,
    table,
)
from benchmarks.handwriting_pages.whole import FINDERS
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.forms import load_forms
from scan_pipeline.reading.recognise import ENGINES, recogniser

USUAL = ("flat", "photo", "fold", "photocopy", "one-bit")


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--condition", "names", multiple=True, type=click.Choice(sorted(CONDITIONS)))
@click.option("--part", type=click.Choice(["reported", "tuned", "all"]), default="reported")
@click.option("--engine", default="ppocr", type=click.Choice(sorted(ENGINES)))
@click.option("--whole", "finders", multiple=True, type=click.Choice(sorted(FINDERS)))
@click.option("--blank", default=0, help="Blank leaflets of each condition; no folder is needed.")
@click.option("--seed", default=1000, show_default=True, help="Below 1000: for tuning.")
@click.option("--workspace", default="output", type=click.Path(path_type=Path))
def main(
    folders: tuple[Path, ...],
    names: tuple[str, ...],
    part: str,
    engine: str,
    finders: tuple[str, ...],
    blank: int,
    seed: int,
    workspace: Path,
) -> None:
    """Letters and words wrong, lower-cased, by condition."""
    cv2.setNumThreads(1)
    forms, reader = load_forms(workspace), recogniser(engine)
    if blank:
        chosen = names or tuple(CONDITIONS)
        rows = [from_blank(name, blank, forms, reader, seed) for name in chosen]
        click.echo("\n".join(table(rows)))
        fields = 6 * sum(r.pages - r.refused for r in rows)
        words, torn = sum(r.elsewhere for r in rows), sum(r.lines_wrong for r in rows)
        click.echo(
            f"{fields} blank fields: {words} words invented, {torn} fields with a line, "
            f"{sum(r.flagged for r in rows)} flagged"
        )
    for folder in folders:
        lines = from_folder(folder)
        if part != "all":
            lines = [t for t in lines if t.tuned_on == (part == "tuned")]
        chosen = names or USUAL
        if finders:
            rows = [from_pictures(lines, n, forms, f, seed) for f in finders for n in chosen]
        else:
            rows = [from_crops(lines, reader, seed), from_inks(lines, reader, seed)]
            rows += [from_leaflets(lines, name, forms, reader, seed) for name in chosen]
        click.echo(f"{folder.name}, {engine}: {len(lines)} lines")
        click.echo("\n".join(table(rows)))


if __name__ == "__main__":
    main()
