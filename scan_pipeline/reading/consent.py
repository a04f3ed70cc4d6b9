"""Whether a mark may say No by its shape; in a box that gives consent, by ink over its words, too.

People answer a box with "N", "no", "0" or "?", strike the sentence out, or write across it. None of
this may put a story on the wall. A tick, a slash and a cross are ways to say yes; anything else is
for a person to look at, unless this hand scribbles in its other boxes, too. In the other boxes it
is a mark that encloses paper: a tick with a line through it, "no", "0".
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.reading.marks import BoxMarks
from scan_pipeline.reading.pens import pens
from scan_pipeline.reading.shapes import (
    has_hole,
    is_bent_cross,
    is_broken,
    is_lined,
    is_straight,
    passes,
    says_yes,
)
from scan_pipeline.reading.strokes import Ink

AS_DARK_AS_PEN = 0.5, 0.35
GRAIN_PX, AS_DARK_IF_SMOOTH = 1.0, (0.35, 0.25, 0.2)
STRAIGHT_PX, BOW_PX = 2.0, 3.3
FEW_OTHERS, MOST_OTHERS, SCRIBBLED_FROM = 2, 0.6, 0.55


def doubted(drawn: BoxMarks, written_over: Set[str]) -> set[str]:
    """The ticked boxes that give consent whose mark may say No. `written_over`: beside which of
    them the sentence is struck out or written across."""
    ticked = drawn.ticked
    unlike: dict[str, bool] = {}

    def is_unlike(name: str) -> bool:
        if name not in unlike:
            unlike[name] = not _says_yes(drawn.ink, drawn.boxes[name], drawn.held.own[name])
        return unlike[name]

    def is_habit(name: str) -> bool:
        if drawn.marks[name].cover < SCRIBBLED_FROM:
            return False
        others = [is_unlike(n) for n in ticked if n != name]
        return len(others) >= FEW_OTHERS and sum(others) >= MOST_OTHERS * len(others)

    return {
        name
        for name in drawn.consents & set(ticked)
        if name in written_over or (is_unlike(name) and not is_habit(name))
    }


def _says_yes(ink: Ink, box: Rect, mine: NDArray[np.bool_]) -> bool:
    """Whether a mark is a way to say yes however dark its strokes are taken to be. `mine`: the
    strokes of the mark. Where grain leaves them in pieces, they are looked at without it."""
    looks = list(pens(ink, box, mine, AS_DARK_AS_PEN))
    if all(says_yes(*look) for look in looks):
        return not all(is_bent_cross(*look) for look in looks)
    smooth = pens(ink, box, mine, AS_DARK_IF_SMOOTH, grain_px=GRAIN_PX)
    return is_broken(*looks[0]) and all(says_yes(*look) for look in smooth)


def undone(drawn: BoxMarks) -> set[str]:
    """The ticked boxes that give no consent whose mark encloses paper, or may be a tick with a line
    through it, unless this hand draws loops, or scribbles; and those that a line only passes
    through."""
    ticked = [name for name in drawn.ticked if name not in drawn.consents]
    scribbled = {name for name in ticked if drawn.marks[name].cover >= SCRIBBLED_FROM}
    looks = {
        name: list(pens(drawn.ink, drawn.boxes[name], drawn.held.own[name], AS_DARK_AS_PEN))
        for name in ticked
    }
    looped = {name for name in ticked if all(has_hole(mark) for mark, _ in looks[name])}
    lined = {name for name in ticked if any(is_lined(*look) for look in looks[name])}
    others = len(ticked) - 1
    doubted = looped | lined
    for habit in (looped, scribbled):
        if others >= FEW_OTHERS and len(habit) - 1 >= MOST_OTHERS * others:
            doubted -= habit
    passing = {name for name in ticked if any(passes(mark) for mark, _ in looks[name])}
    return doubted | passing


def is_cross_or_slash(ink: Ink, box: Rect, mine: NDArray[np.bool_], *, gives_consent: bool) -> bool:
    """Whether the mark in a box is a cross or a slash with nothing over it, whether its strokes are
    taken broad or thin. `mine`: the strokes of the mark. A bent cross that `gives_consent` may be a
    tick that was crossed out along its own lines."""
    bow_px = STRAIGHT_PX if gives_consent else BOW_PX
    return all(is_straight(mark, bow_px) for mark, _ in pens(ink, box, mine, AS_DARK_AS_PEN))
