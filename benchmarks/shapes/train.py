"""Make the network that knows plain marks: `python -m benchmarks.shapes.train --help`.

It needs more than the tests do: `pip install --require-hashes -r requirements-train.lock`. Pages
with seeds below 1000 are drawn for it; `python -m benchmarks.shapes` measures it on others.
"""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.options import workers, workspace
from benchmarks.shapes.pages import examples


@click.command()
@click.option("-n", "count", default=7000, show_default=True, help="Pages.")
@click.option("--seed", default=911, show_default=True, help="Below 1000.")
@click.option("--rounds", default=15, show_default=True, help="How often each mark is shown.")
@workers()
@workspace("shapes")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
def main(count: int, seed: int, rounds: int, workers: int, workspace: Path, output: Path) -> None:
    """Write `scan_pipeline/reading/plain.onnx`."""
    from benchmarks.shapes import network  # the tests do without what it needs

    found = examples(count, seed, workspace, workers=workers)
    click.echo(f"{len(found)} marks, {sum(e.is_plain for e in found)} of them plain")
    made_by = f"python -m benchmarks.shapes.train -n {count} --seed {seed} --rounds {rounds}"
    network.write(network.trained(found, rounds, seed), output, made_by)
    click.echo(str(output))


if __name__ == "__main__":
    main()
