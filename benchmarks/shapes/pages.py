"""Pages whose tick boxes hold marks of known kind, as the reader sees them in the end.

Every other box of a column is left empty, so that large marks do not run into each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import fontpkg
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from benchmarks.shapes import draw
from benchmarks.truth import grey_of, layout
from leaflets.geometry import Rect
from leaflets.settings import EXAMPLE
from scan_pipeline.demo.fill import PX_PER_MM, blank_side
from scan_pipeline.demo.hands import FONTS
from scan_pipeline.demo.ink import Cover, Ink, pressed, soak, window_px
from scan_pipeline.demo.paper import CONDITIONS, distort, handed_out
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import lay_line, smooth
from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.page import RegisteredPage
from scan_pipeline.reading import choices, plain, strokes
from scan_pipeline.reading.place import place

HELD_OUT = ("Shadows Into Light", "Dancing Script")
"""Fonts that nothing is trained on."""
SEEN = tuple(font for font in FONTS if font not in HELD_OUT)
REFUSALS = ("N", "n", "no", "No", "NO", "0", "?", "n/a", "nah", "never")
LETTERS = (
    "o", "u", "U", "a", "e", "m", "w", "y", "g", "s", "k", "nope", "na", "NA", "h", "d", "b", "R",
    "B", "A", "H", "M", "W", "K", "E", "Z", "2", "3", "4", "5", "6", "7", "8", "9", "ok", "th",
    "er", "in", "on",
)  # fmt: skip
USUAL = (
    "flat", "skew", "flat", "dpi-150", "flat", "photo", "any-angle", "one-bit", "flat",
    "copied-after", "flat", "fold", "dpi-100", "jpeg-hard", "print-94", "photocopy", "flat",
    "photo-dark", "crumple", "dithered",
)  # fmt: skip
"""Conditions in turn: a good scan is what most pages are."""
PLAIN, DOUBTFUL = 0.47, 0.33
AROUND_MM = 9.0
SHAKE_MM, UNEVEN, SKIPS = (0.02, 0.1), 0.25, 0.04
"""How far a hand strays, in mm; by how much its line gets broader or narrower from piece to piece,
at most, in log units; and how often a pen fails for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A mark as the reader sees it (`plain.pictures`), how it was made, and what the page suffered;
    `said`: what the network in use makes of it, `sure`: whether the reader is (`BoxMarks.sure`)."""

    picture: plain.Picture
    kind: str
    condition: str
    said: float
    sure: bool

    @property
    def is_plain(self) -> bool:
        return self.kind in draw.PLAIN


def examples(
    count: int,
    seed: int,
    workspace: Path,
    *,
    fonts: Sequence[str] = SEEN,
    conditions: Sequence[str] = USUAL,
    workers: int = 1,
) -> list[Example]:
    """The marks of `count` pages; each page depends on (seed, index) alone."""
    load_forms(workspace).blank(layout(), 1)
    jobs = [
        (str(workspace), seed, index, tuple(fonts), conditions[index % len(conditions)])
        for index in range(count)
    ]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return [example for page in pool.map(_one_page, jobs, chunksize=8) for example in page]


@cache
def _forms(workspace: Path) -> Forms:
    cv2.setNumThreads(1)
    return load_forms(workspace)


def _one_page(job: tuple[str, int, int, tuple[str, ...], str]) -> list[Example]:
    workspace, seed, index, fonts, condition = job
    forms, page = _forms(Path(workspace)), layout().page(1)
    rng, by = np.random.default_rng([seed, index]), CONDITIONS[condition]
    image = handed_out(blank_side(layout(), EXAMPLE, 1), PX_PER_MM, by, [seed, index]).copy()
    ink, drawn = _pen(rng), {}
    for name, box in _every_other_box(int(rng.integers(2))):
        drawn[name] = _mark(image, box, ink, fonts, rng)
    sheet = distort(image, PX_PER_MM, by, [seed, index], layout=page)
    placed = place(grey_of(sheet.image), forms)
    if not isinstance(placed, RegisteredPage):
        return []
    seen, _ = choices.box_marks(placed, strokes.find_ink(placed.coarse, placed.blank))
    pictures = plain.pictures(seen.ink, seen.boxes, seen.held.own)
    return [
        Example(
            picture=pictures[name],
            kind=kind,
            condition=condition,
            said=seen.plain[name],
            sure=name in seen.sure,
        )
        for name, kind in drawn.items()
        if name in pictures
    ]


def _every_other_box(first: int) -> Iterator[tuple[str, Rect]]:
    boxes = [
        (f"{field.name}/{option}", box)
        for field in layout().page(1).fields
        if field.kind in {"choice", "tick"}
        for option, box in ({o.value: o.box for o in field.options} or {"": field.box}).items()
    ]
    return ((n, box) for k, (n, box) in enumerate(boxes) if n.endswith("/") or k % 2 == first)


def _pen(rng: np.random.Generator) -> Ink:
    share = rng.random()
    if share < 0.5:
        grey, wide = int(rng.uniform(15, 90)), float(rng.uniform(0.3, 0.6))
        return Ink(name="ballpoint", rgb=(grey, grey, grey), width_mm=wide)
    if share < 0.7:
        grey, wide = int(rng.uniform(10, 40)), float(rng.uniform(0.75, 1.2))
        return Ink(name="felt pen", rgb=(grey, grey, grey), width_mm=wide)
    grey, wide = int(rng.uniform(70, 150)), float(rng.uniform(0.35, 0.7))
    grain = float(rng.uniform(0.2, 0.6))
    return Ink(name="pencil", rgb=(grey, grey, grey), width_mm=wide, grain=grain)


def _mark(image: Image, box: Rect, ink: Ink, fonts: Sequence[str], rng: np.random.Generator) -> str:
    """Draw something in a box, in place; returns what kind of mark it is."""
    window = window_px(box.grown(AROUND_MM), PX_PER_MM, image.shape)
    share = rng.random()
    if share < PLAIN:
        kind, paths = draw.plain(rng)
        cover = _paths(box, window, paths, ink, rng)
    elif share < PLAIN + DOUBTFUL:
        kind, paths = draw.doubtful(rng)
        cover = _paths(box, window, paths, ink, rng)
    else:
        refused = rng.random() < 0.6
        words = (REFUSALS if refused else LETTERS)[int(rng.integers(10 if refused else 39))]
        kind = "a No in words" if refused else "letters"
        cover = _words(box, window, words, ink, fonts[int(rng.integers(len(fonts)))], rng)
    soak(image, window, pressed(cover, ink, rng), ink)
    return kind


def _paths(
    box: Rect,
    window: tuple[slice, slice],
    paths: list[draw.Path],
    ink: Ink,
    rng: np.random.Generator,
) -> Cover:
    cover: Cover = np.zeros([s.stop - s.start for s in window], np.float32)
    lifts, shake = bool(rng.random() < 0.5), float(rng.uniform(*SHAKE_MM))
    uneven = float(rng.uniform(0, UNEVEN))
    for path in paths:
        points = smooth(np.array(path) + rng.normal(0, shake, (len(path), 2)))
        px = (points + box.centre_mm) * PX_PER_MM - 0.5 - (window[1].start, window[0].start)
        wide = ink.width_mm * float(rng.uniform(0.85, 1.2)) * PX_PER_MM
        _lay(cover, px, wide, uneven, lifts, rng)
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.03 * PX_PER_MM), np.float32)


def _lay(
    cover: Cover,
    px: NDArray[np.float64],
    width_px: float,
    uneven: float,
    lifts: bool,
    rng: np.random.Generator,
) -> None:
    """A line as pens draw it: piece by piece broader or narrower; now and then one is missing."""
    pieces = np.array_split(np.arange(len(px) - 1), max(1, len(px) // 5))
    skipped = int(rng.integers(len(pieces))) if rng.random() < SKIPS else -1
    factor = float(rng.uniform(0.6, 1.0))  # how hard it presses at first
    for number, piece in enumerate(pieces):
        factor = float(np.clip(factor * np.exp(rng.normal(0, uneven)), 0.5, 1.6))
        if number != skipped or len(pieces) < 3:
            is_last = number == len(pieces) - 1
            lay_line(cover, px[piece[0] : piece[-1] + 2], width_px * factor, lifts and is_last)


def _words(
    box: Rect,
    window: tuple[slice, slice],
    words: str,
    ink: Ink,
    font: str,
    rng: np.random.Generator,
) -> Cover:
    """Letters, turned, leaning and bent as no two are alike."""
    high, wide = (s.stop - s.start for s in window)
    tall = rng.uniform(3.5, 8.0) if len(words) == 1 else rng.uniform(2.5, 5.5)
    face = ImageFont.truetype(str(fontpkg.path(font)), round(float(tall) * PX_PER_MM))
    mask = Pillow.new("L", (wide, high))
    middle = np.array(box.centre_mm) + rng.normal(0, 0.8, 2)
    if rng.random() < 0.3:
        middle = _on_the_outline(box, np.array(face.getbbox(words, anchor="mm")) / PX_PER_MM, rng)
    x, y = (middle * PX_PER_MM - (window[1].start, window[0].start)).tolist()
    ImageDraw.Draw(mask).text((x, y), words, fill=255, font=face, anchor="mm")
    move = cv2.getRotationMatrix2D((wide / 2, high / 2), float(rng.normal(0, 9)), 1.0)
    lean = float(rng.normal(0, 0.15))
    move[0] += (0.0, lean, -lean * high / 2)
    turned = cv2.warpAffine(np.asarray(mask, np.float32) / 255, move, (wide, high))
    away = rng.normal(0, 0.25 * PX_PER_MM, (4, 4, 2)).astype(np.float32)
    away = cv2.resize(away, (wide, high), interpolation=cv2.INTER_CUBIC)
    xs, ys = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    bent = cv2.remap(turned, xs + away[..., 0], ys + away[..., 1], cv2.INTER_LINEAR)
    if ink.name == "felt pen":
        bent = cv2.dilate(bent, np.ones((5, 5)))
    elif rng.random() < 0.3:
        bent = cv2.dilate(bent, np.ones((2, 2)))
    return np.asarray(np.clip(bent, 0.0, 1.0), np.float32)


def _on_the_outline(
    box: Rect, around: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Where the middle of a word has to be for one of its edges to lie on the printed outline,
    which hides it. `around`: its left, top, right and bottom from there, in millimetres."""
    edges = np.array([box.x_mm, box.y_mm, box.right_mm, box.bottom_mm])
    side, middle = int(rng.integers(4)), np.array(box.centre_mm) + rng.normal(0, 0.8, 2)
    middle[side % 2] = edges[side] - around[side] + rng.normal(0, 0.25)
    return middle
