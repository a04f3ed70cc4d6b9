"""Fill in leaflets by drawn hands, with the truth kept beside the picture."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pdf2image
from pdf2image.exceptions import PDFInfoNotInstalledError

from leaflets.errors import MissingProgram
from leaflets.geometry import MM_PER_INCH
from leaflets.layout import FieldLayout, PageLayout, SheetLayout
from leaflets.leaflet import print_leaflets
from leaflets.settings import EXAMPLE, Service
from leaflets.sheet import layout_for
from scan_pipeline.demo.hands import FONTS, Hand, make_hand, write
from scan_pipeline.demo.ink import FAINT_PENCIL, INKS
from scan_pipeline.demo.sheet import Image, as_rgb
from scan_pipeline.demo.stories import STORIES, DemoStory
from scan_pipeline.demo.ticks import (
    LIGHT_STYLES,
    ODD_STYLES,
    STYLES,
    UNDONE,
    LayStroke,
    TickStyle,
    draw_tick,
)

PRINT_DPI = 300
PX_PER_MM = PRINT_DPI / MM_PER_INCH
BATCH = "2611"

Choice = str | tuple[str, ...] | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledLeaflet:
    """One leaflet's inside as it was filled in: `image` (height, width[, 3]) at `px_per_mm`.

    `texts`: the lines on the paper, by field. `choices`: the meaning of the ticks, by field, in
    the terms of the scan contract (a box filled right in counts as not chosen). `styles`: how
    each marked box was marked, by (field, option).
    """

    image: Image
    px_per_mm: float
    page: PageLayout
    story: DemoStory
    font: str
    ink: str
    texts: dict[str, tuple[str, ...]]
    choices: dict[str, Choice]
    styles: dict[tuple[str, str], TickStyle]


def blank_side(layout: SheetLayout, service: Service, number: int, dpi: int = PRINT_DPI) -> Image:
    """The printed side as paper, from the real PDF: uint8 (height, width), 255 is paper.

    Raises `MissingProgram` without poppler.
    """
    return _blank_side(layout, service, number, dpi).copy()


@lru_cache(maxsize=4)
def _blank_side(layout: SheetLayout, service: Service, number: int, dpi: int) -> Image:
    stream = io.BytesIO()
    print_leaflets(layout, stream, copies=1, batch=BATCH, service=service)
    try:
        pages = pdf2image.convert_from_bytes(
            stream.getvalue(), dpi=dpi, first_page=number, last_page=number, grayscale=True
        )
    except PDFInfoNotInstalledError as error:
        raise MissingProgram("poppler is needed and is not installed.") from error
    return np.asarray(pages[0].convert("L"), np.uint8)


def fill(
    blank: Image,
    page: PageLayout,
    story: DemoStory,
    hand: Hand,
    rng: np.random.Generator,
    *,
    handwriting: bool = True,
    changed_minds: float = 0.05,
    odd_marks: float = 0.0,
    lay: LayStroke | None = None,
) -> FilledLeaflet:
    """Write `story` on a copy of `blank` (at `PX_PER_MM`).

    `changed_minds` is the share of fields in which a wrong box is ticked first and blacked out.
    `odd_marks`: the share of marks that are made in an unusual way.
    `lay`: what makes the strokes of the marks in boxes, instead of drawn lines.
    """
    image = blank.copy()
    texts: dict[str, tuple[str, ...]] = {}
    choices: dict[str, Choice] = {}
    styles: dict[tuple[str, str], TickStyle] = {}
    # One hand, one pen: who presses faintly does so all over the page.
    faint = hand.ink.name == "pencil" and rng.random() < 0.4
    hand = replace(hand, ink=FAINT_PENCIL) if faint else hand
    pen = INKS[2] if rng.random() < 0.12 and not faint else hand.ink
    habit = "faint" if faint else STYLES[int(rng.choice(5, p=[0.5, 0.28, 0.11, 0.07, 0.04]))]
    for field in page.fields:
        if field.kind == "text":
            words = story.texts.get(field.name, "")
            texts[field.name] = ()
            if words and handwriting:
                texts[field.name] = write(image, PX_PER_MM, field, words, hand, rng)
            continue
        chosen = _chosen(field, story)
        choices[field.name] = _meaning(field, chosen)
        for option in chosen:
            style = habit
            if rng.random() < 0.1 and not faint:
                style = LIGHT_STYLES[int(rng.integers(0, len(LIGHT_STYLES)))]
            if odd_marks and rng.random() < odd_marks:
                style = ODD_STYLES[int(rng.integers(0, len(ODD_STYLES)))]
            styles[field.name, option] = style
        spare = [o.value for o in field.options if o.value not in chosen]
        if spare and rng.random() < changed_minds:
            undone = "filled" if rng.random() >= odd_marks else UNDONE[int(rng.integers(0, 2))]
            styles[field.name, spare[int(rng.integers(0, len(spare)))]] = undone
        boxes = {o.value: o.box for o in field.options} or {"": field.box}
        for option, box in boxes.items():
            if (field.name, option) in styles:
                draw_tick(image, PX_PER_MM, box, styles[field.name, option], pen, rng, lay)
    return FilledLeaflet(
        image=image,
        px_per_mm=PX_PER_MM,
        page=page,
        story=story,
        font=hand.font,
        ink=hand.ink.name,
        texts=texts,
        choices=choices,
        styles=styles,
    )


def _chosen(field: FieldLayout, story: DemoStory) -> tuple[str, ...]:
    """The story's options that this form really has (a service may edit its list)."""
    wanted = story.ticks.get(field.name, ())
    if field.kind == "tick":
        return wanted
    return tuple(o.value for o in field.options if o.value in wanted)


