"""The picture of the ink by which paper is known: whether two sheets are one that came twice."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import PageLayout
from scan_pipeline.page import RegisteredPage
from scan_pipeline.reading import strokes

CREASE_LENGTH_MM = 30.0
CREASE_WIDTH_MM = 2.3
CELL_MM, CELL_INKED = 0.5, 0.24
EDGE_MM = 5.0
LEAST_INK_MM2 = 10.0
CONTAINED = 0.9
CHANGED_MM2 = 3.0
ALIKE, SOME, SOME_MISSED = 0.85, 256, 0.1
TICK_MM = 8.0  # how far from its box a tick's tail may still run
HAND_MM2, STROKE_CELLS = 20.0, 5

Likeness = Literal["same", "alike", "changed", "other"]

Inked = NDArray[np.bool_]
"""(height, width) in cells of `CELL_MM`: is there ink?"""
Shares = NDArray[np.float64]
"""(height, width) in cells of `CELL_MM`: how much of each is inked, 0 to 1."""


def ink_beyond_print(page: RegisteredPage, ink: strokes.Ink) -> Shares:
    """How much ink each cell of the page holds, where the blank form has none nearby."""
    printed = strokes.around_print(page.blank, 230, 7)
    _, inked = cv2.threshold(ink.deep, 255 * ink.threshold, 255, cv2.THRESH_BINARY)
    beyond = cv2.subtract(inked, printed)
    height, width = (round(v / CELL_MM) for v in (page.page.height_mm, page.page.width_mm))
    share = cv2.resize(beyond, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(share / 255.0, np.float64)


def fingerprint(share: Shares) -> bytes:
    """One bit a quarter of a square millimetre: is there ink? Without the edges of the paper, folds
    and streaks, which every scan shows differently. The width in cells comes first, in two bytes.
    """
    held = _without_creases(share, CELL_MM) > CELL_INKED
    edge = round(EDGE_MM / CELL_MM)
    inner = np.zeros_like(held)
    inner[edge:-edge, edge:-edge] = held[edge:-edge, edge:-edge]
    return bytes(inner.shape[1].to_bytes(2, "big") + np.packbits(inner).tobytes())


def ink_mm2(print_: bytes) -> float:
    """How much of the page has ink on it."""
    return float(_unpacked(print_).sum()) * CELL_MM**2


@lru_cache(maxsize=16)
def hands(page: PageLayout) -> Inked:
    """Where ink tells one hand from another: in the writing areas, away from tick boxes. In cells
    as coarse as these the ticks of two people in one box look the same."""
    told = np.zeros((round(page.height_mm / CELL_MM), round(page.width_mm / CELL_MM)), bool)
    for field in page.fields:
        if field.kind in {"text", "comb"}:
            told[_cells(field.box)] = True
    for field in page.fields:
        if field.kind in {"choice", "tick"}:
            for box in [option.box for option in field.options] or [field.box]:
                told[_cells(box.grown(TICK_MM))] = False
    told.flags.writeable = False  # shared
    return told


def _cells(box: Rect) -> tuple[slice, slice]:
    left, top = max(0, round(box.x_mm / CELL_MM)), max(0, round(box.y_mm / CELL_MM))
    return slice(top, round(box.bottom_mm / CELL_MM)), slice(left, round(box.right_mm / CELL_MM))


def likeness(a: bytes, b: bytes, told: Inked) -> Likeness:
    """Whether two fingerprints are of one sheet of paper ("same"), and whether something was added
    to it or taken away in between ("changed"). Little ink proves nothing. Nor do ticks alone,
    however much they are "alike": it takes writing where it is `told` (see `hands`)."""
    first, second = _unpacked(a), _unpacked(b)
    least = min(int(first.sum()), int(second.sum()))
    if first.shape != second.shape or least < LEAST_INK_MM2 / CELL_MM**2:
        return "other"
    only_first = int((first & ~_wider(second)).sum())
    only_second = int((second & ~_wider(first)).sum())
    smaller = only_first if int(first.sum()) == least else only_second
    if smaller > (1.0 - CONTAINED) * least:
        return "other"
    if (only_first + only_second) * CELL_MM**2 > CHANGED_MM2:
        return "changed"
    return "same" if tells_hands(a, b, told) else "alike"


def tells_hands(a: bytes, b: bytes, told: Inked) -> bool:
    """Whether both have writing enough to tell one hand from another."""
    return min(_writing_mm2(_unpacked(v), told) for v in (a, b)) >= HAND_MM2


def _writing_mm2(inked: Inked, told: Inked) -> float:
    """How much of the ink is strokes of writing: copies of one form share their toner's specks."""
    if told.shape != inked.shape:
        return 0.0
    _, _, stats, _ = cv2.connectedComponentsWithStats((inked & told).astype(np.uint8))
    sizes = stats[1:, cv2.CC_STAT_AREA]
    return float(sizes[sizes >= STROKE_CELLS].sum()) * CELL_MM**2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """`packed`: its fingerprint, of which most is bare paper. `cells`: how many have ink; `some`:
    the numbers of a few of them."""

    name: str
    packed: bytes
    cells: int
    some: NDArray[np.int32]


