"""Options that the benchmarks share."""

from __future__ import annotations

from collections.abc import Callable

import click

from scan_pipeline.demo.paper import CONDITIONS


def conditions(*default: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
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
