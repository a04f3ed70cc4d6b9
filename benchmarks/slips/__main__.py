"""Contact slips in drawn hands: `python -m benchmarks.slips --help`.

Numbers that Ofcom keeps for drama, names from a list. Seeds below 1000 are for tuning; the
figures in the README use 1000 on.
"""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.options import conditions, seeded, workspace
from benchmarks.slips.measure import row, run


@click.command()
@conditions("flat", "photo", "one-bit")
@click.option("-n", "count", default=70, show_default=True, help="Slips a condition.")
@seeded()
@click.option("--engine", default="ppocr", show_default=True)
@workspace("slips")
def main(names: tuple[str, ...], count: int, seed: int, engine: str, workspace: Path) -> None:
    """Numbers and names: right, flagged, and silently wrong; by condition and by font."""
    combs = [comb for name in names for comb in run(name, count, seed, workspace, engine)]
    rows = []
    for field in dict.fromkeys(c.field for c in combs):
        mine = [c for c in combs if c.field == field]
        rows += [(name, row("field", [c for c in mine if c.condition == name])) for name in names]
        fonts = sorted({c.font for c in mine})
        rows += [(font, row("field", [c for c in mine if c.font == font])) for font in fonts]
    head = rows[0][1]
    click.echo("| | " + " | ".join(head) + " |\n|" + "---|" * (len(head) + 1))
    for name, line in rows:
        click.echo(f"| {name} | " + " | ".join(str(v) for v in line.values()) + " |")
    for comb in combs:
        if comb.silent:
            click.echo(
                f"SILENT {comb.condition} {comb.font} {comb.field}: {comb.truth} {comb.text}"
            )
        for written, read, flag in comb.characters:
            if written != read and not flag:
                click.echo(f"UNMARKED {comb.condition} {comb.font}: {written} read as {read}")


if __name__ == "__main__":
    main()
