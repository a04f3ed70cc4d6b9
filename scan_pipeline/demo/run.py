"""The demo, step by step: print, fill in, scan, confirm, respond, post, show."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from leaflets.leaflet import print_leaflets
from leaflets.poster import draw_posters
from leaflets.settings import EXAMPLE, load_settings, write_settings
from leaflets.sheet import layout_for
from scan_pipeline import pipeline, report
from scan_pipeline.demo.batch import BATCH, DemoPage, FilePlan, make_batch
from scan_pipeline.demo.cards import ReadPage, make_card, other_pages, poster_pictures
from scan_pipeline.demo.coordinator import play_coordinator
from scan_pipeline.demo.fill import BATCH as PRINT_BATCH
from scan_pipeline.demo.folder import fresh_folder
from scan_pipeline.demo.show import Show, write_page
from scan_pipeline.demo.stories import WORRYING
from scan_pipeline.demo.volunteer import play_volunteer
from scan_pipeline.forms import remember
from scan_pipeline.respond import collect_posters
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import PageOutcome

Echo = Callable[[str], None]
COPIES = 20

def run(workspace: Path, echo: Echo, plans: Sequence[FilePlan] = BATCH) -> Path:
    """The demo in `<workspace>/demo`; returns the path of its page."""
    start = time.perf_counter()
    folder = workspace / "demo"
    fresh_folder(folder)
    write_settings(EXAMPLE, folder / "service.toml")
    service = load_settings(folder)
    layout = layout_for("story", service)
    echo(f"1. Printing {COPIES} leaflets: {folder / 'leaflets.pdf'}")
    print_leaflets(
        layout, folder / "leaflets.pdf", copies=COPIES, batch=PRINT_BATCH, service=service
    )
    remember(folder, layout)
    echo("2. Writing on them by several drawn hands; then tea, folds, a phone and an old scanner.")
    pages = make_batch(plans, layout, service, folder / "scans", folder / "pictures")
    echo(f"3. Reading {len(pages)} pages, as `leaflets scan {folder / 'scans'}` does.")
    with open_store(folder) as repo:
        reading_start = time.perf_counter()
        outcomes = scan_all(folder, repo)
        seconds = time.perf_counter() - reading_start
        summary = report.summary(outcomes).replace(f"{folder / 'scans'}/", "")
        echo(f"   {summary}")
        read = _confirm(repo, pages, outcomes, echo)
        _respond(repo, read, echo)
        contents, withheld = collect_posters(repo, service)
    echo(f"6. Printing {len(contents)} posters: {folder / 'posters.pdf'}")
    if contents:
        draw_posters(contents, folder / "posters.pdf")
    posters = poster_pictures(contents, folder) if contents else {}
    show = Show(
        service=service.name,
        version=layout.version,
        batch=PRINT_BATCH,
        summary=summary,
        seconds=seconds,
        cards=tuple(make_card(one, layout, posters, dict(withheld), folder) for one in read),
        others=other_pages(matched(pages, outcomes), folder),
    )
    page = write_page(show, folder)
    echo(f"7. Done in {time.perf_counter() - start:.0f} seconds. Open this in a browser:")
    return page


def scan_all(folder: Path, repo: Repository) -> list[PageOutcome]:
    """Read the scans folder into the store, with a picture of what was seen on each page."""
    return list(
        pipeline.scan([folder / "scans"], workspace=folder, overlay=folder / "seen", store=repo)
    )


def _confirm(
    repo: Repository, pages: Sequence[DemoPage], outcomes: Sequence[PageOutcome], echo: Echo
) -> list[ReadPage]:
    """Play the volunteer for every leaflet that was read, in the order of the scan."""
    read = []
    for page, outcome in matched(pages, outcomes):
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
    wrong = sum(one.checked.wrong_words for one in read)
    echo(
        f"4. Confirming {len(read)} stories. A person does this in reality; here the demo, which "
        f"knows what was written, corrects {wrong} of {words} words. One story worries it: held."
    )
    return read


def _respond(repo: Repository, read: Sequence[ReadPage], echo: Echo) -> None:
    answered = sum(play_coordinator(repo, one.story_id, one.story) for one in read)
    echo(f"5. Responding to {answered} stories, with what will change, and approving.")


def matched(
    pages: Sequence[DemoPage], outcomes: Sequence[PageOutcome]
) -> list[tuple[DemoPage, PageOutcome]]:
    """Each page that came in, with what is truly on it, in the order of the scan."""
    known = {(page.file, page.page): page for page in pages}
    return [(known[Path(o.file).name, o.page], o) for o in outcomes]
