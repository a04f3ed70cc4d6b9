"""Tick boxes: empty, ticked, filled in (changed my mind) or unsure, by ink against the blank form.

By rules over what `measures` found in all boxes of a page, and the habits of the hand that made
the marks. When two explanations are close the answer is "unsure": a person looks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaflets.geometry import Rect
from scan_pipeline.reading.measures import FEW_MARKS, RING_INK_MM2, Measured, Measures, at_share
from scan_pipeline.reading.strokes import Ink
from scan_pipeline.story import MarkState

EMPTY_BELOW, TRACE_FROM, TRACE_BELOW = 0.025, 0.014, 0.2
PALE_MM2, PALE_MM2_IF_BILEVEL, PALE_USUAL, PALE_OVER = 0.55, 0.25, 0.6, 6.0
PALE_HAND, DRAWN_MM, STREWN_MM = 3, 2.4, 1.8
TICKED_FROM = 0.065
TICKED_IF_PLAIN, LONG_MM, AWAY_MM, NEARER, PALER = 0.02, 2.0, 2.0, 0.33, 0.8
STRONG_FROM, STRONG_FOR_HAND, PALEST_HAND = 0.22, 0.7, 0.12
SHADED_INSIDE = 0.04
OVER_SHADE, OVER_STRENGTH = 0.1, 0.3
MANY_CRUMBS = 10
SHADED_FROM = 0.15
HEAVY_FROM = 0.80
FILLED_FROM = 0.97
AT_HOME = 0.64
GUESTS_MM2_AROUND = 8.0
HEAVIER = 1.95
SCRIBBLER_FROM, SCRIBBLED_FROM, FILLED_BY_SCRIBBLER = 0.6, 0.9, 0.995
CROSSED_FROM = 0.35
UNUSUAL = 0.5
OVERHANG_MM2, OVERHUNG, OVERHUNG_FROM = 0.4, 1.25, 0.45
FAR_OVER_MM2 = 2.0
CROSSED_MM2, CROSSED_SPREAD, SPREAD_OF_CONSENT = 0.3, 0.6, 0.84
RINGED_AROUND = 4
SPREAD_OVER, SPREAD_IF_BILEVEL = 0.94, 0.86
LEAST_SURE, HALF_SURE, LIKELY, HAIRLINE_BELOW = 0.9, 0.5, 0.4, 0.26
FAINT_FROM, FAINT_IF_FEW, SPECK = 0.008, 0.2, 0.05
LOST_BELOW, SURELY_SEEN, HAND_VARIES, HANDS_SEEN = 0.02, 5.0, 0.4, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one box holds: `cover` is the share of its inside that is ink, `strength` how dark that
    is (see `Measures`).

    `pale`: it is paler or smaller than ink. `confidence`: the chance that this box was meant to be
    chosen if it is ticked or unsure; that it was not, if it is empty or filled in."""

    state: MarkState
    confidence: float
    cover: float
    strength: float
    pale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxMarks:
    """What all boxes of a page hold, by "field/option": where they were found to be (`boxes`), the
    strokes in them (`held`, of `ink`), how likely these are a `plain` way to choose it and
    which are `sure` to be one, and the `marks` that they make. `consents`: which of them give
    consent, so that less is enough for a doubt."""

    ink: Ink
    boxes: Mapping[str, Rect]
    held: Measured
    plain: Mapping[str, float]
    sure: Set[str]
    consents: Set[str]
    marks: Mapping[str, Mark]

    @property
    def ticked(self) -> list[str]:
        """The boxes that are ticked."""
        return [name for name, mark in self.marks.items() if mark.state == "ticked"]

    def doubting(self, names: Iterable[str]) -> BoxMarks:
        """The same, with the marks of these boxes for a person to look at."""
        return replace(self, marks={**self.marks, **{n: _unsure(self.marks[n]) for n in names}})


def read_marks(
    seen: Mapping[str, Measures],
    proven: Mapping[str, bool],
    *,
    plain: Set[str] = frozenset(),
    consents: Set[str] = frozenset(),
    bilevel: bool = False,
) -> dict[str, Mark]:
    """The marks in all boxes of a page, by name.

    `seen` is what each box holds; one that is not `proven` is always unsure. `plain`: where the
    mark surely is a plain one, which settles it where the amount of ink would leave a doubt.
    `consents` are boxes where to read a tick that was taken back would harm, so that a slighter
    doubt is enough; elsewhere a bold cross is a way to choose.
    `bilevel`: the picture is black and white, where filling in with a pencil comes out mottled.
    """
    most_spread = SPREAD_IF_BILEVEL if bilevel else SPREAD_OVER
    habit = _Habit(cover=_usual_cover(seen.values()), strong_from=_strong_from(seen.values()))
    chances = {name: chance_chosen(held) for name, held in seen.items()}
    states: dict[str, MarkState] = {}
    for name, held in seen.items():
        too_much = _is_too_much(held, habit, most_spread)
        if name in consents:
            undone = too_much or _may_be_undone(held, habit)
        else:
            undone = too_much and not held.is_cross
        undone = undone and name not in plain
        is_proven = proven.get(name, False)
        states[name] = _state(
            held, is_proven, habit, undone=undone, plain=name in plain, chance=chances[name]
        )
    least_mm2 = PALE_MM2_IF_BILEVEL if bilevel else PALE_MM2
    pale = _pale_marks(states, seen, least_mm2)
    states |= dict.fromkeys(pale, "unsure")
    judged = {
        n: _judged(s, states[n], chances[n], proven=proven.get(n, False)) for n, s in seen.items()
    }
    return judged | {n: replace(judged[n], pale=True) for n in pale}


