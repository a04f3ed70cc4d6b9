"""What the demo's page shows of each leaflet, put together from what happened to it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pdf2image
from PIL import Image

from leaflets.content import PosterContent
from leaflets.layout import SheetLayout
from leaflets.poster import draw_posters
from scan_pipeline.demo.batch import DemoPage, save_picture
from scan_pipeline.demo.show import Card, OtherPage, Picture, choice_views, text_views
from scan_pipeline.demo.stories import DemoStory
from scan_pipeline.demo.volunteer import Checked
from scan_pipeline.privacy.worry import worries
from scan_pipeline.story import PageOutcome, Publication

POSTER_DPI = 100
_STATUS = {
    "blank": "Nothing to read",
    "duplicate": "Counted once",
    "unplaced": "Put aside for a person",
    "read": "Read",
}
_STATES = {"held": "held", "not_for_display": "private"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """A page that became a story: what is truly on it, what was read, and how well."""

    page: DemoPage
    outcome: PageOutcome
    story_id: str
    story: DemoStory
    checked: Checked


def poster_pictures(
    contents: Sequence[PosterContent], folder: Path
) -> dict[str, tuple[Picture, ...]]:
    """Pictures of each poster's sheets (one, or two), by the number of its story."""
    found = {}
    for content in contents:
        with tempfile.TemporaryDirectory(prefix="leaflets-") as place:
            alone = Path(place) / "poster.pdf"
            draw_posters([content], alone)
            images = pdf2image.convert_from_path(str(alone), dpi=POSTER_DPI)
        sheets = []
        for number, image in enumerate(images, start=1):
            path = folder / "pictures" / f"poster-{content.number}-{number}.png"
            image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(path, optimize=True)
            alt = f"The poster for the wall, sheet {number}: story {content.number}."
            sheets.append(_picture(path, path, folder, alt))
        found[content.number] = tuple(sheets)
    return found


def make_card(
    one: ReadPage,
    layout: SheetLayout,
    posters: Mapping[str, tuple[Picture, ...]],
    publication: Publication,
    reasons: Mapping[str, str],
    folder: Path,
) -> Card:
    """One leaflet from scan to wall. `reasons`: why a story is not printed, by its number."""
    page, side = one.page, layout.page(1)
    shown = posters.get(one.story_id, ())
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
        taken_out=one.story.taken_out if shown else (),
        state="wall" if shown else _STATES.get(publication, "waiting"),
        reason=reasons.get(one.story_id, ""),
        prompted=bool(worries("\n".join(one.story.texts.values()))),
        posters=shown,
    )


def other_page(page: DemoPage, outcome: PageOutcome, folder: Path) -> OtherPage:
    """A page that made no story of its own."""
    return OtherPage(
        says=page.plan.says,
        file=page.file,
        page=page.page,
        status=_STATUS[outcome.status],
        reason=outcome.reason,
        scan=_picture(page.picture, page.picture, folder, f"Scan of {page.plan.says}"),
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
