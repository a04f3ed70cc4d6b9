"""The `leaflets` command. stdout is data, stderr is progress; errors are caught in one place."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from leaflets import layout as layouts
from leaflets.errors import (
    BadInvocation,
    DoesNotFit,
    LeafletsError,
    NotAllowed,
    StorageFailure,
    UnreadableInput,
)
from leaflets.files import remedy_for
from leaflets.leaflet import print_leaflets
from leaflets.settings import Service, load_settings
from leaflets.sheet import layout_for
from scan_pipeline import init as set_up
from scan_pipeline import report, targets
from scan_pipeline.batch import Batch, counted, in_one_line, stopped
from scan_pipeline.learning.adapt import adapt

FILE = click.Path(path_type=Path, readable=False)  # what cannot be read is said page by page
STOPPED = 130
"""How programs end that Ctrl+C has stopped."""
UNHEARD = 141
"""How programs end whose reader (`head`) has closed the pipe."""


class Commands(click.Group):
    """The one place where exceptions become a sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LeafletsError as error:
            click.echo(f"{error}\n{error.remedy}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            _end_unheard()
            ctx.exit(UNHEARD)
        except OSError as error:
            failure = StorageFailure(
                f"{error.strerror or error}: {error.filename or ''}".rstrip(": "),
                remedy=remedy_for(error),
            )
            click.echo(f"{failure}\n{failure.remedy}", err=True)
            ctx.exit(failure.exit_code)
        except (KeyboardInterrupt, click.Abort):
            _end_undisturbed()
            click.echo("\nStopped.", err=True)
            ctx.exit(STOPPED)


def _end_unheard() -> None:
    """Whoever read stdout has seen enough. What is left goes nowhere, the last flush included."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _end_undisturbed() -> None:
    """Nothing but the end comes after the first Ctrl+C: a second one would only break it off."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop_once(*_: object) -> None:
    """Ctrl+C, heard once: between a first and a second there may be no moment at all."""
    _end_undisturbed()
    raise KeyboardInterrupt


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


main.add_command(set_up.init)
main.add_command(adapt)


@main.command("print")
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
    _say_example(service)


def _say_example(service: Service) -> None:
    if service.example:
        click.echo("These carry an example service. `leaflets init` makes them yours.", err=True)


def batch_code(batch: str | None) -> str:
    """Four upper-case letters or digits; year and month when not given."""
    code = (batch or dt.date.today().strftime("%y%m")).upper()
    if len(code) != 4 or not (code.isascii() and code.isalnum()):
        raise BadInvocation(f"{batch!r} is not a batch.", remedy="Use four letters or digits.")
    return code


@main.command("layout")
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


@main.command()
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


@main.command()
@click.argument("paths", nargs=-1, required=True, type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per page (schema 1).")
@click.option(
    "--overlay",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a picture of what was seen on each page into this folder.",
)
@click.option(
    "--engine",
    default="ppocr",
    show_default=True,
    help="Reader of handwriting: ppocr or tesseract; or none: a person types the words.",
)
@click.option("--dry-run", is_flag=True, help="Read and report; keep nothing.")
@click.pass_obj
def scan(
    workspace: Path,
    paths: tuple[Path, ...],
    as_json: bool,
    overlay: Path | None,
    engine: str,
    dry_run: bool,
) -> None:
    """Read scanned leaflets (files or folders; PDF, TIFF, JPEG, PNG, HEIC) into stories."""
    from scan_pipeline import pipeline
    from scan_pipeline.learning.learned import known_here
    from scan_pipeline.reading import intake
    from scan_pipeline.reading.recognise import reader
    from scan_pipeline.store import open_store

    known = known_here(workspace)
    # What is missing is said before reading begins.
    reader(engine, known.words, known.steps, known.weights)
    if overlay is not None:
        targets.overlay_target(workspace, overlay)
        targets.make_folder(overlay)
    batch = Batch()
    heard = signal.getsignal(signal.SIGINT)
    with ExitStack() as stack:
        if heard is signal.default_int_handler:
            signal.signal(signal.SIGINT, _stop_once)
        store = stack.enter_context(open_store(_keeping(workspace, dry_run, stack)))
        try:
            with _bar() as bar:
                task = bar.add_task("Reading", total=None)
                for outcome in pipeline.scan(
                    paths,
                    workspace=workspace,
                    engine=engine,
                    overlay=overlay,
                    store=store,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                ):
                    batch.add(outcome)
                    if as_json:
                        click.echo(json.dumps(report.contract(outcome), ensure_ascii=False))
        except KeyboardInterrupt:
            _end_undisturbed()
            # A page may have been written down, and not been told of yet.
            told = stopped(store.count_arrived(), kept=not dry_run)
            click.echo(f"\n{told}", err=True)
            sys.exit(STOPPED)
    signal.signal(signal.SIGINT, heard)
    if _none_there(batch):
        raise UnreadableInput(
            f"There is no such file or folder: {', '.join(map(str, paths))}.",
            remedy="Check how it is written, and in which folder you are.",
        )
    click.echo(batch.summary(intake.passed_over(paths)), err=as_json)
    if advice := batch.advice():
        click.echo(advice, err=True)
    if len(batch.unplaced) == batch.pages:
        raise UnreadableInput("No leaflet was found in what was given.")


def _none_there(batch: Batch) -> bool:
    """Whether nothing that was given exists: no page was ever seen."""
    from scan_pipeline.reading.intake import NOT_THERE

    absent = [told for told in batch.unplaced if told.endswith(NOT_THERE)]
    return 0 < len(absent) == batch.pages


def _keeping(workspace: Path, dry_run: bool, stack: ExitStack) -> Path:
    """Where scanned pages are kept: the workspace, or a folder that goes when a dry run ends."""
    if not dry_run:
        return workspace
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leaflets-")))


def _bar() -> Progress:
    """A progress bar on stderr; nothing at all when stderr is not a terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per page image.")
@click.pass_obj
def ledger(workspace: Path, as_json: bool) -> None:
    """List every page image that came in, and what became of it."""
    from scan_pipeline.store import open_store

    with open_store(workspace) as repo:
        for row in repo.ledger():
            if as_json:
                facts = {
                    "schema": 1,
                    "file": row.file,
                    "page": row.page,
                    "status": row.status,
                    "story": row.story_id,
                    "reason": row.reason,
                    "dealt_with": row.dealt,
                }
                click.echo(json.dumps(facts, ensure_ascii=False))
            else:
                dealt = "(dealt with)" if row.dealt else ""
                tail = " ".join(part for part in (row.story_id, row.reason, dealt) if part)
                click.echo(
                    f"{in_one_line(row.file)}, page {row.page}: {row.status} {tail}".rstrip()
                )


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 chooses a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address; open nothing.")
@click.pass_obj
def desk(workspace: Path, port: int, no_browser: bool) -> None:
    """Open the desk in a browser: confirm stories, write responses, print posters.

    Only this computer can reach it. Ctrl+C ends it; nothing is lost.
    """
    from scan_pipeline.desk import serve

    serve(workspace, port=port, open_browser=not no_browser)


@main.command()
@click.argument("workspace_story", metavar="STORY")
@click.option("--text", required=True, help="The response, in plain words.")
@click.option("--name", required=True, help="First name of who responds.")
@click.option("--role", required=True, help="Their role, such as Service manager.")
@click.option(
    "--change",
    "change_status",
    type=click.Choice(["made", "planned", "cannot"]),
    help="What becomes of it.",
)
@click.option("--change-text", default="", help="The change, explained.")
@click.option("--due", default="", help="When a planned change will be made, such as 2026-12-01.")
@click.option("--approve", is_flag=True, help="As coordinator: this may go on the wall.")
@click.option("--by", default="", help="Who approves it; default: the coordinator.")
@click.option("--anyway", is_flag=True, help="Approve it although there are warnings: I read them.")
@click.option("--dry-run", is_flag=True, help="Check everything; write nothing.")
@click.pass_obj
def respond(
    workspace: Path,
    workspace_story: str,
    text: str,
    name: str,
    role: str,
    change_status: str | None,
    change_text: str,
    due: str,
    approve: bool,
    by: str,
    anyway: bool,
    dry_run: bool,
) -> None:
    """Write the response to STORY (such as S-2026-041), and the change it led to."""
    from scan_pipeline import respond as answers
    from scan_pipeline.progress import about_the_poster
    from scan_pipeline.store import open_store

    response = answers.compose(
        text=text,
        name=name,
        role=role,
        change_status=change_status,
        change_text=change_text,
        due=answers.date_of(due),
    )
    service = load_settings(workspace)
    with open_store(workspace) as repo:
        story = repo.story(workspace_story)
        for line in answers.on_the_wall(story, response, service) if approve else ():
            click.echo(line)
        advice = answers.respond(
            repo,
            story.id,
            response,
            service=service,
            by=by.strip() or answers.COORDINATOR,
            approve=approve,
            anyway=anyway,
            dry_run=dry_run,
            seen=story.version,
        )
        at_the_wall = "" if dry_run else about_the_poster(repo.story(story.id))
    for line in (*advice, *filter(None, [at_the_wall])):
        click.echo(line, err=True)
    became = "approved" if approve else "saved as a draft, and not approved"
    told = "Nothing was written." if dry_run else f"{story.id}: the response is {became}."
    click.echo(told, err=True)


@main.command()
@click.option("-o", "--output", type=FILE, required=True, help="The PDF to write.")
@click.option("--dry-run", is_flag=True, help="List what would be printed and what not, and why.")
@click.pass_obj
def posters(workspace: Path, output: Path, dry_run: bool) -> None:
    """Print story and response sheets for the noticeboard (A4).

    A story whose words do not fit is left out and named, and the others are printed; the exit code
    is then 8. It is 7 when no story is ready: an older file of posters is deleted then. With
    --dry-run it is 0.
    """
    from leaflets.poster import TooLong, draw_posters
    from scan_pipeline import respond as answers
    from scan_pipeline.lookalikes import came_since
    from scan_pipeline.store import open_store

    targets.pdf_target(workspace, output, "posters.pdf")
    service = load_settings(workspace)
    with open_store(workspace) as repo:
        contents, withheld = answers.collect_posters(repo, service)
        unseen = came_since(repo.stories())
    for story_id, reason in withheld:
        click.echo(f"{story_id} is not printed: {reason}", err=True)
    for story, told in unseen:
        click.echo(f"{story.id} is approved, but: {' '.join(told)}", err=True)
    if contents and not dry_run:
        targets.make_folder(output.parent)
        draw_posters(contents, output)
    if contents:
        verb = "would be printed" if dry_run else f"printed to {output}"
        click.echo(f"{counted(len(contents), 'story', 'stories')} {verb}.", err=True)
        _say_example(service)
    if dry_run:
        if not contents:
            click.echo("No story is ready for the wall.", err=True)
            if targets.old_posters(output):
                click.echo(f"The old {output} would be deleted.", err=True)
        return
    if not contents and targets.old_posters(output):
        # It would be printed once more: nobody looks whether a file is this week's.
        targets.remove(output)
        click.echo(
            f"The old {output} was deleted, as no story in it may be printed any more. Please take "
            "the posters that it made off the wall.",
            err=True,
        )
    too_long = [story_id for story_id, reason in withheld if isinstance(reason, TooLong)]
    if too_long:
        raise DoesNotFit(f"Left out, because the words do not fit: {', '.join(too_long)}.")
    if not contents:
        raise NotAllowed(
            f"No story is ready for the wall: {output} was not written.",
            remedy="Confirm and answer stories in `leaflets desk`, and approve the responses.",
        )


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