def _may_be_undone(seen: Measures, habit: _Habit) -> bool:
    """Whether a mark is as wide and as full as one that was crossed out or filled in, or darkens
    its box nearly as much as it is dark itself, as going over it with a pencil does."""
    crossed = seen.overhang_mm2 >= CROSSED_MM2 and seen.spread >= CROSSED_SPREAD
    gone_over = seen.shade >= OVER_SHADE and seen.strength < OVER_STRENGTH
    full = seen.spread >= SPREAD_OF_CONSENT and habit.cover < SCRIBBLER_FROM
    return crossed or gone_over or full


def _may_be_hairline(seen: Measures, chance: float) -> bool:
    """Whether the trace in a box is too little ink for a mark by the rules, yet one by the odds: a
    hard pencil, or a tick that lies on the outline. A copier's specks are darker."""
    return seen.own > 0 and seen.strength < HAIRLINE_BELOW and chance >= LIKELY


def _pale_marks(
    states: Mapping[str, MarkState], seen: Mapping[str, Measures], least_mm2: float
) -> set[str]:
    """Which boxes without ink hold more that is paler or smaller than ink, as a hard pencil or what
    a scanner left of a pen, than most such boxes do: what shines through from the other side, or a
    copier's grain, is in many of them. Where several are pale, so is the pencil: less will do, as
    long as it is drawn, and not strewn."""
    empty = [name for name, state in states.items() if state == "empty"]
    amounts = np.array([seen[name].pale_mm2 for name in empty], np.float32)
    lengths = np.array([seen[name].pale_mm for name in empty], np.float32)
    usual = PALE_OVER * at_share(amounts, PALE_USUAL)
    if int((amounts >= max(least_mm2, usual)).sum()) >= PALE_HAND:
        least_mm2 = PALE_MM2_IF_BILEVEL
    pale = amounts >= max(least_mm2, usual)
    drawn = (lengths >= DRAWN_MM) & (amounts >= PALE_MM2_IF_BILEVEL)
    if int(drawn.sum()) >= PALE_HAND and at_share(lengths, PALE_USUAL) < STREWN_MM:
        pale |= drawn
    return {name for name, is_pale in zip(empty, pale, strict=True) if is_pale}


class _Habit(NamedTuple):
    """How this hand makes its marks: how much ink it puts in a box, and from which strength on a
    mark is as dark as its others."""

    cover: float
    strong_from: float


def _strong_from(seen: Iterable[Measures]) -> float:
    """A hard pencil is pale in every box: what matters is that no mark is paler than the others,
    as one that was rubbed out is."""
    usual = [s.strength for s in seen if s.own >= TICKED_FROM and s.at_home >= AT_HOME]
    if len(usual) < FEW_MARKS:
        return STRONG_FROM
    return min(STRONG_FROM, max(PALEST_HAND, STRONG_FOR_HAND * float(np.median(usual))))


def _usual_cover(seen: Iterable[Measures]) -> float:
    """How much ink this hand puts in a box: the median of its marks; a guess where they are few."""
    covers = [s.own for s in seen if s.own >= TICKED_FROM]
    return float(np.median(covers)) if len(covers) >= FEW_MARKS else UNUSUAL


def _unsure(mark: Mark) -> Mark:
    return replace(mark, state="unsure", confidence=min(mark.confidence, HALF_SURE))


def is_pale(found: Iterable[Mark]) -> bool:
    """Whether so many marks are too pale for ink that others may not be seen at all. Among many
    that are ink, some pale ones are stains."""
    chosen = [mark for mark in found if mark.state in {"ticked", "unsure"}]
    pale = sum(mark.pale for mark in chosen)
    return pale >= PALE_HAND and 2 * pale >= len(chosen)


def is_faint(found: Iterable[Mark]) -> bool:
    """Whether marks are so weak, or so uneven, that others may have been lost, on a picture that
    does not show the form's own pale lines either: how much of its boxes a hand covers varies, and
    what covers less than `LOST_BELOW` would not be seen. Of few marks, each has to be well seen;
    a speck, so much less than this hand's marks, is none."""
    covers = [m.cover for m in found if m.state in {"ticked", "unsure"} and m.cover >= FAINT_FROM]
    chosen = [cover for cover in covers if cover >= SPECK * float(np.median(covers))]
    if len(chosen) < FEW_MARKS:
        return any(cover < FAINT_IF_FEW for cover in chosen)
    logs, count = np.log(chosen), len(chosen)
    # A few marks may be alike by chance: each hand is thought to vary a little.
    varied = count * float(logs.var()) + HANDS_SEEN * HAND_VARIES**2
    spread = float(np.sqrt(varied / (count + HANDS_SEEN)))
    return float(logs.mean()) - SURELY_SEEN * spread < float(np.log(LOST_BELOW))


