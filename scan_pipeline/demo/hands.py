"""Draws handwriting with open fonts: words that wobble on their line and lean as people's do.

The letters of one font are all alike, which no hand is. Each word is bent a little, so that no
two letters are quite the same; even so, real ink is harder to read than this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import cv2
import fontpkg
import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from scan_pipeline.demo.corrections import Strike, draw_caret, strike_out
from scan_pipeline.demo.ink import INKS, Cover, Ink, pressed, soak, window_px
from scan_pipeline.demo.sheet import Image

FONTS = (
    "Caveat",
    "Kalam",
    "Indie Flower",
    "Shadows Into Light",
    "Zeyada",
    "Delius",
    "Dancing Script",
)
_PITCH_MM = 9.0
_SIDE_MM = 1.5
_SMALLEST = 0.7
_TALLEST_MM = 5.8
_NONE: Mapping[int, Strike] = MappingProxyType({})
_NOTHING: Mapping[int, str] = MappingProxyType({})
_INSERTED = (0.55, 0.75)
_BEND_MM = 3.2  # about one letter: neighbours are bent differently


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One person's writing. `small_mm` is the height of an "x" on lines 9 mm apart (an "h" never
    passes `_TALLEST_MM`); `slant` is the sideways lean per unit of height; `wobble_mm` the
    unsteadiness of the baseline, `bend_mm` that of the letters; `gap` widens the spaces."""

    font: str
    ink: Ink
    small_mm: float
    slant: float
    wobble_mm: float
    bend_mm: float
    gap: float


class _Word(NamedTuple):
    """A word, how it is struck out if it is, and what was put in before it."""

    text: str
    strike: Strike | None
    added: str


def make_hand(rng: np.random.Generator, font: str | None = None) -> Hand:
    """A new person; their font at random unless it is given."""
    chosen = FONTS[int(rng.integers(0, len(FONTS)))] if font is None else font
    pens = [ink for ink in INKS if ink.name != "felt pen"]
    return Hand(
        font=chosen,
        ink=pens[int(rng.choice(len(pens), p=[0.5, 0.35, 0.15]))],
        small_mm=float(rng.uniform(2.4, 3.3)),
        slant=float(rng.normal(0.04, 0.07)),
        wobble_mm=float(rng.uniform(0.1, 0.35)),
        bend_mm=float(rng.uniform(0.06, 0.16)),
        gap=float(rng.uniform(0.85, 1.3)),
    )


def write(
    image: Image,
    px_per_mm: float,
    field: FieldLayout,
    text: str,
    hand: Hand,
    rng: np.random.Generator,
    *,
    struck: Mapping[int, Strike] = _NONE,
    inserted: Mapping[int, str] = _NOTHING,
) -> tuple[str, ...]:
    """Write `text` on the lines of a text field, in place; returns the lines as written.

    Words wrap; writing that would not fit gets smaller, as people's does, and what still does
    not fit is not written: the returned lines are what is on the paper. `struck`: which words of
    the text are struck out, and how; they are among the returned ones. `inserted`: words put in
    afterwards above the line, before which word of the text, with a caret; they are not.
    """
    pitch = _pitch_mm(field)
    tall_mm = min(hand.small_mm / _small_share(hand.font), _TALLEST_MM)
    tall_mm *= min(1.0, pitch / _PITCH_MM)
    size = tall_mm
    lines = _wrapped(text, hand, size, field, px_per_mm)
    while len(lines) > len(field.lines_mm) and size > _SMALLEST * tall_mm:
        size *= 0.94
        lines = _wrapped(text, hand, size, field, px_per_mm)
    kept = lines[: len(field.lines_mm)]
    first = 0
    for words, rule_mm in zip(kept, field.lines_mm, strict=False):
        start_mm = field.box.x_mm + _SIDE_MM + float(rng.uniform(-0.7, 0.3))
        line = [
            _Word(word, struck.get(first + k), inserted.get(first + k, ""))
            for k, word in enumerate(words)
        ]
        _write_line(image, px_per_mm, (start_mm, rule_mm), line, size, hand, rng)
        first += len(words)
    return tuple(" ".join(words) for words in kept)


