"""Options that the benchmarks share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from scan_pipeline.demo.paper import CONDITIONS

Option = Callable[[click.decorators.FC], click.decorators.FC]


def conditions(*default: str) -> Option[click.decorators.FC]:
    """`--condition`, once or more, as `names`; all of them (an empty `names`) by default."""
    return click.option(
        "--condition",
        "names",
        multiple=True,
        type=click.Choice(sorted(CONDITIONS)),
        default=default or None,
        show_default=bool(default),
        help="" if default else "Only these; all by default.",
    )


def seeded() -> Option[click.decorators.FC]:
    """`--seed`: what is drawn; figures are given for seeds that nothing was tuned on."""
    return click.option("--seed", default=1, show_default=True, help="Below 1000: for tuning.")


def workers() -> Option[click.decorators.FC]:
    """`--workers`: processes, one a core by default."""
    return click.option("--workers", default=os.cpu_count() or 1, show_default=True)


def workspace(name: str) -> Option[click.decorators.FC]:
    """`--workspace`: where a benchmark keeps its forms and plots."""
    return click.option(
        "--workspace",
        type=click.Path(path_type=Path),
        default=Path("output/benchmarks", name),
    )
