"""Answers that were marked by a highlighter over their words. It leaves no stroke, only a broad
band of slightly darker paper."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.flow import run_box
from leaflets.geometry import Rect, hull
from leaflets.layout import FieldLayout, PageLayout
from scan_pipeline.page import COARSE_PX_PER_MM, Grey, RegisteredPage
from scan_pipeline.reading.beside import words_of
from scan_pipeline.reading.measures import at_share

Floats = NDArray[np.float32]
LETTERS_PX = 5
BAND_MM, BESIDE_MM = 1.5, (3.0, 4.5)
MOST_OF, DARKER, UNEVEN = 0.4, 0.025, 5.0
"""All but this share of the words has to be darker than the paper above and below, by what share of
its light; on uneven paper also by so many times the spread of all answers."""
FORMS_KEPT = 16


def marked(page: RegisteredPage, fields: Iterable[FieldLayout], soft: Grey) -> set[str]:
    """Those of `fields` with an answer whose words lie in such a band. `soft`: the page without
    speckle. Black and white pictures show none."""
    asked = {field.name for field in fields}
    places = _answers(page.page)
    if page.bilevel or not asked.intersection(name for name, _ in places):
        return set()
    # The lightest paper around each place: letters are narrow.
    light = cv2.dilate(soft, np.ones((LETTERS_PX, LETTERS_PX), np.uint8))
    paper = cv2.resize(
        light, None, fx=1 / COARSE_PX_PER_MM, fy=1 / COARSE_PX_PER_MM, interpolation=cv2.INTER_AREA
    ).astype(np.float32)
    darker = np.array([_darker(paper, words) for _, words in places])
    darker -= np.median(darker)  # blurred letters make all of them a little darker
    spread = 1.48 * float(np.median(np.abs(darker)))
    least = max(DARKER, UNEVEN * spread)
    found = {name for (name, _), dark in zip(places, darker, strict=True) if dark >= least}
    return found & asked


def _darker(paper: Floats, words: Rect) -> float:
    """By what share most of the band with some words is darker than the paper above and below."""
    columns = slice(round(words.x_mm), max(round(words.right_mm), round(words.x_mm) + 1))
    middle = words.centre_mm[1]

    def level(top_mm: float, bottom_mm: float) -> Floats:
        return np.asarray(paper[round(top_mm) : round(bottom_mm), columns].mean(axis=0))

    near, far = BESIDE_MM
    above, below = level(middle - far, middle - near), level(middle + near, middle + far)
    lightest = np.maximum(np.maximum(above, below), 1.0)
    # All of it is dark: the rim of a stain is not as broad as a highlighter.
    rows = slice(round(middle - BAND_MM), round(middle + BAND_MM))
    band = paper[rows, columns].max(axis=0)
    return at_share(np.asarray(1.0 - band / lightest, np.float32), MOST_OF)


@lru_cache(maxsize=FORMS_KEPT)
def _answers(page: PageLayout) -> tuple[tuple[str, Rect], ...]:
    """Each answer of a page that has words: its field, and where they are."""
    printed = [run_box(text) for text in page.texts if text.text]
    found = [(f.name, words_of(o.box, printed)) for f in page.fields for o in f.options]
    return tuple((name, hull(words)) for name, words in found if words)
