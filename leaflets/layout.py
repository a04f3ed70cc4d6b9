"""Records of a laid-out sheet: the one geometry that drawing, reading and outsiders share.

All lengths are millimetres from the top left corner of the printed page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leaflets.geometry import Rect

FieldKind = Literal["text", "choice", "tick", "comb"]
Allows = Literal["", "letters", "digits", "phone", "postcode"]
LAYOUT_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One tick box of a choice; `box` is the printed square itself."""

    value: str
    label: str
    box: Rect


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLayout:
    """A field that people write in.

    `box`: the printed square of a tick; the writing area of a text field (nothing but the
    rules is printed inside it); the hull of the option boxes of a choice; of the cells of a comb.
    `lines_mm`: y of the writing lines, top to bottom (text only). `cells`: the printed boxes of a
    comb, one for each character, left to right; `allows` says what may stand in them.
    """

    name: str
    kind: FieldKind
    caption: str
    box: Rect
    lines_mm: tuple[float, ...] = ()
    multiple: bool = False
    options: tuple[Option, ...] = ()
    cells: tuple[Rect, ...] = ()
    allows: Allows = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A square fiducial (ArUco) with its black border; `id` is unique on the page."""

    id: int
    box: Rect


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRun:
    """One line of text; `y_mm` is the baseline."""

    text: str
    x_mm: float
    y_mm: float
    size_pt: float
    bold: bool = False
    align: Literal["left", "centre", "right"] = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A straight printed line; `grey` 0 is black, 1 is paper; `dash_mm` 0 is solid."""

    x1_mm: float
    y1_mm: float
    x2_mm: float
    y2_mm: float
    width_mm: float
    grey: float = 0.0
    dash_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLayout:
    """One side of a sheet. `number` is also its place in the printed PDF, from 1.

    `code_captions` say where each code is also printed as text; their words are empty, because
    the code carries the version of this very layout and the batch chosen at the printer.
    """

    number: int
    width_mm: float
    height_mm: float
    markers: tuple[Marker, ...]
    fields: tuple[FieldLayout, ...]
    code_boxes: tuple[Rect, ...]
    code_captions: tuple[TextRun, ...]
    texts: tuple[TextRun, ...]
    strokes: tuple[Stroke, ...]
    logo_box: Rect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLayout:
    """A whole leaflet. `version` changes with anything that moves or rewords the print."""

    template: str
    version: str
    language: str
    pages: tuple[PageLayout, ...]

    def page(self, number: int) -> PageLayout:
        return self.pages[number - 1]


def contract(layout: SheetLayout) -> dict[str, object]:
    """The public `layout --json` object (schema 1)."""
    return {
        "schema": LAYOUT_SCHEMA,
        "template": layout.template,
        "version": layout.version,
        "language": layout.language,
        "pages": [
            {
                "page": page.number,
                "width_mm": page.width_mm,
                "height_mm": page.height_mm,
                "markers": [
                    {"id": m.id, "quad_mm": [[round(x, 3), round(y, 3)] for x, y in m.box.quad_mm]}
                    for m in page.markers
                ],
                "fields": [_field_contract(f) for f in page.fields],
            }
            for page in layout.pages
        ],
    }


def _field_contract(field: FieldLayout) -> dict[str, object]:
    out: dict[str, object] = {"name": field.name, "kind": field.kind, "box_mm": field.box.as_list()}
    if field.kind == "text":
        out["lines_mm"] = [round(y, 3) for y in field.lines_mm]
    elif field.kind == "choice":
        out["multiple"] = field.multiple
        out["options"] = [{"value": o.value, "box_mm": o.box.as_list()} for o in field.options]
    elif field.kind == "comb":
        out["allows"] = field.allows
        out["cells_mm"] = [c.as_list() for c in field.cells]
    return out