def _judged(seen: Measures, state: MarkState, chance: float, *, proven: bool) -> Mark:
    if state == "ticked":
        sure = max(chance, LEAST_SURE)
    elif state == "unsure":
        sure = chance if proven else min(chance, 0.5)
    else:
        sure = max(1.0 - chance, LEAST_SURE)
    return Mark(
        state=state,
        confidence=sure,
        cover=max(seen.own + seen.strange, seen.solid),
        strength=seen.strength,
    )


def _is_too_much(seen: Measures, habit: _Habit, most_spread: float) -> bool:
    """Far more ink than this hand puts in a box may be a tick that was crossed out; so may a mark
    that reaches `most_spread` of the box's parts, or far beyond it on both sides. A black and white
    scanner crumbles what was filled in with a pencil."""
    usual = habit.cover
    return (
        seen.own >= max(HEAVIER * usual, CROSSED_FROM)
        or (seen.spread >= most_spread and usual < SCRIBBLER_FROM)
        or seen.overhang_mm2 >= FAR_OVER_MM2
        or seen.crumbs >= MANY_CRUMBS
        or (seen.overhang_mm2 >= OVERHANG_MM2 and seen.own >= max(OVERHUNG * usual, OVERHUNG_FROM))
    )


def _state(
    seen: Measures, proven: bool, habit: _Habit, *, undone: bool, plain: bool, chance: float
) -> MarkState:
    """`undone`: this may be a mark that was taken back; `plain`: it surely is a plain one, be it
    small or half outside the box; `chance`: how likely it is one at all."""
    if not proven:
        return "unsure"
    # A hand that scribbles leaves some paper in what it chooses.
    scribbles = habit.cover >= SCRIBBLER_FROM
    if seen.solid >= (FILLED_BY_SCRIBBLER if scribbles else FILLED_FROM):
        return "filled"
    if seen.solid >= (SCRIBBLED_FROM if scribbles else HEAVY_FROM):
        return "unsure"
    if undone:
        return "unsure"
    # A pale mark that darkens most of its box may be one that was crossed out.
    strong_from = habit.strong_from if seen.shade < SHADED_INSIDE else STRONG_FROM
    if seen.own >= TICKED_FROM and seen.at_home >= AT_HOME and seen.strength >= strong_from:
        return "ticked"
    plain &= seen.long_mm >= LONG_MM and seen.away_mm <= min(AWAY_MM, NEARER * seen.other_mm)
    # A small mark is all edge, and looks paler than it is.
    if plain and seen.own >= TICKED_IF_PLAIN and seen.strength >= PALER * strong_from:
        return "ticked"
    nothing = max(seen.own, 0.25 * seen.strange) < EMPTY_BELOW and seen.shade < SHADED_FROM
    # A trace of ink is dark where a copier left it, and pale where a pencil did.
    nothing &= seen.own < TRACE_FROM or seen.strength >= TRACE_BELOW
    nothing &= not _may_be_hairline(seen, chance)
    passing = seen.guests_mm2 * seen.guests_around < GUESTS_MM2_AROUND
    ringed = seen.ring_mm2 >= RING_INK_MM2 or seen.loose_around >= RINGED_AROUND
    if nothing and passing and not ringed:
        return "empty"
    return "unsure"


def signals(seen: Measures) -> tuple[float, ...]:
    """What speaks for a box to be chosen, in the order of the weights in `marks.json`."""
    return (
        float(np.log(seen.own + 0.01)),
        seen.at_home,
        min(seen.strength, 0.6),
        min(seen.ring_mm2, 12.0),
        min(seen.guests_mm2, 6.0),
        seen.solid,
        float(seen.solid >= FILLED_FROM),
        min(seen.overhang_mm2, 1.5),
        seen.spread,
        min(seen.loose_around, 6),
        min(seen.pale_mm2, 1.0),
    )


@cache
def _fitted() -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    stored = json.loads(Path(__file__).with_name("marks.json").read_text("utf-8"))
    return float(stored["constant"]), np.array(stored["weights"]), np.array(stored["steps"]).T


def chance_chosen(seen: Measures) -> float:
    """How often a box like this was meant to be chosen, on pages whose truth is known.

    A logistic model, its odds set right by a rising table; `python -m benchmarks.placing.fit` makes
    both. It says how sure the state is; the state itself follows from rules that a person can
    check, but for a box that the rules call empty against the odds: it is asked about."""
    constant, weights, (odds, chances) = _fitted()
    return float(np.interp(constant + float(np.dot(weights, signals(seen))), odds, chances))
