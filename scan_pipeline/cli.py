"""The `leaflets` command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scan_pipeline import init as set_up
from scan_pipeline.commands import coordinator, staff, volunteer
from scan_pipeline.commands.ending import Commands
from scan_pipeline.learning.adapt import adapt


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("output"),
    show_default=True,
    help="Folder for settings, stories and scans.",
)
@click.version_option(package_name="leaflets")
@click.pass_context
def main(ctx: click.Context, workspace: Path) -> None:
    """Paper feedback, from a blank leaflet to an answer on the wall."""
    ctx.obj = workspace


for command in (
    set_up.init,
    staff.print_command,
    staff.layout_command,
    staff.proof,
    volunteer.scan,
    volunteer.ledger,
    volunteer.desk,
    coordinator.respond,
    adapt,
    coordinator.posters,
):
    main.add_command(command)


@main.command()
@click.pass_obj
def demo(workspace: Path) -> None:
    """Run the whole loop on invented leaflets; ends with posters and a page to look at."""
    from scan_pipeline.demo import run_demo

    page = run_demo(workspace, lambda line: click.echo(line, err=True))
    click.echo(str(page))


@main.command()
@click.pass_obj
def doctor(workspace: Path) -> None:
    """Say what is installed, what is missing, and how to get it."""
    from scan_pipeline.doctor import examine
    from scan_pipeline.doctor import report as told

    checks = examine(workspace)
    click.echo(told(checks))
    sys.exit(next((check.exit_code for check in checks if check.needed and not check.ok), 0))


if __name__ == "__main__":
    main()
