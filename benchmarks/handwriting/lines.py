"""Lines of handwriting with their truth: from folders, or drawn and put through the scanner.

A folder holds `lines.tsv`: on each row an image file and what is written on it, parted by a tab.
Names before the first "_" are the writers'. Which writers are for tuning, and which are reported,
is settled here once for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from benchmarks.truth import grey_of, layout, simulated
from leaflets.errors import UnreadableInput
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.forms import load_forms
from scan_pipeline.page import Grey
from scan_pipeline.story import LineReading, PageReading, TextValue
from scan_pipeline.worker import read_page

T = TypeVar("T")

SPLIT_SEED = 0
TUNED_SHARE = 0.4
LEAST_HEIGHT_PX = 96
SPECK_PX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueLine:
    """One line: `grey` as an engine gets it, what is written, by whom; whether it is for tuning."""

    grey: Grey
    text: str
    writer: str
    tuned_on: bool


def from_folder(folder: Path) -> list[TrueLine]:
    """Every line of a folder, cropped as the scanner does. Raises `UnreadableInput`."""
    table = folder / "lines.tsv"
    if not table.is_file():
        raise UnreadableInput(f"{folder} has no lines.tsv, which says what is written.")
    rows = [row.split("\t") for row in table.read_text("utf-8").splitlines() if "\t" in row]
    writers = [Path(row[0]).name.split("_")[0] for row in rows]
    tuned = tuning_writers(writers)
    lines = []
    for (name, text, *_), writer in zip(rows, writers, strict=True):
        picture = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise UnreadableInput(f"{folder / name} is no picture that can be opened.")
        grey = tight(np.asarray(picture, np.uint8))
        lines.append(TrueLine(grey=grey, text=text, writer=writer, tuned_on=writer in tuned))
    return lines


def by_hand(lines: Sequence[TrueLine], read: Callable[[list[Grey]], list[T]]) -> list[T]:
    """What `read` makes of the lines, in their order; it gets those of one writer at a time."""
    found: dict[int, T] = {}
    for writer in dict.fromkeys(line.writer for line in lines):
        mine = [k for k, line in enumerate(lines) if line.writer == writer]
        found |= zip(mine, read([lines[k].grey for k in mine]), strict=True)
    return [found[k] for k in range(len(lines))]


def tuning_writers(writers: Sequence[str]) -> set[str]:
    """Two writers in five, drawn once with a fixed seed; everybody else is reported."""
    names = sorted(set(writers))
    order = np.random.default_rng(SPLIT_SEED).permutation(len(names))
    return {names[k] for k in order[: round(TUNED_SHARE * len(names))]}


def drawn(count: int, seed: int, workspace: Path) -> Iterator[TrueLine]:
    """Lines of `count` leaflets by drawn hands, as they come out of the scan of a printed form,
    conditions in turn. Seeds below 1000 are for tuning."""
    forms, catch = load_forms(workspace), _Catch()
    names = list(CONDITIONS)
    layout()
    for index in range(count):
        filled, sheet = simulated(CONDITIONS[names[index % len(names)]], seed, index)
        reading, _ = read_page(grey_of(sheet.image), forms=forms, engine=catch)
        if not isinstance(reading, PageReading):
            continue
        for field, value in reading.fields.items():
            truth = filled.texts.get(field, ())
            if not isinstance(value, TextValue) or len(value.lines) != len(truth):
                continue  # lines torn apart or joined: the whole-leaflet benchmark counts those
            for line, text in zip(value.lines, truth, strict=True):
                yield TrueLine(
                    grey=catch.lines[int(line.text)],
                    text=text,
                    writer=filled.font,
                    tuned_on=seed < 1000,
                )


class _Catch:
    """Reads nothing, and keeps the pictures it was given; its texts are their numbers."""

    name = "catch"

    def __init__(self) -> None:
        self.lines: list[Grey] = []

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        self.lines = list(lines)
        return [LineReading(text=str(k), confidence=1.0) for k in range(len(lines))]


def tight(grey: Grey) -> Grey:
    """A picture of a line made like the scanner's: evenly lit, without specks, cropped to ink.

    Coarse pictures are enlarged first, to the size that a line has in a leaflet's scan.
    """
    if grey.shape[0] < LEAST_HEIGHT_PX:
        scale = LEAST_HEIGHT_PX / grey.shape[0]
        grey = np.asarray(
            cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8
        )
    side = grey.shape[0] // 2 * 2 + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    paper = cv2.GaussianBlur(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, disc), (0, 0), side / 3)
    even = cv2.divide(grey, cv2.max(paper, np.full_like(paper, 40)), scale=255.0)
    smooth = cv2.GaussianBlur(even, (0, 0), 0.8)
    level, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_OTSU)
    mask = (smooth < min(max(level, 120.0), 215.0)).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = np.zeros(count, bool)
    kept[1:] = stats[1:, cv2.CC_STAT_AREA] >= SPECK_PX
    mine = kept[pieces]
    if not mine.any():
        return np.asarray(even, np.uint8)
    rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    window = (
        slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
        slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
    )
    near = cv2.dilate(mine[window].astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.where(near > 0, even[window], 255).astype(np.uint8)