def _meaning(field: FieldLayout, chosen: tuple[str, ...]) -> Choice:
    if field.kind == "tick":
        return bool(chosen)
    if field.multiple:
        return chosen or None
    return chosen[0] if chosen else None


def make_leaflets(
    count: int,
    seed: int,
    *,
    service: Service = EXAMPLE,
    fonts: Sequence[str] = FONTS,
    colour: bool = False,
    handwriting: bool = True,
) -> Iterator[FilledLeaflet]:
    """`count` filled-in leaflets with known truth, fonts in turn; each depends on (seed, place).

    Stories are put together from the sentences of the invented ones, ticks are at random.
    """
    layout = layout_for("story", service)
    blank = blank_side(layout, service, 1)
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        story = mixed_story(layout.page(1), rng)
        hand = make_hand(rng, fonts[k % len(fonts)])
        base = as_rgb(blank) if colour else blank
        yield fill(base, layout.page(1), story, hand, rng, handwriting=handwriting)


def mixed_story(page: PageLayout, rng: np.random.Generator) -> DemoStory:
    """A leaflet nobody wrote: sentences of several stories, and ticks at random."""
    sentences = [s.strip() + "." for story in STORIES for s in story.story.split(". ")]
    picked = rng.choice(len(sentences), int(rng.integers(3, 7)), replace=False)
    told = " ".join(sentences[int(k)].replace("..", ".") for k in picked)

    def one_of(name: str) -> str:
        return str(rng.choice([s.texts[name] for s in STORIES]))

    ticks = {f.name: _random_ticks(f, rng) for f in page.fields if f.kind != "text"}
    return DemoStory(
        story_title=one_of("story_title"),
        story=told,
        good=one_of("good"),
        improve=one_of("improve"),
        feelings_other=one_of("feelings_other"),
        handle=one_of("handle"),
        feelings=ticks.get("feelings", ()),
        rating=next(iter(ticks.get("rating", ())), None),
        author_role=next(iter(ticks.get("author_role", ())), None),
        service_area=ticks.get("service_area", ()),
        visit_when=next(iter(ticks.get("visit_when", ())), None),
        consent_display=bool(ticks.get("consent_display")),
        helped_by=bool(ticks.get("helped_by")),
    )


def _random_ticks(field: FieldLayout, rng: np.random.Generator) -> tuple[str, ...]:
    if field.kind == "tick":
        return ("",) if rng.random() < 0.5 else ()
    values = [o.value for o in field.options]
    if field.multiple:
        return tuple(v for v in values if rng.random() < 0.3)
    return () if rng.random() < 0.1 else (values[int(rng.integers(0, len(values)))],)