def write_in_cells(
    image: Image,
    px_per_mm: float,
    field: FieldLayout,
    text: str,
    hand: Hand,
    rng: np.random.Generator,
) -> str:
    """Write one character in each cell of a comb, in place; a space leaves a cell empty.

    People aim at the middle and miss it; a large hand runs over the outline. Returns what is on
    the paper: a text longer than the comb is cut.
    """
    tall_mm = float(np.clip(hand.small_mm * rng.uniform(1.4, 2.0), 3.5, 6.4))
    written = text[: len(field.cells)]
    for character, cell in zip(written, field.cells, strict=False):
        if character == " ":
            continue
        font = _font(hand.font, round(tall_mm * rng.uniform(0.92, 1.08) * px_per_mm))
        left, top, right, bottom = font.getbbox(character, anchor="ls")
        x, y = (v * px_per_mm for v in cell.centre_mm)
        x += float(np.clip(rng.normal(0, 0.55), -1.4, 1.4)) * px_per_mm - (left + right) / 2
        y += float(np.clip(rng.normal(0, 0.55), -1.4, 1.4)) * px_per_mm - (top + bottom) / 2
        _stamp(image, px_per_mm, character, font, (x, y), hand, rng)
    return written.rstrip()


def _pitch_mm(field: FieldLayout) -> float:
    if len(field.lines_mm) < 2:
        return min(_PITCH_MM, field.box.h_mm)
    return (field.lines_mm[-1] - field.lines_mm[0]) / (len(field.lines_mm) - 1)


def _wrapped(
    text: str, hand: Hand, size_mm: float, field: FieldLayout, px_per_mm: float
) -> list[list[str]]:
    room = (field.box.w_mm - 2 * _SIDE_MM) * px_per_mm
    font = _font(hand.font, round(size_mm * px_per_mm))
    space = _space_px(size_mm, px_per_mm, hand)
    lines: list[list[str]] = [[]]
    used = 0.0
    for word in text.split():
        # Words swell and shrink by up to 4 % when they are drawn: leave room for it.
        width = font.getlength(word) * 1.04
        if lines[-1] and used + width > room:
            lines.append([])
            used = 0.0
        lines[-1].append(word)
        used += width + space
    return [line for line in lines if line]


def _write_line(
    image: Image,
    px_per_mm: float,
    start_mm: tuple[float, float],
    words: list[_Word],
    size_mm: float,
    hand: Hand,
    rng: np.random.Generator,
) -> None:
    x_px = start_mm[0] * px_per_mm
    lift = rng.normal(-0.35, 0.12)
    slope = rng.normal(0, 0.006)
    for word, strike, added in words:
        swell = float(rng.uniform(0.97, 1.04))
        font = _font(hand.font, round(size_mm * swell * px_per_mm))
        away_mm = x_px / px_per_mm - start_mm[0]
        lift += rng.normal(-0.35 - lift, 0.4) * hand.wobble_mm
        base_mm = start_mm[1] + np.clip(lift + slope * away_mm, -1.2, 0.6)
        _stamp(image, px_per_mm, word, font, (x_px, base_mm * px_per_mm), hand, rng)
        if strike is not None:
            wide_mm, small_mm = font.getlength(word) / px_per_mm, size_mm * _small_share(hand.font)
            over = Rect(x_mm=x_px / px_per_mm, y_mm=base_mm - small_mm, w_mm=wide_mm, h_mm=small_mm)
            strike_out(image, px_per_mm, over, strike, hand.ink, rng)
        if added:
            gap_mm = x_px / px_per_mm - 0.5 * _space_px(size_mm, px_per_mm, hand) / px_per_mm
            _insert(image, px_per_mm, (gap_mm, base_mm), added, size_mm, hand, rng)
        x_px += font.getlength(word) + _space_px(size_mm, px_per_mm, hand) * rng.uniform(0.85, 1.0)


