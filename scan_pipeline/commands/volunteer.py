"""What a volunteer asks for: scans to read, what became of each page, the desk."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from leaflets.errors import UnreadableInput
from scan_pipeline import report, targets
from scan_pipeline.batch import Batch, in_one_line, stopped
from scan_pipeline.commands.ending import STOPPED, end_undisturbed, stop_once
from scan_pipeline.commands.shared import FILE


@click.command()
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
    help="Reader of handwriting: ppocr or tesseract; or none: ticks are read, words are typed.",
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
            signal.signal(signal.SIGINT, stop_once)
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
            end_undisturbed()
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


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per page image.")
@click.pass_obj
def ledger(workspace: Path, as_json: bool) -> None:
    """List every page image that came in, and what became of it."""
    from scan_pipeline.store import open_store

    with open_store(workspace) as repo:
        rows = repo.ledger()
        if not rows and not as_json:
            click.echo("No page has come in yet.")
        for row in rows:
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


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 chooses a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address; open nothing.")
@click.pass_obj
def desk(workspace: Path, port: int, no_browser: bool) -> None:
    """Open the desk in a browser: confirm stories, write responses, print posters.

    Only this computer can reach it. Ctrl+C ends it; nothing is lost.
    """
    from scan_pipeline.desk import serve

    serve(workspace, port=port, open_browser=not no_browser)
