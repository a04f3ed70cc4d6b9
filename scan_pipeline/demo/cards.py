"""What the demo's page shows of each leaflet, put together from what happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pdf2image
from PIL import Image

from leaflets.content import PosterContent
from leaflets.layout import SheetLayout
from scan_pipeline.demo.batch import DemoPage, save_picture
from scan_pipeline.demo.show import Card, OtherPage, Picture, choice_views, text_views
from scan_pipeline.demo.stories import DemoStory
from scan_pipeline.demo.volunteer import Checked
from scan_pipeline.story import PageOutcome

POSTER_DPI = 100
_STATUS = {
    "blank": "Nothing to read",
    "duplicate": "Counted once",
    "unplaced": "Put aside for a person",
    "read": "Read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """A page that became a story: what is truly on it, what was read, and how well."""

    page: DemoPage
    outcome: PageOutcome
    story_id: str
    story: DemoStory
    checked: Checked


def poster_pictures(contents: Sequence[PosterContent], folder: Path) -> dict[str, Picture]:
    """A picture of each poster in `posters.pdf`, by the number of its story."""
    found = {}
    images = pdf2image.convert_from_path(str(folder / "posters.pdf"), dpi=POSTER_DPI)
    for content, image in zip(contents, images, strict=True):
        path = folder / "pictures" / f"poster-{content.number}.png"
        image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(path, optimize=True)
        alt = f"The poster for the wall: story {content.number} and its response."
        found[content.number] = _picture(path, path, folder, alt)
    return found


def make_card(
    one: ReadPage,
    layout: SheetLayout,
    posters: Mapping[str, Picture],
    withheld: Mapping[str, str],
    folder: Path,
) -> Card:
    """One leaflet from scan to wall. `withheld`: why a story is not printed, by its number."""
    page, side = one.page, layout.page(1)
    poster = posters.get(one.story_id)
    return Card(
        story_id=one.story_id,
        title=one.story.story_title,
        says=page.plan.says,
        file=page.file,
        page=page.page,
        scan=_picture(page.picture, page.picture, folder, f"Scan of the leaflet: {page.plan.says}"),
        seen=_seen(page, folder),
        texts=text_views(one.checked, side),
        choices=choice_views(one.checked, side),
        checked=one.checked,
        taken_out=one.story.taken_out if poster else (),
        state=_state(one.story, worry=one.worry, shown=poster is not None),
        reason=withheld.get(one.story_id, ""),
        poster=poster,
    )


def other_pages(
    pages: Sequence[tuple[DemoPage, PageOutcome]], folder: Path
) -> tuple[OtherPage, ...]:
    """Every page that made no story of its own."""
    return tuple(
        OtherPage(
            says=page.plan.says,
            file=page.file,
            page=page.page,
            status=_STATUS[outcome.status],
            reason=outcome.reason,
            scan=_picture(page.picture, page.picture, folder, f"Scan of {page.plan.says}"),
        )
        for page, outcome in pages
        if outcome.status != "read"
    )


def _seen(page: DemoPage, folder: Path) -> Picture:
    """The overlay that the scan drew, and a smaller copy of it."""
    full = folder / "seen" / f"{Path(page.file).stem}-{page.page:03d}.png"
    small = folder / "pictures" / f"seen-{Path(page.file).stem}-{page.page}.jpg"
    with Image.open(full) as image:
        save_picture(np.asarray(image.convert("RGB"), np.uint8), small)
    return _picture(small, full, folder, "The same page with the marks, boxes and words found.")


def _picture(file: Path, full: Path, folder: Path, alt: str) -> Picture:
    with Image.open(file) as image:
        width, height = image.size
    return Picture(
        file=file.relative_to(folder).as_posix(),
        full=full.relative_to(folder).as_posix(),
        alt=alt,
        width_px=width,
        height_px=height,
    )
