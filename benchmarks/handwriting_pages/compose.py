"""Real lines of handwriting put onto printed leaflets, as if they had been written there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.handwriting.lines import TrueLine
from benchmarks.truth import layout
from leaflets.settings import EXAMPLE
from scan_pipeline.demo.fill import PX_PER_MM, blank_side
from scan_pipeline.demo.sheet import Image
from scan_pipeline.page import Grey

FIELD = "story"
SMALL_MM = (2.0, 3.2)
TALLEST_MM = 11.0
SIDE_MM = 1.0
DARKEST = (0.12, 0.42)
ABOVE_RULE_MM = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One leaflet's inside, `image` at the printing resolution, and what stands on its lines.

    `inks`: the same lines as they were put on it, on white, before print and scanner.
    """

    image: Image
    lines: tuple[TrueLine, ...]
    inks: tuple[Grey, ...]
    seed: tuple[int, int]


def pages(lines: Sequence[TrueLine], seed: int) -> Iterator[Page]:
    """Every line once, a writer's lines together, as many to a leaflet as it has rules."""
    field = next(f for f in layout().page(1).fields if f.name == FIELD)
    room = len(field.lines_mm)
    number = 0
    for _, group in groupby(sorted(lines, key=lambda t: t.writer), key=lambda t: t.writer):
        written = list(group)
        for start in range(0, len(written), room):
            yield written_page(written[start : start + room], (seed, number))
            number += 1


def written_page(lines: Sequence[TrueLine], seed: tuple[int, int]) -> Page:
    """A leaflet with these lines on its rules, more or less: a little high or low, a little
    uphill or downhill, not all beginning at the same place."""
    rng = np.random.default_rng(seed)
    field = next(f for f in layout().page(1).fields if f.name == FIELD)
    image = blank_side(layout(), EXAMPLE, 1)
    small_mm = float(rng.uniform(*SMALL_MM))
    room_px = (field.box.w_mm - 2 * SIDE_MM) * PX_PER_MM
    bands = [x_band(line.grey) for line in lines]
    usual = float(np.median([bottom - top for top, bottom in bands]))
    inks = []
    for line, (_, base), rule_mm in zip(lines, bands, field.lines_mm, strict=False):
        height, width = line.grey.shape
        scale = min(small_mm * PX_PER_MM / usual, room_px / width, TALLEST_MM * PX_PER_MM / height)
        slope = float(rng.normal(0, 0.006))
        ink = inked(turned(line.grey, scale, slope), float(rng.uniform(*DARKEST)))
        left = (field.box.x_mm + SIDE_MM + float(rng.uniform(0, 1))) * PX_PER_MM
        lift = ABOVE_RULE_MM + float(rng.normal(0, 0.5))
        top = (rule_mm - lift) * PX_PER_MM - base * scale
        multiply(image, ink, (round(left), round(top)))
        inks.append(np.asarray(np.clip(255 * ink, 0, 255), np.uint8))
    return Page(image=image, lines=tuple(lines), inks=tuple(inks), seed=seed)


def x_band(grey: Grey) -> tuple[int, int]:
    """Top and bottom row of the small letters: rows with half of the most ink."""
    dark = (255.0 - grey.astype(np.float64)).sum(axis=1)
    smooth = np.convolve(dark, np.ones(5) / 5, mode="same")
    inked = np.flatnonzero(smooth >= 0.5 * np.percentile(smooth, 97))
    return int(inked[0]), int(inked[-1]) + 1


def turned(grey: Grey, scale: float, slope: float) -> NDArray[np.float32]:
    """The line's light (0 to 1) at the size it has on paper, climbing by `slope`."""
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    light = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=way).astype(np.float32) / 255
    height, width = light.shape
    reach = abs(slope) * width
    matrix = np.array([[1.0, 0.0, 0.0], [slope, 1.0, reach if slope < 0 else 0.0]])
    size = (width, int(height + reach) + 1)
    return np.asarray(cv2.warpAffine(light, matrix, size, borderValue=(1.0,)), np.float32)


def inked(light: NDArray[np.float32], darkest: float) -> NDArray[np.float32]:
    """The line as dark as a pen is: enlarged pictures have pale strokes. Paper stays."""
    dark = 1.0 - light
    strokes = dark[dark > 0.25]
    most = float(np.percentile(strokes, 90)) if strokes.size else 1.0
    return np.asarray(1.0 - np.clip(dark * (1.0 - darkest) / most, 0.0, 1.0), np.float32)


def multiply(image: Image, light: NDArray[np.float32], at: tuple[int, int]) -> None:
    """Ink over print, in place: each takes its share of the light. Cut off at the paper's edge."""
    x, y = at
    x0, y0 = max(0, x), max(0, y)
    part = light[y0 - y : image.shape[0] - y, x0 - x : image.shape[1] - x]
    window = image[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]]
    window[:] = np.clip(window * np.clip(part, 0, 1), 0, 255).astype(np.uint8)
