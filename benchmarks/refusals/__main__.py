"""Consent refused in other ways than an empty box: `python -m benchmarks.refusals --help`.

A drawn hand writes No into the box that gives consent, puts a line through its tick, strikes its
sentence out, or writes across it; the sheet then goes through what paper suffers. Counted is how
often a person is asked, and how often it is read as a Yes. Ticks, crosses, slashes and dots stand
beside them: those are a Yes.
Seeds below 1000 are for tuning; the figures in the README use 1000 on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import click
import cv2
import numpy as np

from benchmarks.options import conditions, seeded, workspace
from benchmarks.truth import grey_of, layout
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout
from leaflets.settings import EXAMPLE
from scan_pipeline.demo.fill import PX_PER_MM, blank_side, fill, mixed_story
from scan_pipeline.demo.hands import FONTS, Hand, make_hand, write
from scan_pipeline.demo.ink import pressed, soak, window_px
from scan_pipeline.demo.paper import CONDITIONS, distort, handed_out
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import LIGHT_STYLES, draw_tick
from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.story import ChoiceValue, PageReading
from scan_pipeline.worker import read_page

WORDS = ("N", "no", "No", "n/a", "0", "?")
ACROSS = ("NO", "not sure", "No thanks", "changed my mind")
KINDS = (
    "word in the box", "dash in the box", "sentence struck out", "words across", "crossed out",
    "line through the tick",
)  # fmt: skip
YES = "a Yes"
Points = list[tuple[float, float]]


def refuse(image: Image, kind: str, box: Rect, hand: Hand, rng: np.random.Generator) -> str:
    """Say No on `image`, in place; returns how, in a few words."""
    x, y = box.x_mm, box.y_mm
    if kind == YES:
        style = LIGHT_STYLES[int(rng.integers(len(LIGHT_STYLES)))]
        draw_tick(image, PX_PER_MM, box, style, hand.ink, rng)
        return style
    if kind == "word in the box":
        words = WORDS[int(rng.integers(len(WORDS)))]
        _say(image, words, (x - 1.0, y + 4.3), 12.0, hand, rng)
        return words
    if kind == "dash in the box":
        half = float(rng.uniform(0.7, 2.2))
        _line(image, [(x + 2.5 - half, y + 2.5), (x + 2.5 + half, y + 2.4)], hand, rng)
        return f"{2 * half:.1f} mm"
    if kind == "line through the tick":
        draw_tick(image, PX_PER_MM, box, "tick", hand.ink, rng)
        level = bool(rng.random() < 0.5)
        left, right = x - float(rng.uniform(0, 1.5)), x + 5.0 + float(rng.uniform(-0.5, 1.5))
        top, bottom = rng.uniform(1.0, 4.0) + rng.normal(0, 0.2, 2) if level else (-0.3, 5.0)
        _line(image, [(left, y + float(top)), (right, y + float(bottom))], hand, rng)
        return "level" if level else "slanting"
    ticked = bool(rng.random() < 0.6)
    if ticked or kind == "words across":
        draw_tick(image, PX_PER_MM, box, "tick", hand.ink, rng)
    if kind == "words across":
        words = ACROSS[int(rng.integers(len(ACROSS)))]
        at = x + float(rng.uniform(12, 60)), y + float(rng.uniform(4, 16))
        _say(image, words, at, 70.0, hand, rng)
        return words
    if kind == "sentence struck out":
        start = x + (8.0 if ticked else -1.0)
        for down in (2.4, 7.5, 12.5)[: int(rng.integers(1, 4))]:
            long, slope = float(rng.uniform(60, 112)), float(rng.normal(0, 0.8))
            _line(image, [(start, y + down), (start + long, y + down + slope)], hand, rng)
        return "ticked" if ticked else "not ticked"
    left, right, top, bottom = x + float(rng.uniform(-2, 20)), x + 115.0, y - 1.0, y + 15.0
    _line(image, [(left, top), (right, bottom)], hand, rng)
    _line(image, [(left, bottom), (right, top)], hand, rng)
    return "ticked" if ticked else "not ticked"


def _say(
    image: Image,
    words: str,
    at_mm: tuple[float, float],
    wide_mm: float,
    hand: Hand,
    rng: np.random.Generator,
) -> None:
    box = Rect(x_mm=at_mm[0], y_mm=at_mm[1] - 7.0, w_mm=wide_mm, h_mm=9.0)
    line = FieldLayout(name="", kind="text", caption="", box=box, lines_mm=(at_mm[1],))
    write(image, PX_PER_MM, line, words, hand, rng)


def _line(image: Image, points: Points, hand: Hand, rng: np.random.Generator) -> None:
    (x1, y1), (x2, y2) = points
    area = Rect(x_mm=min(x1, x2), y_mm=min(y1, y2), w_mm=abs(x2 - x1), h_mm=abs(y2 - y1))
    window = window_px(area.grown(2.0), PX_PER_MM, image.shape)
    cover = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.uint8)
    ends = [
        (round(x * PX_PER_MM) - window[1].start, round(y * PX_PER_MM) - window[0].start)
        for x, y in points
    ]
    cv2.line(cover, ends[0], ends[1], 255, round(hand.ink.width_mm * PX_PER_MM), cv2.LINE_AA)
    soft = cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), 0.03 * PX_PER_MM)
    soak(image, window, pressed(np.asarray(soft, np.float32), hand.ink, rng), hand.ink)


def one(name: str, kind: str, seed: int, index: int, forms: Forms) -> tuple[str, str]:
    """What became of one refusal ("asked", "No", "Yes", "not placed"), and how it was made."""
    number = [*KINDS, YES].index(kind)
    rng = np.random.default_rng([seed, index, number])
    page = layout().page(1)
    hand = make_hand(rng, FONTS[index % len(FONTS)])
    sheet_of = [seed, index]
    blank = handed_out(blank_side(layout(), EXAMPLE, 1), PX_PER_MM, CONDITIONS[name], sheet_of)
    field = next(f for f in page.fields if f.name == "consent_display")
    story = replace(mixed_story(page, rng), consent_display=False)
    image = fill(blank, page, story, hand, rng).image.copy()
    how = refuse(image, kind, field.box, hand, rng)
    sheet = distort(image, PX_PER_MM, CONDITIONS[name], sheet_of, layout=page)
    reading, _ = read_page(grey_of(sheet.image), forms=forms)
    if not isinstance(reading, PageReading):
        return "not placed", how
    value = reading.fields[field.name]
    assert isinstance(value, ChoiceValue)
    if value.review or value.value is None:
        return "asked", f"{hand.font}, {hand.ink.name}: {how}"
    return ("Yes" if value.value else "No"), f"{hand.font}, {hand.ink.name}: {how}"


@click.command()
@conditions("flat", "photo", "copied-after", "one-bit")
@click.option("-n", "count", default=20, show_default=True, help="Leaflets of each kind.")
@seeded()
@workspace("refusals")
def main(names: tuple[str, ...], count: int, seed: int, workspace: Path) -> None:
    """By condition and kind: asked about, read as No, read as Yes."""
    cv2.setNumThreads(1)
    forms = load_forms(workspace)
    click.echo("| | | asked | No | Yes | not placed |\n|---|---|---|---|---|---|")
    wrong = []
    for name in names:
        for kind in (*KINDS, YES):
            found = [one(name, kind, seed, k, forms) for k in range(count)]
            became = Counter(state for state, _ in found)
            told = " | ".join(str(became[s]) for s in ("asked", "No", "Yes", "not placed"))
            click.echo(f"| {name} | {kind} | {told} |")
            lie = "No" if kind == YES else "Yes"
            wrong += [f"{name}, {kind}: {how}" for state, how in found if state == lie]
    for line in wrong:
        click.echo(f"SILENT {line}")


if __name__ == "__main__":
    main()
