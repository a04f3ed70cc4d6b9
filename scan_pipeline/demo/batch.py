"""The demo's box of leaflets: filled in, crumpled, photographed, and saved as scanners save them.

Every file is of a kind that really comes in: a PDF from the office scanner, a TIFF in fax mode,
photographs from a phone. What is truly on each page is kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image as PilImage

from leaflets.layout import SheetLayout
from leaflets.settings import Service
from scan_pipeline.demo.fill import PRINT_DPI, PX_PER_MM, Choice, blank_side, fill
from scan_pipeline.demo.hands import FONTS, make_hand
from scan_pipeline.demo.letter import draw_letter
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.sheet import Image, as_grey, as_rgb
from scan_pipeline.demo.stories import STORIES, WORRYING, DemoStory

SEED = 2611
PICTURE_PX = 1400
FAX_DPI = 200
What = Literal["story", "blank", "outside", "letter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlan:
    """One page of the box. `seed` is that of its journey: the same leaflet may be scanned twice."""

    what: What
    condition: str
    says: str
    story: DemoStory | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """One file of the scans folder, by its name; the ending says how it is saved."""

    name: str
    pages: tuple[PagePlan, ...]
    colour: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPage:
    """One page image as it was saved, and what is truly on it.

    `texts`: the lines on the paper by field, `choices`: the meaning of the ticks by field; both
    empty where nothing was written. `picture`: a small copy for the page to look at.
    """

    file: str
    page: int
    plan: PagePlan
    font: str
    texts: dict[str, tuple[str, ...]]
    choices: dict[str, Choice]
    picture: Path


def _story(k: int, condition: str, says: str, seed: int = 1) -> PagePlan:
    return PagePlan(what="story", condition=condition, says=says, story=STORIES[k], seed=seed)


_BLANK = PagePlan(what="blank", condition="skew", says="a leaflet that nobody wrote on")
_OUTSIDE = PagePlan(what="outside", condition="flat", says="the outside of a leaflet")
_LETTER = PagePlan(what="letter", condition="skew", says="a letter that got into the pile")
_WORRYING = PagePlan(
    what="story", condition="skew", says="an ordinary scan, a little askew", story=WORRYING
)
_TWICE = _story(1, "skew", "a leaflet that was already scanned on Monday", seed=7)

BATCH: tuple[FilePlan, ...] = (
    FilePlan(
        name="monday.pdf",
        pages=(
            _story(0, "flat", "an ordinary scan"),
            _OUTSIDE,
            _story(1, "skew", "an ordinary scan, a little askew"),
            _BLANK,
            _story(2, "upside-down", "fed in upside down"),
            _WORRYING,
            _LETTER,
            _story(10, "soft", "out of focus and grainy"),
        ),
    ),
    FilePlan(
        name="tuesday-fax-mode.tif",
        pages=(
            _story(4, "one-bit", "black and white only, 200 dpi"),
            _story(9, "one-bit", "black and white only, 200 dpi", seed=2),
        ),
    ),
    FilePlan(
        name="wednesday-colour.pdf",
        colour=True,
        pages=(
            _story(7, "fold", "folded and opened again", seed=3),
            _story(8, "stain-colour", "tea was spilt on it", seed=2),
            _story(11, "crumple", "carried in a pocket", seed=2),
            _TWICE,
        ),
    ),
    FilePlan(
        name="phone-1.jpg", colour=True, pages=(_story(3, "photo", "a photo on a desk", seed=2),)
    ),
    FilePlan(
        name="phone-2.jpg",
        colour=True,
        pages=(_story(5, "photo-shadow", "a photo with the hand's shadow on it"),),
    ),
    FilePlan(
        name="phone-3.jpg",
        colour=True,
        pages=(_story(6, "photo-fold", "a photo of a folded leaflet, from the side", seed=4),),
    ),
)
"""The whole demo: thirteen stories and four pages that are something else."""

SMALL_BATCH: tuple[FilePlan, ...] = (
    FilePlan(
        name="monday.pdf",
        pages=(
            _story(0, "flat", "an ordinary scan"),
            _OUTSIDE,
            _BLANK,
            _story(1, "upside-down", "fed in upside down"),
            _WORRYING,
            _LETTER,
            _story(7, "skew", "an ordinary scan, a little askew"),
            _TWICE,
        ),
    ),
)
"""One of each kind, for a quick look."""


def make_batch(
    plans: Sequence[FilePlan], layout: SheetLayout, service: Service, folder: Path, pictures: Path
) -> list[DemoPage]:
    """Fill in, distort and save every planned page; files in `folder`, small copies in `pictures`.

    The same plan gives the same pictures every time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures.mkdir(parents=True, exist_ok=True)
    done: list[DemoPage] = []
    for plan in plans:
        images = []
        for number in range(1, len(plan.pages) + 1):
            image, made = _make_page(plan, number, layout, service, pictures)
            images.append(image)
            done.append(made)
        _save(images, folder / plan.name)
    return done


def _make_page(
    plan: FilePlan, number: int, layout: SheetLayout, service: Service, pictures: Path
) -> tuple[Image, DemoPage]:
    page = plan.pages[number - 1]
    texts: dict[str, tuple[str, ...]] = {}
    choices: dict[str, Choice] = {}
    font = ""
    side = layout.page(2 if page.what == "outside" else 1)
    image = (
        draw_letter(PX_PER_MM)
        if page.what == "letter"
        else blank_side(layout, service, side.number)
    )
    if page.story is not None:
        at = (*STORIES, WORRYING).index(page.story)
        rng = np.random.default_rng([SEED, at])  # one hand a story, however often it is scanned
        font = FONTS[at % len(FONTS)]
        filled = fill(as_rgb(image), side, page.story, make_hand(rng, font), rng)
        image, texts, choices = filled.image, filled.texts, filled.choices
    image = as_rgb(image) if plan.colour else as_grey(image)
    known = None if page.what == "letter" else side
    condition = CONDITIONS[page.condition]
    seen = distort(image, PX_PER_MM, condition, [SEED, page.seed, number], layout=known).image
    picture = pictures / f"{Path(plan.name).stem}-{number}.jpg"
    save_picture(seen, picture)
    return seen, DemoPage(
        file=plan.name,
        page=number,
        plan=page,
        font=font,
        texts=texts,
        choices=choices,
        picture=picture,
    )


def save_picture(image: Image, path: Path, side_px: int = PICTURE_PX) -> None:
    """A JPEG copy with its longer side at most `side_px`."""
    scale = min(1.0, side_px / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    PilImage.fromarray(small).save(path, quality=82, optimize=True)


def _save(images: Sequence[Image], path: Path) -> None:
    """As a scanner or phone would: JPEG pages in a PDF, one bit a pixel in a TIFF, a JPEG."""
    pages = [PilImage.fromarray(image) for image in images]
    if path.suffix == ".jpg":
        pages[0].save(path, quality=88)
    elif path.suffix == ".tif":
        bits = [page.convert("1", dither=PilImage.Dither.NONE) for page in pages]
        bits[0].save(
            path,
            save_all=True,
            append_images=bits[1:],
            compression="group4",
            dpi=(FAX_DPI, FAX_DPI),
        )
    else:
        pages[0].save(
            path, save_all=True, append_images=pages[1:], resolution=PRINT_DPI, quality=85
        )
