"""Everything printed keeps clear of everything else, or the form is refused in a sentence.

A long name, a ninth help line or a changed template can never push words over a mark, a code or
a box: what does not fit is said, with the words that do not fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from leaflets.errors import BadTemplate
from leaflets.flow import Placed, run_box
from leaflets.geometry import Rect
from leaflets.layout import PageLayout
from leaflets.markers import CODE_QUIET_MM, MARKER_QUIET_MM, FormCode, encode
from leaflets.settings import unprintable

CELL_QUIET_MM = 1.9
"""Between cells and all else: letters that reach out of their cell must not touch the next."""
SAFE_MM = 8.0
"""Printers may leave this much of the edge white."""
FOLD_MM = 6.0
REMEDY = (
    "Shorten it, or leave something out of the same side: what the service says stands in "
    "service.toml, all else in the form's own file in templates/."
)
_ROUNDING_MM = 0.01


def refuse_overflow(placed: Placed, area: Rect, side: str, longest: str) -> None:
    """What was placed stays within `area`, or is named; `longest` begins the service's own
    longest text above it, which is most often the one to shorten.
    """
    boxes = [(f"“{r.text}”", run_box(r)) for r in placed.texts]
    boxes += [(f"the field {f.name!r}", f.box) for f in placed.fields]
    for what, box in boxes:
        over = max(box.right_mm - area.right_mm, area.x_mm - box.x_mm)
        if over > _ROUNDING_MM:
            raise BadTemplate(
                f"On the {side} of the leaflet, {what} is too wide by {over:.1f} mm.", remedy=REMEDY
            )
    over = placed.bottom_mm - area.bottom_mm
    if over > _ROUNDING_MM:
        what = next((w for w, b in boxes if b.bottom_mm > area.bottom_mm), "something")
        raise BadTemplate(
            f"The {side} of the leaflet is too full: {what} comes too low by {over:.1f} mm."
            + (f" The longest text there begins “{longest}”." if longest else ""),
            remedy=REMEDY,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """One printed thing, in words, and the millimetres of white paper that it needs around it."""

    what: str
    box: Rect
    quiet_mm: float = 0.0


def printed_things(page: PageLayout) -> list[Printed]:
    """All that needs paper of its own: marks, codes, words, boxes, writing areas, logo.

    The words of the code are taken as wide as the widest code.
    """
    widest = encode(FormCode(template="wwwwwww", page=page.number, version="WWWW", batch="WWWW"))
    things = [
        Printed(what=f"mark {m.id}", box=m.box, quiet_mm=MARKER_QUIET_MM) for m in page.markers
    ]
    things += [Printed(what="a code", box=b, quiet_mm=CODE_QUIET_MM) for b in page.code_boxes]
    things += [
        Printed(what="the words of the code", box=run_box(r, widest)) for r in page.code_captions
    ]
    things += [Printed(what=f"“{r.text}”", box=run_box(r)) for r in page.texts if r.text.strip()]
    for field in page.fields:
        things += [Printed(what=f"the box for “{o.label}”", box=o.box) for o in field.options]
        things += [
            Printed(what=f"a cell of {field.name!r}", box=c, quiet_mm=CELL_QUIET_MM)
            for c in field.cells
        ]
        if not field.options and not field.cells:
            things.append(Printed(what=f"the field {field.name!r}", box=field.box))
    if page.logo_box is not None:
        things.append(Printed(what="the logo", box=page.logo_box))
    return things


def refuse_crowding(page: PageLayout, side: str, crease_mm: float) -> None:
    """No two printed things overlap; all can be printed; nothing lies at the edge or the fold."""
    things = printed_things(page)
    fold = Rect(x_mm=crease_mm - FOLD_MM, y_mm=0, w_mm=2 * FOLD_MM, h_mm=page.height_mm)
    paper = Rect(x_mm=0, y_mm=0, w_mm=page.width_mm, h_mm=page.height_mm)
    for thing in things:
        box = thing.box.grown(-_ROUNDING_MM)
        if box.overlaps(fold):
            raise BadTemplate(f"On the {side}, {thing.what} is too near the fold.")
        if not within(box, paper.grown(-SAFE_MM)):
            raise BadTemplate(f"On the {side}, {thing.what} is too near the edge of the paper.")
    for one, other in combinations(things, 2):
        apart_mm = max(one.quiet_mm, other.quiet_mm)
        if one.box.grown(apart_mm - _ROUNDING_MM).overlaps(other.box):
            raise BadTemplate(
                f"On the {side} of the leaflet, {one.what} and {other.what} are in each other’s "
                "way.",
                remedy=REMEDY,
            )
    for run in page.texts:
        fault = unprintable(run.text)
        if fault is not None:
            raise BadTemplate(
                f"On the {side} of the leaflet, “{run.text}”: {fault}.",
                remedy="Write it with other letters, in service.toml or in the form's own file.",
            )


def within(box: Rect, outer: Rect) -> bool:
    """Whether `box` lies in `outer`."""
    return (
        box.x_mm >= outer.x_mm
        and box.y_mm >= outer.y_mm
        and box.right_mm <= outer.right_mm
        and box.bottom_mm <= outer.bottom_mm
    )
