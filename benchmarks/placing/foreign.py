"""Pages that are none of ours: none may be accepted. `python -m benchmarks.placing.foreign`.

Letters, ruled pages of handwriting, tables, answer sheets with bubbles, sheets with the very same
kind of corner marks and codes, desks, noise, and leaflets that another service printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import cv2
import numpy as np
import zxingcpp

from benchmarks.options import workspace
from benchmarks.truth import grey_of
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from leaflets.settings import EXAMPLE, ServiceArea
from leaflets.sheet import layout_for
from scan_pipeline.demo.camera import photographed
from scan_pipeline.demo.fill import PX_PER_MM, blank_side
from scan_pipeline.demo.hands import make_hand, write
from scan_pipeline.demo.letter import draw_letter
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.sheet import Image, fresh
from scan_pipeline.demo.stories import STORIES
from scan_pipeline.forms import load_forms
from scan_pipeline.page import BlankPage, Unplaced
from scan_pipeline.worker import read_page

Rng = np.random.Generator
JOURNEYS = ("flat", "turned", "photocopy", "photo", "fold", "one-bit")


def _white(rng: Rng) -> Image:
    sides = (2481, 3508) if rng.random() < 0.5 else (3508, 2481)
    return np.full(sides, 255, np.uint8)


def letter(rng: Rng) -> Image:
    return np.asarray(draw_letter(PX_PER_MM), np.uint8)


def handwriting(rng: Rng) -> Image:
    """A page of an exercise book, written on."""
    page = np.full((3508, 2481), 255, np.uint8)
    lines = tuple(30.0 + 9.0 * k for k in range(26))
    for y in lines:
        cv2.line(page, (120, round(y * PX_PER_MM)), (2360, round(y * PX_PER_MM)), 140, 2)
    field = FieldLayout(
        name="page", kind="text", caption="", lines_mm=lines,
        box=Rect(x_mm=12, y_mm=20, w_mm=185, h_mm=250),
    )  # fmt: skip
    words = " ".join(s.story for s in STORIES)
    write(page, PX_PER_MM, field, words, make_hand(rng), rng)
    return page


def table(rng: Rng) -> Image:
    """A form of somebody else's: boxes, rules, words."""
    page = _white(rng)
    for k in range(int(rng.integers(12, 40))):
        x, y = int(rng.integers(100, page.shape[1] - 700)), 120 + k * 80
        side = int(rng.integers(40, 75))
        cv2.rectangle(page, (x, y), (x + side, y + side), 0, 3)
        cv2.putText(page, f"{k + 1}. yes / no / not sure", (x + 90, y + 50), 0, 1.3, 0, 3)
        cv2.line(page, (100, y + 70), (page.shape[1] - 100, y + 70), 120, 2)
    return page


def bubbles(rng: Rng) -> Image:
    """An optical answer sheet with solid squares in its corners."""
    page = _white(rng)
    height, width = page.shape
    for x in (100, width - 180):
        for y in (100, height - 180):
            cv2.rectangle(page, (x, y), (x + 80, y + 80), 0, -1)
    for row in range(30):
        for column in range(5):
            at = (500 + 130 * column, 320 + 90 * row)
            cv2.circle(page, at, 30, 0, -1 if rng.random() < 0.2 else 3)
    return page


def same_marks(rng: Rng) -> Image:
    """Someone's sheet with marks of the same make, and a code of the same kind."""
    page = _white(rng)
    height, width = page.shape
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    count = int(rng.integers(3, 9))
    ids = rng.choice(16, count, replace=False)
    for number in ids:
        mark = cv2.aruco.generateImageMarker(dictionary, int(number), 96)
        x, y = int(rng.integers(100, width - 250)), int(rng.integers(100, height - 250))
        page[y : y + 96, x : x + 96] = mark
    code = zxingcpp.create_barcode("INVOICE-2026-00417", zxingcpp.BarcodeFormat.DataMatrix)
    dots = np.asarray(zxingcpp.write_barcode_to_image(code, scale=7))
    page[140 : 140 + dots.shape[0], 500 : 500 + dots.shape[1]] = dots
    return page


def marks_in_place(rng: Rng) -> Image:
    """The cruellest: our corner marks where ours are, on a page that is otherwise not ours."""
    ours = blank_side(layout_for("story", EXAMPLE), EXAMPLE, 1)
    page = np.full_like(ours, 255)
    for mark in layout_for("story", EXAMPLE).page(1).markers:
        box = mark.box.grown(1.0)
        rows = slice(int(box.y_mm * PX_PER_MM), int(box.bottom_mm * PX_PER_MM))
        cols = slice(int(box.x_mm * PX_PER_MM), int(box.right_mm * PX_PER_MM))
        page[rows, cols] = ours[rows, cols]
    other = table(rng)
    height, width = min(page.shape[0], other.shape[0]), min(page.shape[1], other.shape[1])
    page[:height, :width] = np.minimum(page[:height, :width], other[:height, :width])
    return page


def another_service(rng: Rng) -> Image:
    """A story leaflet that was not printed here: nobody knows where its boxes are."""
    areas = tuple(
        ServiceArea(value=f"place_{k}", label=f"place {int(rng.integers(100, 999))}")
        for k in range(int(rng.integers(3, 7)))
    )
    service = replace(EXAMPLE, service_areas=areas)
    return blank_side(layout_for("story", service), service, 1)


def desk(rng: Rng) -> Image:
    """A photograph with no leaflet in it: another page lies there."""
    page = letter(rng) if rng.random() < 0.5 else handwriting(rng)
    return grey_of(photographed(shadow=bool(rng.random() < 0.5))(fresh(page, PX_PER_MM), rng).image)


def noise(rng: Rng) -> Image:
    small = rng.integers(0, 2, (110, 155)).astype(np.uint8) * 255
    return np.kron(small, np.ones((22, 22), np.uint8)).astype(np.uint8)


SORTS: tuple[Callable[[Rng], Image], ...] = (
    letter,
    handwriting,
    table,
    bubbles,
    same_marks,
    marks_in_place,
    another_service,
    desk,
    noise,
)


@click.command()
@click.option("-n", "count", default=200, show_default=True)
@click.option("--seed", default=1000, show_default=True)
@workspace("foreign")
def main(count: int, seed: int, workspace: Path) -> None:
    """How many of these pages were accepted (none may be), and what was said of the others."""
    cv2.setNumThreads(1)
    forms = load_forms(workspace)
    seen: Counter[tuple[str, str]] = Counter()
    accepted = 0
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        sort = SORTS[k % len(SORTS)]
        image = sort(rng)
        if sort is not desk:
            journey = CONDITIONS[JOURNEYS[int(rng.integers(0, len(JOURNEYS)))]]
            image = grey_of(distort(image, PX_PER_MM, journey, [seed, k]).image)
        result, _ = read_page(image, forms=forms)
        refused = isinstance(result, (Unplaced, BlankPage))
        accepted += not refused
        seen[sort.__name__, result.reason[:90] if refused else "ACCEPTED"] += 1  # type: ignore[union-attr]
    for (name, said), number in sorted(seen.items()):
        click.echo(f"{number:4d} {name}: {said}")
    click.echo(f"{count} foreign pages, {accepted} accepted")


if __name__ == "__main__":
    main()