def _insert(
    image: Image,
    px_per_mm: float,
    at_mm: tuple[float, float],
    words: str,
    size_mm: float,
    hand: Hand,
    rng: np.random.Generator,
) -> None:
    """Small words above a gap of a line, and a caret in it. `at_mm`: the gap, on the baseline."""
    x_mm, base_mm = at_mm
    font = _font(hand.font, round(size_mm * rng.uniform(*_INSERTED) * px_per_mm))
    wide_mm = font.getlength(words) / px_per_mm
    tip_mm = base_mm - size_mm * _small_share(hand.font) * rng.uniform(0.3, 0.9)
    draw_caret(image, px_per_mm, (x_mm, tip_mm), base_mm + rng.uniform(0.5, 2.0), hand.ink, rng)
    left_mm = x_mm - wide_mm * rng.uniform(0.1, 0.6)
    foot_mm = base_mm - size_mm * rng.uniform(0.85, 1.15)
    _stamp(image, px_per_mm, words, font, (left_mm * px_per_mm, foot_mm * px_per_mm), hand, rng)


def _stamp(
    image: Image,
    px_per_mm: float,
    word: str,
    font: ImageFont.FreeTypeFont,
    at_px: tuple[float, float],
    hand: Hand,
    rng: np.random.Generator,
) -> None:
    """One word with its baseline's left end at `at_px`, leaning and a little turned."""
    left, top, right, bottom = font.getbbox(word, anchor="ls")
    pad = round(1.2 * px_per_mm)
    width, height = int(right - left) + 2 * pad, int(bottom - top) + 2 * pad
    mask = PilImage.new("L", (width, height))
    base = (pad - left, pad - top)
    ImageDraw.Draw(mask).text(base, word, fill=255, font=font, anchor="ls")
    lean = hand.slant + float(rng.normal(0, 0.02))
    turn = float(rng.normal(0, 0.008))
    matrix = np.array(
        [[1.0, -lean, lean * base[1]], [turn, 1.0, -turn * base[0]]], dtype=np.float64
    )
    leaning = cv2.warpAffine(np.asarray(mask, np.float32) / 255, matrix, (width, height))
    bent = _bent(np.asarray(leaning, np.float32), hand.bend_mm, px_per_mm, rng)
    cover = pressed(bent, hand.ink, rng)
    x, y = round(at_px[0] - base[0]), round(at_px[1] - base[1])
    area = Rect(x_mm=x, y_mm=y, w_mm=width, h_mm=height)
    window = window_px(area, 1.0, image.shape)
    inside: Cover = cover[
        window[0].start - y : window[0].stop - y, window[1].start - x : window[1].stop - x
    ]
    soak(image, window, inside, hand.ink)


def _bent(cover: Cover, bend_mm: float, px_per_mm: float, rng: np.random.Generator) -> Cover:
    """Every letter of the word a little taller, wider, higher or lower than the font has it."""
    height, width = cover.shape
    cell = _BEND_MM * px_per_mm
    cells = (max(2, round(height / cell)) + 1, max(2, round(width / cell)) + 1)
    away = rng.normal(0, bend_mm * px_per_mm, (*cells, 2)).astype(np.float32)
    full = cv2.resize(away, (width, height), interpolation=cv2.INTER_CUBIC)
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(cover, xs + full[..., 0], ys + full[..., 1], cv2.INTER_LINEAR)
    return np.asarray(moved, np.float32)


def _space_px(size_mm: float, px_per_mm: float, hand: Hand) -> float:
    return 0.55 * size_mm * px_per_mm * hand.gap


@lru_cache(maxsize=32)
def _small_share(name: str) -> float:
    """Height of an "x" as a share of that of an "h": 0.5 in one font, 0.8 in another."""
    probe = ImageFont.truetype(str(fontpkg.path(name)), 200)
    return float(probe.getbbox("x", anchor="ls")[1] / probe.getbbox("h", anchor="ls")[1])


@lru_cache(maxsize=256)
def _font(name: str, tall_px: int) -> ImageFont.FreeTypeFont:
    """The font at the size where an "h" is `tall_px` high: em sizes mean little among hands."""
    path = str(fontpkg.path(name))
    probe = ImageFont.truetype(path, 200)
    top = probe.getbbox("h", anchor="ls")[1]
    return ImageFont.truetype(path, max(6, round(200 * tall_px / -top)))
