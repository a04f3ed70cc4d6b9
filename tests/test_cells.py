"""Characters in cells: the sum over all readings of a known length, against brute force."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from leaflets.fonts import font_path
from scan_pipeline.page import Grey
from scan_pipeline.reading import comb
from scan_pipeline.reading.recognise import recogniser
from scan_pipeline.reading.recognise.cells import FLOOR, of_length


def by_brute_force(steps: np.ndarray, blank: np.ndarray, count: int) -> np.ndarray:
    """Every path through the steps, spelt as CTC spells: runs merged, blanks dropped."""
    kinds = steps.shape[1]
    total = np.zeros((count, kinds))
    for path in product(range(kinds + 1), repeat=len(steps)):
        spelt = [k for k, _ in groupby(path) if k < kinds]
        if len(spelt) != count:
            continue
        chance = np.prod([blank[t] if k == kinds else steps[t, k] for t, k in enumerate(path)])
        for place, kind in enumerate(spelt):
            total[place, kind] += chance
    return total / total.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_chances_are_those_of_all_paths_of_that_length(count: int) -> None:
    rng = np.random.default_rng(count)
    whole = rng.dirichlet(np.ones(4), size=6)
    steps, blank = whole[:, :3], whole[:, 3]
    found = of_length(steps, blank, count)
    assert found.shape == (count, 3)
    assert found == pytest.approx(by_brute_force(steps + FLOOR, blank + FLOOR, count), abs=1e-9)


def test_a_doubled_digit_needs_paper_between() -> None:
    steps = np.array([[0.98, 0.01], [0.02, 0.01], [0.98, 0.01]])
    found = of_length(steps, 1.0 - steps.sum(axis=1), 2)
    assert found[:, 0].min() > 0.95


def glyph(letter: str) -> Grey:
    font = ImageFont.truetype(str(font_path()), 70)
    picture = Image.new("L", (90, 110), 255)
    ImageDraw.Draw(picture).text((45, 90), letter, fill=20, font=font, anchor="ms")
    grey = np.asarray(picture)
    rows, cols = np.where(grey < 128)
    return grey[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]


@pytest.mark.parametrize("engine", ["ppocr", "tesseract"])
def test_every_engine_reads_printed_digits_in_cells(engine: str) -> None:
    number = "5283946"
    glyphs = [glyph(digit) for digit in number]
    chances = recogniser(engine).read_cells(glyphs, [20] * len(glyphs), comb.ALLOWED["digits"])
    assert chances.shape[0] == len(number) and chances.shape[2] == 10
    assert chances.sum(axis=2) == pytest.approx(np.ones(chances.shape[:2]))
    read = "".join(str(k) for k in chances.mean(axis=1).argmax(axis=1))
    assert sum(a == b for a, b in zip(read, number, strict=True)) >= 6


def test_only_what_the_field_allows_is_ever_read() -> None:
    glyphs = [glyph(letter) for letter in "OIS"]
    digits = recogniser("ppocr").read_cells(glyphs, [20] * 3, comb.ALLOWED["digits"])
    assert digits.shape == (3, 3, 10)
