"""What staff ask for: leaflets to print, where everything is on them, whether scans will work."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click

from leaflets import layout as layouts
from leaflets.errors import BadInvocation, UnreadableInput
from leaflets.leaflet import print_leaflets
from leaflets.settings import load_settings
from leaflets.sheet import layout_for
from scan_pipeline import targets
from scan_pipeline.commands.shared import FILE, say_example


@click.command("print")
@click.argument("template")
@click.option("-o", "--output", type=FILE, required=True, help="The PDF to write.")
@click.option(
    "--copies",
    type=click.IntRange(1, 500),
    default=1,
    show_default=True,
    help="How many leaflets.",
)
@click.option("--batch", help="Four letters or digits for this print run; default: year and month.")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@click.pass_obj
def print_command(
    workspace: Path, template: str, output: Path, copies: int, batch: str | None, dry_run: bool
) -> None:
    """Print feedback leaflets (TEMPLATE: story) or contact slips (TEMPLATE: contact) to a PDF.

    To be printed at 100 % and folded once; a leaflet two-sided, flipped on the short edge.
    """
    from scan_pipeline.forms import remember

    targets.pdf_target(workspace, output, "leaflets.pdf")
    service = load_settings(workspace)
    layout = layout_for(template, service)
    batch = batch_code(batch)
    if dry_run:
        click.echo(f"Would write {copies} of {template} {layout.version}, batch {batch}: {output}")
        return
    targets.make_folder(output.parent)
    print_leaflets(layout, output, copies=copies, batch=batch, service=service)
    remember(workspace, layout)
    click.echo(
        f"{output}: {copies} of {template}, version {layout.version}, batch {batch}.", err=True
    )
    say_example(service)


def batch_code(batch: str | None) -> str:
    """Four upper-case letters or digits; year and month when not given."""
    code = (batch or dt.date.today().strftime("%y%m")).upper()
    if len(code) != 4 or not (code.isascii() and code.isalnum()):
        raise BadInvocation(f"{batch!r} is not a batch.", remedy="Use four letters or digits.")
    return code


@click.command("layout")
@click.argument("template")
@click.option("--json", "as_json", is_flag=True, help="The public contract (schema 1).")
@click.pass_obj
def layout_command(workspace: Path, template: str, as_json: bool) -> None:
    """Say where everything is on a printed form, in millimetres."""
    layout = layout_for(template, load_settings(workspace))
    if as_json:
        click.echo(json.dumps(layouts.contract(layout), ensure_ascii=False))
        return
    click.echo(f"{layout.template}, version {layout.version}, {layout.language}")
    for page in layout.pages:
        click.echo(f"page {page.number}: {page.width_mm:g} by {page.height_mm:g} mm")
        for field in page.fields:
            click.echo(f"  {field.name:<16} {field.kind:<7} {field.box.as_list()}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Figures for other programs.")
@click.pass_obj
def proof(workspace: Path, file: Path, as_json: bool) -> None:
    """Say whether leaflets printed and scanned like FILE (a scan of a blank one) will work."""
    from dataclasses import asdict

    from scan_pipeline.forms import load_forms
    from scan_pipeline.page import Unplaced
    from scan_pipeline.proof import conclude, prove
    from scan_pipeline.reading import intake

    forms, proofs = load_forms(workspace), []
    pages = intake.find_pages(file)
    if isinstance(pages, intake.BadFile):
        raise UnreadableInput(f"{file}: {pages.reason}")
    for source in pages:
        page = intake.load_page(source)
        if isinstance(page, Unplaced):
            raise UnreadableInput(f"{file}, page {source.page}: {page.reason}")
        found = prove(page.grey, forms, page.dpi)
        proofs.append(found)
        if as_json:
            facts = {"schema": 1, "page": source.page} | asdict(found)
            click.echo(json.dumps(facts, ensure_ascii=False))
    if not as_json:
        click.echo(conclude(proofs))
    if not all(found.works for found in proofs):
        raise UnreadableInput("Not every page would work.", remedy="Print and scan it once more.")