class _Shelf:
    """Papers of one size, and the sketches of all of them in one table, which doubles as it fills:
    as many are compared in the time of a few."""

    def __init__(self) -> None:
        self.papers: list[_Paper] = []
        self._sketches = np.zeros((0, 0), np.float32)

    def add(self, paper: _Paper, sketch: NDArray[np.float32]) -> None:
        count = len(self.papers)
        if count == len(self._sketches):
            more = np.zeros((max(1, count), len(sketch)), np.float32)
            self._sketches = np.concatenate([self._sketches, more]) if count else more
        self._sketches[count] = sketch
        self.papers.append(paper)

    def scores(self, sketch: NDArray[np.float32]) -> NDArray[np.float32]:
        """How alike each paper is, 0 to 1."""
        held = self._sketches[: len(self.papers)]
        # Not "@", for which numpy may wake threads that take the cores from those who read.
        return np.asarray(np.einsum("ij,j->i", held, sketch), np.float32)


class Papers:
    """Which of many fingerprints may be of the same paper as one more, without a look at each.

    Compares where on the page their ink lies, in squares of a centimetre, and then whether a few
    cells of the one with less ink are inked on the other.
    """

    def __init__(self) -> None:
        self._shelves: dict[tuple[int, ...], _Shelf] = {}

    def add(self, name: str, print_: bytes) -> None:
        if not print_:  # typed by hand: no paper is like it
            return
        inked = _unpacked(print_)
        cells = np.flatnonzero(inked)
        paper = _Paper(
            name=name, packed=zlib.compress(print_, 1), cells=len(cells), some=_some(cells)
        )
        self._shelves.setdefault(inked.shape, _Shelf()).add(paper, _sketch(inked))

    def similar(self, print_: bytes) -> list[tuple[str, bytes]]:
        """Names and fingerprints of those that may be the same paper, most alike first."""
        inked = _unpacked(print_)
        shelf = self._shelves.get(inked.shape)
        if shelf is None:
            return []
        cells, wide = np.flatnonzero(inked), _wider(inked)
        near = _around(_some(cells), inked.shape)
        scores = shelf.scores(_sketch(inked))
        alike = []
        for k in np.flatnonzero(scores >= ALIKE).tolist():
            paper = shelf.papers[k]
            if len(cells) > paper.cells and not _holds(wide.ravel()[paper.some]):
                continue
            known = zlib.decompress(paper.packed)
            if len(cells) > paper.cells or _holds(_inked_near(known, near)):
                alike.append((float(scores[k]), paper.name, known))
        return [(name, print_) for _, name, print_ in sorted(alike, reverse=True)]


def _holds(inked: NDArray[np.bool_]) -> bool:
    """Whether enough of the cells looked at are inked."""
    return bool(inked.mean() >= CONTAINED - SOME_MISSED)


def _some(cells: NDArray[np.int64]) -> NDArray[np.int32]:
    """A few of the cells with ink, by number, taken evenly from all over the page."""
    # A view would keep all of them, ten times as much as the rest of what is kept of a paper.
    return cells[:: max(1, len(cells) // SOME)].astype(np.int32)


def _around(cells: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """(n, 9): the numbers of each cell and of those next to it."""
    height, width = shape
    aside = np.arange(-1, 2)
    ys = np.clip(cells[:, None] // width + aside, 0, height - 1)
    xs = np.clip(cells[:, None] % width + aside, 0, width - 1)
    numbers = ys[:, :, None] * width + xs[:, None, :]
    return np.asarray(numbers.reshape(-1, 9), np.int32)


def _inked_near(print_: bytes, cells: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether there is ink in any of each row of cells (n, 9) of a fingerprint, without unpacking
    the others."""
    held = np.frombuffer(print_, np.uint8, offset=2)
    return np.asarray((held[cells >> 3] & (0x80 >> (cells & 7)) > 0).any(axis=1))


def _sketch(inked: Inked) -> NDArray[np.float32]:
    ink = inked.astype(np.float32)
    size = (max(1, round(ink.shape[1] * CELL_MM / 10)), max(1, round(ink.shape[0] * CELL_MM / 10)))
    coarse = np.sqrt(cv2.resize(ink, size, interpolation=cv2.INTER_AREA)).ravel()
    return np.asarray(coarse / max(float(np.linalg.norm(coarse)), 1e-6), np.float32)


def _unpacked(print_: bytes) -> Inked:
    width = int.from_bytes(print_[:2], "big") or 1
    flat = np.unpackbits(np.frombuffer(print_[2:], np.uint8)).astype(bool)
    return flat[: len(flat) // width * width].reshape(-1, width)


def _wider(inked: Inked) -> Inked:
    return cv2.dilate(inked.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def _without_creases(share: NDArray[np.float64], cell_mm: float) -> NDArray[np.float64]:
    """Without what is long and as thin as a line: the shadow of a fold, a streak of the feeder."""
    mask = (share > 0.08).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    length = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    thin = stats[:, cv2.CC_STAT_AREA] * cell_mm < CREASE_WIDTH_MM * length
    crease = thin & (length * cell_mm >= CREASE_LENGTH_MM) & (np.arange(count) > 0)
    return np.where(crease[pieces], 0.0, share)
