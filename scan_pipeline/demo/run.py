"""The demo, step by step: print, fill in, scan, confirm, respond, post, show."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from leaflets.layout import SheetLayout
from leaflets.leaflet import print_leaflets
from leaflets.poster import draw_posters
from leaflets.settings import EXAMPLE, Service, load_settings, write_settings
from leaflets.sheet import layout_for
from scan_pipeline import pipeline
from scan_pipeline.batch import Batch
from scan_pipeline.demo.batch import BATCH, DemoPage, FilePlan, make_batch
from scan_pipeline.demo.cards import ReadPage, make_card, other_page, poster_pictures
from scan_pipeline.demo.coordinator import play_coordinator
from scan_pipeline.demo.fill import BATCH as PRINT_BATCH
from scan_pipeline.demo.folder import fresh_folder
from scan_pipeline.demo.show import Show, write_page
from scan_pipeline.demo.stories import WORRYING
from scan_pipeline.demo.volunteer import play_volunteer
from scan_pipeline.forms import remember
from scan_pipeline.progress import publication
from scan_pipeline.respond import collect_posters
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import PageOutcome

Echo = Callable[[str], None]
COPIES = 20
SAY_EVERY = 5


def run(workspace: Path, echo: Echo, plans: Sequence[FilePlan] = BATCH) -> Path:
    """The demo in `<workspace>/demo`; returns the path of its page.

    `plans`: the files that come in. Raises what the steps raise; a page that cannot be read is
    no error and is shown with its reason.
    """
    start = time.perf_counter()
    folder = workspace / "demo"
    fresh_folder(folder)
    write_settings(EXAMPLE, folder / "service.toml")
    service = load_settings(folder)
    layout = layout_for("story", service)
    _print(layout, service, folder, echo)
    echo("2. Writing on them by several drawn hands; then tea, folds, a phone and an old scanner.")
    pages = make_batch(plans, layout, service, folder / "scans", folder / "pictures")
    with open_store(folder) as repo:
        outcomes, seconds = _scan(folder, repo, len(pages), echo)
        seen = _matched(pages, outcomes)
        read = _confirm(repo, seen, echo)
        _respond(repo, read, service, echo)
        contents, withheld = collect_posters(repo, service)
        states = {story.id: publication(story) for story in repo.stories()}
    echo(f"6. Printing {len(contents)} posters: {folder / 'posters.pdf'}")
    if contents:
        draw_posters(contents, folder / "posters.pdf")
    posters, reasons = poster_pictures(contents, folder), dict(withheld)
    shown = {one.story_id for one in read}
    show = Show(
        service=service.name,
        version=layout.version,
        batch=PRINT_BATCH,
        summary=_summary(outcomes),
        seconds=seconds,
        cards=tuple(
            make_card(one, layout, posters, states[one.story_id], reasons, folder) for one in read
        ),
        others=tuple(
            other_page(page, outcome, folder)
            for page, outcome in seen
            if outcome.status != "read" or outcome.story_id not in shown
        ),
    )
    path = write_page(show, folder)
    echo(f"7. Done in {time.perf_counter() - start:.0f} seconds. Open this in a browser:")
    return path


def _print(layout: SheetLayout, service: Service, folder: Path, echo: Echo) -> None:
    path = folder / "leaflets.pdf"
    echo(f"1. Printing {COPIES} leaflets: {path}")
    print_leaflets(layout, path, copies=COPIES, batch=PRINT_BATCH, service=service)
    remember(folder, layout)


def _scan(
    folder: Path, repo: Repository, count: int, echo: Echo
) -> tuple[list[PageOutcome], float]:
    """What `leaflets scan --overlay` does, and how many seconds it took."""
    scans = folder / "scans"
    echo(f"3. Reading {count} pages, as `leaflets scan {scans}` does.")
    start = time.perf_counter()

    def progress(done: int, total: int) -> None:
        if done % SAY_EVERY == 0 and done < total:
            echo(f"   {done} of {total}")

    outcomes = list(
        pipeline.scan(
            [scans], workspace=folder, overlay=folder / "seen", store=repo, progress=progress
        )
    )
    seconds = time.perf_counter() - start
    echo(f"   {_summary(outcomes)}")
    return outcomes, seconds


def _summary(outcomes: Sequence[PageOutcome]) -> str:
    """The sentence that `leaflets scan` ends with, with short file names."""
    return Batch(replace(o, file=Path(o.file).name) for o in outcomes).summary()


def _confirm(
    repo: Repository, seen: Sequence[tuple[DemoPage, PageOutcome]], echo: Echo
) -> list[ReadPage]:
    """Play the volunteer for every leaflet that was read, in the order of the scan."""
    read = []
    for page, outcome in seen:
        if outcome.status != "read" or outcome.story_id is None or page.plan.story is None:
            continue
        story = page.plan.story
        checked = play_volunteer(repo, outcome.story_id, page, worry=story is WORRYING)
        read.append(
            ReadPage(
                page=page, outcome=outcome, story_id=outcome.story_id, story=story, checked=checked
            )
        )
    words = sum(one.checked.words for one in read)
    held = sum(one.story is WORRYING for one in read)
    wrong = sum(one.checked.wrong_words for one in read)
    echo(
        f"4. Confirming {len(read)} stories. In reality a person does this; here the demo knows "
        f"what was written, and corrects {wrong} of {words} words. Held by a worry: {held}."
    )
    return read


def _respond(repo: Repository, read: Sequence[ReadPage], service: Service, echo: Echo) -> None:
    answered = sum(play_coordinator(repo, one.story_id, one.story, service) for one in read)
    echo(f"5. Responding to {answered} stories, with what will change, and approving.")


def _matched(
    pages: Sequence[DemoPage], outcomes: Sequence[PageOutcome]
) -> list[tuple[DemoPage, PageOutcome]]:
    """Each page that came in, with what is truly on it, in the order of the scan."""
    known = {(page.file, page.page): page for page in pages}
    return [(known[Path(o.file).name, o.page], o) for o in outcomes]
