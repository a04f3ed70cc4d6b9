"""Whether a mark may say No by its shape; in a box that gives consent, by ink over its words, too.

People answer a box with "N", "no", "0" or "?", put a line through their tick, strike the sentence
out, or write across it. None of this may put a story on the wall. A tick, a slash, a cross and a
dot are ways to say yes; what does not surely look like one is for a person to look at, unless this
hand scribbles in its other boxes, too. In the other boxes less is enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.reading.marks import BoxMarks
from scan_pipeline.reading.pens import pens
from scan_pipeline.reading.plain import LIKELY, SURE
from scan_pipeline.reading.shapes import has_hole, is_slash, is_straight_cross, passes
from scan_pipeline.reading.strokes import Ink

AS_DARK_AS_PEN, STRAIGHT_PX, SLASH_BOW_PX, SLASH_MM = (0.5, 0.35), 2.0, 3.0, 12.0
FEW_OTHERS, MOST_OTHERS, SCRIBBLED_FROM, AS_FULL = 2, 0.6, 0.55, 0.8


def surely_plain(
    ink: Ink,
    boxes: Mapping[str, Rect],
    own: Mapping[str, NDArray[np.bool_]],
    chances: Mapping[str, float],
) -> set[str]:
    """The boxes whose mark surely is a plain one: by its chance (`plain.chances`), or because it
    may be one and consists of two straight lines that cross in the middle, whether its strokes are
    taken broad or thin. `own`: the strokes of each mark."""

    def crosses(name: str) -> bool:
        looks = pens(ink, boxes[name], own[name], AS_DARK_AS_PEN)
        return all(is_straight_cross(mark, STRAIGHT_PX) for mark in looks)

    return {
        name
        for name, chance in chances.items()
        if chance >= SURE or (chance >= LIKELY and crosses(name))
    }


def doubted(drawn: BoxMarks, written_over: Set[str]) -> set[str]:
    """The ticked boxes that give consent whose mark may say No. `written_over`: beside which of
    them the sentence is struck out or written across."""
    ticked = drawn.ticked

    def is_habit(name: str) -> bool:
        """A tick with a line through it is no scribble: it leaves more paper than those do."""
        others = [other for other in ticked if other != name]
        covers = [drawn.marks[other].cover for other in others if other not in drawn.sure]
        if len(others) < FEW_OTHERS or len(covers) < MOST_OTHERS * len(others):
            return False
        least = max(SCRIBBLED_FROM, AS_FULL * float(np.median(covers)))
        return drawn.marks[name].cover >= least

    return {
        name
        for name in drawn.consents & set(ticked)
        if name in written_over or (name not in drawn.sure and not is_habit(name))
    }


def undone(drawn: BoxMarks) -> set[str]:
    """The ticked boxes that give no consent whose mark hardly looks like a plain way to choose, nor
    is a straight slash, unless this hand draws loops, or scribbles; and those that a line only
    passes through."""
    ticked = [name for name in drawn.ticked if name not in drawn.consents]
    looks = {
        name: list(pens(drawn.ink, drawn.boxes[name], drawn.held.own[name], AS_DARK_AS_PEN))
        for name in ticked
    }
    scribbled = {name for name in ticked if drawn.marks[name].cover >= SCRIBBLED_FROM}
    looped = {name for name in ticked if all(has_hole(mark) for mark in looks[name])}
    slashed = {
        name
        for name in ticked
        if drawn.held.boxes[name].long_mm <= SLASH_MM
        and all(is_slash(mark, SLASH_BOW_PX) for mark in looks[name])
    }
    unlike = {name for name in ticked if drawn.plain[name] < LIKELY} - slashed
    others = len(ticked) - 1
    for habit in (looped, scribbled):
        if others >= FEW_OTHERS and len(habit) - 1 >= MOST_OTHERS * others:
            unlike -= habit
    return unlike | {name for name in ticked if any(passes(mark) for mark in looks[name])}
