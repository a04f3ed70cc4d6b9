"""What `leaflets adapt` is worth: `python -m benchmarks.adapt --help`.

Simulated writers of an invented service, in strained drawn hands. Lines are read as the scanner
cuts them out; everything after that is the real way: store, corrections, confirmation, learning.
Seeds below 1000 are for tuning; the figures in the README use 1000 on.
"""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path

import click

from benchmarks.adapt.measure import Step, compared, read, taught
from benchmarks.adapt.writers import leaflets, service_words
from benchmarks.options import seeded
from scan_pipeline.learning.learned import Learned


@click.command()
@click.option("-n", "count", default=200, show_default=True, help="Leaflets to learn from.")
@click.option("--next", "after", default=50, show_default=True, help="Leaflets that come after.")
@seeded()
@click.option(
    "--nods",
    multiple=True,
    default=(0.0, 0.5),
    show_default=True,
    help="Share of unmarked mistakes that the volunteer lets pass.",
)
def main(count: int, after: int, seed: int, nods: tuple[float, ...]) -> None:
    """Errors on the leaflets that come after, before and after learning."""
    written = leaflets(count + after, seed)
    first = list(read(islice(written, count)))
    following = list(written)
    for share in nods:
        with tempfile.TemporaryDirectory(prefix="leaflets-adapt-") as workspace:
            learned = taught(first, Path(workspace), share)
        _tell(share, learned, compared(following, learned))


def _tell(nods: float, learned: Learned, steps: list[Step]) -> None:
    names = service_words()
    own = [word for word in learned.words if word in names]
    other = [word for word in learned.words if word not in names]
    click.echo(
        f"\nFrom {learned.stories} leaflets, {learned.words_seen} words, confirmed by somebody who "
        f"lets {nods:.0%} of the unmarked mistakes pass: {len(own)} of {len(names)} own words; "
        f"others: {', '.join(other) or 'none'}."
    )
    click.echo("Sure: " + ", ".join(f"{said:.3f} -> {here:.3f}" for said, here in learned.steps))
    click.echo(
        "\n| | words | letters wrong | words wrong | own words wrong | flagged "
        "| wrong of the others | silent | calibration error |\n|" + "---|" * 9
    )
    for s in steps:
        click.echo(
            f"| {s.name} | {s.words} | {s.cer:.1%} | {s.wer:.1%} | {s.own_wrong:.0%} of "
            f"{s.own_words} | {s.flagged:.1%} | {s.silent:.1%} | {s.silent_words} "
            f"| {s.calibration_error:.3f} |"
        )


if __name__ == "__main__":
    main()
