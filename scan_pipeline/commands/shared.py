"""What several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from leaflets.settings import Service

FILE = click.Path(path_type=Path, readable=False)  # what cannot be read is said page by page


def say_example(service: Service) -> None:
    """Say so on stderr where leaflets or posters carry the example service."""
    if service.example:
        click.echo("These carry an example service. `leaflets init` makes them yours.", err=True)
