"""Drawn hands pulled about until they read as badly as hurried people's do.

Letters of a font are too alike and too plain for learning how far a reader may be trusted. Each
writer here is a font with habits of their own: lean, squeeze, waves, thin or blotted ink, a coarse
scan. Nothing of it is real ink; it only stands in for more writers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import fontpkg
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.handwriting.lines import TrueLine, tight
from scan_pipeline.demo.hands import FONTS
from scan_pipeline.demo.stories import STORIES
from scan_pipeline.page import Grey

TALL_PX = 64
WORDS = (2, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How somebody writes: `strain` pulls letters about, `lean` sideways per height, `squeeze` in
    width, `gap` spaces between words."""

    font: str
    strain: float
    lean: float
    squeeze: float
    gap: int


def strained(writers: int, lines: int, seed: int) -> Iterator[TrueLine]:
    """`lines` lines by each of `writers` invented writers. Seeds below 1000 are for tuning."""
    said = [text for story in STORIES for text in story.texts.values() if text]
    for number in range(writers):
        rng = np.random.default_rng((seed, number))
        habit = habit_of(FONTS[number % len(FONTS)], rng)
        for _ in range(lines):
            words = said[int(rng.integers(len(said)))].split()
            start = int(rng.integers(max(1, len(words) - WORDS[0])))
            text = " ".join(words[start : start + int(rng.integers(*WORDS))])
            yield TrueLine(
                grey=line_by(habit, text, rng),
                text=text,
                writer=f"strained {number}",
                tuned_on=seed < 1000,
            )


def habit_of(font: str, rng: np.random.Generator) -> Habit:
    """A new writer."""
    return Habit(
        font=font,
        strain=float(rng.uniform(0.3, 1.0)),
        lean=float(rng.uniform(-0.2, 0.8)),
        squeeze=float(rng.uniform(0.55, 1.1)),
        gap=int(rng.integers(1, 4)),
    )


def line_by(habit: Habit, text: str, rng: np.random.Generator) -> Grey:
    """One line by this writer, as the scanner cuts it out."""
    return tight(_line(text, habit, rng))


def _line(text: str, habit: Habit, rng: np.random.Generator) -> Grey:
    strain, lean, squeeze = habit.strain, habit.lean, habit.squeeze
    face = ImageFont.truetype(str(fontpkg.path(habit.font)), TALL_PX)
    wide = text.replace(" ", " " * habit.gap)
    left, top, right, bottom = (int(v) for v in face.getbbox(wide))
    pad = TALL_PX
    image = Image.new("L", (right - left + 2 * pad, bottom - top + 2 * pad), 255)
    ImageDraw.Draw(image).text((pad - left, pad - top), wide, fill=30, font=face)
    ink = np.asarray(image, np.uint8)
    height, width = ink.shape
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    xs = xs / 1.0 + np.float32(lean) * (ys - height / 2)
    for cell, far in ((0.35, 0.085), (1.2, 0.12)):
        grid = (max(2, round(height / (cell * TALL_PX))), max(2, round(width / (cell * TALL_PX))))
        away = rng.normal(0, far * strain * TALL_PX, (*grid, 2)).astype(np.float32)
        full = cv2.resize(away, (width, height), interpolation=cv2.INTER_CUBIC)
        xs, ys = xs + full[..., 0], ys + full[..., 1]
    bent = cv2.remap(ink, xs, ys, cv2.INTER_LINEAR, borderValue=(255,))
    thick = rng.random()
    if thick < 0.3:
        bent = cv2.dilate(bent, np.ones((2, 2), np.uint8))
    elif thick > 0.7:
        bent = cv2.erode(bent, np.ones((3, 3), np.uint8))
    coarse = float(rng.uniform(0.3, 0.9))
    size = (max(8, round(width * squeeze * coarse)), max(8, round(height * coarse)))
    small = cv2.resize(bent, size, interpolation=cv2.INTER_AREA).astype(np.float64)
    return np.clip(small + rng.normal(0, 6, small.shape), 0, 255).astype(np.uint8)
