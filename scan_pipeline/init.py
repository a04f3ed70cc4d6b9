"""`leaflets init`: ask for what the leaflets and posters say about the service."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import click

from leaflets.errors import BadInvocation
from leaflets.settings import (
    EXAMPLE,
    SETTINGS_FILE,
    HelpLine,
    Service,
    settings_text,
    write_settings,
)


@click.command()
@click.option("--name", help="The service's name, as on the front.")
@click.option("--organisation", help="The organisation behind it, as on posters.")
@click.option("--logo", type=click.Path(path_type=Path), help="A PNG or JPEG; it is copied.")
@click.option("--opened-by", help="Who opens the box: a role, never a name.")
@click.option("--help-line", "help_lines", multiple=True, help='"Name: number"; may be repeated.')
@click.option("--force", is_flag=True, help="Replace the settings that are there.")
@click.option("--dry-run", is_flag=True, help="Show the settings file; write nothing.")
@click.pass_obj
def init(
    workspace: Path,
    name: str | None,
    organisation: str | None,
    logo: Path | None,
    opened_by: str | None,
    help_lines: tuple[str, ...],
    force: bool,
    dry_run: bool,
) -> None:
    """Set up your service's name, logo, box and help lines in one readable file.

    What is not given as an option is asked for; Enter keeps the example.
    """
    path = workspace / SETTINGS_FILE
    if path.exists() and not (force or dry_run):
        raise BadInvocation(
            f"{path} is there already.", remedy="Edit that file, or give --force to replace it."
        )
    ask = click.get_text_stream("stdin").isatty()
    lines = tuple(help_line(text) for text in help_lines) or _ask_lines(ask)
    service = replace(
        EXAMPLE,
        name=name or _ask(ask, "Name of the service", EXAMPLE.name),
        organisation=organisation or _ask(ask, "Organisation behind it", EXAMPLE.organisation),
        box_opener=opened_by or _ask(ask, "Who opens the box (a role)", EXAMPLE.box_opener),
        help_lines=lines,
        example=False,
    )
    if logo is not None:
        service = _with_logo(service, logo, workspace, dry_run)
    if dry_run:
        click.echo(settings_text(service, workspace), nl=False)
        return
    write_settings(service, path)
    click.echo(f"{path} is written: please read it once, and ring every help line in it.")


def help_line(text: str) -> HelpLine:
    """ "Samaritans: 116 123" as a record."""
    name, colon, contact = text.rpartition(":")
    if not (colon and name.strip() and contact.strip()):
        raise BadInvocation(f"{text!r} is not a help line.", remedy='Write it as "Name: number".')
    return HelpLine(name=name.strip(), contact=contact.strip())


def _ask(ask: bool, question: str, example: str) -> str:
    return str(click.prompt(question, default=example)) if ask else example


def _ask_lines(ask: bool) -> tuple[HelpLine, ...]:
    if not ask:
        return EXAMPLE.help_lines
    lines = []
    for line in EXAMPLE.help_lines:
        told = click.prompt("Help line", default=f"{line.name}: {line.contact}")
        lines.append(help_line(told))
    return tuple(lines)


def _with_logo(service: Service, logo: Path, workspace: Path, dry_run: bool) -> Service:
    if logo.suffix.lower() not in {".png", ".jpg", ".jpeg"} or not logo.is_file():
        raise BadInvocation(f"{logo} is not a PNG or JPEG file.", remedy="Choose another picture.")
    kept = workspace / f"logo{logo.suffix.lower()}"
    if not dry_run:
        workspace.mkdir(parents=True, exist_ok=True)
        if logo.resolve() != kept.resolve():
            shutil.copyfile(logo, kept)
    return replace(service, logo=kept)
